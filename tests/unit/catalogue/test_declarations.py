"""Reading what node classes declare: inputs in both forms of choices, their order, and outputs."""

from __future__ import annotations

from typing import Any

import pytest

from comfy_cloud_catalogue.declarations import InputSpec, in_order, input_spec, input_specs, output_specs
from comfy_cloud_catalogue.dynamic import choices_of, growth_of, match_type_of
from comfy_cloud_catalogue.unfolding import node_inputs, undecided
from comfy_cloud_catalogue.value_types import fits, have_common_type, names_model

LIGHT = ["COMFY_DYNAMICCOMBO_V3", {"options": [
    {"key": "off", "inputs": {}},
    {"key": "on", "inputs": {"required": {"power": ["FLOAT", {}]}, "optional": {"tint": ["STRING"]}}},
]}]  # fmt: skip


@pytest.mark.parametrize(
    ("declaration", "expected"),
    [
        (["INT", {"min": 1}], InputSpec("x", "INT", {"min": 1})),
        (["INT"], InputSpec("x", "INT", {})),
        (("INT", None), InputSpec("x", "INT", {})),
        ([["a", "b"]], InputSpec("x", "COMBO", {}, ["a", "b"], is_listed=True)),
        (["COMBO", {"options": ("a",)}], InputSpec("x", "COMBO", {"options": ("a",)}, ["a"])),
        (["COMBO", {"remote": {}}], InputSpec("x", "COMBO", {"remote": {}})),
        ([7, {}], InputSpec("x", "UNKNOWN", {})),
        ([], None),
        ("INT", None),
        (None, None),
    ],
)
def test_one_declaration(declaration: object, expected: InputSpec | None) -> None:
    assert input_spec("x", declaration) == expected


@pytest.mark.parametrize(
    "declaration", [[["a"], {"tooltip": "t"}], ["COMBO", {"options": ["a"]}], ["INT", {}]]
)
def test_a_declaration_can_be_written_again(declaration: list[Any]) -> None:
    spec = input_spec("x", declaration)
    assert spec is not None
    assert spec.declaration == declaration


def test_groups_and_order() -> None:
    groups = {
        "hidden": {"prompt": ["PROMPT"]},
        "optional": {"c": ["INT"]},
        "required": {"a": ["INT"], "odd": None, "b": ["INT"]},
    }
    specs = {spec.name: spec for spec in input_specs(groups)}
    assert [(name, spec.is_optional) for name, spec in specs.items()] == [
        ("a", False), ("b", False), ("c", True)
    ]  # fmt: skip
    assert [spec.name for spec in input_specs(groups, "p.", ["hidden"])] == ["p.prompt"]
    # A name in the wrong group of the order does not count.
    order = {"required": ["b", "c", 3], "optional": "c"}
    assert [spec.name for spec in in_order(specs, order)] == ["b", "a", "c"]
    assert [spec.name for spec in in_order(specs, None)] == ["a", "b", "c"]


def test_outputs() -> None:
    known = {
        "output": ["IMAGE", ["a", "b"], None],
        "output_name": ["picture", None],
        "output_is_list": [True],
        "output_matchtypes": [None, "t"],
    }
    outputs = output_specs(known)
    assert outputs is not None
    assert [(each.name, each.type, each.is_list) for each in outputs] == [
        ("picture", "IMAGE", True), ("", "COMBO", False), ("", "UNKNOWN", False)
    ]  # fmt: skip
    assert [each.choices for each in outputs] == [None, ["a", "b"], None]
    assert outputs[1].match_group == "t"
    assert output_specs({"output": "IMAGE"}) is None


def test_which_link_fits() -> None:
    given = output_specs({"output": ["IMAGE", "*", ["a"], ["b"], "COMBO", "INT,FLOAT", 3]})
    assert given is not None

    def fitting(declaration: list[Any]) -> list[int]:
        spec = input_spec("x", declaration)
        assert spec is not None
        return [at for at, output in enumerate(given) if fits(output, spec)]

    assert fitting(["IMAGE"]) == [0, 1, 6]
    assert fitting([["a"]]) == [1, 2, 6]
    assert fitting(["COMBO", {"options": ["a"]}]) == [1, 2, 3, 4, 6]
    assert fitting(["FLOAT, STRING"]) == [1, 5, 6]
    assert fitting(["COMFY_MATCHTYPE_V3", {}]) == [0, 1, 2, 3, 4, 5, 6]
    assert have_common_type("INT", "*")
    assert not have_common_type("INT", "INTEGER")


def test_what_dynamic_inputs_declare() -> None:
    light = input_spec("light", LIGHT)
    assert light is not None
    assert choices_of(light) == ["off", "on"]
    template: dict[str, Any] = {
        "input": {"required": {"a": ["INT"], "b": ["INT"]}},
        "prefix": "p",
        "max": 300,
    }
    group = input_spec("g", ["COMFY_AUTOGROW_V3", {"template": template}])
    growth = growth_of(group) if group is not None else None
    assert growth is not None
    assert (growth.most, growth.declared_least, growth.least) == (100, None, 1)
    assert growth.part_name(2, "b") == "b2"  # a step of several inputs has no prefix
    assert growth._replace(specs=growth.specs[:1]).part_name(2, "a") == "p2"
    assert growth._replace(names=["one"]).part_name(0, "a") == "one"
    match = input_spec(
        "m", ["COMFY_MATCHTYPE_V3", {"template": {"template_id": "t", "allowed_types": "A,B"}}]
    )
    assert match is not None
    assert match_type_of(match) == ("t", "A,B")
    assert match_type_of(light) is None


def test_a_choice_that_decides_is_not_to_be_missing() -> None:
    known = {"input": {"required": {"light": LIGHT}}}
    assert undecided(known, {}) == "light"
    assert undecided(known, {"light": "up"}) == "light"
    assert undecided(known, {"light": "on"}) is None
    assert undecided({"input": {"optional": {"light": LIGHT}}}, {}) is None
    assert list(node_inputs(known, {"light": "on"})) == ["light", "light.power", "light.tint"]
    assert list(node_inputs(known, {"light": ["on"]})) == ["light"]


@pytest.mark.parametrize(
    ("value", "is_model"), [("a/B.SafeTensors", True), ("m.gguf", True), ("a.png", False), (3, False)]
)
def test_names_of_models(value: object, is_model: bool) -> None:
    assert names_model(value) is is_model
