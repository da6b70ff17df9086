"""Group nodes, which the editor turns into subgraphs when it opens a workflow."""

from __future__ import annotations

from typing import Any

import pytest

from comfy_cloud import convert_workflow
from tests.unit.workflows.conversion.classes import known_classes
from tests.unit.workflows.conversion.workflows import node, workflow


def inner(index: int, type: str, values: list[Any] | None = None) -> dict[str, Any]:
    made = {"id": -1, "index": index, "type": type, "inputs": [], "outputs": []}
    return made | ({} if values is None else {"widgets_values": values})


def grouped(*nodes: Any, links: list[list[Any]], groups: dict[str, Any]) -> dict[str, Any]:
    return workflow(list(nodes), links) | {"extra": {"groupNodes": groups}}


SCALE = {
    "nodes": [inner(0, "ImageInvert"), inner(1, "ImageScaleBy", ["area", 2.0])],
    "links": [[0, 0, 1, 0, 1, "IMAGE"]],
    "external": [],
}


@pytest.mark.parametrize("separator", ["/", ">"])
def test_a_group_between_other_nodes(separator: str) -> None:
    ui = grouped(
        node(1, "LoadImage", ["a.png", "image"], outputs={0: [1]}),
        node(2, f"workflow{separator}scale", ["area", 3.5], links={"image": 1}, outputs={0: [2]}),
        node(3, "PreviewImage", links={"images": 2}),
        links=[[1, 1, 0, 2, 0, "IMAGE"], [2, 2, 0, 3, 0, "IMAGE"]],
        groups={"scale": SCALE},
    )
    ui["last_node_id"] = 3
    # New ids follow the last one: first those of the inner nodes, then that of the subgraph.
    graph = convert_workflow(ui, known_classes()).graph
    assert list(graph) == ["1", "3", "6:4", "6:5"]
    assert graph["6:4"]["class_type"] == "ImageInvert"
    assert graph["6:4"]["inputs"] == {"image": ["1", 0]}
    assert graph["6:5"]["inputs"]["image"] == ["6:4", 0]
    assert graph["6:5"]["inputs"]["scale_by"] == 3.5
    assert graph["3"]["inputs"] == {"images": ["6:5", 0]}


def test_a_group_with_a_class_that_is_not_known_stays_unknown() -> None:
    groups = {"odd": {"nodes": [inner(0, "NoSuchNode")], "links": []}}
    ui = grouped(node(2, "workflow>odd", [1]), links=[], groups=groups)
    found = convert_workflow(ui, known_classes())
    assert found.graph["2"]["class_type"] == "workflow>odd"
    assert "no node class 'workflow>odd'" in found.warnings[0]


def test_two_groups_of_one_kind() -> None:
    ui = grouped(
        node(1, "workflow>scale", ["area", 1.5]),
        node(2, "workflow>scale", ["area", 4.0]),
        links=[],
        groups={"scale": SCALE},
    )
    graph = convert_workflow(ui, known_classes()).graph
    assert [inner["inputs"].get("scale_by") for inner in graph.values()] == [None, 1.5, None, 4.0]
    assert list(graph) == ["5:3", "5:4", "8:6", "8:7"]
