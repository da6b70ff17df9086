from __future__ import annotations

import json
from pathlib import Path

import pytest

from comfy_cloud_emulator import Emulator

from .conftest import Run

GRAPH = {
    "1": {
        "class_type": "EmptyImage",
        "inputs": {"width": 64, "height": 32, "batch_size": 1, "color": 255},
        "_meta": {"title": "Blue"},
    },
    "7:2": {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": "x"}},
}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty current folder with `graph.json`."""
    monkeypatch.chdir(tmp_path)
    Path("graph.json").write_text(json.dumps(GRAPH))
    return tmp_path


def test_layout_and_back(run: Run, cloud: Emulator) -> None:
    shown = run("workflow", "layout", "graph.json", "-o", "ui.json")
    assert (shown.code, shown.out) == (0, "")
    assert "warning" not in shown.err
    ui = json.loads(Path("ui.json").read_text())
    (subgraph,) = ui["definitions"]["subgraphs"]
    assert [(node["id"], node["type"]) for node in ui["nodes"]] == [(1, "EmptyImage"), (7, subgraph["id"])]
    assert [(node["id"], node["type"]) for node in subgraph["nodes"]] == [(2, "SaveImage")]
    back = json.loads(run("workflow", "convert", "ui.json").out)
    assert back["1"] == GRAPH["1"]
    assert back["7:2"]["inputs"] == GRAPH["7:2"]["inputs"]


def test_ids_that_cannot_be_kept_are_named(run: Run, cloud: Emulator) -> None:
    shown = run("workflow", "layout", json.dumps(GRAPH).replace("7:2", "7:x"), "-o", "ui.json")
    assert shown.code == 0
    assert "warning: These nodes get other ids in the editor: '7:x' is now 2" in shown.err


def test_layout_of_a_job(run: Run, quick_cloud: Emulator) -> None:
    submitted = run("run", "graph.json", "--detach")
    assert submitted.code == 0, submitted.err
    ui = json.loads(run("workflow", "layout", submitted.out.strip()).out)
    assert [node["type"] for node in ui["definitions"]["subgraphs"][0]["nodes"]] == ["SaveImage"]


def test_layout_with_a_file_of_node_classes(
    run: Run, cloud: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run("api", "/api/object_info", "--output-file", "classes.json").code == 0
    monkeypatch.delenv("COMFY_CLOUD_API_KEY", raising=False)
    monkeypatch.delenv("COMFY_CLOUD_BASE_URL", raising=False)
    shown = run("workflow", "layout", "-", "--object-info", "classes.json", stdin=json.dumps(GRAPH).encode())
    assert json.loads(shown.out)["last_node_id"] == 7


def test_what_is_different_in_the_editor_is_said(run: Run, cloud: Emulator) -> None:
    graph = {"1": {"class_type": "EmptyImage", "inputs": {"width": 64, "nothing\x1b[31m": 1}}}
    shown = run("workflow", "layout", json.dumps(graph))
    assert shown.code == 0
    assert "warning: Node 1 (EmptyImage): the editor adds height = 512" in shown.err
    assert "\x1b" not in shown.err


def test_without_the_extra(run: Run, cloud: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "networkx", None)
    shown = run("workflow", "layout", "graph.json")
    assert shown.code == 2
    assert "pip install 'comfy-cloud[layout]'" in shown.err
