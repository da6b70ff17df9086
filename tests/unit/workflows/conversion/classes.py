"""The node classes for these tests: the emulator's own ones, and a few that it does not have."""

from __future__ import annotations

import copy
from functools import cache
from typing import Any

from comfy_cloud_emulator.nodes.catalogue import catalogue

LETTERS = list("abcdefghijklmnopqrstuvwxyz")
SIZE = ["INT", {"default": 512, "min": 0, "max": 16384}]
CROP = ["COMBO", {"default": "center", "options": ["disabled", "center"]}]


def grows(type: str, least: int) -> list[Any]:
    template = {"input": {"required": {"value": [type, {}]}}, "names": LETTERS, "min": least}
    return ["COMFY_AUTOGROW_V3", {"template": template}]


def chooses(**options: dict[str, Any]) -> list[Any]:
    listed = [{"key": key.replace("_", " "), "inputs": {"required": part}} for key, part in options.items()]
    return ["COMFY_DYNAMICCOMBO_V3", {"options": listed}]


def matches(key: str, types: str) -> list[Any]:
    return ["COMFY_MATCHTYPE_V3", {"template": {"template_id": key, "allowed_types": types}}]


def text_area(default: str) -> list[Any]:
    return ["STRING", {"default": default, "multiline": True}]


def declares(
    *output: str,
    optional: dict[str, Any] | None = None,
    matched: tuple[str, ...] = (),
    **required: list[Any],
) -> dict[str, Any]:
    """A class with these outputs and inputs; `matched` are the templates of outputs that match."""
    inputs = {"required": required} | ({"optional": optional} if optional else {})
    types = {"output_matchtypes": list(matched)} if matched else {}
    return {"input": inputs, "output": list(output), **types}


OWN: dict[str, dict[str, Any]] = {
    "ComfyMathExpression": declares(
        "FLOAT", "INT", "BOOLEAN", expression=text_area("a + b"), values=grows("FLOAT,INT,BOOLEAN", 1)
    ),
    "StringFormat": declares("STRING", values=grows("*", 0), f_string=text_area("{a}")),
    "ResizeImageMaskNode": declares(
        "COMFY_MATCHTYPE_V3",
        matched=("input_type",),
        input=matches("input_type", "IMAGE,MASK"),
        resize_type=chooses(
            scale_dimensions={"width": SIZE, "height": SIZE, "crop": CROP},
            scale_by_multiplier={"multiplier": ["FLOAT", {"default": 1.0, "min": 0.01, "max": 8.0}]},
            scale_longer_dimension={"longer_size": SIZE},
            match_size={"match": ["IMAGE,MASK", {}], "crop": CROP},
        ),
        scale_method=["COMBO", {"default": "area", "options": ["area", "lanczos"]}],
    ),
    "SaveImageAdvanced": declares(
        "IMAGE",
        images=["IMAGE", {}],
        filename_prefix=["STRING", {"default": "ComfyUI"}],
        format=chooses(
            png={
                "bit_depth": ["COMBO", {"default": "8-bit", "options": ["8-bit", "16-bit"]}],
                "input_color_space": ["COMBO", {"default": "sRGB", "options": ["sRGB"]}],
            },
            exr={
                "bit_depth": ["COMBO", {"options": ["32-bit float"]}],
                "input_color_space": ["COMBO", {"options": ["sRGB", "HDR", "linear"]}],
            },
        ),
    ),
    "ColorTransfer": declares(
        "IMAGE",
        image_target=["IMAGE", {}],
        image_ref=["IMAGE", {}],
        method=["COMBO", {"options": ["reinhard_lab", "mkl_lab", "histogram"]}],
        source_stats=[
            "COMFY_DYNAMICCOMBO_V3",
            {
                "options": [
                    {"key": "per_frame", "inputs": {"required": {}}},
                    {"key": "target_frame", "inputs": {"required": {"target_index": SIZE}}},
                ]
            },
        ],
        strength=["FLOAT", {"default": 1.0, "min": 0.0, "max": 10.0, "step": 0.01}],
    ),
    "ImageCropV2": declares("IMAGE", image=["IMAGE", {}], crop_region=["BOUNDING_BOX", {}]),
    "CurveEditor": declares("CURVE", curve=["CURVE", {}], optional={"histogram": ["HISTOGRAM", {}]}),
    "ColorToRGBInt": declares("INT", "COLOR", "FLOAT", color=["COLOR", {"default": "#ffffff"}]),
    "ImageCompare": declares(
        compare_view=["IMAGECOMPARE", {}], optional={"image_a": ["IMAGE", {}], "image_b": ["IMAGE", {}]}
    ),
    "ComfySwitchNode": declares(
        "COMFY_MATCHTYPE_V3",
        matched=("switch",),
        switch=["BOOLEAN", {}],
        on_false=matches("switch", "*"),
        on_true=matches("switch", "*"),
    ),
}


@cache
def known_classes() -> dict[str, Any]:
    """All of them, as GET /api/object_info has them. Not to be changed."""
    classes = copy.deepcopy(catalogue().object_info())
    classes["CLIPTextEncode"]["input"]["required"]["text"][1]["dynamicPrompts"] = True
    return classes | OWN
