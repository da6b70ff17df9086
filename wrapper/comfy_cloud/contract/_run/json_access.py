"""Lenient accessors: malformed parts of a response read as empty. The checker has reported them."""

from __future__ import annotations

from typing import Any

from .raw_response import RawResponse


def object_in(response: RawResponse | None) -> dict[str, Any]:
    """The object in the body of a good response, else an empty one."""
    return mapping(response.json) if response is not None and response.is_good else {}


def mapping(value: Any) -> dict[str, Any]:
    """The value itself when it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def objects_in(response: RawResponse | None) -> list[dict[str, Any]]:
    """The objects in the list that is the body of a good response."""
    found = response.json if response is not None and response.is_good else None
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
    """Whether a value is a number. true and false are not."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)
