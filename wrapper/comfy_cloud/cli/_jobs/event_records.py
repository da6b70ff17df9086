"""Events as JSON Lines: an object with `schema`, `type` and what the event has."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import fields
from enum import Enum
from typing import TYPE_CHECKING, Any

from .._console.details import plain
from .columns import error_value, output_value

if TYPE_CHECKING:
    from comfy_cloud import Event

SCHEMA = 1
"""Rises when a field of a record changes its meaning, or goes."""

_LEFT_OUT = frozenset(("raw", "image", "type"))


def event_record(event: Event) -> dict[str, Any]:
    """One event for a program that reads lines. The bytes of a preview are left out."""
    record: dict[str, Any] = {"schema": SCHEMA, "type": _word(type(event).__name__)}
    for each in fields(event):
        if each.name not in _LEFT_OUT:
            value = _value(getattr(event, each.name))
            if value is not None:
                record[each.name] = value
    image = getattr(event, "image", None)
    if isinstance(image, bytes):
        record["bytes"] = len(image)
    return record


def _value(value: Any) -> Any:
    from comfy_cloud import JobFailed, Output

    if isinstance(value, Output):
        return output_value(value)
    if isinstance(value, JobFailed):
        return error_value(value)
    if hasattr(value, "_asdict"):
        return plain(value._asdict())
    if isinstance(value, (list, tuple)):
        return [_value(each) for each in value]
    if isinstance(value, Mapping):
        return {str(name): _value(each) for name, each in value.items()}
    if isinstance(value, Enum):
        return value.value
    return plain(value)


def _word(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()
