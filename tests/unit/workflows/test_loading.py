"""Loading a graph from everything that may contain one, and the messages for everything else."""

from __future__ import annotations

import enum
import io
import json
import os
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from comfy_cloud import ConfigurationError
from comfy_cloud._workflows.loading import load_graph
from comfy_cloud._workflows.workflow import Workflow

GRAPH = {
    "4": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "a.safetensors"}},
    "3": {
        "class_type": "KSampler",
        "inputs": {"seed": 2**64 - 1, "model": ["4", 0]},
        "_meta": {"title": "K"},
    },
}
UI = {"nodes": [{"id": 3}], "links": []}


def png(**texts: str) -> bytes:
    info = PngImagePlugin.PngInfo()
    for name, text in texts.items():
        info.add_text(name, text)
    buffer = io.BytesIO()
    Image.new("RGB", (2, 2)).save(buffer, "PNG", pnginfo=info)
    return buffer.getvalue()


def refusal(source: object) -> str:
    with pytest.raises(ConfigurationError) as caught:
        Workflow.load(source)
    return str(caught.value)


@pytest.mark.parametrize(
    "source",
    [
        GRAPH,
        MappingProxyType(GRAPH),
        json.dumps(GRAPH),
        "\ufeff \n" + json.dumps(GRAPH),
        json.dumps(GRAPH).encode(),
        bytearray(json.dumps(GRAPH).encode("utf-8-sig")),
        memoryview(json.dumps(GRAPH).encode("utf-16")),
        {"prompt": GRAPH},
        json.dumps({"prompt": GRAPH, "client_id": "x"}),
        {"output": GRAPH, "workflow": UI},
        png(prompt=json.dumps(GRAPH)),
    ],
    ids=[
        "dict",
        "mapping",
        "text",
        "mark",
        "bytes",
        "bytearray",
        "utf-16",
        "body",
        "body text",
        "pair",
        "PNG",
    ],
)
def test_what_a_workflow_can_be_loaded_from(source: object) -> None:
    workflow = Workflow.load(source)
    assert workflow.graph == GRAPH
    assert list(workflow.graph) == ["4", "3"]


@pytest.mark.parametrize("as_text", [True, False])
def test_files(tmp_path: Path, as_text: bool) -> None:
    for name, content in {
        "workflow_api.json": json.dumps(GRAPH).encode(),
        "image.png": png(prompt=json.dumps(GRAPH), workflow=json.dumps(UI)),
    }.items():
        path = tmp_path / name
        path.write_bytes(content)
        loaded = Workflow.load(str(path) if as_text else path)
        assert loaded.graph == GRAPH
        assert loaded.ui == (UI if name.endswith("png") else None)


def test_the_home_folder_can_be_written_as_a_tilde(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    (tmp_path / "w.json").write_text(json.dumps(GRAPH))
    assert Workflow.load("~/w.json").graph == GRAPH


def test_a_pipe_can_be_read() -> None:
    reading, writing = os.pipe()
    with os.fdopen(writing, "wb") as file:
        file.write(json.dumps(GRAPH).encode())
    with os.fdopen(reading, "rb"):
        assert Workflow.load(f"/dev/fd/{reading}").graph == GRAPH


def test_the_layout_comes_along_from_a_request() -> None:
    body = {"prompt": GRAPH, "extra_data": {"extra_pnginfo": {"workflow": {**UI, "zoom": float("nan")}}}}
    assert Workflow.load(body).ui == {**UI, "zoom": None}
    assert Workflow.load({"prompt": GRAPH, "extra_data": None}).ui is None
    assert Workflow.load({"output": GRAPH, "workflow": {"nodes": [object()]}}).ui is None


def test_nodes_may_be_called_prompt_and_output() -> None:
    node = {"class_type": "A", "inputs": {}}
    assert list(Workflow.load({"prompt": node, "output": node}).graph) == ["prompt", "output"]


def test_the_callers_dict_is_never_changed() -> None:
    source: dict[str, Any] = json.loads(json.dumps(GRAPH))
    source["5"] = {"class_type": "A", "inputs": {"deep": {"list": [1, [2]]}}}
    before = json.dumps(source)
    workflow = Workflow.load(source)
    workflow.set_inputs({"3.seed": 5, "3.model": 1})
    workflow.graph["5"]["inputs"]["deep"]["list"][1].append(3)
    workflow.graph["3"]["_meta"]["title"] = "other"
    assert json.dumps(source) == before
    again = Workflow.load(workflow)
    again.set_inputs({"3.seed": 6})
    assert workflow.graph["3"]["inputs"]["seed"] == 5


def test_ids_and_links_that_are_numbers_become_text() -> None:
    made = Workflow(
        {4: {"class_type": "A"}, 3: {"class_type": "B", "inputs": {"x": (4, 0), "size": [512, 0]}}}
    )
    assert made.graph["3"]["inputs"] == {"x": ["4", 0], "size": [512, 0]}
    with pytest.raises(ConfigurationError, match="two nodes with the id 4"):
        Workflow({4: {"class_type": "A"}, "4": {"class_type": "B"}})


def test_values_become_plain_json() -> None:
    class Sampler(enum.Enum):
        EULER = "euler"

    class Text(str):
        __slots__ = ()

    node = {
        "class_type": "A",
        "inputs": {
            "a": Sampler.EULER,
            "b": (1, 2, 3),
            "c": Text("x"),
            "d": None,
            "e": True,
            "f": 0.5,
            "p": Path("q"),
        },
        "is_changed": [float("nan")],
        "_meta": {"at": float("inf")},
    }
    copied = Workflow({"1": node}).graph["1"]
    assert copied["inputs"] == {
        "a": "euler",
        "b": [1, 2, 3],
        "c": "x",
        "d": None,
        "e": True,
        "f": 0.5,
        "p": Path("q"),
    }
    assert type(copied["inputs"]["c"]) is str
    assert copied["_meta"] == {"at": None}
    assert "is_changed" not in copied
    assert Workflow({"1": {"class_type": "A", "inputs": None}}).graph["1"]["inputs"] == {}


CYCLE: dict[str, Any] = {}
CYCLE["again"] = CYCLE


@pytest.mark.parametrize(
    ("value", "part"),
    [
        (object(), "builtins.object"),
        ({1, 2}, "builtins.set"),
        (float("nan"), "nan"),
        (2**64, "64 bits"),
        ("\ud800", "surrogate"),
        ({1: 2}, "must be strings"),
        (CYCLE, "contains itself"),
    ],
)
def test_values_that_cannot_be_written_as_json(value: object, part: str) -> None:
    message = refusal({"7": {"class_type": "A", "inputs": {"img": value}}})
    assert part in message
    assert "node 7.img" in message


@pytest.mark.parametrize("source", [UI, json.dumps(UI), {"nodes": [], "version": 0.4}, {"prompt": UI}])
def test_what_the_editor_saves_needs_node_classes(source: object) -> None:
    message = refusal(source)
    assert "editor's format" in message
    assert "object_info=cloud.nodes.all()" in message


def test_an_image_with_only_a_layout() -> None:
    assert "object_info=cloud.nodes.all()" in refusal(png(workflow=json.dumps(UI)))
    assert "contains no workflow" in refusal(png())


@pytest.mark.parametrize(
    ("source", "parts"),
    [
        ({}, ["empty"]),
        ({"prompt": {}}, ["empty"]),
        ("[]", ["not an object of nodes"]),
        ("{bad", ["This text", "neither JSON"]),
        ("[" * 100_000, ["nested too deeply"]),
        (b"\xff\xfe\xfd", ["The content", "neither JSON"]),
        (b"", ["neither JSON"]),
        ({"1": {"inputs": {}}, "2": {"class_type": "A"}}, ["1 has no class_type"]),
        ({"1": {"class_type": ""}}, ["no class_type"]),
        ({"version": 1}, ["version has no class_type"]),
        ({"1": {"class_type": "A", "inputs": []}}, ["inputs of node 1"]),
        (7, ["not int"]),
        (None, ["not NoneType"]),
        (
            {"1": {"class_type": "A", "inputs": {"x": ["9", 0], "y": ["8", 1]}}},
            ["1.x -> 9", "1.y -> 8", "not in the workflow"],
        ),
    ],
)
def test_what_is_not_a_workflow(source: object, parts: list[str]) -> None:
    message = refusal(source)
    assert [part for part in parts if part not in message] == []


def test_of_many_faults_some_are_listed() -> None:
    inputs = {f"x{number}": ["9", number] for number in range(20)}
    message = refusal({"1": {"class_type": "A", "inputs": inputs}})
    assert "1.x5 -> 9 and 14 more" in message


def test_paths_that_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert "neither JSON nor a file: 'gone.json'" in refusal("gone.json")
    assert str(tmp_path) in refusal("gone.json")
    assert "There is no file 'gone.json'" in refusal(Path("gone.json"))
    assert "is a folder" in refusal(tmp_path)
    assert "neither JSON nor the path of a file: 'longlong" in refusal("long" * 5000)
    assert "remove what stands before the first brace" in refusal("// a comment\n{}" + "x" * 300)
    assert "empty text" in refusal("")
    assert "empty text" in refusal(" \n")
    assert refusal("a\0b")
    (tmp_path / "text.txt").write_text("a lighthouse")
    assert "text.txt is neither JSON" in refusal("text.txt")


def test_a_path_must_be_text() -> None:
    class BytesPath:
        def __fspath__(self) -> bytes:
            return b"w.json"

    assert "not bytes" in refusal(BytesPath())
    assert "BytesPath" in refusal({"1": {"class_type": "A", "inputs": {"image": BytesPath()}}})


def test_a_file_that_is_too_large(tmp_path: Path) -> None:
    path = tmp_path / "w.json"
    path.write_bytes(b" " * 2**21 + json.dumps(GRAPH).encode())
    assert Workflow.load(path).graph == GRAPH
    os.truncate(path, 64 * 2**20 + 1)
    assert refusal(path).endswith("w.json is too large for a workflow: more than 64 MiB")
    assert "too large" in refusal("{" + " " * (64 * 2**20))


def nested(depth: int) -> object:
    value: object = 1
    for _ in range(depth):
        value = [value]
    return value


def test_how_deep_a_value_may_be() -> None:
    graph = {"1": {"class_type": "A", "inputs": {"x": nested(99)}}}
    assert Workflow.load(graph).graph == graph
    assert "nested too deeply" in refusal({"1": {"class_type": "A", "inputs": {"x": nested(100)}}})


@pytest.mark.parametrize("number", [-(2**63), 2**64 - 1])
def test_integers_of_64_bits(number: int) -> None:
    graph = {"1": {"class_type": "A", "inputs": {"x": number}}}
    assert Workflow.load(graph).graph == graph
    assert "64 bits" in refusal(
        {"1": {"class_type": "A", "inputs": {"x": number + (1 if number > 0 else -1)}}}
    )


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["class_type", "inputs", "prompt", "nodes", "1", "_meta"]), inner, max_size=3
        )
    ),
    max_leaves=8,
)


@settings(max_examples=60, deadline=None)
@given(JSON)
def test_anything_loads_or_is_refused(source: object) -> None:
    try:
        graph, _ = load_graph(source)
    except ConfigurationError:
        return
    except RecursionError:  # pragma: no cover
        pytest.fail("recursion")
    assert load_graph(graph)[0] == graph
    assert load_graph(json.dumps(graph))[0] == graph
