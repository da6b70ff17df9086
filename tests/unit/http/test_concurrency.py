"""Concurrent work, sync and async: bounded, results in order, stopped by the first error."""

from __future__ import annotations

import asyncio
import functools
import signal
import socket
import threading
import time
from collections.abc import Callable

import anyio
import pytest

from comfy_cloud._http.concurrency import (
    Halt,
    Halted,
    async_in_thread,
    async_run_concurrently,
    async_shielded_in_thread,
    run_concurrently,
    shielded_in_thread,
    sleep,
)
from comfy_cloud._http.thread_steps import ThreadStep


def numbered(number: int) -> Callable[[Halt], int]:
    return lambda halt: number


def test_results_are_in_order() -> None:
    assert run_concurrently([numbered(number) for number in range(20)], 3) == list(range(20))
    assert run_concurrently([], 3) == []


def test_threads_run_concurrently_within_the_limit() -> None:
    together = threading.Barrier(3)
    running, most, lock = 0, 0, threading.Lock()

    def work(halt: Halt) -> None:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        together.wait(timeout=30)
        with lock:
            running -= 1

    run_concurrently([work] * 6, 3)
    assert most == 3


def test_the_first_error_stops_the_threads() -> None:
    begun, failed = threading.Event(), threading.Event()
    halted: list[bool] = []

    def long(halt: Halt) -> None:
        begun.set()
        failed.wait(timeout=30)
        try:
            deadline = time.monotonic() + 30  # where nothing halts it, the test fails instead of hanging
            while time.monotonic() < deadline:
                halt.check()
        except Halted:
            halted.append(True)
            raise

    def bad(halt: Halt) -> None:
        begun.wait(timeout=30)
        failed.set()
        raise LookupError("bad")

    with pytest.raises(LookupError, match="bad"):
        run_concurrently([long, bad, *[long] * 50], 2)
    assert halted == [True]


def test_threads_that_wait_are_woken_up() -> None:
    """One waits for a socket, one before it is sent again; neither would end for a minute."""
    waiting = threading.Barrier(3)
    halted: list[str] = []
    ours, theirs = socket.socketpair()
    ours.settimeout(60)

    def receive(halt: Halt) -> None:
        try:
            halt.begin_wait(ours)
            waiting.wait(30)
            try:
                ours.recv(1)
            finally:
                halt.end_wait()
        except Halted:
            halted.append("socket")
            raise

    def pause(halt: Halt) -> None:
        waiting.wait(30)
        try:
            sleep(60)
        except Halted:
            halted.append("sleep")
            raise

    def bad(halt: Halt) -> None:
        waiting.wait(30)
        raise LookupError("bad")

    with ours, theirs, pytest.raises(LookupError, match="bad"):
        run_concurrently([receive, pause, bad], 3)
    assert sorted(halted) == ["sleep", "socket"]


def test_a_socket_that_is_no_longer_waited_for_is_left_alone() -> None:
    halt = Halt()
    ours, theirs = socket.socketpair()
    with ours, theirs:
        halt.begin_wait(ours)
        halt.end_wait()
        halt.set()
        ours.sendall(b"x")
        assert theirs.recv(1) == b"x"
        with pytest.raises(Halted):
            halt.begin_wait(ours)


async def test_tasks_run_concurrently_within_the_limit() -> None:
    running, most = 0, 0

    async def work(halt: Halt) -> int:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await anyio.lowlevel.checkpoint()
        running -= 1
        return most

    assert len(await async_run_concurrently([work] * 10, 4)) == 10
    assert most == 4
    assert await async_run_concurrently([], 4) == []


async def test_the_first_error_cancels_the_tasks() -> None:
    cancelled: list[bool] = []

    async def long(halt: Halt) -> None:
        try:
            await anyio.sleep_forever()
        finally:
            cancelled.append(True)

    async def bad(halt: Halt) -> None:
        await anyio.lowlevel.checkpoint()
        raise LookupError("bad")

    with pytest.raises(LookupError, match="bad"):
        await async_run_concurrently([long, bad, long], 2)
    assert cancelled == [True]


# Steps in threads, which a cancellation waits for


class Slow:
    """A step that begins, and ends when it may."""

    def __init__(self, error: Exception | None = None) -> None:
        self.begun, self.may_end = threading.Event(), threading.Event()
        self.error = error
        self.ends: list[str] = []

    def __call__(self) -> str:
        self.begun.set()
        assert self.may_end.wait(30)
        self.ends.append("ended")
        if self.error is not None:
            raise self.error
        return "result"


async def until(condition: Callable[[], bool]) -> None:
    with anyio.fail_after(30):
        while not condition():
            await anyio.lowlevel.checkpoint()


@pytest.mark.parametrize("error", [None, LookupError("lost")])
@pytest.mark.parametrize("cancels", [1, 2, 5])
async def test_a_cancelled_task_waits_for_its_step(cancels: int, error: Exception | None) -> None:
    slow = Slow(error)
    undone: list[str] = []
    stopped: list[str] = []
    task = asyncio.ensure_future(
        async_in_thread(slow, stop=lambda: stopped.append("stopped"), undo=undone.append)
    )
    await until(slow.begun.is_set)
    for _ in range(cancels):
        task.cancel()
        for _ in range(5):
            await anyio.lowlevel.checkpoint()
    assert stopped == ["stopped"]
    assert not task.done()
    slow.may_end.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert slow.ends == ["ended"]
    assert undone == ([] if error else ["result"])


async def test_a_cancelled_scope_waits_for_its_step() -> None:
    slow = Slow()
    undone: list[str] = []
    with anyio.CancelScope() as scope:
        async with anyio.create_task_group() as group:
            group.start_soon(functools.partial(async_in_thread, slow, stop=slow.may_end.set))
            group.start_soon(functools.partial(async_in_thread, lambda: "other", undo=undone.append))
            await until(slow.begun.is_set)
            scope.cancel()
    assert scope.cancelled_caught
    assert slow.ends == ["ended"]


async def test_a_step_that_has_not_begun_never_does() -> None:
    made: list[str] = []
    with anyio.CancelScope() as scope:
        scope.cancel()
        await async_in_thread(made.append, "in a cancelled scope")
    task = asyncio.ensure_future(async_in_thread(made.append, "in a cancelled task"))
    await anyio.lowlevel.checkpoint()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert made == []


async def test_a_shielded_step_is_made_although_the_task_is_cancelled() -> None:
    slow = Slow()
    task = asyncio.ensure_future(async_shielded_in_thread(slow))
    for _ in range(3):
        await anyio.lowlevel.checkpoint()
        task.cancel()
    await until(slow.begun.is_set)
    assert not task.done()
    slow.may_end.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert slow.ends == ["ended"]
    with anyio.CancelScope() as scope:
        scope.cancel()
        assert await async_shielded_in_thread(lambda: "made") == "made"


def test_a_shielded_step_ends_in_spite_of_two_interruptions() -> None:
    slow = Slow()

    def interrupt() -> None:
        slow.begun.wait(30)
        for _ in range(2):
            signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
        slow.may_end.set()

    other = threading.Thread(target=interrupt)
    other.start()
    with pytest.raises(KeyboardInterrupt):
        shielded_in_thread(slow)
    other.join(30)
    assert slow.ends == ["ended"]


async def test_results_and_errors_of_steps() -> None:
    def fail() -> None:
        raise LookupError("bad")

    assert await async_in_thread(divmod, 7, 2) == (3, 1)
    assert shielded_in_thread(divmod, 7, 2) == (3, 1)
    for call in (async_in_thread, async_shielded_in_thread):
        with pytest.raises(LookupError, match="bad"):
            await call(fail)
    with pytest.raises(LookupError, match="bad"):
        shielded_in_thread(fail)


def test_a_step_is_made_once(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[int] = []
    step = ThreadStep(made.append, (1,))
    for _ in range(3):
        step.start()
    step.wait()
    step.run()
    assert made == [1]
    abandoned = ThreadStep(made.append, (2,))
    abandoned.abandon()
    abandoned.run()
    assert abandoned.is_over
    assert made == [1]

    def no_thread(*_: object) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr("_thread.start_new_thread", no_thread)
    shielded_in_thread(made.append, 3)
    assert made == [1, 3]
