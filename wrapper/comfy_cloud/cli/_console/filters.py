"""`--where`: rows are kept by what their columns contain. Nothing is written or requested here."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, TypeVar

from .exits import CommandError
from .records import Column, Columns
from .times import time_option

Item = TypeVar("Item")

_CONDITION = re.compile(r"\s*([\w.-]+)\s*(!=|>=|<=|!~|=|>|<|~)\s*(.*)", re.DOTALL)
_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "=": lambda found, wanted: found == wanted,
    "!=": lambda found, wanted: found != wanted,
    ">": lambda found, wanted: found > wanted,
    ">=": lambda found, wanted: found >= wanted,
    "<": lambda found, wanted: found < wanted,
    "<=": lambda found, wanted: found <= wanted,
}


def row_filter(conditions: Iterable[str], columns: Columns[Item], *, utc: bool) -> Callable[[Item], bool]:
    """A function that says whether an item meets all conditions, such as `duration>30`.

    A condition is a column, one of = != > >= < <= ~ !~, and a value. ~ asks whether the text
    contains the value, in whatever case. Raises CommandError for anything else.
    """
    tests = [_test(condition, columns, utc=utc) for condition in conditions]
    return lambda item: all(test(item) for test in tests)


def _test(condition: str, columns: Columns[Item], *, utc: bool) -> Callable[[Item], bool]:
    parts = _CONDITION.fullmatch(condition)
    if parts is None:
        raise CommandError(
            f"--where takes a column, one of = != > >= < <= ~ !~, and a value, not {condition[:80]!r}"
        )
    name, operator, wanted = parts[1].lower(), parts[2], parts[3].strip()
    if name not in columns:
        raise CommandError(f"--where: there is no column {name!r}; choose from {', '.join(columns)}")
    column = columns[name]
    if operator in ("~", "!~"):
        return lambda item: (wanted.lower() in _text(column, item).lower()) == (operator == "~")
    compare = _COMPARISONS[operator]
    if column.is_instant:
        instant = time_option("--where", wanted, utc=utc)
        return lambda item: _holds(compare, column.value(item), instant)
    number = _number(wanted)
    if number is None and operator not in ("=", "!="):
        raise CommandError(f"--where: {name}{operator} needs a number, not {wanted[:80]!r}")

    def test(item: Item) -> bool:
        found = column.value(item)
        if number is not None and isinstance(found, (int, float)) and not isinstance(found, bool):
            return _holds(compare, found, number)
        if operator in ("=", "!="):
            return compare(_text(column, item).lower(), wanted.lower())
        return False  # no number here, so it is neither greater nor less

    return test


def _holds(compare: Callable[[Any, Any], bool], found: float | datetime | None, wanted: Any) -> bool:
    return found is not None and compare(found, wanted)


def _text(column: Column[Item], item: Item) -> str:
    found = (column.text or column.value)(item)
    if isinstance(found, bool):
        return "true" if found else "false"
    if isinstance(found, (list, tuple)):
        return ", ".join(str(part) for part in found)
    return "" if found is None else str(found)


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
