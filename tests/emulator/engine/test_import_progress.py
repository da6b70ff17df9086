"""Imports of model files as their listeners hear of them: progress, the end, and nothing twice."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from comfy_cloud._jobs.event_reader import read_event
from comfy_cloud._jobs.events import TaskProgress
from comfy_cloud_emulator import Emulator
from comfy_cloud_emulator.engine.events import JsonEvent
from comfy_cloud_emulator.routes.websocket.frames import encode_frame

Json = dict[str, Any]
SITE = "https://huggingface.co/someone/models/resolve/main/loras"


@pytest.fixture
def emulator(start_emulator: Callable[..., Emulator]) -> Emulator:
    return start_emulator(time="virtual")


def begin(emulator: Emulator, name: str = "rain.safetensors") -> str:
    answer = httpx.post(
        f"{emulator.url}/api/assets/download",
        headers={"X-API-Key": emulator.key},
        json={"source_url": f"{SITE}/{name}", "tags": ["models", "loras"]},
    )
    assert answer.status_code == 202
    return str(answer.json()["task_id"])


def heard(emulator: Emulator) -> list[Json]:
    """The messages about imports from now on."""
    told: list[Json] = []
    emulator.events.listen(
        lambda event: (
            told.append(event.data)
            if isinstance(event, JsonEvent) and event.type == "asset_download"
            else None
        )
    )
    return told


def test_progress_is_told_until_the_asset_is_there(emulator: Emulator) -> None:
    told = heard(emulator)
    id = begin(emulator)
    assert told == []
    emulator.time.advance(0.6)
    assert [(each["task_id"], each["progress"], each["status"]) for each in told] == [(id, 0.0, "running")]
    emulator.time.advance(60)
    assert [each["progress"] for each in told] == [0.0, 0.25, 0.5, 0.75, 1.0]
    assert [each["status"] for each in told] == ["running"] * 4 + ["completed"]
    total = told[0]["bytes_total"]
    assert [each["bytes_downloaded"] for each in told] == [0, total // 4, total // 2, total * 3 // 4, total]
    asset = emulator.store.assets.get(told[-1]["asset_id"])
    assert asset is not None
    assert told[-1]["asset_name"] == asset.name == "rain.safetensors"
    assert asset.size == total


def test_the_client_reads_them(emulator: Emulator) -> None:
    told = heard(emulator)
    begin(emulator)
    emulator.time.advance(60)
    frame = encode_frame(JsonEvent("asset_download", told[2]), False)
    assert isinstance(frame, str)
    event = read_event(frame)
    assert isinstance(event, TaskProgress)


def test_a_failed_import_tells_why(emulator: Emulator) -> None:
    told = heard(emulator)
    begin(emulator, "gated.safetensors")
    emulator.time.advance(60)
    assert (told[-1]["status"], told[-1]["progress"]) == ("failed", 0.75)
    assert "gated" in told[-1]["error"]
    assert "asset_id" not in told[-1]


def test_a_cancelled_import_falls_silent(emulator: Emulator) -> None:
    told = heard(emulator)
    id = begin(emulator)
    emulator.time.advance(2.1)
    before = list(told)
    assert before[-1]["progress"] == 0.5
    answer = httpx.delete(f"{emulator.url}/api/tasks/{id}", headers={"X-API-Key": emulator.key})
    assert answer.status_code == 204
    emulator.time.advance(60)
    assert told == before


def test_the_same_import_asked_for_twice_is_told_once(emulator: Emulator) -> None:
    told = heard(emulator)
    assert begin(emulator) == begin(emulator)
    emulator.time.advance(60)
    assert len(told) == 5


def test_an_import_of_an_earlier_life_goes_on(tmp_path: Path) -> None:
    with Emulator(data=tmp_path, time="virtual") as emulator:
        id = begin(emulator)
        emulator.time.advance(1.5)
    with Emulator(data=tmp_path, time="virtual") as emulator:
        told = heard(emulator)
        emulator.time.advance(60)
        assert [each["task_id"] for each in told] == [id] * len(told)
        assert told[-1]["status"] == "completed"
    with Emulator(data=tmp_path, time="virtual") as emulator:
        told = heard(emulator)
        emulator.time.advance(60)
        assert told == []
