"""Node classes as no server should have them, and the modules of `tests/typing` that are made.

`python -m tests.unit.workflows.stubs.odd_classes` writes those modules.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from comfy_cloud import node_stubs
from comfy_cloud_emulator.nodes.catalogue import catalogue

TYPING = Path(__file__).parents[3] / "typing"

ATTACK = 'x"""); import os; os.system("touch attacked")  # \n\\" \' \r\x00\u202e\u200f\u05d0 {} {0} %s'
"""A text that is meant to end a string, a comment or a docstring, and to hide that."""


def node(**declared: Any) -> dict[str, Any]:
    return {"input": {}, "output": [], "output_name": [], "output_node": True, **declared}


def required(**inputs: Any) -> dict[str, Any]:
    return {"required": inputs}


ATTACKING = {
    ATTACK: node(
        input={
            "required": {
                ATTACK: [ATTACK, {"tooltip": ATTACK}],
                f"a{ATTACK}": [[ATTACK, "b"], {"default": ATTACK, "tooltip": ATTACK * 20}],
                f"b{ATTACK}": ["STRING", {"default": ATTACK, "min": ATTACK, "max": ATTACK}],
                f"c{ATTACK}": [f"IMAGE,{ATTACK}"],
                f"d{ATTACK}": ["CURVE", {"default": {ATTACK: [ATTACK, {}]}, "socketless": True}],
                f"e{ATTACK}": [
                    "COMFY_AUTOGROW_V3",
                    {"template": {"input": {"required": {ATTACK: ["IMAGE"]}}, "prefix": ATTACK}},
                ],
                f"f{ATTACK}": [
                    "COMFY_AUTOGROW_V3",
                    {"template": {"input": {"required": {ATTACK: ["IMAGE"]}}, "names": [ATTACK]}},
                ],
                f"g{ATTACK}": [
                    "COMFY_DYNAMICCOMBO_V3",
                    {
                        "default": ATTACK,
                        "options": [
                            {"key": ATTACK, "inputs": {"required": {ATTACK: ["INT"]}}},
                            {"key": f"h{ATTACK}"},
                        ],
                    },
                ],
                f"i{ATTACK}": [
                    "COMFY_DYNAMICSLOT_V3",
                    {"slotType": ATTACK, "inputs": {"required": {ATTACK: ["INT"]}}},
                ],
            }
        },
        output=[ATTACK, [ATTACK], f"A,{ATTACK}"],
        output_name=[ATTACK, ATTACK, f"x{ATTACK}"],
        display_name=ATTACK,
        description=ATTACK,
        category=ATTACK,
    ),
}

ODD: dict[str, Any] = {
    # names
    "class": node(input=required(**{"from": ["INT"], "self": ["INT"], "super": ["INT"], "value": ["INT"]})),
    "print": node(),
    "Literal": node(output=["int"], output_name=["property"]),
    "3D Loader": node(input=required(**{"3d": ["INT"], "a b": ["INT"], "a.b": ["INT"], "a_b": ["INT"]})),
    "Épée (fast)": node(),
    "Ep_ee": node(),
    "加载": node(),
    "_t": node(),
    "_g": node(),
    "a|b": node(),
    "a/b": node(),
    "a_b": node(),
    "MODEL": node(
        output=["MODEL", "MODEL", "CLIP", "", "int"], output_name=["", "MODEL", "outputs", "super", "INT"]
    ),
    "": node(),
    "lower": node(
        input={
            "required": {
                "mode": [
                    "COMFY_DYNAMICCOMBO_V3",
                    {"options": [{"key": "a", "inputs": {"required": {"b": ["INT"]}}}]},
                ]
            }
        },
        output=["x"],
        output_name=["lower"],
    ),
    # declarations
    "Nothing": {},
    "Garbage": {"input": 3, "output": 4, "output_name": None, "display_name": [], "description": 5},
    "Garbage2": {"input": {"required": {"a": [], "b": 3, "c": [None], "d": ["INT", 5]}}, "output": [None, 3]},
    "Defaults": node(
        input=required(
            i=["INT", {"default": 3.0}],
            j=["INT", {"default": True}],
            k=["INT", {"default": 10**400}],
            f=["FLOAT", {"default": float("nan")}],
            g=["FLOAT", {"default": 1}],
            h=["FLOAT", {"default": "1"}],
            s=["STRING", {"default": 3}],
            b=["BOOLEAN", {"default": 1}],
            low=["INT", {"default": 0, "min": 1}],
            c=[["a", "b"], {"default": "z"}],
            d=["CURVE", {"default": {}}],
            e=["CURVE", {"default": [[0, 1.5]]}],
        )
    ),
    "Choices": node(
        input=required(
            numbers=[[1, 2, 3]],
            booleans=[[True, False]],
            mixed=[["a", 1, None]],
            floats=[[0.5, 1.0]],
            none=[[]],
            many=[[f"m{number}" for number in range(12)]],
            twice=[["a", "a"]],
            several=["COMBO", {"options": ["a", "b"], "multiselect": True}],
            remote=["COMBO", {"options": ["a"], "remote": {"route": "/x"}}],
            upload=[["a.png"], {"image_upload": True}],
        ),
        output=[[1, 2, 3], ["a", "b"], "COMBO", "*"],
        output_name=["numbers", "letters", "combo", "any"],
    ),
    "Types": node(
        input=required(
            two=["IMAGE,MASK"],
            any=["*"],
            number=["FLOAT,INT"],
            new=["COMFY_NEW_V9"],
            only=["NO_OUTPUT"],
        ),
        output=["IMAGE,MASK", "COMFY_MATCHTYPE_V3"],
        output_name=["both", "matched"],
        output_is_list=[True],
    ),
    "Optional": node(
        input={
            "required": {"steps": ["INT", {"default": 20, "min": 1, "max": 9, "tooltip": "How many."}]},
            "optional": {
                "model": ["MODEL"],
                "strength": ["FLOAT", {"default": 0.5}],
                "slot": ["INT", {"default": 1, "forceInput": True}],
                "group": ["COMFY_AUTOGROW_V3", {}],
            },
            "hidden": {"prompt": "PROMPT"},
        },
        api_node=True,
        deprecated=True,
        experimental=True,
    ),
    "Dynamic": node(
        input=required(
            mode=[
                "COMFY_DYNAMICCOMBO_V3",
                {
                    "default": "off",
                    "options": [
                        {"key": "off"},
                        {
                            "key": "on",
                            "inputs": required(
                                strength=["FLOAT", {"default": 1.0}],
                                mode=[
                                    "COMFY_DYNAMICCOMBO_V3",
                                    {"options": [{"key": "x", "inputs": required(y=["INT"])}]},
                                ],
                            ),
                        },
                    ],
                },
            ],
            images=[
                "COMFY_AUTOGROW_V3",
                {"template": {"input": required(image=["IMAGE"]), "prefix": "image", "min": 1, "max": 3}},
            ],
            named=[
                "COMFY_AUTOGROW_V3",
                {"template": {"input": required(mask=["MASK"]), "names": ["a", "b"], "min": 0}},
            ],
            slot=[
                "COMFY_DYNAMICSLOT_V3",
                {"slotType": "IMAGE", "inputs": required(blur=["INT", {"default": 2}])},
            ],
        ),
    ),
}

FROM_EMULATOR = (
    "CLIPTextEncode", "CheckpointLoaderSimple", "EmptyLatentImage", "KSampler", "LoadImage", "SaveImage",
    "VAEDecode",
)  # fmt: skip


def made_modules() -> dict[str, str]:
    """The modules of `tests/typing` that are made, by their names."""
    return {
        "made_nodes": node_stubs(catalogue().object_info(), classes=FROM_EMULATOR, source="the emulator"),
        "made_odd_nodes": node_stubs(ODD),
        "made_attacked_nodes": node_stubs(ATTACKING, source=ATTACK),
    }


if __name__ == "__main__":
    for name, text in made_modules().items():
        (TYPING / f"{name}.py").write_text(text, encoding="utf-8")
