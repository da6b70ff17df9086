from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from comfy_cloud_emulator import Emulator

from .conftest import Run

UI: dict[str, Any] = {
    "version": 0.4,
    "nodes": [
        {
            "id": 1,
            "type": "EmptyImage",
            "outputs": [{"name": "IMAGE", "type": "IMAGE", "links": [1]}],
            "widgets_values": [64, 32, 1, 255],
        },
        {
            "id": 2,
            "type": "SaveImage",
            "inputs": [{"name": "images", "type": "IMAGE", "link": 1}],
            "widgets_values": ["x"],
        },
    ],
    "links": [[1, 1, 0, 2, 0, "IMAGE"]],
}
INPUTS = {
    "1": {"width": 64, "height": 32, "batch_size": 1, "color": 255},
    "2": {"images": ["1", 0], "filename_prefix": "x"},
}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty current folder with `ui.json` and `unknown.json`."""
    monkeypatch.chdir(tmp_path)
    Path("ui.json").write_text(json.dumps(UI))
    unknown = {"version": 0.4, "nodes": [{"id": 1, "type": "SaveImagee"}], "links": []}
    Path("unknown.json").write_text(json.dumps(unknown))
    return tmp_path


@pytest.fixture
def classes(run: Run, cloud: Emulator) -> str:
    """A file with the node classes of the server."""
    assert run("api", "/api/object_info", "--output-file", "classes.json").code == 0
    return "classes.json"


def inputs_in(text: str) -> dict[str, Any]:
    return {id: node["inputs"] for id, node in json.loads(text).items()}


def test_convert_with_a_file_of_node_classes(run: Run, classes: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COMFY_CLOUD_API_KEY", raising=False)
    monkeypatch.delenv("COMFY_CLOUD_BASE_URL", raising=False)
    shown = run("workflow", "convert", "ui.json", "--object-info", classes, "-o", "api.json")
    assert (shown.code, shown.out) == (0, "")
    assert "warning" not in shown.err
    assert inputs_in(Path("api.json").read_text()) == INPUTS


def test_convert_with_the_classes_of_the_server(run: Run, cloud: Emulator) -> None:
    assert inputs_in(run("workflow", "convert", "ui.json").out) == INPUTS
    shown = run("workflow", "convert", "-", stdin=Path("ui.json").read_bytes())
    assert inputs_in(shown.out) == INPUTS


def test_check_reports_warnings(run: Run, classes: str) -> None:
    shown = run("workflow", "convert", "ui.json", "--check")
    assert (shown.code, shown.out, shown.err) == (0, "", "no warnings\n")
    shown = run("workflow", "convert", "unknown.json", "--check")
    assert shown.code == 7
    assert "warning: The server has no node class 'SaveImagee' (1); similar are SaveImage" in shown.err
    assert shown.err.endswith("1 warning\n")
    assert run("workflow", "convert", "ui.json", "--check", "-o", "x.json").code == 2


def test_strict_is_the_editor(run: Run, classes: str) -> None:
    graph = json.loads(run("workflow", "convert", "unknown.json", "--strict").out)
    assert "class_type" not in graph["1"]
    graph = json.loads(run("workflow", "convert", "unknown.json").out)
    assert graph["1"]["class_type"] == "SaveImagee"


def test_what_needs_no_conversion(run: Run, cloud: Emulator) -> None:
    Path("api.json").write_text(json.dumps({"1": {"class_type": "A", "inputs": {}}}))
    shown = run("workflow", "convert", "api.json")
    assert (shown.code, shown.err) == (
        5, "error: api.json contains only the API graph, which needs no conversion\n"
    )  # fmt: skip


def test_other_commands_take_a_ui_workflow(run: Run, classes: str) -> None:
    assert run("workflow", "validate", "ui.json").code == 0
    assert inputs_in(run("workflow", "extract", "ui.json").out) == INPUTS
    changed = run("workflow", "set", "ui.json", "-s", "EmptyImage.width=128")
    assert inputs_in(changed.out)["1"]["width"] == 128
    shown = run("workflow", "show", "ui.json", "--object-info", classes, "-o", "table")
    assert "2.filename_prefix" in shown.out
    Path("api.json").write_text(run("workflow", "convert", "ui.json").out)
    assert run("workflow", "diff", "ui.json", "api.json").code == 0


def test_run_a_ui_workflow(run: Run, quick_cloud: Emulator) -> None:
    shown = run("run", "ui.json", "-s", "1.width=16", "-d", "out")
    assert shown.code == 0, shown.err
    assert len(list(Path("out").iterdir())) == 1


TITLED: dict[str, Any] = {
    "version": 0.4,
    "nodes": [
        {
            "id": 5,
            "type": "scene",
            "title": "My scene",
            "inputs": [{"name": "width", "type": "INT", "link": None, "widget": {"name": "width"}}],
            "outputs": [{"name": "image", "type": "IMAGE", "links": [1]}],
            "widgets_values": [64],
        },
        {"id": 2, "type": "SaveImage", "inputs": [{"name": "images", "type": "IMAGE", "link": 1}]},
    ],
    "links": [[1, 5, 0, 2, 0, "IMAGE"]],
    "definitions": {
        "subgraphs": [
            {
                "id": "scene",
                "name": "Scene",
                "inputs": [{"id": "w", "name": "width", "type": "INT", "linkIds": [1]}],
                "outputs": [{"id": "o", "name": "image", "type": "IMAGE", "linkIds": [2]}],
                "nodes": [
                    {
                        "id": 7,
                        "type": "EmptyImage",
                        "title": "Blank",
                        "inputs": [{"name": "width", "type": "INT", "link": 1, "widget": {"name": "width"}}],
                        "outputs": [{"name": "IMAGE", "type": "IMAGE", "links": [2]}],
                        "widgets_values": [8, 8, 1, 0],
                    }
                ],
                "links": [
                    {
                        "id": 1, "origin_id": -10, "origin_slot": 0, "target_id": 7, "target_slot": 0,
                        "type": "INT",
                    },
                    {
                        "id": 2, "origin_id": 7, "origin_slot": 0, "target_id": -20, "target_slot": 0,
                        "type": "IMAGE",
                    },
                ],
            }
        ]
    },
}  # fmt: skip


def test_nodes_are_named_as_in_the_editor(run: Run, quick_cloud: Emulator) -> None:
    Path("titled.json").write_text(json.dumps(TITLED))
    names = ("-s", "My scene.width=32", "-s", "My scene/Blank.height=16")
    shown = run("workflow", "set", "titled.json", *names)
    assert shown.code == 0, shown.err
    assert inputs_in(shown.out)["5:7"]["width"] == 32
    assert inputs_in(shown.out)["5:7"]["height"] == 16
    twice = run("workflow", "set", "titled.json", "-s", "My scene.width=32", "-s", "5:7.width=8")
    assert (twice.code, "sets the same input" in twice.err) == (2, True)
    assert run("workflow", "validate", "titled.json", *names).code == 0
    ran = run("run", "titled.json", "--json", *names)
    assert ran.code == 0, ran.err
    job_id = json.loads(ran.out.splitlines()[-1])["id"]
    again = run("jobs", "rerun", job_id, "--dry-run", "-s", "My scene.width=24")
    assert again.code == 0, again.err
    assert inputs_in(again.out)["5:7"] == {"width": 24, "height": 16, "batch_size": 1, "color": 0}
    swept = run("sweep", "titled.json", "--set", "My scene.width=8:16:8", "-d", "swept", "--yes")
    assert swept.code == 0, swept.err


def test_a_missing_model_is_reported_once(run: Run, classes: str) -> None:
    loader = {"id": 1, "type": "CheckpointLoaderSimple", "widgets_values": ["sd_xl_base_1.1.safetensors"]}
    Path("model.json").write_text(json.dumps({"version": 0.4, "nodes": [loader], "links": []}))
    missing = "does not have the model 'sd_xl_base_1.1.safetensors'"
    for arguments in (("convert", "-o", "x.json"), ("set", "-s", "1.ckpt_name=a"), ("extract",)):
        assert run("workflow", arguments[0], "model.json", *arguments[1:]).err.count(missing) == 1
    for arguments in (("workflow", "validate", "model.json"), ("run", "model.json", "--dry-run")):
        shown = run(*arguments)
        assert shown.code == 7
        assert (shown.out + shown.err).count(missing) == 1
