"""Graphs built in Python: order and ids, links, options, groups, titles, and what is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from comfy_cloud import ConfigurationError, Workflow
from comfy_cloud.graph_builder import (
    Graph,
    Node,
    Option,
    UntypedNode,
    grown,
    grown_by_name,
    or_default,
    titled,
)


def node(name: str = "A", **inputs: Any) -> UntypedNode:
    return UntypedNode(name, inputs)


def test_nodes_are_numbered_in_the_order_in_which_they_can_run() -> None:
    first, second = node("First"), node("Second")
    both = node("Both", a=second.outputs[1], b=first.outputs[0], c=second.outputs[0])
    graph = Graph(both, first)
    assert graph.to_dict() == {
        "1": {"class_type": "Second", "inputs": {}},
        "2": {"class_type": "First", "inputs": {}},
        "3": {"class_type": "Both", "inputs": {"a": ["1", 1], "b": ["2", 0], "c": ["1", 0]}},
    }
    assert (graph.id_of(first), len(graph), list(graph)) == ("2", 3, ["1", "2", "3"])
    assert repr(graph) == "<Graph of 3 nodes>"
    assert repr(Graph(first)) == "<Graph of 1 node>"
    assert repr(both.outputs[1]) == "<output 1 of <node 'Both'>>"


def test_a_graph_is_what_workflows_are_made_of() -> None:
    graph = Graph(titled(node(image=Path("photo.png"), text="a", number=1), "My photo"))
    assert Workflow(graph) == Workflow.load(graph) == graph.workflow()
    assert graph.workflow().set_inputs({"My photo.text": "b"}) == ["1.text"]
    assert [each.path for each in _existing_files(graph)] == [Path(__file__)]
    copy = graph.to_dict()
    copy["1"]["inputs"]["text"] = "changed"
    assert graph["1"]["inputs"]["text"] == "a"


def _existing_files(graph: Graph) -> list[Any]:
    changed = graph.to_dict()
    changed["1"]["inputs"]["image"] = Path(__file__)
    return Workflow(changed).local_files()


def test_addresses_of_inputs() -> None:
    last = node("B", a=node("A", seed=3).outputs[0], group=grown(["x"], "image", 0, 3), left_out=None)
    graph = Graph(last)
    assert graph.address(last, "group.image0") == "2.group.image0"
    with pytest.raises(ConfigurationError, match="<node 'B'> has no input 'left_out' here, only: a, group"):
        graph.address(last, "left_out")
    with pytest.raises(ConfigurationError, match="is not in this graph"):
        graph.address(node("C"), "a")


def test_a_chain_of_thousands_of_nodes() -> None:
    last = node()
    for _ in range(2000):
        last = node(a=last.outputs[0], b=last.outputs[1])
    assert Graph(last)["2001"]["inputs"] == {"a": ["2000", 0], "b": ["2000", 1]}


def test_lists_are_values_and_not_links() -> None:
    made = Graph(node(box=[1, 2], pair=("4", 0), nothing=None, empty=[]))["1"]["inputs"]
    assert made == {
        "box": {"__value__": [1, 2]}, "pair": {"__value__": ["4", 0]}, "empty": {"__value__": []}
    }  # fmt: skip


def test_options_have_inputs_of_their_own() -> None:
    image = node("Image").outputs[0]
    inner = Option("x", {"y": 1, "left_out": None})
    made = node(mode=Option("on", {"strength": 0.5, "mode": inner}), slot=Option(image, {"blur": 2}))
    assert Graph(made)["2"]["inputs"] == {
        "mode": "on", "mode.strength": 0.5, "mode.mode": "x", "mode.mode.y": 1,
        "slot": ["1", 0], "slot.blur": 2,
    }  # fmt: skip


def test_groups_that_grow() -> None:
    image = node("Image").outputs[0]
    made = node(
        images=grown([image, image], "image", 1, 3),
        none=grown(None, "image", 0, 3),
        named=grown_by_name({"b": image}, ["a", "b"], 0),
        ordered=grown_by_name([image], ["a", "b"], 1),
        options=grown([Option("on", {"x": 1})], "o", 0, 2),
    )
    assert Graph(made)["2"]["inputs"] == {
        "images.image0": ["1", 0], "images.image1": ["1", 0], "named.b": ["1", 0], "ordered.a": ["1", 0],
        "options.o0": "on", "options.o0.x": 1,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ([], "The group of image0, image1, ... takes at least 1, and there are 0"),
        ([1, 2, 3, 4], "The group of image0, image1, ... takes at most 3, and there are 4"),
        ("abc", "takes a list, even of one input only"),
        (5, "takes a list"),
    ],
)
def test_groups_of_the_wrong_size(values: Any, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        grown(values, "image", 1, 3)


def test_groups_with_wrong_names() -> None:
    with pytest.raises(ConfigurationError, match="The group of a, b has no 'c', only a, b"):
        grown_by_name({"c": 1}, ["a", "b"], 0)


def test_what_is_not_an_output_is_refused() -> None:
    with pytest.raises(ConfigurationError, match=r"input image of B is <node 'A'>: pass one of its outputs"):
        node("B", image=node("A"))
    with pytest.raises(ConfigurationError, match="The input image of B takes one output, not a list"):
        node("B", image=[node("A").outputs[0]])
    with pytest.raises(ConfigurationError, match="made of nodes, and <output 0 of <node 'A'>> is not one"):
        Graph(node("A").outputs[0])  # type: ignore[arg-type]
    with pytest.raises(ConfigurationError, match="Pass the nodes whose results you want"):
        Graph()


def test_each_node_has_a_default_of_its_own() -> None:
    first, second = or_default(None, "[[1]]"), or_default(None, "[[1]]")
    assert first == second == [[1]]
    assert first is not second
    assert or_default([], "[[1]]") == []


def test_all_outputs_can_be_unpacked() -> None:
    made: Node[tuple[Any, Any]] = Node("A", {}, 2)
    one, two = made.outputs
    assert (one.node, one.slot, two.slot) == (made, 0, 1)
