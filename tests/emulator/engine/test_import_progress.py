"""The events of model imports: progress, the end, and nothing twice."""

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
    response = httpx.post(
        f"{emulator.url}/api/assets/download",
        headers={"X-API-Key": emulator.key},
        json={"source_url": f"{SITE}/{name}", "tags": ["models", "loras"]},
    )
    assert response.status_code == 202
    return str(response.json()["task_id"])


def import_events(emulator: Emulator) -> list[Json]:
    """The events of imports from now on."""
    events: list[Json] = []
    emulator.events.listen(
        lambda event: (
            events.append(event.data)
            if isinstance(event, JsonEvent) and event.type == "asset_download"
            else None
        )
    )
    return events


def test_progress_is_published_until_the_asset_exists(emulator: Emulator) -> None:
    events = import_events(emulator)
    id = begin(emulator)
    assert events == []
    emulator.time.advance(0.6)
    assert [(each["task_id"], each["progress"], each["status"]) for each in events] == [(id, 0.0, "running")]
    emulator.time.advance(60)
    assert [each["progress"] for each in events] == [0.0, 0.25, 0.5, 0.75, 1.0]
    assert [each["status"] for each in events] == ["running"] * 4 + ["completed"]
    total = events[0]["bytes_total"]
    assert [each["bytes_downloaded"] for each in events] == [0, total // 4, total // 2, total * 3 // 4, total]
    asset = emulator.store.assets.get(events[-1]["asset_id"])
    assert asset is not None
    assert events[-1]["asset_name"] == asset.name == "rain.safetensors"
    assert asset.size == total


def test_the_client_reads_them(emulator: Emulator) -> None:
    events = import_events(emulator)
    begin(emulator)
    emulator.time.advance(60)
    frame = encode_frame(JsonEvent("asset_download", events[2]), False)
    assert isinstance(frame, str)
    event = read_event(frame)
    assert isinstance(event, TaskProgress)


def test_a_failed_import_reports_why(emulator: Emulator) -> None:
    events = import_events(emulator)
    begin(emulator, "gated.safetensors")
    emulator.time.advance(60)
    assert (events[-1]["status"], events[-1]["progress"]) == ("failed", 0.75)
    assert "gated" in events[-1]["error"]
    assert "asset_id" not in events[-1]


def test_a_cancelled_import_publishes_nothing_more(emulator: Emulator) -> None:
    events = import_events(emulator)
    id = begin(emulator)
    emulator.time.advance(2.1)
    before = list(events)
    assert before[-1]["progress"] == 0.5
    response = httpx.delete(f"{emulator.url}/api/tasks/{id}", headers={"X-API-Key": emulator.key})
    assert response.status_code == 204
    emulator.time.advance(60)
    assert events == before


def test_an_import_requested_twice_is_published_once(emulator: Emulator) -> None:
    events = import_events(emulator)
    assert begin(emulator) == begin(emulator)
    emulator.time.advance(60)
    assert len(events) == 5


def test_an_import_continues_in_the_next_process(tmp_path: Path) -> None:
    with Emulator(data=tmp_path, time="virtual") as emulator:
        id = begin(emulator)
        emulator.time.advance(1.5)
    with Emulator(data=tmp_path, time="virtual") as emulator:
        events = import_events(emulator)
        emulator.time.advance(60)
        assert [each["task_id"] for each in events] == [id] * len(events)
        assert events[-1]["status"] == "completed"
    with Emulator(data=tmp_path, time="virtual") as emulator:
        events = import_events(emulator)
        emulator.time.advance(60)
        assert events == []
