"""Runs the rows of modules, all or some of them, and repeats those that got worse."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Collection, Iterable, Iterator

from .measurement import Row
from .results import LOSS, Result, goes_on, result_of

REPETITIONS = 3

Rows = Callable[[], Iterable[Row]]


def rows_of(module: str) -> Rows:
    """The rows of one module."""
    rows: Rows = importlib.import_module(f"benchmarks.{module}").rows
    return rows


def measured(module: str, rows: Rows, is_wanted: Callable[[Result], bool]) -> Iterator[Result]:
    """The wanted rows of a module, each once it is measured."""
    above = ""
    for row in rows():
        above = above if goes_on(row.work) else row.work
        if is_wanted(result_of(module, row, above)):
            yield result_of(module, row.measured(), above)


def repeated(module: str, rows: Rows, keys: Collection[tuple[str, str, str]]) -> Iterator[Result]:
    """The rows with these keys, measured again; nothing after the last of them."""
    left = set(keys)
    for result in measured(module, rows, lambda row: row.key in left):
        left.discard(result.key)
        yield result
        if not left:
            return


def confirmed(
    lost: Iterable[tuple[Result, Result]], rows_of: Callable[[str], Rows] = rows_of
) -> tuple[dict[tuple[str, str, str], Result], dict[tuple[str, str, str], list[float]]]:
    """Repeat the rows that got worse, until a repetition does not show it, or three have.

    Returns the better results of those that are not confirmed, and the ratios of those that are.
    """
    before = {new.key: old for new, old in lost}
    spared: dict[tuple[str, str, str], Result] = {}
    ratios: dict[tuple[str, str, str], list[float]] = {key: [] for key in before}
    for _ in range(REPETITIONS):
        for module in dict.fromkeys(key[0] for key in ratios):
            keys = [key for key in ratios if key[0] == module]
            for result in repeated(module, rows_of(module), keys):
                if result.loss(before[result.key]) > LOSS:
                    ratios[result.key].append(result.ratio)
                else:
                    spared[result.key] = result
                    del ratios[result.key]
    return spared, ratios
