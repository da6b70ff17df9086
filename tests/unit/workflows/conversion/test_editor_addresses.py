"""Inputs addressed by the titles and subgraph paths that a person sees in the editor."""

from __future__ import annotations

from typing import Any

import pytest

from comfy_cloud import ConfigurationError, Workflow
from tests.unit.workflows.conversion.classes import known_classes
from tests.unit.workflows.conversion.workflows import node, subgraph, workflow


def encoder(id: int, title: str, link: int | None = None, text: str = "x") -> dict[str, Any]:
    widgets = {} if link is None else {"text": link}
    return node(id, "CLIPTextEncode", [text], widgets=widgets, title=title)


def host(id: int, type: str, values: Any = None, **more: Any) -> dict[str, Any]:
    return node(id, type, values, widgets={"text": None}, **more)  # type: ignore[dict-item]


INNER = subgraph(
    "s",
    [encoder(7, "Positive Prompt", 1), encoder(8, "Negative Prompt"), encoder(9, "Muted") | {"mode": 2}],
    [[1, -10, 0, 7, 0, "STRING"]],
    {"text": [1]},
)
OUTER = subgraph("outer", [host(3, "s", title="Inner/part")], [[1, -10, 0, 3, 0, "STRING"]], {"prompt": [1]})
OUTER["nodes"][0]["inputs"][0]["link"] = 1
OUTER["inputs"][0]["label"] = "The prompt"
UI = workflow([node(5, "outer", ["a cat"], title="My subgraph"), node(6, "PreviewAny")], [], OUTER, INNER)


def loaded(ui: dict[str, Any]) -> Workflow:
    return Workflow.load(ui, object_info=known_classes())


@pytest.mark.parametrize(
    "address",
    [
        "5:3:7.text",
        "5/3/7.text",
        "Positive Prompt.text",
        "My subgraph/Inner/part/Positive Prompt.text",
        "my subgraph:inner/part:POSITIVE prompt.text",
        "Inner/part/Positive Prompt.text",
        "5/Inner/part/7.text",
        "My subgraph.prompt",
        "My subgraph.The prompt",
        "5.prompt",
        "My subgraph/3.text",
        "Inner/part.text",
    ],
)
def test_one_input_by_many_names(address: str) -> None:
    made = loaded(UI)
    assert made.find_inputs(address) == [("5:3:7", "text")]
    assert made.set_inputs({address: "a dog"}) == ["5:3:7.text"]
    assert made.graph["5:3:7"]["inputs"]["text"] == "a dog"
    # A graph whose layout is known, as that of a job or an image, is addressed in the same way.
    assert Workflow(made.graph, UI).find_inputs(address) == [("5:3:7", "text")]
    assert Workflow.load(made).find_inputs(address) == [("5:3:7", "text")]


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("My subgraph.text", r"Node 5 \('My subgraph'\) has no input 'text'. Its inputs: .*prompt"),
        ("My subgraph.promt", "has no input 'promt'; did you mean 'prompt'"),
        ("My subgraph/Positive Promt.text", "Did you mean: 5:3:7 .'My subgraph/Inner/part/Positive Prompt'"),
        ("Muted.text", "Node 5:3:9 .* has no inputs in the graph: muted"),
        ("7.text", "No node is called '7'"),
        ("5/7.text", "No node is called '5/7'"),
    ],
)
def test_what_no_name_means(address: str, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        loaded(UI).set_inputs({address: "a dog"})


def test_a_title_of_several_nodes_is_refused_with_their_paths() -> None:
    first, second = host(1, "s", ["a"], title="First"), host(2, "s", ["b"], title="Second")
    made = loaded(workflow([first, second], [], INNER))
    with pytest.raises(ConfigurationError) as caught:
        made.set_inputs({"Positive Prompt.text": "a dog"})
    assert "2 nodes are called 'Positive Prompt'" in str(caught.value)
    assert "1:7 ('First/Positive Prompt'), 2:7 ('Second/Positive Prompt')" in str(caught.value)
    assert made.set_inputs({"Second/Positive Prompt.text": "a dog"}) == ["2:7.text"]


def test_a_subgraph_with_the_title_of_another_node_is_refused() -> None:
    made = loaded(workflow([encoder(1, "Prompt"), host(2, "s", ["b"], title="Prompt")], [], INNER))
    with pytest.raises(ConfigurationError, match=r"2 nodes are called 'Prompt'. Use an id: 1 .*, 2 "):
        made.set_inputs({"Prompt.text": "a dog"})
    assert made.set_inputs({"2.text": "a dog"}) == ["2:7.text"]


def test_an_input_of_a_subgraph_that_sets_several() -> None:
    twice = subgraph(
        "t",
        [encoder(7, "A", 1), encoder(8, "B", 2)],
        [[1, -10, 0, 7, 0, "STRING"], [2, -10, 0, 8, 0, "STRING"]],
        {"text": [1, 2]},
    )
    made = loaded(workflow([host(4, "t", ["a"], title="Both")], [], twice))
    assert made.set_inputs({"Both.text": "a dog"}) == ["4:7.text", "4:8.text"]
    with pytest.raises(ConfigurationError, match=r"The input 4:8\.text is given twice"):
        made.set_inputs({"Both.text": "a dog", "B.text": "a cat"})


def test_a_primitive_node_sets_what_it_is_connected_to() -> None:
    primitive = node(1, "PrimitiveNode", ["a cat"], outputs={0: [1, 2]}, title="Prompt")
    ui = workflow(
        [primitive, encoder(2, "A", 1), host(3, "s", ["b"])],
        [[1, 1, 0, 2, 0, "STRING"], [2, 1, 0, 3, 0, "STRING"]],
        INNER,
    )
    ui["nodes"][2]["inputs"][0]["link"] = 2
    assert loaded(ui).set_inputs({"Prompt.value": "a dog"}) == ["2.text", "3:7.text"]


def test_a_group_node_by_its_title() -> None:
    inner = {"id": -1, "index": 0, "type": "CLIPTextEncode", "inputs": [], "outputs": []}
    groups = {"prompt": {"nodes": [inner | {"widgets_values": ["x"]}], "links": [], "external": []}}
    ui = workflow([node(2, "workflow>prompt", ["a cat"], title="My group")])
    ui["extra"] = {"groupNodes": groups}
    made = loaded(ui)
    (id,) = made.graph
    assert made.set_inputs({"My group.text": "a dog"}) == [f"{id}.text"]


def test_a_class_counts_less_than_the_title_of_a_subgraph() -> None:
    made = loaded(workflow([encoder(1, "Other"), host(2, "s", ["b"], title="CLIPTextEncode")], [], INNER))
    assert made.find_inputs("CLIPTextEncode.text") == [("2:7", "text")]


def test_a_layout_that_cannot_be_read_is_ignored() -> None:
    graph = {"5:3": {"class_type": "A", "inputs": {"text": "x"}, "_meta": {"title": "T"}}}
    made = Workflow(graph, {"nodes": [5]})
    assert made.find_inputs("T.text") == [("5:3", "text")]
    with pytest.raises(ConfigurationError, match="No node is called 'U'"):
        made.find_inputs("U.text")
