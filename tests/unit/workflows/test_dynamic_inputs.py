"""Inputs that unfold: by the chosen option, by how many are given, and by a filled slot.

The rules are those of ComfyUI 0.30.
"""

from __future__ import annotations

from typing import Any

import pytest

from comfy_cloud._workflows.validation import validate
from comfy_cloud_catalogue.unfolding import node_inputs

POWER = ["FLOAT", {"min": 0.5, "max": 2.0}]
LIGHT = [
    "COMFY_DYNAMICCOMBO_V3",
    {"options": [{"key": "off", "inputs": {}}, {"key": "on", "inputs": {"required": {"power": POWER}}}]},
]
GROWING = {"input": {"required": {"image": ["IMAGE", {}]}}, "prefix": "image", "min": 2, "max": 4}
NAMED = {"input": {"required": {"mask": ["MASK", {}]}}, "names": ["front", "back"], "min": 1}
STYLE = {
    "options": [
        {"key": "flat", "inputs": {"required": {"tint": ["STRING", {}], "light": LIGHT}}},
        {
            "key": "deep",
            "inputs": {
                "required": {"images": ["COMFY_AUTOGROW_V3", {"template": GROWING}]},
                "optional": {"blur": ["INT", {"max": 9}]},
            },
        },
    ]
}
INFO: dict[str, Any] = {
    "Painter": {
        "input": {
            "required": {"style": ["COMFY_DYNAMICCOMBO_V3", STYLE]},
            "optional": {"mood": LIGHT, "slot": ["COMFY_DYNAMICSLOT_V3", {"slotType": "IMAGE", "inputs": {
                "required": {"scale": ["INT", {"min": 1}]}}}]},
        },
        "output": ["IMAGE"], "output_node": True,
    },
    "Stack": {
        "input": {"optional": {"masks": ["COMFY_AUTOGROW_V3", {"template": NAMED}]}}, "output_node": True},
    "Loose": {
        "input": {"required": {"parts": ["COMFY_AUTOGROW_V3", {
            "template": {"input": {"optional": {"p": ["IMAGE", {}]}}, "prefix": "p", "min": 2, "max": 3}}]}},
        "output_node": True,
    },
    "Custom": {"input": {"required": {
        "choice": ["COMBO", {"options": []}], "old": [["a"], {}]}}, "output_node": True},
    "Later": {"input": {"required": {"x": ["COMFY_SOMETHING_V4", {"options": 3}]}}, "output_node": True},
    "Image": {"input": {}, "output": ["IMAGE", "MASK"]},
}  # fmt: skip
IMAGE, MASK = ["9", 0], ["9", 1]
FLAT = {"style": "flat", "style.tint": "red", "style.light": "off"}
DEEP = {"style": "deep", "style.images.image0": IMAGE, "style.images.image1": IMAGE}


def found(class_type: str, inputs: dict[str, Any]) -> set[tuple[str | None, str]]:
    graph = {"1": {"class_type": class_type, "inputs": inputs}, "9": {"class_type": "Image", "inputs": {}}}
    return {(problem.input, problem.kind) for problem in validate(graph, INFO)}


@pytest.mark.parametrize(
    ("class_type", "inputs", "problems"),
    [
        ("Painter", FLAT, set()),
        ("Painter", {**FLAT, "style.light": "on", "style.light.power": 1}, set()),
        ("Painter", {**FLAT, "style.light": "on"}, {("style.light.power", "missing_input")}),
        ("Painter", {**FLAT, "style.light": "on", "style.light.power": 3},
         {("style.light.power", "out_of_range")}),
        ("Painter", {"style": "flat"}, {("style.tint", "missing_input"), ("style.light", "missing_input")}),
        ("Painter", {"style": "odd"}, {("style", "not_in_list")}),
        ("Painter", {"style": None}, {("style", "not_in_list")}),
        ("Painter", {}, {("style", "missing_input")}),
        ("Painter", DEEP, set()),
        ("Painter", {**DEEP, "style.blur": 10}, {("style.blur", "out_of_range")}),
        ("Painter", {**FLAT, "style.blur": 10}, set()),
        ("Painter", {"style": "deep"}, {
            ("style.images.image0", "missing_input"), ("style.images.image1", "missing_input")}),
        ("Painter", {**DEEP, "style.images.image3": MASK}, {("style.images.image3", "type_mismatch")}),
        ("Painter", {**DEEP, "style.images.image4": MASK}, set()),
        ("Painter", {**FLAT, "mood": "on"}, {("mood.power", "missing_input")}),
        ("Painter", {**FLAT, "mood": "up"}, {("mood", "not_in_list")}),
        ("Painter", {**FLAT, "slot": IMAGE}, {("slot.scale", "missing_input")}),
        ("Painter", {**FLAT, "slot": MASK, "slot.scale": 0},
         {("slot", "type_mismatch"), ("slot.scale", "out_of_range")}),
        ("Painter", {**FLAT, "slot.scale": 0}, set()),
        ("Stack", {"masks.front": MASK}, set()),
        ("Stack", {"masks.back": MASK}, {("masks.front", "missing_input")}),
        ("Stack", {"masks.front": IMAGE, "masks.side": IMAGE}, {("masks.front", "type_mismatch")}),
        ("Loose", {}, set()),
        ("Loose", {"parts.p2": MASK}, {("parts.p2", "type_mismatch")}),
        ("Custom", {"choice": "anything", "old": "a"}, set()),
        ("Custom", {"choice": "x.safetensors", "old": "b"},
         {("choice", "missing_model"), ("old", "not_in_list")}),
        ("Later", {}, set()),
    ],
)  # fmt: skip
def test_problems_of_dynamic_inputs(
    class_type: str, inputs: dict[str, Any], problems: set[tuple[str, str]]
) -> None:
    assert found(class_type, inputs) == problems


def test_a_misspelt_part_is_suggested() -> None:
    graph = {"1": {"class_type": "Painter", "inputs": {**FLAT, "style.light": "on", "style.light.powr": 1}}}
    (problem,) = validate(graph, INFO)
    assert problem.suggestions == ("style.light.powr",)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"template": None},
        {"template": {"input": {}, "prefix": "x"}},
        {"template": {"input": {"required": {}}, "prefix": "x"}},
        {"template": {"input": {"required": None}, "names": 3}},
        {"options": [1, {}, {"key": "x"}]},
        {"options": None},
        {"inputs": 3},
    ],
)
@pytest.mark.parametrize("kind", ["COMFY_AUTOGROW_V3", "COMFY_DYNAMICCOMBO_V3", "COMFY_DYNAMICSLOT_V3"])
def test_odd_descriptions_are_tolerated(kind: str, options: dict[str, Any]) -> None:
    facts = {"input": {"optional": {"x": [kind, options]}}}
    assert node_inputs(facts, {"x": "x"}).keys() <= {"x"}


def test_what_grows_has_bounds() -> None:
    template = {"input": {"required": {"x": ["INT", {}]}}, "prefix": "x", "min": 10**9, "max": 10**9}
    facts = {"input": {"required": {"x": ["COMFY_AUTOGROW_V3", {"template": template}]}}}
    assert len(node_inputs(facts, {})) == 100
    endless: list[Any] = ["COMFY_DYNAMICCOMBO_V3", {}]
    endless[1]["options"] = [{"key": "again", "inputs": {"required": {"x": endless}}}]
    names = [".".join("x" * length) for length in range(1, 40)]
    facts = {"input": {"required": {"x": endless}}}
    assert 10 < len(node_inputs(facts, dict.fromkeys(names, "again"))) < 20


def test_what_grows_does_not_grow_again() -> None:
    growing: list[Any] = ["INT", {}]
    for _ in range(3):  # a million inputs
        growing = ["COMFY_AUTOGROW_V3", {"template": {"input": {"required": {"x": growing}}}}]
    assert len(node_inputs({"input": {"required": {"x": growing, "y": ["INT", {}]}}}, {})) == 1


def of_class(inputs: dict[str, Any], values: dict[str, Any]) -> set[tuple[str | None, str]]:
    """The problems of a node whose class takes these inputs, linked to all kinds of outputs."""
    info = {
        "Own": {"input": {"optional": inputs}, "output_node": True},
        "Image": {"input": {}, "output": ["IMAGE", "*", "COMBO", ["a", "b"], ["c"], "INT,FLOAT"]},
    }
    graph = {"1": {"class_type": "Own", "inputs": values}, "9": {"class_type": "Image", "inputs": {}}}
    return {(problem.input, problem.kind) for problem in validate(graph, info)}


OLD_CHOICE, CHOICE = [["a", "b"], {}], ["COMBO", {"options": ["a", "b"]}]
UNION = ["INT,FLOAT", {"min": 1, "max": 5}]


@pytest.mark.parametrize(
    ("spec", "value", "kind"),
    [
        # A list of choices as a type fits an equal list, but not COMBO; COMBO fits any list.
        (OLD_CHOICE, ["9", 3], None),
        (OLD_CHOICE, ["9", 4], "type_mismatch"),
        (OLD_CHOICE, ["9", 2], "type_mismatch"),
        (OLD_CHOICE, ["9", 1], None),
        (CHOICE, ["9", 2], None),
        (CHOICE, ["9", 3], None),
        (CHOICE, ["9", 4], None),
        (CHOICE, ["9", 0], "type_mismatch"),
        # Limits are compared whatever the type is, so text there is refused, and wrapped lists too.
        (UNION, 3, None),
        (UNION, True, None),
        (UNION, 6.5, "out_of_range"),
        (UNION, "3", "wrong_type"),
        (UNION, None, "wrong_type"),
        (UNION, {"__value__": [1, 2]}, "wrong_type"),
        (UNION, ["9", 5], None),
        (["INT,FLOAT", {}], "3", None),
        (["BOOLEAN", {"min": 0, "max": 1}], "text", None),
        (["INT", {"min": 1, "step": 2}], " 7 ", None),
        (["INT", {}], "1e3", "wrong_type"),
        (["STRING", {}], None, None),
        # A choice that unfolds cannot be linked: the node would run without it.
        (LIGHT, ["9", 2], "not_in_list"),
        (LIGHT, [], "not_in_list"),
        (LIGHT, {"__value__": ["on"]}, "not_in_list"),
    ],
)
def test_what_a_server_says_of_odd_values(spec: list[Any], value: object, kind: str | None) -> None:
    assert of_class({"x": spec}, {"x": value}) == ({("x", kind)} if kind else set())
