"""The exact value of an input as text, its type, and a number to compare with."""

from __future__ import annotations

import json
import math
from typing import Any, NamedTuple


class TypedValue(NamedTuple):
    """A value as it is stored: `text` is exact, `number` a double near it."""

    type: str
    text: str
    number: float | None = None


def typed_value(value: Any) -> TypedValue:
    """The type and exact text of a value: text as it is, everything else as JSON."""
    if isinstance(value, str):
        return TypedValue("text", value)
    if value is None or isinstance(value, bool):
        return TypedValue("null" if value is None else "boolean", json.dumps(value))
    if isinstance(value, (int, float)):
        return TypedValue("integer" if isinstance(value, int) else "number", _digits(value), _double(value))
    try:
        return TypedValue("json", json.dumps(value, ensure_ascii=False, separators=(",", ":")))
    except (TypeError, ValueError, RecursionError):  # not JSON, or nested without end
        return TypedValue("json", "null")


def _digits(value: float) -> str:
    try:
        return json.dumps(value)
    except ValueError:  # Python writes no more than 4300 digits
        return hex(int(value))


def _double(value: float) -> float | None:
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None
