"""Calls that are made while the caller goes on: one at a time, and none is left behind."""

from __future__ import annotations

import threading

import anyio.lowlevel
import pytest

from comfy_cloud._http.write_behind import AsyncWriteBehind, WriteBehind


class Calls:
    """Calls that wait until they are let go."""

    def __init__(self) -> None:
        self.gate = threading.Event()
        self.running = self.most = 0
        self.done: list[int] = []

    def __call__(self, number: int) -> int:
        self.running += 1
        self.most = max(self.most, self.running)
        assert self.gate.wait(20)
        self.running -= 1
        if number < 0:
            raise ValueError(number)
        self.done.append(number)
        return number


@pytest.fixture
def calls() -> Calls:
    return Calls()


def test_the_caller_goes_on_and_calls_are_made_in_order(calls: Calls) -> None:
    with WriteBehind() as behind:
        assert not behind.is_busy
        behind.start(calls, 1)
        assert behind.is_busy
        assert calls.done == []
        calls.gate.set()
        behind.start(calls, 2)
        assert behind.finish() == 2
        assert not behind.is_busy
        assert behind.finish() is None
        behind.start(calls, 3)
    assert (calls.done, calls.most) == ([1, 2, 3], 1)


def test_an_error_is_raised_once_by_whatever_comes_next(calls: Calls) -> None:
    calls.gate.set()
    with WriteBehind() as behind:
        behind.start(calls, -1)
        with pytest.raises(ValueError, match="-1"):
            behind.start(calls, 2)
        assert behind.finish() is None
    with pytest.raises(ValueError, match="-3"), WriteBehind() as behind:
        behind.start(calls, -3)
    assert calls.done == []


@pytest.mark.parametrize("number", [1, -1])
def test_an_interruption_waits_for_the_call_and_is_not_replaced_by_its_error(
    calls: Calls, number: int
) -> None:
    with pytest.raises(KeyboardInterrupt):
        interrupt(calls, number)
    assert calls.running == 0
    assert calls.done == ([1] if number > 0 else [])


def interrupt(calls: Calls, number: int) -> None:
    with WriteBehind() as behind:
        behind.start(calls, number)
        threading.Timer(0, calls.gate.set).start()
        raise KeyboardInterrupt


async def test_tasks_go_on_too(calls: Calls) -> None:
    async with AsyncWriteBehind() as behind:
        await behind.start(calls, 1)
        assert calls.done == []
        calls.gate.set()
        await behind.start(calls, 2)
        assert await behind.finish() == 2
        await behind.start(calls, -1)
        with pytest.raises(ValueError, match="-1"):
            await behind.start(calls, 4)
    assert (calls.done, calls.most) == ([1, 2], 1)


async def test_a_cancelled_task_waits_for_the_call(calls: Calls) -> None:
    with anyio.CancelScope() as scope:
        async with AsyncWriteBehind() as behind:
            await behind.start(calls, 1)
            threading.Timer(0, calls.gate.set).start()
            scope.cancel()
            await anyio.lowlevel.checkpoint()
    assert scope.cancelled_caught
    assert calls.done == [1]
