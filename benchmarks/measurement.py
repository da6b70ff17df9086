"""How a ratio is measured: both sides take turns several times; the result is the median."""

from __future__ import annotations

import gc
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One line of the result. A `ratio` above `target` misses it; below, if `higher_is_better`.

    `limit` is the ratio of the best tool on the same work and no more; None if none is known.
    """

    work: str
    against: str
    ratio: float
    target: float
    note: str = ""
    higher_is_better: bool = False
    limit: float | None = None

    @property
    def reached(self) -> bool:
        return self.ratio >= self.target if self.higher_is_better else self.ratio <= self.target


def seconds(work: Callable[[], object], number: int = 1) -> float:
    """Seconds for `number` calls."""
    gc.collect()  # so that the garbage of one side is not collected during the other
    start = time.perf_counter()
    for _ in range(number):
        work()
    return time.perf_counter() - start


def ratio(
    ours: Callable[[], object], bare: Callable[[], object], *, number: int = 1, rounds: int = 15
) -> float:
    """The median of `rounds` ratios. The sides take turns, after one unmeasured round each."""
    ours()
    bare()
    found = []
    for turn in range(rounds):
        first, second = (ours, bare) if turn % 2 else (bare, ours)
        one, two = seconds(first, number), seconds(second, number)
        found.append(one / two if first is ours else two / one)
    return statistics.median(found)


async def async_seconds(work: Callable[[], Awaitable[object]], number: int) -> float:
    """Seconds for `number` awaited calls, one at a time."""
    gc.collect()
    start = time.perf_counter()
    for _ in range(number):
        await work()
    return time.perf_counter() - start


async def async_ratio(
    ours: Callable[[], Awaitable[object]],
    bare: Callable[[], Awaitable[object]],
    *,
    number: int,
    rounds: int = 15,
) -> float:
    """The same as `ratio`, for coroutines."""
    await ours()
    await bare()
    found = []
    for turn in range(rounds):
        first, second = (ours, bare) if turn % 2 else (bare, ours)
        one, two = await async_seconds(first, number), await async_seconds(second, number)
        found.append(one / two if first is ours else two / one)
    return statistics.median(found)


def process_ratio(ours: list[str], bare: list[str], rounds: int = 15) -> float:
    """The ratio of two commands of this interpreter, each in a new process.

    The first, unmeasured round writes bytecode, as an installer does.
    """
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}

    def run(arguments: list[str]) -> None:
        command = [sys.executable, *arguments]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=environment)

    return ratio(lambda: run(ours), lambda: run(bare), rounds=rounds)
