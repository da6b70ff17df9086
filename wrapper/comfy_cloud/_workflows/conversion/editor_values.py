"""Numbers, texts and slot types, as the editor's JavaScript treats them. Pure."""

from __future__ import annotations

import json
import math
from collections.abc import Hashable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final, TypeVar

T = TypeVar("T")
_MAX_ARRAY_INDEX = 2**32 - 2
# Up to here, floats are exact integers.
_EXACT = 2**53


class Missing:
    """The type of `MISSING`, which JSON leaves out."""

    def __repr__(self) -> str:
        return "MISSING"


# A value that is not there. None is a value: null.
MISSING: Final = Missing()


def is_number(value: object) -> bool:
    """Whether a value is a number. True and False are not."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def as_text(value: object) -> str:
    """A value as text."""
    if isinstance(value, str):
        return value
    if value is None:
        return "null"
    if value is MISSING:
        return "undefined"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return number_text(value)
    if isinstance(value, (list, tuple)):
        return ",".join("" if part is None else as_text(part) for part in value)
    if isinstance(value, Mapping):
        return "[object Object]"
    return str(value)


def number_text(value: float) -> str:
    """A float without the fraction of whole numbers."""
    if value == value and abs(value) < 1e21 and value == int(value):
        return str(int(value)) if abs(value) <= _EXACT else f"{Decimal(repr(value)):f}"
    if value != value or math.isinf(value):
        return "NaN" if value != value else "-Infinity" if value < 0 else "Infinity"
    return repr(value)


def as_double(value: int) -> float:
    """The nearest float, infinite beyond all of them."""
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def json_text(value: object) -> str:
    """A value as JSON without spaces."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)


def as_number(value: object) -> int | float:
    """A value as a number, not a number (NaN) if it is not one."""
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, (int, float)):
        return value
    if value is None:
        return 0
    if isinstance(value, str):
        stripped = value.strip()
        if not stripped:
            return 0
        try:
            return int(stripped)
        except ValueError:
            pass
        try:
            return float(stripped)
        except ValueError:
            return math.nan
    return math.nan


def is_true(value: object) -> bool:
    """Whether a value counts as true: lists and objects do, also empty ones."""
    if value is MISSING or value is None or value is False or value == "":
        return False
    if is_number(value):
        return value != 0 and value == value
    return True


def rounded(value: int | float) -> int | float:
    """The nearest whole number; halves are rounded up. Exact for integers of any size."""
    if isinstance(value, int) or not math.isfinite(value):
        return value
    return math.floor(value + 0.5)


def is_same(one: object, other: object) -> bool:
    """Whether two values are the same: of one kind, and equal."""
    if is_number(one) and is_number(other):
        return one == other
    return type(one) is type(other) and one == other


def hashable(value: object) -> Hashable:
    """A value as the key of a table of links or nodes, None if it cannot be one."""
    if isinstance(value, (str, int, float)) and not isinstance(value, bool):
        return value
    return None


def item_at(items: Sequence[T], position: object) -> T | None:
    """The item at a position, counted from the end if it is negative."""
    if not isinstance(position, int) or isinstance(position, bool):
        return None
    return items[position] if -len(items) <= position < len(items) else None


def item(items: Sequence[T], position: object) -> T | None:
    """The item at a position, None if there is none."""
    return item_at(items, position) if isinstance(position, int) and position >= 0 else None


def in_object_order(keys: Iterable[str]) -> list[str]:
    """Keys in the order of a JavaScript object: whole numbers by size, then the others as added."""
    numbers: list[str] = []
    others: list[str] = []
    for key in keys:
        (numbers if is_array_index(key) else others).append(key)
    return sorted(numbers, key=int) + others


def is_array_index(key: str) -> bool:
    """Whether a key is a whole number in its shortest form."""
    if not key.isascii() or not key.isdigit() or len(key) > 10:
        return False
    return (key == "0" or key[0] != "0") and int(key) <= _MAX_ARRAY_INDEX


def are_compatible(one: object, other: object) -> bool:
    """Whether slots of two types may be connected. Several types in one are separated by commas."""
    if _is_any(one) or _is_any(other) or one == other:
        return True
    first, second = as_text(one).lower(), as_text(other).lower()
    if "," not in first and "," not in second:
        return first == second
    firsts, seconds = set(first.split(",")), set(second.split(","))
    return not firsts.isdisjoint(seconds) or any(_is_any(part) for part in firsts | seconds)


def _is_any(type: object) -> bool:
    return type in ("", "*", 0) or type is None or type is MISSING


def common_type(types: Iterable[object]) -> str | None:
    """The types that are in all of these; "*" if each takes any type, None if there are none."""
    known: list[Any] = list(types)
    if not all(isinstance(type, str) for type in known):
        return None
    lists = [type.split(",") for type in known if type != "*"]
    if not lists:
        return "*"
    counts: dict[str, int] = {}
    for names in lists:
        for name in dict.fromkeys(names):
            counts[name] = counts.get(name, 0) + 1
    common = [name for name in in_object_order(counts) if counts[name] == len(lists)]
    return ",".join(common) or None


def unique_name(name: str, taken: Iterable[str]) -> str:
    """The name, with a number behind it if it is taken."""
    used, base, number = set(taken), name, 1
    while name in used:
        name, number = f"{base}_{number}", number + 1
    return name
