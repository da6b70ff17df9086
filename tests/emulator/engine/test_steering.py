"""Jobs that are finished, failed, held and released from outside, and a time that is frozen."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import httpx
import pytest

from comfy_cloud_emulator import Emulator, EngineTime
from tests.contract.exchanges import check_exchange

from ..workflows import job, plain, raw_state, submit, text_to_image
from .entries import events, history_entry

Connect = Callable[[Emulator], httpx.Client]
START = 1_780_000_000.0


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    """An empty cloud whose time stands still until it is advanced."""
    with Emulator(time="virtual", clock=lambda: START, on_exchange=check_exchange) as emulator:
        yield emulator


@pytest.mark.parametrize("before", [0.0, 0.3, 2.0], ids=["submitted", "preparing", "running"])
def test_a_job_is_finished_while_the_time_stands(
    emulator: Emulator, client: httpx.Client, before: float
) -> None:
    id = submit(client, text_to_image())
    emulator.time.advance(before)
    assert emulator.jobs.finish(id)
    assert emulator.time.now() == START + before
    entry = job(client, id)
    assert (entry["status"], entry["outputs_count"]) == ("completed", 1)
    assert events(history_entry(client, id)) == ["execution_start", "execution_cached", "execution_success"]
    assert emulator.jobs.executed(id) == 1
    assert not emulator.jobs.finish(id)
    assert not emulator.jobs.fail(id)


def test_finishing_takes_a_job_out_of_the_queue(emulator: Emulator, client: httpx.Client) -> None:
    first, second, third = (submit(client, text_to_image(seed)) for seed in (1, 2, 3))
    emulator.time.advance(1)
    assert emulator.jobs.finish(third)
    assert [job(client, id)["status"] for id in (first, second, third)] == [
        "in_progress",
        "pending",
        "completed",
    ]
    emulator.time.advance(60)
    assert job(client, second)["status"] == "completed"


@pytest.mark.parametrize(
    ("before", "node", "where"),
    [
        (0.0, None, "3"),
        (2.0, None, "4"),
        (4.0, None, "3"),
        (4.0, "VAEDecode", "8"),
        (4.0, "4", "3"),
        (0.0, "6", "6"),
    ],
)
def test_a_job_fails_now(
    emulator: Emulator, client: httpx.Client, before: float, node: str | None, where: str
) -> None:
    id = submit(client, text_to_image())
    emulator.time.advance(before)
    assert emulator.jobs.fail(id, "OOMError", node=node)
    error = job(client, id)["execution_error"]
    assert (error["exception_type"], error["node_id"]) == ("OOMError", where)


@pytest.mark.parametrize("before", [0.0, 2.0])
@pytest.mark.parametrize("kind", ["PanicError", "RequestError"])
def test_the_service_fails_a_job_now(
    emulator: Emulator, client: httpx.Client, kind: str, before: float
) -> None:
    id = submit(client, text_to_image())
    emulator.time.advance(before)
    assert emulator.jobs.fail(id, kind, message="out of order")
    assert raw_state(client, id) == "non_retryable_error"
    error = job(client, id)["execution_error"]
    assert (error["exception_type"], error["exception_message"]) == (kind, "out of order")


def test_a_job_that_is_held_stays_where_it_is(emulator: Emulator, client: httpx.Client) -> None:
    id, other = submit(client, text_to_image()), submit(client, plain())
    emulator.time.advance(2)
    assert emulator.jobs.hold(id)
    assert emulator.jobs.hold(id)
    emulator.time.advance(3600)
    # It keeps its slot, so the other one waits.
    assert [job(client, each)["status"] for each in (id, other)] == ["in_progress", "pending"]
    assert emulator.jobs.is_held(id)
    assert emulator.jobs.release(id)
    assert not emulator.jobs.release(id)
    assert job(client, id)["status"] == "in_progress"
    emulator.time.advance(60)
    assert [job(client, each)["status"] for each in (id, other)] == ["completed", "completed"]


def test_a_waiting_job_can_be_held_and_cancelled(emulator: Emulator, client: httpx.Client) -> None:
    first, second = submit(client, text_to_image()), submit(client, plain())
    emulator.time.advance(1)
    assert emulator.jobs.hold(second)
    emulator.time.advance(60)
    assert [job(client, each)["status"] for each in (first, second)] == ["completed", "pending"]
    assert emulator.jobs.cancel(second)
    assert not emulator.jobs.is_held(second)
    assert not emulator.jobs.release(second)


def test_a_held_job_is_finished_all_the_same(emulator: Emulator, client: httpx.Client) -> None:
    id = submit(client)
    emulator.jobs.hold(id)
    assert emulator.jobs.finish(id)
    assert job(client, id)["status"] == "completed"


def test_seeded_and_unknown_jobs_do_not_move() -> None:
    with Emulator() as emulator:
        seeded = emulator.store.add_job("in_progress").id
        for id in (seeded, "unknown"):
            assert not emulator.jobs.finish(id)
            assert not emulator.jobs.fail(id)
            assert not emulator.jobs.hold(id)
            assert not emulator.jobs.release(id)
            assert not emulator.jobs.moves(id)


def test_jobs_are_steered_in_real_time(connect: Connect) -> None:
    with Emulator() as emulator:
        client = connect(emulator)
        first, second = submit(client, plain(1)), submit(client, plain(2))
        emulator.jobs.hold(second)
        assert emulator.jobs.finish(first)
        assert [job(client, id)["status"] for id in (first, second)] == ["completed", "pending"]


def test_a_frozen_time_stands_still() -> None:
    now = [100.0]
    time = EngineTime("real", speed=10, clock=lambda: now[0])
    now[0] = 101.0
    time.freeze()
    time.freeze()
    now[0] = 200.0
    assert (time.now(), time.is_frozen, time.real_seconds(1)) == (110.0, True, None)
    time.advance(5)
    time.set(120)
    assert time.now() == 120.0
    time.resume()
    time.resume()
    assert (time.now(), time.is_frozen, time.real_seconds(1)) == (120.0, False, 0.1)
    now[0] = 201.0
    assert time.now() == 130.0


def test_a_time_is_set_forward_only() -> None:
    time = EngineTime("virtual", clock=lambda: START)
    time.set(START + 60)
    assert time.now() == START + 60
    for wrong in (START, float("inf"), float("nan"), 1e12):
        with pytest.raises(ValueError, match=r"forward|9999"):
            time.set(wrong)
    with pytest.raises(ValueError, match='time="real"'):
        time.resume()


def test_jobs_go_on_when_a_frozen_time_does(connect: Connect) -> None:
    over = threading.Event()
    with Emulator(speed=2000) as emulator:
        emulator.events.listen(
            lambda event: over.set() if getattr(event, "type", "") == "execution_success" else None
        )
        emulator.time.freeze()
        id = submit(connect(emulator), text_to_image())
        assert job(connect(emulator), id)["status"] == "pending"
        emulator.time.resume()
        assert over.wait(10)
