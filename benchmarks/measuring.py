"""How a ratio is measured: both sides in turn, several times, the middle of the ratios."""

from __future__ import annotations

import gc
import statistics
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One line of the result. `ratio` above `target` misses it; `higher_is_better` turns that round."""

    work: str
    against: str
    ratio: float
    target: float
    note: str = ""
    higher_is_better: bool = False

    @property
    def reached(self) -> bool:
        return self.ratio >= self.target if self.higher_is_better else self.ratio <= self.target


def seconds(work: Callable[[], object], number: int = 1) -> float:
    """Seconds for `number` calls."""
    gc.collect()  # otherwise the garbage of one side is collected on the time of the other
    start = time.perf_counter()
    for _ in range(number):
        work()
    return time.perf_counter() - start


def ratio(
    ours: Callable[[], object], bare: Callable[[], object], *, number: int = 1, rounds: int = 15
) -> float:
    """The middle of `rounds` ratios; the two sides take turns, and begin with one unmeasured round each."""
    ours()
    bare()
    found = []
    for turn in range(rounds):
        first, second = (ours, bare) if turn % 2 else (bare, ours)
        one, two = seconds(first, number), seconds(second, number)
        found.append(one / two if first is ours else two / one)
    return statistics.median(found)


async def async_seconds(work: Callable[[], Awaitable[object]], number: int) -> float:
    """Seconds for `number` awaited calls, one after the other."""
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
    """Like `ratio`, for coroutines."""
    await ours()
    await bare()
    found = []
    for turn in range(rounds):
        first, second = (ours, bare) if turn % 2 else (bare, ours)
        one, two = await async_seconds(first, number), await async_seconds(second, number)
        found.append(one / two if first is ours else two / one)
    return statistics.median(found)


def process_ratio(ours: list[str], bare: list[str], rounds: int = 15) -> float:
    """The ratio of two commands of this interpreter, each in a fresh process."""

    def run(arguments: list[str]) -> None:
        subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)

    return ratio(lambda: run(ours), lambda: run(bare), rounds=rounds)
