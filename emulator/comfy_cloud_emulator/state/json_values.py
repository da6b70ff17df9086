"""Type guards for decoded JSON."""

from __future__ import annotations

from typing import Any, TypeGuard

Json = dict[str, Any]
"""A decoded JSON object."""


def is_array(value: object) -> TypeGuard[list[Any]]:
    """Whether a decoded value is a JSON array."""
    return isinstance(value, list)


def is_object(value: object) -> TypeGuard[Json]:
    """Whether a decoded value is a JSON object."""
    return isinstance(value, dict)
