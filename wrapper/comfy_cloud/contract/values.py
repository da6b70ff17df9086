"""Reading answers that may be anything: what is not as it should be reads as empty, since the checker has told of it already."""

from __future__ import annotations

from typing import Any

from .probe import Answer


def object_in(answer: Answer | None) -> dict[str, Any]:
    """The object that a good answer holds, else an empty one."""
    return mapping(answer.json) if answer is not None and answer.is_good else {}


def mapping(value: Any) -> dict[str, Any]:
    """The value itself when it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def objects_in(answer: Answer | None) -> list[dict[str, Any]]:
    """The objects in the list that a good answer holds."""
    found = answer.json if answer is not None and answer.is_good else None
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []


def items_of(page: dict[str, Any], name: str) -> list[Any]:
    """The list under a name, else an empty one."""
    found = page.get(name)
    return found if isinstance(found, list) else []


def objects_of(page: dict[str, Any], name: str) -> list[dict[str, Any]]:
    """The objects in the list under a name."""
    return [item for item in items_of(page, name) if isinstance(item, dict)]


def text_of(item: Any, name: str) -> str:
    """The text under a name, else an empty one."""
    value = item.get(name) if isinstance(item, dict) else None
    return value if isinstance(value, str) else ""


def is_number(value: Any) -> bool:
    """Whether a value is a number; true and false are none."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)
