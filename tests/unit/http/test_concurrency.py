"""Concurrent work, sync and async: bounded, results in order, stopped by the first error."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable

import anyio
import pytest

from comfy_cloud._http.concurrency import Halt, Halted, async_run_concurrently, run_concurrently, sleep


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
