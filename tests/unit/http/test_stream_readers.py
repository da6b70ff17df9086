"""Background readers of streams: news from several, bounded memory, and a quick end."""

from __future__ import annotations

import asyncio
import itertools
import threading
import time
from collections.abc import Awaitable, Callable
from typing import Any

from comfy_cloud._http.concurrency import current_halt
from comfy_cloud._http.stream_readers import AsyncStreamReaders, ReaderEnded, StreamReaders

SOON = 5.0


def received(readers: StreamReaders) -> tuple[str, Any]:
    """What comes next, which must come soon."""
    ends = time.monotonic() + SOON
    while time.monotonic() < ends:
        found = readers.receive(ends - time.monotonic())
        if found is not None:
            return found
    raise AssertionError("nothing came")


async def async_received(readers: AsyncStreamReaders) -> tuple[str, Any]:
    async with asyncio.timeout(SOON):
        while True:
            found = await readers.receive(SOON)
            if found is not None:
                return found


def numbers(deliver: Callable[[Any], None]) -> None:
    for number in range(3):
        deliver(number)


def test_each_reader_delivers_in_order_and_ends() -> None:
    readers = StreamReaders()
    for key in "abc":
        readers.start(key, numbers)
    found: dict[str, list[Any]] = {key: [] for key in "abc"}
    while not readers.is_empty:
        key, item = received(readers)
        found[key].append(item)
    assert found == {key: [0, 1, 2, ReaderEnded()] for key in "abc"}
    readers.close()


async def test_each_task_delivers_in_order_and_ends() -> None:
    async def read(deliver: Callable[[Any], Awaitable[None]]) -> None:
        for number in range(3):
            await deliver(number)

    readers = AsyncStreamReaders()
    for key in "abc":
        readers.start(key, read)
    found: dict[str, list[Any]] = {key: [] for key in "abc"}
    while not readers.is_empty:
        key, item = await async_received(readers)
        found[key].append(item)
    assert found == {key: [0, 1, 2, ReaderEnded()] for key in "abc"}
    await readers.close()


def test_an_error_is_received() -> None:
    def fail(deliver: Callable[[Any], None]) -> None:
        raise KeyError("x")

    readers = StreamReaders()
    readers.start("a", fail)
    key, item = received(readers)
    assert key == "a"
    assert isinstance(item.error, KeyError)
    assert readers.is_empty


def test_nothing_in_time_is_none() -> None:
    readers = StreamReaders()
    assert readers.receive(0) is None
    assert readers.receive(-1) is None
    readers.close()


def test_a_reader_waits_until_its_delivery_is_received() -> None:
    """However fast a server sends, only a delivery or two of each stream wait in memory."""
    made: list[int] = []
    is_blocked = threading.Event()

    def endless(deliver: Callable[[Any], None]) -> None:
        for number in itertools.count():
            made.append(number)
            if number == 1:
                is_blocked.set()
            deliver(number)

    readers = StreamReaders()
    readers.start("a", endless)
    assert is_blocked.wait(SOON)
    for number in range(100):
        assert received(readers) == ("a", number)
    assert len(made) <= 102
    readers.close()
    stopped_at = len(made)
    assert readers.receive(0) is None
    assert len(made) == stopped_at


async def test_a_task_waits_until_its_delivery_is_received() -> None:
    made: list[int] = []

    async def endless(deliver: Callable[[Any], Awaitable[None]]) -> None:
        for number in itertools.count():
            made.append(number)
            await deliver(number)

    readers = AsyncStreamReaders()
    readers.start("a", endless)
    for number in range(100):
        assert await async_received(readers) == ("a", number)
    assert len(made) <= 102
    await readers.close()
    assert len(made) <= 102


def test_stopping_wakes_a_reader_that_sleeps_and_ignores_what_it_delivered() -> None:
    has_ended = threading.Event()

    def sleeper(deliver: Callable[[Any], None]) -> None:
        halt = current_halt()
        assert halt is not None
        try:
            deliver("before")
            halt.sleep(60)
        finally:
            has_ended.set()

    readers = StreamReaders()
    readers.start("a", sleeper)
    readers.stop("a")
    readers.start("a", numbers)
    assert [received(readers) for _ in range(4)] == [("a", item) for item in (0, 1, 2, ReaderEnded())]
    readers.close()
    assert has_ended.wait(SOON)


def test_closing_does_not_wait_for_a_reader_that_cannot_be_stopped() -> None:
    is_over = threading.Event()

    def stubborn(deliver: Callable[[Any], None]) -> None:
        is_over.wait(60)

    readers = StreamReaders()
    for key in "abc":
        readers.start(key, stubborn)
    began = time.monotonic()
    readers.close()
    assert time.monotonic() - began < 2
    is_over.set()


async def test_closing_cancels_tasks() -> None:
    cancelled: list[bool] = []

    async def sleeper(deliver: Callable[[Any], Awaitable[None]]) -> None:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            cancelled.append(True)
            raise

    readers = AsyncStreamReaders()
    readers.start("a", sleeper)
    assert await readers.receive(0.01) is None
    await readers.close()
    assert cancelled == [True]
    assert readers.is_empty


def test_after_a_fork_every_reader_has_ended() -> None:
    """What the child is told. The fork itself is in `tests/attacks/forked_streams.py`."""
    release = threading.Event()

    def waits(deliver: Callable[[Any], None]) -> None:
        deliver("of the parent")
        release.wait(60)

    readers = StreamReaders()
    readers.start("a", waits)
    readers.start("b", waits)
    readers.after_fork_in_child()
    items = dict(received(readers) for _ in range(2))
    assert set(items) == {"a", "b"}
    assert all(isinstance(item.error, OSError) for item in items.values())
    assert readers.is_empty
    readers.close()
    release.set()


async def test_after_a_fork_every_task_has_ended() -> None:
    async def waits(deliver: Callable[[Any], Awaitable[None]]) -> None:
        await deliver("of the parent")
        await asyncio.sleep(60)

    readers = AsyncStreamReaders()
    readers.after_fork_in_child()  # before anything was read
    tasks = asyncio.all_tasks()
    readers.start("a", waits)
    assert await async_received(readers) == ("a", "of the parent")
    readers.after_fork_in_child()
    key, item = await async_received(readers)
    assert key == "a"
    assert isinstance(item.error, OSError)
    assert readers.is_empty
    for task in asyncio.all_tasks() - tasks:
        task.cancel()
