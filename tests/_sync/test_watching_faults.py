# Made from tests/_async/test_watching_faults.py by `make unasync`. Do not edit.
"""Watching with everything that can happen to a websocket and to the service: the end is the API's, once, and always comes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from comfy_cloud import (
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
from tests.wires import every_message_arrives_twice, previews_break_off

from .clients import PICTURE, client, coloured
from .test_watching import SAMPLED, watched

Start = Callable[..., Emulator]
ENDINGS = (JobSucceeded, JobErrored, JobInterrupted)
DETAIL = "/api/jobs/*"


def seeded(seed: int) -> dict[str, Any]:
    """The sampled graph with a seed of its own, so that nothing of it is cached."""
    sampler = {**SAMPLED["4"], "inputs": {**SAMPLED["4"]["inputs"], "seed": seed}}
    return {**SAMPLED, "4": sampler}


# Dropped


def test_a_websocket_that_is_dropped_at_each_message_of_a_run(
    empty_emulator: Emulator, time: FakeTime
) -> None:
    """After no message, after the first, and so on to the last: each time the whole run is watched to its end."""
    told: list[object] = []
    leave = empty_emulator.events.listen(told.append)
    watched(empty_emulator, time, seeded(0))
    leave()
    # What every socket gets beside what is told to all: its greeting, and the answer to the handshake.
    messages = len(told) + 2
    assert messages > 20
    for after in range(messages + 1):
        empty_emulator.faults.add(Fault("socket_drop", messages=after))
        began = time.monotonic()
        seen = watched(empty_emulator, time, seeded(after + 1))
        assert isinstance(seen[-1], JobSucceeded), after
        assert time.monotonic() - began < 40, after
        empty_emulator.faults.clear()


@pytest.mark.parametrize("messages", [0, 1, 5])
def test_a_websocket_that_is_dropped_again_and_again(
    empty_emulator: Emulator, time: FakeTime, messages: int
) -> None:
    empty_emulator.faults.add(Fault("socket_drop", messages=messages, times=None))
    seen = watched(empty_emulator, time, SAMPLED)
    assert isinstance(seen[-1], JobSucceeded)
    assert 2 <= len(empty_emulator.socket_requests) < 30


# Silent


def test_a_zombie_that_only_answers_pings(empty_emulator: Emulator, time: FakeTime) -> None:
    """Connected for the whole run, and nothing ever comes: polling alone tells the start and the end."""
    empty_emulator.faults.add(Fault("socket_silent", messages=0, times=None))
    seen = watched(empty_emulator, time, SAMPLED)
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
def test_binary_frames_of_all_kinds_that_break_off(
    empty_emulator: Emulator, time: FakeTime, monkeypatch: pytest.MonkeyPatch, kind: int, kept: int
) -> None:
    """Every preview arrives as a frame of that type, cut off after so many bytes."""
    previews_break_off(monkeypatch, kind, kept)
    seen = watched_unnamed(empty_emulator, time, SAMPLED)
    assert isinstance(seen[-1], JobSucceeded)
    assert len(empty_emulator.socket_requests) == 1  # a broken frame does not break the connection
    previews = [event for event in seen if isinstance(event, Preview)]
    # A preview of the old type is what is left of it; all else that cannot be read is kept back.
    assert bool(previews) == (kind == 1 and kept >= 8)
    assert not [event for event in seen if isinstance(event, UnknownEvent)]


def watched_unnamed(emulator: Emulator, time: FakeTime, graph: dict[str, Any]) -> list[Event]:
    """Every event of one job; old previews do not name theirs."""
    with client(emulator, time) as cloud:
        job = cloud.submit(graph)
        return [event for event in job.events()]


def test_what_is_told_twice_is_passed_on_once(
    empty_emulator: Emulator, time: FakeTime, monkeypatch: pytest.MonkeyPatch
) -> None:
    every_message_arrives_twice(monkeypatch)
    seen = watched(empty_emulator, time, SAMPLED)
    for kind in (JobStarted, NodeFinished, JobSucceeded):
        assert sum(isinstance(event, kind) for event in seen) == 1, kind


# The service


def test_a_service_that_is_down_for_minutes_in_the_middle_of_a_run(
    empty_emulator: Emulator, time: FakeTime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The websocket breaks, then everything fails for four minutes; the job has ended by then, and that is told."""
    empty_emulator.faults.add(Fault("socket_drop", messages=3), Fault("socket_refuse", times=None))
    seen: list[Event] = []
    sleep = time.sleep

    def wait(seconds: float) -> None:
        if time.monotonic() + seconds > 240:
            empty_emulator.faults.clear()
        sleep(seconds)

    monkeypatch.setattr(time, "sleep", wait)

    with client(empty_emulator, time) as cloud:
        job = cloud.submit(SAMPLED)
        for event in job.events():
            seen.append(event)
            if isinstance(event, JobStarted):
                empty_emulator.faults.add(Fault.status_burst(503, times=None))
    assert time.monotonic() > 240
    assert isinstance(seen[-1], JobSucceeded)
    assert job.status is JobStatus.COMPLETED
    statuses = [upgrade.status for upgrade in empty_emulator.socket_requests]
    assert statuses[0] == 101
    assert statuses.count(503) > 3


def test_a_job_that_is_gone_ends_its_events(empty_emulator: Emulator, time: FakeTime) -> None:
    with client(empty_emulator, time) as cloud:
        job = cloud.submit(PICTURE)
        empty_emulator.faults.add(Fault.status_burst(404, times=None, path=DETAIL))
        with pytest.raises(NotFound):
            assert [event for event in job.events()]
        assert 30 <= time.monotonic() < 60
        with pytest.raises(NotFound):
            cloud.run(coloured(2))


@pytest.mark.parametrize("word", ["levitating", "", 7, None])
def test_words_for_a_status_that_were_never_seen(empty_emulator: Emulator, time: FakeTime, word: Any) -> None:
    """They neither end the watching nor hang it: it goes on until a word comes that is known."""
    with client(empty_emulator, time) as cloud:
        job = cloud.submit(PICTURE)
        body = {"id": job.id, "status": word, "create_time": 1_795_435_200_000, "workflow": {}}
        empty_emulator.faults.add(Fault("status", status=200, body=body, path=DETAIL, times=20))
        seen = [event for event in job.events()]
        assert len(empty_emulator.faults) == 0
    endings = [event for event in seen if isinstance(event, ENDINGS)]
    assert [type(event) for event in endings] == [JobSucceeded]
    assert seen[-1] is endings[0]
    assert job.status is JobStatus.COMPLETED


def test_a_word_never_seen_that_lasts_is_warned_of_once_while_events_go_on(
    empty_emulator: Emulator, time: FakeTime
) -> None:
    empty_emulator.faults.add(Fault("socket_refuse", status=404, times=None))
    with client(empty_emulator, time) as cloud:
        job = cloud.submit(PICTURE)
        body = {"id": job.id, "status": "levitating", "create_time": 1_795_435_200_000, "workflow": {}}
        empty_emulator.faults.add(Fault("status", status=200, body=body, path=DETAIL, times=300))
        with pytest.warns(ComfyCloudWarning, match="levitating") as caught:
            seen = [event for event in job.events()]
    assert len(caught) == 1
    assert isinstance(seen[-1], JobSucceeded)


# While it waits


def test_place_and_reason_are_told_while_it_waits(empty_emulator: Emulator, time: FakeTime) -> None:
    with client(empty_emulator, time) as cloud:
        jobs = [cloud.submit(seeded(number)) for number in range(4)]
        seen = [event for event in jobs[-1].events()]
    waiting = [
        (event.queue_position, event.queue_reason)
        for event in seen
        if isinstance(event, JobChanged) and event.queue_position is not None
    ]
    assert waiting
    assert {reason for _, reason in waiting} == {"concurrency_limit"}
    places = [place for place, _ in waiting]
    assert places[0] == 3
    assert places == sorted(places, reverse=True)
