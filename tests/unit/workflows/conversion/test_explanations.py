"""What a conversion says: where each node went, what was dropped, and what cannot be converted."""

from __future__ import annotations

import io
import json
import warnings
from typing import Any

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from comfy_cloud import ConfigurationError, ConvertedNode, Workflow, convert_workflow
from comfy_cloud._workflows.loading import LoadedLayout
from comfy_cloud._workflows.workflow import converted, load_or_layout
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


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"object_info": "classes.json"}, r"such as cloud\.nodes\.all\(\), not a str"),
        ({"object_info": None}, r"such as cloud\.nodes\.all\(\), not a NoneType"),
        ({"now": True}, r"such as datetime\.now\(\), not True"),
        ({"random": 3}, r"such as random\.random, not 3"),
    ],
)
def test_other_arguments_of_the_wrong_type_are_refused(given: dict[str, Any], words: str) -> None:
    with pytest.raises(ConfigurationError, match=words):
        convert_workflow(chain(), **({"object_info": known_classes()} | given))


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


def checkpoint(id: int, name: str) -> dict[str, Any]:
    return node(id, "CheckpointLoaderSimple", [name])


def test_models_that_the_server_does_not_have() -> None:
    missing = "sd_xl_base_1.1.safetensors"
    ui = workflow(
        [checkpoint(1, missing), checkpoint(2, "sd_xl_base_1.0.safetensors"), checkpoint(3, missing)]
    )
    found = convert_workflow(ui, known_classes())
    assert found.warnings == [
        "The server does not have the model 'sd_xl_base_1.1.safetensors' (1.ckpt_name, 3.ckpt_name); "
        "similar are sd_xl_base_1.0.safetensors"
    ]
    assert found.unavailable == found.warnings


def test_validation_does_not_warn_of_what_are_its_problems() -> None:
    broken = node(3, "PreviewImage", links={"images": 9})
    ui = workflow([checkpoint(1, "no.safetensors"), node(2, "NoSuchNode", [1]), broken])
    layout = load_or_layout(ui)
    assert isinstance(layout, LoadedLayout)
    with warnings.catch_warnings(record=True, action="always") as caught:
        converted(layout, known_classes(), is_validated=True)
        (lost,) = (str(each.message) for each in caught)
        assert "'images' of node 3" in lost
        converted(layout, known_classes())
        assert len(caught) == 1 + 3


def sampler(id: int, control: str, **more: Any) -> dict[str, Any]:
    return node(id, "KSampler", [5, control, 20, 8.0, "euler", "normal", 1.0], **more)


def test_seeds_are_drawn_as_the_editor_would() -> None:
    fed = sampler(4, "fixed", widgets={"seed": 1, "steps": 2})
    ui = workflow(
        [
            sampler(1, "randomize"),
            sampler(2, "fixed"),
            sampler(3, "increment"),
            fed,
            node(5, "PrimitiveNode", [7, "randomize"], outputs={0: [1]}),
            node(6, "PrimitiveNode", [9, "decrement"], outputs={0: [2]}),
        ],
        [[1, 5, 0, 4, 0, "INT"], [2, 6, 0, 4, 1, "INT"]],
    )
    assert convert_workflow(ui, known_classes()).seed_controls == {
        "1.seed": "randomize",
        "2.seed": "fixed",
        "3.seed": "increment",
        "4.seed": "randomize",
        "4.steps": "decrement",
    }
    loaded = Workflow.load(Workflow.load(ui, object_info=known_classes()))
    assert loaded.graph["1"]["inputs"]["seed"] == 5
    drawn = loaded.randomise_seeds(lambda least, most: 12, object_info=known_classes())
    assert list(drawn) == ["1.seed", "3.seed", "4.seed", "4.steps"]
    assert loaded.graph["2"]["inputs"]["seed"] == 5


def test_a_warning_when_all_seeds_are_fixed() -> None:
    loaded = Workflow.load(workflow([sampler(2, "fixed")]), object_info=known_classes())
    with pytest.warns(UserWarning, match=r"No seed was randomised.*2\.seed"):
        assert loaded.randomise_seeds(lambda least, most: 12) == {}
    with pytest.warns(UserWarning, match="No seed was randomised"):
        assert loaded.randomise_seeds(lambda least, most: 12, keep=["2.steps"]) == {}
    assert loaded.randomise_seeds(lambda least, most: 12, keep=["2.seed"]) == {}


def test_what_the_editor_records() -> None:
    """Only an open editor has the image of a camera or the sound of a microphone."""
    webcam = {"image": ["WEBCAM", {}], "width": ["INT", {"default": 0}]}
    sound = {"audio": ["AUDIO_RECORD", {}]}
    classes = {
        "WebcamCapture": {"input": {"required": webcam}, "output": ["IMAGE"]},
        "RecordAudio": {"input": {"required": sound}, "output": ["AUDIO"]},
    }
    ui = workflow([node(1, "WebcamCapture"), node(2, "RecordAudio", ["", ""])])
    found = convert_workflow(ui, classes)
    assert found.graph["1"]["inputs"] == {"image": "", "width": 0}
    assert found.graph["2"]["inputs"] == {"audio": ""}
    assert found.warnings == [
        "Node 1 (WebcamCapture) gets its image from the camera of the editor: give the input '1.image' "
        "a file",
        "Node 2 (RecordAudio) gets its audio from the microphone of the editor: give the input '2.audio' "
        "a file",
    ]


def test_the_button_of_a_list_that_is_fetched_later() -> None:
    remote = {"image_upload": True, "remote": {"route": "/files", "refresh_button": True}}
    classes = {"LoadImageOutput": {"input": {"required": {"image": ["COMBO", remote]}}, "output": ["IMAGE"]}}
    ui = workflow([node(1, "LoadImageOutput", ["a.png [output]", "refresh", "image"])])
    found = convert_workflow(ui, classes)
    assert found.graph["1"]["inputs"] == {"image": "a.png [output]", "refresh": "refresh"}
