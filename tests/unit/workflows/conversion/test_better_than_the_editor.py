"""Where the editor's graph is of no use, the default is better, and `strict` gives the editor's."""

from __future__ import annotations

from typing import Any

import pytest

from comfy_cloud import ConfigurationError, Conversion, convert_workflow
from tests.unit.workflows.conversion.classes import known_classes
from tests.unit.workflows.conversion.workflows import node, subgraph, workflow

SAMPLER = [5, "fixed", 20, 8.0, "euler", "normal", 1.0]


def convert(ui: dict[str, Any], *, strict: bool = False, **more: Any) -> Conversion:
    return convert_workflow(ui, known_classes(), strict=strict, **more)


def inputs_of(ui: dict[str, Any], id: str = "1", *, strict: bool = False) -> dict[str, Any]:
    found: dict[str, Any] = convert(ui, strict=strict).graph[id]["inputs"]
    return found


def test_a_missing_control_value_moves_no_other() -> None:
    ui = workflow([node(1, "KSampler", [5, 20, 8.0, "euler", "normal", 0.5])])
    assert inputs_of(ui, strict=True)["steps"] == 8.0
    assert inputs_of(ui) == {
        "seed": 5, "steps": 20, "cfg": 8.0, "sampler_name": "euler", "scheduler": "normal", "denoise": 0.5
    }  # fmt: skip
    (warning,) = convert(ui).warnings
    assert "node 1 (KSampler" in warning
    assert "'control_after_generate'" in warning


@pytest.mark.parametrize("strict", [True, False])
@pytest.mark.parametrize("control", ["sometimes", "", None, False])
def test_a_control_value_that_no_editor_knows_moves_no_other(control: object, strict: bool) -> None:
    ui = workflow([node(1, "KSampler", [5, control, *SAMPLER[2:]])])
    assert list(inputs_of(ui, strict=strict).values()) == [5, *SAMPLER[2:]]
    assert convert(ui).warnings == []


@pytest.mark.parametrize("steps", [20, 20.0, "20"])
def test_a_number_in_the_place_of_a_control_value_is_the_next_input(steps: object) -> None:
    ui = workflow([node(1, "KSampler", [5, steps, *SAMPLER[3:]])])
    assert inputs_of(ui)["cfg"] == 8.0


def test_a_control_value_for_a_number_is_left_out() -> None:
    ui = workflow([node(1, "EmptyLatentImage", [512, "randomize", 640, 2])])
    assert inputs_of(ui, strict=True)["height"] == "randomize"
    assert inputs_of(ui) == {"width": 512, "height": 640, "batch_size": 2}
    assert "'height'" in convert(ui).warnings[0]


def test_values_by_name() -> None:
    ui = workflow([node(1, "EmptyLatentImage", {"height": 640, "width": 128, "more": 1})])
    assert inputs_of(ui, strict=True) == {}
    assert inputs_of(ui) == {"width": 128, "height": 640, "batch_size": 1}


def test_an_unknown_class_keeps_its_name_and_its_inputs() -> None:
    properties = {"cnr_id": "comfyui-packs", "ver": "1.0"}
    values = [3, "fixed", "cat"]
    ui = workflow(
        [node(1, "KSamplr", values, widgets={"seed": None, "text": None}, properties=properties)]  # type: ignore[dict-item]
    )
    strict = convert(ui, strict=True).graph["1"]
    assert strict == {
        "inputs": {"UNKNOWN": 3, "UNKNOWN_1": "fixed", "UNKNOWN_2": "cat"}, "_meta": {}
    }  # fmt: skip
    found = convert(ui)
    assert found.graph["1"] == {
        "inputs": {"seed": 3, "text": "cat"}, "class_type": "KSamplr", "_meta": {}
    }  # fmt: skip
    (warning,) = found.warnings
    assert "'KSamplr' (1)" in warning
    assert "KSampler" in warning.split("similar are")[1]
    assert "custom nodes 'comfyui-packs'" in warning


def test_a_primitive_that_feeds_a_widget_of_a_subgraph() -> None:
    inner = subgraph(
        "s",
        [node(5, "CLIPTextEncode", ["inner"], widgets={"text": 1})],
        [[1, -10, 0, 5, 0, "STRING"]],
        {"text": [1]},
    )
    ui = workflow(
        [node(1, "PrimitiveNode", ["outer"], outputs={0: [7]}), node(2, "s", ["host"], widgets={"text": 7})],
        [[7, 1, 0, 2, 0, "STRING"]],
        inner,
    )
    assert inputs_of(ui, "2:5", strict=True)["text"] == "inner"
    assert inputs_of(ui, "2:5")["text"] == "outer"


def test_two_inputs_of_a_subgraph_with_one_name_keep_their_own_values() -> None:
    inner = subgraph(
        "s",
        [
            node(5, "CLIPTextEncode", ["cat"], widgets={"text": 1}),
            node(6, "KSampler", SAMPLER, widgets={"sampler_name": 2}),
        ],
        [[1, -10, 0, 5, 0, "STRING"], [2, -10, 1, 6, 0, "COMBO"]],
    )
    inner["inputs"] = [
        {"id": "a", "name": "text", "type": "STRING", "linkIds": [1]},
        {"id": "b", "name": "text", "type": "COMBO", "linkIds": [2]},
    ]
    ui = workflow([node(2, "s", [])], None, inner)
    for strict, expected in ((True, "euler"), (False, "cat")):
        graph = convert(ui, strict=strict).graph
        assert graph["2:5"]["inputs"]["text"] == expected
        assert graph["2:6"]["inputs"]["sampler_name"] == "euler"


def test_a_link_that_is_not_in_the_workflow_is_dropped() -> None:
    ui = workflow([node(1, "VAEDecode", links={"samples": 99})])
    with pytest.raises(ConfigurationError, match=r"node 1 .*link 99"):
        convert(ui, strict=True)
    found = convert(ui)
    assert found.graph["1"]["inputs"] == {}
    assert found.dropped_links == {"1.samples": "its link is not in the workflow"}
    assert "'samples' of node 1" in found.warnings[0]


def test_a_muted_subgraph_in_a_subgraph_is_not_sent() -> None:
    leaf = subgraph("leaf", [node(9, "EmptyLatentImage")])
    outer = subgraph("outer", [node(5, "leaf", mode=2)])
    ui = workflow([node(1, "outer")], [], leaf, outer)
    assert list(convert(ui, strict=True).graph) == ["1:5:9"]
    assert list(convert(ui).graph) == []


def test_the_inside_of_a_subgraph_may_be_passed_twice() -> None:
    """The editor takes two places of one subgraph for a circle."""
    passing = subgraph(
        "p",
        [node(5, "Reroute", links={"": 1}, outputs={0: [2]})],
        [[1, -10, 0, 5, 0, "IMAGE"], [2, 5, 0, -20, 0, "IMAGE"]],
        {"in": [1]},
        {"out": [2]},
    )
    ui = workflow(
        [
            node(1, "LoadImage", ["a.png", "image"], outputs={0: [1]}),
            node(2, "p", links={"in": 1}, outputs={0: [2]}),
            node(3, "p", links={"in": 2}, outputs={0: [3]}),
            node(4, "PreviewImage", links={"images": 3}),
        ],
        [[1, 1, 0, 2, 0, "IMAGE"], [2, 2, 0, 3, 0, "IMAGE"], [3, 3, 0, 4, 0, "IMAGE"]],
        passing,
    )
    with pytest.raises(ConfigurationError, match="circle"):
        convert(ui, strict=True)
    assert inputs_of(ui, "4") == {"images": ["1", 0]}


def test_links_as_lists_without_a_version() -> None:
    ui = workflow(
        [
            node(1, "EmptyLatentImage", outputs={0: [1]}),
            node(2, "KSampler", SAMPLER, links={"latent_image": 1}),
        ],
        [[1, 1, 0, 2, 0, "LATENT"]],
    )
    del ui["version"]
    with pytest.raises(ConfigurationError, match="node 2"):
        convert(ui, strict=True)
    assert inputs_of(ui, "2")["latent_image"] == ["1", 0]


@pytest.mark.parametrize("strict", [True, False])
def test_integers_stay_exact(strict: bool) -> None:
    seed = 2**64 - 1
    ui = workflow([node(1, "KSampler", [seed, *SAMPLER[1:]])])
    assert inputs_of(ui, strict=strict)["seed"] == seed
    primitive = node(2, "PrimitiveNode", [2**53 + 1, "fixed"], outputs={0: [1]})
    ui = workflow([node(1, "KSampler", SAMPLER, widgets={"seed": 1}), primitive], [[1, 2, 0, 1, 0, "INT"]])
    assert inputs_of(ui, strict=strict)["seed"] == 2**53 + 1


def test_a_link_stays_with_the_input_that_names_it() -> None:
    """The table may say otherwise. A link that no input names is taken from the table."""
    nodes = [
        node(1, "LoadImage", ["a.png"]),
        node(2, "PreviewImage", links={"images": 5}),
        node(3, "ImageInvert"),
    ]
    nodes[2]["inputs"] = [{"name": "image", "type": "IMAGE", "link": None}]
    ui = workflow(nodes, [[5, 1, 0, 3, 0, "IMAGE"]])
    graph = convert(ui).graph
    assert graph["2"]["inputs"] == {"images": ["1", 0]}
    assert graph["3"]["inputs"] == {}
    ui["nodes"][1]["inputs"] = []
    assert convert(ui).graph["3"]["inputs"] == {"image": ["1", 0]}


def test_values_by_position_in_an_object() -> None:
    ui = workflow([node(1, "EmptyLatentImage", {"0": 64, "2": 3})])
    assert inputs_of(ui) == {"width": 64, "height": 512, "batch_size": 3}
