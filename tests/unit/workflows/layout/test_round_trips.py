"""A graph that is laid out and converted back is the same graph."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comfy_cloud import ConfigurationError, Workflow, WorkflowLayout, convert_workflow, layout_workflow
from comfy_cloud._workflows.conversion.editor_state import Editor
from comfy_cloud._workflows.conversion.texts import choose
from comfy_cloud._workflows.layout.prompt_texts import escaped_prompt
from tests.unit.workflows.conversion.classes import known_classes
from tests.unit.workflows.layout.graphs import CURVE, NUMBERS, graphs


def renamed(graph: Mapping[str, Any], ids: Mapping[str, int | str]) -> dict[str, Any]:
    """The graph with the ids that its nodes have in the editor, without titles."""
    return {
        str(ids[id]): {
            "class_type": node["class_type"],
            "inputs": {
                name: [str(ids[value[0]]), value[1]] if isinstance(value, list) else value
                for name, value in node["inputs"].items()
            },
        }
        for id, node in graph.items()
    }


def back(layout: WorkflowLayout, *, strict: bool = True) -> dict[str, Any]:
    saved = json.loads(json.dumps(layout.ui))
    graph = convert_workflow(saved, known_classes(), strict=strict).graph
    return {id: {name: node[name] for name in ("class_type", "inputs")} for id, node in graph.items()}


def laid_out(**nodes: dict[str, Any]) -> WorkflowLayout:
    """Nodes named n1, n2, ... with the ids 1, 2, ..."""
    return layout_workflow({name[1:]: node for name, node in nodes.items()}, known_classes())


def node(class_type: str, **inputs: Any) -> dict[str, Any]:
    return {"class_type": class_type, "inputs": inputs}


@settings(max_examples=60)
@given(graph=graphs(), strict=st.booleans())
def test_a_random_graph(graph: dict[str, Any], strict: bool) -> None:
    given_graph = copy.deepcopy(graph)
    layout = layout_workflow(graph, known_classes())
    assert [line for line in layout.warnings if not line.startswith("These nodes get other ids")] == []
    # As JSON: 1, 1.0 and true are different there.
    wanted = json.dumps(renamed(graph, layout.ids), sort_keys=True)
    assert json.dumps(back(layout, strict=strict), sort_keys=True) == wanted
    assert graph == given_graph
    titles = {str(layout.ids[id]): node["_meta"]["title"] for id, node in graph.items() if "_meta" in node}
    sent = convert_workflow(layout.ui, known_classes(), strict=True).graph
    assert {id: sent[id]["_meta"]["title"] for id in titles} == titles


@settings(max_examples=60)
@given(graph=graphs(NUMBERS))
def test_the_document_names_each_link_at_both_ends(graph: dict[str, Any]) -> None:
    ui = layout_workflow(graph, known_classes()).ui
    nodes = {each["id"]: each for each in ui["nodes"]}
    assert len(nodes) == len(graph)
    assert ui["last_node_id"] == max(nodes)
    assert ui["last_link_id"] == max([link[0] for link in ui["links"]], default=0)
    for id, origin, slot, target, position, type in ui["links"]:
        assert nodes[target]["inputs"][position]["link"] == id
        assert id in nodes[origin]["outputs"][slot]["links"]
        assert nodes[origin]["outputs"][slot]["type"] == type
    named = [slot["link"] for each in ui["nodes"] for slot in each["inputs"] if slot["link"] is not None]
    assert sorted(named) == sorted(link[0] for link in ui["links"])


def test_ids_are_kept_where_they_are_whole_numbers() -> None:
    graph = {id: node("EmptyLatentImage") for id in ("9", "x:3", "40", "0", "007", "99999999999")}
    layout = layout_workflow(graph, known_classes())
    assert layout.ids == {"9": 9, "x:3": 41, "40": 40, "0": 0, "007": 42, "99999999999": 43}
    assert layout.warnings[-1] == (
        "These nodes get other ids in the editor: 'x:3' is now 41, '007' is now 42, '99999999999' is now 43"
    )


def test_titles_and_packages_are_kept() -> None:
    meta = {"title": "My <b>title</b>", "cnr_id": "comfy-core", "ver": "0.3.75"}
    layout = laid_out(n1={**node("EmptyLatentImage"), "_meta": meta}, n2=node("EmptyLatentImage"))
    first, second = layout.ui["nodes"]
    assert first["title"] == "My <b>title</b>"
    assert (first["properties"]["cnr_id"], first["properties"]["ver"]) == ("comfy-core", "0.3.75")
    assert "title" not in second


def test_seeds_stay_fixed() -> None:
    layout = laid_out(
        n1=node("RandomNoise", noise_seed=2**64 - 1),
        n2=node("Mystery", seed=5, speed=1.5, names={"__value__": ["a", "b"]}),
    )
    assert [each["widgets_values"] for each in layout.ui["nodes"]] == [
        [2**64 - 1, "fixed"],
        [5, "fixed", 1.5, ["a", "b"]],
    ]


def test_inputs_with_a_widget_are_saved_only_with_a_link() -> None:
    """Frontend 1.58.1 loses links of a group that grows in a dynamic combo when all are saved."""
    layout = laid_out(
        n1=node("EmptyLatentImage", width=64, height=["2", 0], batch_size=1),
        n2=node("ComfyMathExpression", expression="a", **{"values.a": ["2", 1]}),
    )
    assert [[slot["name"] for slot in each["inputs"]] for each in layout.ui["nodes"]] == [
        ["height"],
        ["values.a", "values.b"],
    ]


def test_as_many_values_as_an_older_version_of_the_class_had() -> None:
    """The editor would take the first for one of the input that is a slot now, and leave it out."""
    inputs = {"x": ["FLOAT", {"forceInput": True}], "seed": ["INT", {}]}
    classes = {"Old": {"input": {"required": inputs}, "output": []}}
    layout = layout_workflow({"1": node("Old", seed=7)}, classes)
    assert layout.warnings == []
    assert convert_workflow(layout.ui, classes, strict=True).graph["1"]["inputs"] == {"seed": 7}


def test_an_unknown_class_keeps_its_inputs_and_is_named() -> None:
    graph = {
        "1": node("EmptyLatentImage", width=64, height=64, batch_size=1),
        "2": node("Mystery", a=1, seed=7, flag=True, text="x", list={"__value__": [1]}, latent=["1", 3]),
        "3": node("Other", of=["2", 2], also=["2", 0]),
    }
    layout = layout_workflow(graph, known_classes())
    assert back(layout, strict=False) == renamed(graph, layout.ids)
    assert [warning for warning in layout.warnings if "node class" in warning] == [
        "The server has no node class 'Mystery'",
        "The server has no node class 'Other'",
    ]
    assert len(layout.warnings) == 2


def test_what_cannot_be_laid_out_is_named() -> None:
    layout = laid_out(
        n1=node("EmptyLatentImage", width=64, height=64, batch_size=1, depth=3),
        n2=node("EmptyLatentImage", width=64),
        n3=node("Reroute", x=1),
    )
    assert layout.warnings == [
        "Node 1 (EmptyLatentImage): the input 'depth' is not in the layout: the class has no such widget",
        "Node 2 (EmptyLatentImage): the editor adds height = 512, batch_size = 1",
        "Node 3 (Reroute): the editor does not send it, since the class is one of its own",
    ]


def test_a_circle_of_links_is_laid_out_too() -> None:
    layout = laid_out(
        n1=node("LatentFromBatch", samples=["2", 0], batch_index=0, length=1),
        n2=node("LatentFromBatch", samples=["1", 0], batch_index=0, length=1),
    )
    assert len(layout.ui["links"]) == 2
    assert layout.warnings == []


def test_lists_are_values_in_the_editor() -> None:
    layout = laid_out(n1=node("CurveEditor", curve=CURVE))
    assert layout.ui["nodes"][0]["widgets_values"] == [[[0, 0], [0.5, 0.25], [1, 1]]]
    assert layout.warnings == []


@pytest.mark.parametrize("random", [None, lambda: 0.0])
@given(text=st.text("{}|/*\\a\n", max_size=14))
def test_prompts_reach_the_server_as_they_are(random: Any, text: str) -> None:
    editor = Editor({}, strict=True, warn=print, random=lambda: 0.0)
    if len(text) - len(text.rstrip("\\")) in (1, 3, 5, 7, 9, 11, 13):
        return  # the editor always adds "undefined" to these
    sending = Editor({}, strict=True, warn=print, random=random)
    assert choose(sending, escaped_prompt(editor, text)) == text


def test_a_prompt_without_choices_stays_as_it_is() -> None:
    layout = laid_out(n1=node("CLIPTextEncode", text="a (cat:1.2), https"))
    assert layout.ui["nodes"][0]["widgets_values"] == ["a (cat:1.2), https"]
    layout = laid_out(n1=node("CLIPTextEncode", text="{a|b} // c"))
    assert layout.ui["nodes"][0]["widgets_values"] == ["\\{a\\|b\\} /{/} c"]


def test_workflow_layout() -> None:
    workflow = Workflow({"5": node("EmptyLatentImage", width=64, height=64, batch_size=1)}, {"nodes": []})
    layout = workflow.layout(known_classes())
    assert (layout.ids, layout.warnings) == ({"5": 5}, [])
    assert Workflow.load(layout.ui, object_info=known_classes()).graph["5"]["inputs"]["width"] == 64
    assert repr(layout) == "<WorkflowLayout of 1 nodes, 0 warnings>"


@pytest.mark.parametrize(
    ("graph", "classes", "words"),
    [
        ("graph.json", {}, r"a dict, not a str; Workflow\.load\(path\)\.layout"),
        ({"1": node("EmptyLatentImage")}, "classes.json", r"such as cloud\.nodes\.all\(\), not a str"),
    ],
)
def test_arguments_of_the_wrong_type_are_refused(graph: Any, classes: Any, words: str) -> None:
    with pytest.raises(ConfigurationError, match=words):
        layout_workflow(graph, classes)


def test_a_local_file_is_refused() -> None:
    workflow = Workflow({"1": node("LoadImage", image=b"\x89PNG")})
    with pytest.raises(ConfigurationError, match=r"1\.image is a local file: upload it"):
        workflow.layout(known_classes())


def test_without_the_extra_the_message_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "networkx", None)
    with pytest.raises(ConfigurationError, match=r"pip install 'comfy-cloud\[layout\]'"):
        laid_out(n1=node("EmptyLatentImage"))
