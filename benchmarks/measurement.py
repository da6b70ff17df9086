"""How a ratio is measured: both sides take turns several times; the result is the median."""

from __future__ import annotations

import gc
import math
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace


class Middle(float):
    """The median of several numbers, which knows the middle half of them."""

    low: float
    high: float
    rounds: int

    def __new__(cls, middle: float, low: float, high: float, rounds: int) -> Middle:
        made = super().__new__(cls, middle)
        made.low, made.high, made.rounds = min(low, high), max(low, high), rounds
        return made

    def __truediv__(self, other: float) -> Middle:
        return Middle(float(self) / other, self.low / other, self.high / other, self.rounds)

    def __rtruediv__(self, other: float) -> Middle:
        return Middle(other / float(self), other / self.low, other / self.high, self.rounds)


def middle(found: Sequence[float]) -> Middle:
    """The median of what was found in several rounds, with its spread."""
    if len(found) == 1:
        return Middle(found[0], found[0], found[0], 1)
    low, half, high = statistics.quantiles(found, n=4, method="inclusive")
    return Middle(half, low, high, len(found))


@dataclass(frozen=True)
class Row:
    """One line of the result. A `ratio` above `target` misses it; below, if `higher_is_better`.

    `limit` is the ratio of the best tool on the same work and no more; None if none is known. A
    ratio that is a `Middle` shows its spread. A `work` that begins with two spaces, or with "its",
    belongs to the last row that does not. The name of a row must be the same in each run: by its
    name it is compared with the committed result.
    """

    work: str
    against: str
    ratio: float
    target: float
    note: str = ""
    higher_is_better: bool = False
    limit: float | None = None
    measure: Callable[[], float] | None = None
    measure_limit: Callable[[], float] | None = None

    @classmethod
    def later(
        cls,
        work: str,
        against: str,
        measure: Callable[[], float],
        target: float,
        note: str = "",
        *,
        limit: Callable[[], float] | None = None,
    ) -> Row:
        """A row that is measured only if it is wanted, right after it was yielded."""
        return cls(work, against, math.nan, target, note, measure=measure, measure_limit=limit)

    def measured(self) -> Row:
        """The row with its numbers."""
        ratio = self.ratio if self.measure is None else self.measure()
        limit = self.limit if self.measure_limit is None else self.measure_limit()
        return replace(self, ratio=ratio, limit=limit, measure=None, measure_limit=None)

    @property
    def reached(self) -> bool:
        return self.ratio >= self.target if self.higher_is_better else self.ratio <= self.target


def rounds_of(usual: int) -> int:
    """How many rounds to measure: with BENCH_QUICK a third of the usual number, and at least 3."""
    return max(3, usual // 3) if os.environ.get("BENCH_QUICK") else usual


def seconds(work: Callable[[], object], number: int = 1) -> float:
    """Seconds for `number` calls."""
    gc.collect()  # so that the garbage of one side is not collected during the other
    start = time.perf_counter()
    for _ in range(number):
        work()
    return time.perf_counter() - start


def ratio(
    ours: Callable[[], object], bare: Callable[[], object], *, number: int = 1, rounds: int = 15
) -> Middle:
    """The median of `rounds` ratios. The sides take turns, after one unmeasured round each."""
    ours()
    bare()
    found = []
    for turn in range(rounds_of(rounds)):
        first, second = (ours, bare) if turn % 2 else (bare, ours)
        one, two = seconds(first, number), seconds(second, number)
        found.append(one / two if first is ours else two / one)
    return middle(found)


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
) -> Middle:
    """The same as `ratio`, for coroutines."""
    await ours()
    await bare()
    found = []
    for turn in range(rounds_of(rounds)):
        first, second = (ours, bare) if turn % 2 else (bare, ours)
        one, two = await async_seconds(first, number), await async_seconds(second, number)
        found.append(one / two if first is ours else two / one)
    return middle(found)


def process_ratio(ours: list[str], bare: list[str], rounds: int = 15) -> Middle:
    """The ratio of two commands of this interpreter, each in a new process.

    The first, unmeasured round writes bytecode, as an installer does.
    """
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}

    def run(arguments: list[str]) -> None:
        command = [sys.executable, *arguments]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=environment)

    return ratio(lambda: run(ours), lambda: run(bare), rounds=rounds)
