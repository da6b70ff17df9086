"""What a conversion says: where each node went, what was dropped, and what cannot be converted."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from comfy_cloud import ConfigurationError, ConvertedNode, Workflow, convert_workflow
from tests.unit.workflows.conversion.classes import known_classes
from tests.unit.workflows.conversion.workflows import node, subgraph, workflow


def chain(mode: int = 0, **more: Any) -> dict[str, Any]:
    return workflow(
        [
            node(1, "LoadImage", ["a.png", "image"], outputs={0: [1]}, title="My image"),
            node(2, "ImageInvert", links={"image": 1}, outputs={0: [2]}, mode=mode),
            node(3, "PreviewImage", links={"images": 2}),
            node(4, "Note", ["hello"]),
        ],
        [[1, 1, 0, 2, 0, "IMAGE"], [2, 2, 0, 3, 0, "IMAGE"]],
    )


@pytest.mark.parametrize("given", ["ui_workflow.json", b"{}", [1]])
def test_what_is_not_a_dict_is_refused_with_the_way_to_convert_it(given: Any) -> None:
    with pytest.raises(ConfigurationError, match=r"a dict, not a (str|bytes|list); Workflow\.load\(path"):
        convert_workflow(given, known_classes())


def test_where_each_node_went() -> None:
    found = convert_workflow(chain(mode=4), known_classes())
    assert found.nodes["1"] == ConvertedNode("1", "LoadImage", "My image", True)
    assert not found.nodes["2"].is_sent
    assert found.nodes["2"].reason == "bypassed"
    assert found.nodes["4"].reason == "a note"
    assert found.graph["3"]["inputs"] == {"images": ["1", 0]}
    assert found.warnings == []
    assert repr(found) == "<Conversion to 2 nodes, 0 warnings>"


def test_a_link_to_a_muted_node_is_dropped_without_a_warning() -> None:
    found = convert_workflow(chain(mode=2), known_classes())
    assert found.graph["3"]["inputs"] == {}
    assert list(found.dropped_links) == ["3.images"]
    assert "is muted" in found.dropped_links["3.images"]
    assert found.warnings == []


def test_nodes_in_a_subgraph_have_its_id_before_theirs() -> None:
    inner = subgraph("s", [node(7, "EmptyLatentImage", [64, 64, 1])])
    found = convert_workflow(workflow([node(3, "s")], [], inner), known_classes())
    assert list(found.nodes) == ["3", "3:7"]
    assert found.nodes["3"].reason == "its subgraph's nodes are sent instead"
    assert found.nodes["3:7"].is_sent


def test_nothing_that_was_given_is_in_the_graph() -> None:
    """Changing the graph changes neither the workflow nor the node classes."""
    ui = workflow([node(1, "PreviewAny"), node(2, "CurveEditor", [{"points": [[0, 0]]}])])
    found = convert_workflow(ui, known_classes())
    found.graph["2"]["inputs"]["curve"]["points"].append(1)
    assert ui["nodes"][1]["widgets_values"] == [{"points": [[0, 0]]}]


@pytest.mark.parametrize(
    ("ui", "parts"),
    [
        ({"nodes": {}}, ["no list of nodes"]),
        (workflow([node(1, "VAEDecode"), 5]), ["nodes[1]", "is not a node"]),
        (
            workflow([node(1, "VAEDecode", links={"vae": 1})], [[1, 77, 0, 1, 0, "VAE"]]),
            ["'vae'", "node 1", "node 77"],
        ),
        (
            workflow([node(1, "s")], [], subgraph("s", [node(8, "s")])),
            ["'Subgraph s' contains itself", "node 8"],
        ),
    ],
)
def test_what_cannot_be_converted(ui: Any, parts: list[str]) -> None:
    with pytest.raises(ConfigurationError) as caught:
        convert_workflow(ui, known_classes())
    for part in parts:
        assert part in str(caught.value)


def test_workflow_load_converts_with_node_classes() -> None:
    ui = chain()
    loaded = Workflow.load(ui, object_info=known_classes())
    assert loaded.ui == ui
    assert loaded.set_inputs({"My image.image": "b.png"}) == ["1.image"]
    assert Workflow.load(loaded) == loaded


def test_an_image_that_has_only_a_layout() -> None:
    info = PngInfo()
    info.add_text("workflow", json.dumps(chain()))
    content = io.BytesIO()
    Image.new("RGB", (1, 1)).save(content, "PNG", pnginfo=info)
    loaded = Workflow.load(content.getvalue(), object_info=known_classes())
    assert list(loaded.graph) == ["1", "2", "3"]


def test_workflow_load_warns_of_what_was_lost() -> None:
    ui = workflow([node(1, "NoSuchNode", [1])])
    with pytest.warns(UserWarning, match="no node class 'NoSuchNode'"):
        Workflow.load(ui, object_info=known_classes())


def test_a_workflow_of_notes_cannot_run() -> None:
    with pytest.raises(ConfigurationError, match="no node that would run"):
        Workflow.load(workflow([node(1, "Note", ["a"])]), object_info=known_classes())
