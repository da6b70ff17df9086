"""How jobs run: the time that moves them, and changes from outside."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from comfy_cloud_emulator import Emulator, EngineTime
from comfy_cloud_emulator.engine.clock import LATEST
from comfy_cloud_emulator.engine.events import Event, JsonEvent
from tests.contract.exchanges import check_exchange

from ..workflows import job, submit, text_to_image
from .entries import events, history_entry, last_message

Connect = Callable[[Emulator], httpx.Client]
START = 1_780_000_000.0


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    """An empty cloud whose time stands still until it is advanced."""
    with Emulator(time="virtual", clock=lambda: START, on_exchange=check_exchange) as emulator:
        yield emulator


# Time


def test_the_last_instant_can_be_reached_and_no_later_one() -> None:
    clock = EngineTime("virtual", clock=lambda: LATEST - 10)
    clock.advance(10)
    with pytest.raises(ValueError, match="year 9999"):
        clock.advance(1)
    with pytest.raises(ValueError, match="year 9999"):
        clock.set(LATEST + 1)
    assert clock.now() == LATEST


def test_polling_advances_the_time_with_auto_advance(connect: Connect) -> None:
    with Emulator(time="virtual", auto_advance=True, on_exchange=check_exchange) as emulator:
        client = connect(emulator)
        id = submit(client, text_to_image())
        polls = 0
        while job(client, id)["status"] != "completed":
            polls += 1
            assert polls < 100
        assert polls > 5


def test_with_a_custom_clock_jobs_advance_on_requests(connect: Connect) -> None:
    now = [START]
    with Emulator(clock=lambda: now[0], on_exchange=check_exchange) as emulator:
        client = connect(emulator)
        id = submit(client)
        assert job(client, id)["status"] == "pending"
        now[0] += 60
        assert job(client, id)["status"] == "completed"


def test_real_time_moves_jobs_without_requests(connect: Connect) -> None:
    over = threading.Event()
    with Emulator(speed=2000) as emulator:
        emulator.events.listen(
            lambda event: over.set() if getattr(event, "type", "") == "executing" else None
        )
        id = submit(connect(emulator), text_to_image())
        assert over.wait(10)
        assert emulator.jobs.executed(id) == 1


def test_time_moves_forward_only() -> None:
    time = EngineTime("virtual", clock=lambda: START)
    time.advance(2.5)
    assert time.now() == START + 2.5
    with pytest.raises(ValueError, match="forward"):
        time.advance(-1)


def test_a_faster_time_counts_from_its_start() -> None:
    now = [100.0]
    time = EngineTime("real", speed=60, clock=lambda: now[0])
    now[0] = 101.0
    assert time.now() == 160.0
    assert time.real_seconds(60) == 1.0


@pytest.mark.parametrize("options", [{"time": "fast"}, {"speed": 0}, {"speed": -1}, {"speed": float("nan")}])
def test_invalid_times(options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="expected"):
        Emulator(**options)


# Changes from outside


def test_a_listener_may_cancel_the_job_of_its_event(emulator: Emulator, client: httpx.Client) -> None:
    def on_event(event: Event) -> None:
        if isinstance(event, JsonEvent) and event.type == "progress" and event.data["value"] == 5:
            assert emulator.jobs.cancel(event.data["prompt_id"]) is True

    emulator.events.listen(on_event)
    id, next_id = submit(client, text_to_image()), submit(client, text_to_image(9, steps=3))
    emulator.time.advance(600)
    entry = history_entry(client, id)
    assert events(entry)[-1] == "execution_interrupted"
    assert last_message(entry)["node_id"] == "3"
    assert job(client, next_id)["status"] == "completed"


def test_a_job_deleted_from_outside_is_dropped(emulator: Emulator, client: httpx.Client) -> None:
    first, second = submit(client, text_to_image()), submit(client, text_to_image(8))
    emulator.time.advance(2)
    emulator.store.delete(first)
    emulator.time.advance(600)
    assert client.get(f"/api/jobs/{first}").status_code == 404
    assert job(client, second)["status"] == "completed", "its slot was not freed"


def test_an_unfinished_job_continues_in_the_next_process(connect: Connect, tmp_path: Path) -> None:
    with Emulator(data=tmp_path, time="virtual") as emulator:
        id = submit(connect(emulator), text_to_image())
        emulator.time.advance(2)
        assert emulator.store.count("in_progress") == 1
    with Emulator(data=tmp_path, time="virtual") as emulator:
        emulator.time.advance(60)
        assert job(connect(emulator), id)["status"] == "completed"


def test_seeded_jobs_never_move(connect: Connect) -> None:
    with Emulator(seed_data="demo", time="virtual") as emulator:
        before = emulator.store.count("pending", "in_progress")
        emulator.time.advance(3600)
        assert emulator.store.count("pending", "in_progress") == before > 0
        client = connect(emulator)
        id = submit(client)
        emulator.time.advance(60)
        assert job(client, id)["status"] == "completed"
