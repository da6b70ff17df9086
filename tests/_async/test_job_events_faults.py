"""Events under faults of websocket and service: the end comes from the API, exactly once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from comfy_cloud import (
    AsyncComfyCloud,
    ComfyCloudWarning,
    Event,
    JobChanged,
    JobErrored,
    JobInterrupted,
    JobStarted,
    JobStatus,
    JobSucceeded,
    NodeFinished,
    NotFound,
    Preview,
    UnknownEvent,
)
from comfy_cloud_emulator import Emulator, Fault
from tests.clock import FakeTime
from tests.websocket_faults import repeat_every_message, truncate_previews

from .clients import IMAGE_GRAPH, client, image_graph
from .test_job_events import SAMPLER_GRAPH, watched

Start = Callable[..., Emulator]
ENDINGS = (JobSucceeded, JobErrored, JobInterrupted)
DETAIL = "/api/jobs/*"


def seeded(seed: int) -> dict[str, Any]:
    """The sampler graph with this seed, so that nothing of it is cached."""
    sampler = {**SAMPLER_GRAPH["4"], "inputs": {**SAMPLER_GRAPH["4"]["inputs"], "seed": seed}}
    return {**SAMPLER_GRAPH, "4": sampler}


# Dropped


async def test_a_websocket_that_is_dropped_at_each_message_of_a_run(
    empty_emulator: Emulator, time: FakeTime
) -> None:
    """Dropped before the first message, after it, and so on: each run is followed to its end."""
    events: list[object] = []
    leave = empty_emulator.events.listen(events.append)
    await watched(empty_emulator, time, seeded(0))
    leave()
    # Besides the broadcast events, every socket receives a greeting and the handshake's response.
    messages = len(events) + 2
    assert messages > 20
    for after in range(messages + 1):
        empty_emulator.faults.add(Fault("socket_drop", messages=after))
        began = time.monotonic()
        seen = await watched(empty_emulator, time, seeded(after + 1))
        assert isinstance(seen[-1], JobSucceeded), after
        assert time.monotonic() - began < 40, after
        empty_emulator.faults.clear()


@pytest.mark.parametrize("messages", [0, 1, 5])
async def test_a_websocket_that_is_dropped_repeatedly(
    empty_emulator: Emulator, time: FakeTime, messages: int
) -> None:
    empty_emulator.faults.add(Fault("socket_drop", messages=messages, times=None))
    seen = await watched(empty_emulator, time, SAMPLER_GRAPH)
    assert isinstance(seen[-1], JobSucceeded)
    assert 2 <= len(empty_emulator.socket_requests) < 30


# Silent


async def test_a_silent_websocket_that_only_sends_pongs(empty_emulator: Emulator, time: FakeTime) -> None:
    """It stays connected, and nothing arrives: polling alone reports the start and the end."""
    empty_emulator.faults.add(Fault("socket_silent", messages=0, times=None))
    seen = await watched(empty_emulator, time, SAMPLER_GRAPH)
    assert [event.status for event in seen if isinstance(event, JobChanged)] == [
        JobStatus.PENDING,
        JobStatus.IN_PROGRESS,
        JobStatus.COMPLETED,
    ]
    assert isinstance(seen[-1], JobSucceeded)
    assert len(empty_emulator.socket_requests) == 1
    assert time.monotonic() < 40


# Nonsense


@pytest.mark.parametrize("kept", [0, 3, 7, 9, 30])
@pytest.mark.parametrize("kind", [1, 3, 4, 9])
async def test_truncated_binary_frames_of_all_kinds(
    empty_emulator: Emulator, time: FakeTime, monkeypatch: pytest.MonkeyPatch, kind: int, kept: int
) -> None:
    """Every preview arrives as a frame of type `kind`, truncated to `kept` bytes."""
    truncate_previews(monkeypatch, kind, kept)
    seen = await watched_unnamed(empty_emulator, time, SAMPLER_GRAPH)
    assert isinstance(seen[-1], JobSucceeded)
    assert len(empty_emulator.socket_requests) == 1  # a broken frame does not break the connection
    previews = [event for event in seen if isinstance(event, Preview)]
    # A truncated preview of the old type is still a preview; other unreadable frames are dropped.
    assert bool(previews) == (kind == 1 and kept >= 8)
    assert not [event for event in seen if isinstance(event, UnknownEvent)]


async def watched_unnamed(emulator: Emulator, time: FakeTime, graph: dict[str, Any]) -> list[Event]:
    """Every event of one job, including old previews, which do not name their job."""
    async with client(emulator, time) as cloud:
        job = await cloud.submit(graph)
        return [event async for event in job.events()]


async def test_repeated_messages_are_passed_on_once(
    empty_emulator: Emulator, time: FakeTime, monkeypatch: pytest.MonkeyPatch
) -> None:
    repeat_every_message(monkeypatch)
    seen = await watched(empty_emulator, time, SAMPLER_GRAPH)
    for kind in (JobStarted, NodeFinished, JobSucceeded):
        assert sum(isinstance(event, kind) for event in seen) == 1, kind


# The service


async def test_an_outage_of_minutes_during_a_run(
    empty_emulator: Emulator, time: FakeTime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The websocket breaks, every request fails for four minutes, and then the end is reported."""
    empty_emulator.faults.add(Fault("socket_drop", messages=3), Fault("socket_refuse", times=None))
    seen: list[Event] = []
    sleep = time.sleep

    def wait(seconds: float) -> None:
        if time.monotonic() + seconds > 240:
            empty_emulator.faults.clear()
        sleep(seconds)

    monkeypatch.setattr(time, "sleep", wait)

    async with client(empty_emulator, time) as cloud:
        job = await cloud.submit(SAMPLER_GRAPH)
        async for event in job.events():
            seen.append(event)
            if isinstance(event, JobStarted):
                empty_emulator.faults.add(Fault.status_burst(503, times=None))
    assert time.monotonic() > 240
    assert isinstance(seen[-1], JobSucceeded)
    assert job.status is JobStatus.COMPLETED
    statuses = [upgrade.status for upgrade in empty_emulator.socket_requests]
    assert statuses[0] == 101
    assert statuses.count(503) > 3


async def test_a_job_that_is_gone_ends_its_events(empty_emulator: Emulator, time: FakeTime) -> None:
    async with client(empty_emulator, time) as cloud:
        job = await cloud.submit(IMAGE_GRAPH)
        empty_emulator.faults.add(Fault.status_burst(404, times=None, path=DETAIL))
        with pytest.raises(NotFound):
            assert [event async for event in job.events()]
        assert 30 <= time.monotonic() < 60
        with pytest.raises(NotFound):
            await cloud.run(image_graph(2))


@pytest.mark.parametrize("word", ["levitating", "", 7, None])
async def test_unknown_statuses(cloud: AsyncComfyCloud, empty_emulator: Emulator, word: Any) -> None:
    """They neither end the events nor hang them: polling continues until a known status arrives."""
    job = await cloud.submit(IMAGE_GRAPH)
    body = {"id": job.id, "status": word, "create_time": 1_795_435_200_000, "workflow": {}}
    empty_emulator.faults.add(Fault("status", status=200, body=body, path=DETAIL, times=20))
    seen = [event async for event in job.events()]
    assert len(empty_emulator.faults) == 0
    endings = [event for event in seen if isinstance(event, ENDINGS)]
    assert [type(event) for event in endings] == [JobSucceeded]
    assert seen[-1] is endings[0]
    assert job.status is JobStatus.COMPLETED


async def test_a_lasting_unknown_status_warns_once_while_events_continue(
    cloud: AsyncComfyCloud, empty_emulator: Emulator
) -> None:
    empty_emulator.faults.add(Fault("socket_refuse", status=404, times=None))
    job = await cloud.submit(IMAGE_GRAPH)
    body = {"id": job.id, "status": "levitating", "create_time": 1_795_435_200_000, "workflow": {}}
    empty_emulator.faults.add(Fault("status", status=200, body=body, path=DETAIL, times=300))
    with pytest.warns(ComfyCloudWarning, match="levitating") as caught:
        seen = [event async for event in job.events()]
    assert len(caught) == 1
    assert isinstance(seen[-1], JobSucceeded)


# While it waits


async def test_position_and_reason_are_reported_while_it_waits(cloud: AsyncComfyCloud) -> None:
    jobs = [await cloud.submit(seeded(number)) for number in range(4)]
    seen = [event async for event in jobs[-1].events()]
    waiting = [
        (event.queue_position, event.queue_reason)
        for event in seen
        if isinstance(event, JobChanged) and event.queue_position is not None
    ]
    assert waiting
    assert {reason for _, reason in waiting} == {"concurrency_limit"}
    positions = [position for position, _ in waiting]
    assert positions[0] == 3
    assert positions == sorted(positions, reverse=True)
