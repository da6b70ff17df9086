"""How many transfers run at a time: more while that is faster, fewer when a server refuses."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from comfy_cloud._http.concurrency import Halt, async_run_concurrently, run_concurrently
from comfy_cloud._http.pace import FIRST, MOST, Pace


class Server:
    """Transfers end at a rate that depends on how many run; `refusals` counts what it refuses."""

    def __init__(self, rate: Callable[[int], float], most: int = MOST) -> None:
        self._rate = rate
        self.now = 0.0
        self.refusals = 0
        self.pace = Pace(lambda: self.now, lambda: self.refusals, most)

    def run(self, transfers: int) -> list[int]:
        """The limits after each transfer."""
        limits = []
        for _ in range(transfers):
            self.now += 1 / self._rate(self.pace.limit)
            self.pace.ended()
            limits.append(self.pace.limit)
        return limits


def test_more_run_while_that_is_faster() -> None:
    limits = Server(lambda limit: limit / 0.04).run(300)
    assert limits[0] == FIRST
    assert limits == sorted(limits)
    assert limits[-1] == MOST


def test_more_that_are_no_faster_are_given_up() -> None:
    server = Server(lambda limit: min(limit, 12) / 0.04)
    limits = server.run(300)
    assert FIRST < max(limits) < MOST
    assert limits[-1] < max(limits)


def test_the_bound_holds() -> None:
    assert max(Server(float, most=20).run(500)) == 20
    assert set(Server(float, most=3).run(500)) == {3}


def test_a_refusal_halves_the_number() -> None:
    server = Server(float)
    assert server.run(300)[-1] == MOST
    server.refusals += 3
    assert server.run(1) == [MOST // 2]
    server.refusals += 1
    assert server.run(1) == [MOST // 4]
    for _ in range(10):
        server.refusals += 1
        server.run(1)
    assert server.pace.limit == 1
    assert server.run(300)[-1] > FIRST


def test_without_a_clock_nothing_changes() -> None:
    assert set(Server(lambda limit: float("inf")).run(100)) == {FIRST}


@pytest.mark.parametrize("most", [5, 40])
def test_threads_keep_the_pace(most: int) -> None:
    now = 0.0
    running: set[int] = set()
    seen = []

    def work(number: int, halt: Halt) -> int:
        nonlocal now
        running.add(number)
        now += 1 / len(running)
        seen.append(len(running))
        running.discard(number)
        return number

    pace = Pace(lambda: now, lambda: 0, most)
    functions = [lambda halt, number=number: work(number, halt) for number in range(200)]
    assert run_concurrently(functions, most, pace) == list(range(200))
    assert max(seen) <= most


async def test_tasks_keep_the_pace() -> None:
    import anyio

    now = 0.0
    running = most = 0

    async def work(halt: Halt) -> None:
        nonlocal now, running, most
        running += 1
        most = max(most, running)
        await anyio.lowlevel.checkpoint()
        now += 1 / running
        running -= 1

    assert len(await async_run_concurrently([work] * 300, MOST, Pace(lambda: now, lambda: 0))) == 300
    assert FIRST < most <= MOST


def test_work_inside_work_stops_with_it() -> None:
    """A file that is received in parts, among several files of which one fails."""
    import threading

    begun, stopped = threading.Event(), []

    def part(halt: Halt) -> None:
        begun.set()
        try:
            halt.sleep(60)
        except BaseException:
            stopped.append(True)
            raise

    def file(halt: Halt) -> None:
        run_concurrently([part, part], 2)

    def bad(halt: Halt) -> None:
        assert begun.wait(30)
        raise ValueError("one file")

    with pytest.raises(ValueError, match="one file"):
        run_concurrently([file, bad], 2)
    assert stopped
