"""Workflows in the editor's format, which the client converts with the server's node classes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from comfy_cloud import AsyncComfyCloud, ConfigurationError
from comfy_cloud_emulator import Emulator
from tests.clock import FakeTime

from .clients import client

UI: dict[str, Any] = {
    "version": 0.4,
    "nodes": [
        {
            "id": 1,
            "type": "EmptyImage",
            "title": "Canvas",
            "outputs": [{"name": "IMAGE", "type": "IMAGE", "links": [1]}],
            "widgets_values": [64, 32, 1, 255],
        },
        {
            "id": 2,
            "type": "SaveImage",
            "inputs": [{"name": "images", "type": "IMAGE", "link": 1}],
            "widgets_values": ["from-the-editor"],
        },
        {"id": 3, "type": "Note", "widgets_values": ["a note"]},
    ],
    "links": [[1, 1, 0, 2, 0, "IMAGE"]],
}


async def test_run_a_workflow_of_the_editor(empty_emulator: Emulator, time: FakeTime, tmp_path: Path) -> None:
    path = tmp_path / "ui.json"
    path.write_text(json.dumps(UI))
    async with client(empty_emulator, time) as cloud:
        job = await cloud.run(path, {"Canvas.width": 128})
    assert len(job.outputs) == 1
    (submission,) = empty_emulator.submissions
    assert list(submission.graph) == ["1", "2"]
    assert submission.graph["1"]["inputs"]["width"] == 128
    assert submission.graph["2"]["inputs"] == {"images": ["1", 0], "filename_prefix": "from-the-editor"}
    # The image has the editor's workflow too, so that it opens there.
    assert submission.extra_data["extra_pnginfo"]["workflow"]["nodes"] == UI["nodes"]


async def test_map_runs_variants_of_a_workflow_of_the_editor(
    cloud: AsyncComfyCloud, empty_emulator: Emulator
) -> None:
    found = [result async for result in cloud.map(UI, [{"1.color": 1}, {"1.color": 2}])]
    assert [result.ok for result in found] == [True, True]
    classes = [request for request in empty_emulator.requests if request.path == "/api/object_info"]
    assert len(classes) == 1


async def test_validate_a_workflow_of_the_editor(cloud: AsyncComfyCloud) -> None:
    assert await cloud.validate(UI) == []
    problems = await cloud.validate(UI, {"1.width": -5})
    assert [(problem.node_id, problem.input) for problem in problems] == [("1", "width")]


async def test_what_cannot_be_converted_is_not_submitted(empty_emulator: Emulator, time: FakeTime) -> None:
    broken = {**UI, "links": [[1, 77, 0, 2, 0, "IMAGE"]]}
    async with client(empty_emulator, time) as cloud:
        with pytest.raises(ConfigurationError, match="node 77"):
            await cloud.submit(broken)
    assert empty_emulator.submissions == []
