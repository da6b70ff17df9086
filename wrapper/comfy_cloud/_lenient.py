"""Read single values from JSON that may be anything: what is malformed reads as None, empty or 0.

Nothing raises.
"""

from __future__ import annotations

import math
from typing import Any


def field_in(value: Any, name: str) -> Any:
    """A field of a model or dict by its JSON name; None for anything else."""
    return value.get(name) if hasattr(value, "get") else None


def text_in(value: object) -> str | None:
    """Text that is not empty, or None."""
    return value if isinstance(value, str) and value else None


def media_type_in(content_type: object) -> str:
    """The media type in a Content-Type header, without parameters and in lower case; "" for none."""
    return (text_in(content_type) or "").partition(";")[0].strip().lower()


def id_in(value: object) -> str | None:
    """An id or a type name as text; None when it is empty or neither text nor a whole number."""
    if isinstance(value, str):
        return value or None
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else None


def ids_in(value: object) -> tuple[str, ...]:
    """The ids in a list, without repeats, as text; what is not an id is left out."""
    items = value if isinstance(value, (list, tuple)) else ()
    return tuple(dict.fromkeys(filter(None, map(id_in, items))))


def number_in(value: object) -> float:
    """A number; 0 for anything else."""
    if type(value) is int:  # nearly always
        return value
    return value if isinstance(value, (int, float)) and not isinstance(value, bool) else 0


def count_in(value: object) -> int | None:
    """A whole number of things, such as bytes; None when it is not a finite number of 0 or more."""
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        return None
    return int(value) if 0 <= value < math.inf else None
