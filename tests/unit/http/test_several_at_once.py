"""Calls for the items of a list: several at once, in order, with bounded reading ahead."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator, Generator

import pytest

from comfy_cloud._async._http import iteration as async_iteration
from comfy_cloud._sync._http import iteration


class Items:
    """Numbers, with a note of how many were read and whether the reading was closed."""

    def __init__(self, count: int, error: Exception | None = None) -> None:
        self.count = count
        self.error = error
        self.read = 0
        self.is_closed = False

    def sync(self) -> Generator[int, None, None]:
        try:
            for number in range(self.count):
                self.read = number + 1
                yield number
            if self.error is not None:
                raise self.error
        finally:
            self.is_closed = True

    async def asynchronous(self) -> AsyncGenerator[int, None]:
        for number in self.sync():
            yield number


def test_eight_threads_call_at_the_same_time_and_results_keep_their_order() -> None:
    items = Items(15)
    together = threading.Barrier(8)

    def call(number: int) -> int:
        if number >= 7:  # batches of one, two, four and eight
            together.wait(10)
        return number * number

    assert list(iteration.several_at_once(call, items.sync(), 8)) == [number * number for number in range(15)]


def test_eight_tasks_call_at_the_same_time_and_results_keep_their_order() -> None:
    items = Items(15)
    running: list[int] = []

    async def call(number: int) -> int:
        running.append(number)
        for _ in range(100 - number):  # the last is done first
            await asyncio.sleep(0)
        most.append(len(running))
        running.remove(number)
        return number * number

    async def run() -> list[int]:
        return [found async for found in async_iteration.several_at_once(call, items.asynchronous(), 8)]

    most: list[int] = []
    assert asyncio.run(run()) == [number * number for number in range(15)]
    assert max(most) == 8


@pytest.mark.parametrize(("taken", "read"), [(1, 1), (2, 3), (3, 3), (4, 7), (8, 11), (12, 15)])
def test_no_more_is_read_ahead_than_called(taken: int, read: int) -> None:
    items = Items(1000)
    results = iteration.several_at_once(lambda number: number, items.sync(), 4)
    assert [next(results) for _ in range(taken)] == list(range(taken))
    assert items.read == read
    results.close()
    assert items.is_closed


@pytest.mark.parametrize("bad", [0, 1, 5, 8])
def test_an_error_is_raised_where_its_result_would_be(bad: int) -> None:
    def call(number: int) -> int:
        if number >= bad:
            raise LookupError(number)
        return number

    found: list[int] = []
    items = Items(9)
    with pytest.raises(LookupError) as caught:
        found.extend(iteration.several_at_once(call, items.sync(), 4))
    assert (found, caught.value.args) == (list(range(bad)), (bad,))
    assert items.is_closed


@pytest.mark.parametrize("count", [0, 1, 2, 5])
def test_an_error_of_the_list_comes_behind_what_was_read_before_it(count: int) -> None:
    found: list[int] = []
    items = Items(count, OSError("gone"))
    with pytest.raises(OSError, match="gone"):
        found.extend(iteration.several_at_once(lambda number: number, items.sync(), 4))
    assert found == list(range(count))


def test_a_cancelled_task_ends_all_calls() -> None:
    begun: list[int] = []
    ended: list[int] = []

    async def call(number: int) -> int:
        begun.append(number)
        try:
            if number:
                await asyncio.Event().wait()
            return number
        finally:
            ended.append(number)

    async def run() -> None:
        items = Items(100)

        async def read() -> None:
            async for _ in async_iteration.several_at_once(call, items.asynchronous(), 8):
                pass

        task = asyncio.create_task(read())
        while len(begun) < 3:
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(run())
    assert sorted(begun) == sorted(ended) == [0, 1, 2]
