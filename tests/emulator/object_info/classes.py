"""A server's node classes, made up: those that tests check and run."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]

IMAGE = ["IMAGE", {}]
POWER = ["FLOAT", {"min": 0.5, "max": 2.0}]
LIGHT = [
    "COMFY_DYNAMICCOMBO_V3",
    {"options": [{"key": "off", "inputs": {}}, {"key": "on", "inputs": {"required": {"power": POWER}}}]},
]
STYLE = [
    "COMFY_DYNAMICCOMBO_V3",
    {
        "options": [
            {"key": "flat", "inputs": {"required": {"tint": ["STRING", {}], "light": LIGHT}}},
            {
                "key": "deep",
                "inputs": {
                    "required": {
                        "images": [
                            "COMFY_AUTOGROW_V3",
                            {
                                "template": {
                                    "input": {"required": {"image": IMAGE}},
                                    "prefix": "image", "min": 2, "max": 4,
                                }
                            },
                        ]
                    },
                    "optional": {"blur": ["INT", {"max": 9}]},
                },
            },
        ]
    },
]  # fmt: skip


def described(inputs: Json, outputs: list[Any], *, saves: bool = False, optional: Json | None = None) -> Json:
    """A class in the form of `GET /api/object_info`."""
    groups = {"required": inputs} | ({} if optional is None else {"optional": optional})
    return {
        "input": groups,
        "input_order": {group: list(named) for group, named in groups.items()},
        "output": outputs,
        "output_is_list": [False] * len(outputs),
        "output_name": [str(output).lower() for output in outputs],
        "name": "",
        "display_name": "",
        "description": "",
        "python_module": "custom_nodes.own",
        "category": "own",
        "output_node": saves,
    }


INFO: Json = {
    "OwnPaint": described(
        {"prompt": ["STRING", {"multiline": True}], "width": ["INT", {"min": 16, "max": 4096}],
         "height": ["INT", {"min": 16}], "model": [["a.safetensors", "b.safetensors"], {}],
         "kind": ["COMBO", {"options": ["oil", "ink"]}]},
        ["IMAGE", "MASK", "INT", "STRING"],
    ),
    "OwnStyle": described({"style": STYLE}, ["IMAGE"], saves=True, optional={
        "slot": ["COMFY_DYNAMICSLOT_V3", {"slotType": "IMAGE", "inputs": {
            "required": {"scale": ["INT", {"min": 1}]}}}]}),
    "OwnSave": described({"pictures": IMAGE, "filename_prefix": ["STRING", {}]}, [], saves=True),
    "OwnPreview": described({"mask": ["MASK"]}, ["MASK"], saves=True),
    "OwnFilm": described({"prompt": ["STRING", {}]}, ["VIDEO", "AUDIO", "FILE_3D_GLB", "SVG", "LATENT"]),
    "SaveFilm": described({"film": ["VIDEO"]}, ["VIDEO"], saves=True),
    "SaveSound": described({"sound": ["AUDIO"], "format": STYLE}, [], saves=True),
    "SaveShape": described({"shape": ["MESH,FILE_3D_GLB,FILE_3D"]}, ["FILE_3D"], saves=True),
    "Preview3D": described({"model_file": ["STRING,FILE_3D_GLB,FILE_3D", {}]}, [], saves=True),
    "SaveDrawing": described({"drawing": ["SVG"]}, [], saves=True),
    "SaveNoise": described({"noise": ["LATENT"]}, [], saves=True),
    "ShowWords": described({"words": ["STRING", {}], "path_prefix": ["STRING", {}]}, ["STRING"], saves=True),
    "ImageComparer": described({"a": IMAGE, "b": IMAGE}, [], saves=True),
    "OwnUpload": described({"prompt": ["STRING", {}], "image": IMAGE}, ["FILE_3D_GLB"], saves=True),
    "OwnModel": described({"model": ["MODEL"]}, [], saves=True),
    "OwnPick": described({"colour": ["COLOR", {}], "either": ["INT,FLOAT", {"max": 5}],
                          "tags": ["COMBO", {"options": ["x", "y"], "multiselect": True}]},
                         ["COMFY_MATCHTYPE_V3"], optional={"any": ["COMFY_MATCHTYPE_V3", {}]}),
    "OwnLists": described({}, [["a", "b"], ["b", "a"], "COMBO", "*"]),
    "OwnListed": described({"kind": [["a", "b"], {}]}, [], saves=True, optional={
        "newer": ["COMBO", {"options": ["a", "b"]}], "either": ["INT,FLOAT", {"min": 0}]}),
    "OwnCombo": described({"choice": ["COMBO", {"options": []}]}, ["STRING"]),
    "VAELoader": described({"vae_name": [["pixel_space"], {}]}, ["VAE"]),
    "OwnLoader": described({"file": ["COMBO", {"options": []}]}, ["STRING"]),
    "LoadImage": described({"image": [["theirs.png"], {"image_upload": True}]}, ["IMAGE", "MASK"]),
    "SaveImage": described({"images": IMAGE, "filename_prefix": ["STRING", {}]}, ["IMAGE"], saves=True),
    "ImageInvert": described({"pixels": IMAGE}, ["IMAGE"]),
    "PreviewAny": described({"source": ["*", {}]}, ["STRING"], saves=True),
}  # fmt: skip
PAINT: Json = {"prompt": "a lighthouse", "width": 32, "height": 24, "model": "a.safetensors", "kind": "ink"}


def node(class_type: str, **inputs: Any) -> Json:
    """A node of a graph."""
    return {"class_type": class_type, "inputs": inputs}
