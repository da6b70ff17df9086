"""Reading query parameters and JSON bodies; errors name the fix.

Knows nothing of single routes. Every function raises `ApiProblem` with status 400 for invalid
input.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Collection
from typing import Any, Final

from starlette.requests import Request

from comfy_cloud_emulator.state.json_values import is_array, is_object

from .json_reading import JsonRefused, read_json
from .responses import ApiProblem

LARGEST: Final = 2**62
"""Larger numbers are read as this one: far above any count, and still an integer to SQLite."""


def integer(request: Request, name: str) -> int | None:
    """A whole number of any size from the query, or None when it is absent."""
    text = request.query_params.get(name)
    if text is None:
        return None
    if not re.fullmatch(r"[+-]?[0-9]{1,400}", text):
        raise ApiProblem(400, f"{name}: expected a whole number, got {text[:40]!r}")
    return max(-LARGEST, min(int(text), LARGEST))


def readable_integer(request: Request, name: str) -> int | None:
    """A whole number from the query, or None when it is absent or not a number.

    For operations that refuse no value.
    """
    try:
        return integer(request, name)
    except ApiProblem:
        return None


def bounded(request: Request, name: str, default: int, *, least: int, most: int = LARGEST) -> int:
    """A whole number within bounds from the query, or `default` when it is absent."""
    value = integer(request, name)
    if value is None:
        return default
    if not least <= value <= most:
        limits = f"of at least {least}" if most == LARGEST else f"from {least} to {most}"
        raise ApiProblem(400, f"{name}: expected a whole number {limits}, got {value}")
    return value


def boolean(request: Request, name: str, *, default: bool) -> bool:
    """true or false from the query."""
    text = choice(request, name, ("true", "false", "1", "0"))
    return default if text is None else text in ("true", "1")


def choice(request: Request, name: str, choices: Collection[str]) -> str | None:
    """One of the given choices from the query, or None when it is absent."""
    text = request.query_params.get(name)
    if text is not None and text not in choices:
        raise ApiProblem(400, f"{name}: expected one of {', '.join(choices)}, got {text[:40]!r}")
    return text


def choices_list(request: Request, name: str, choices: Collection[str]) -> list[str]:
    """Several of the given choices, comma-separated, from the query; empty when it is absent."""
    text = request.query_params.get(name)
    if text is None:
        return []
    chosen = [each.strip() for each in text.split(",")]
    for each in chosen:
        if each not in choices:
            raise ApiProblem(400, f"{name}: expected some of {', '.join(choices)}, got {each[:40]!r}")
    return chosen


async def json_object(request: Request, fields: Collection[str], *, closed: bool = True) -> dict[str, Any]:
    """The JSON object in the body.

    Other fields than the given ones are refused, or dropped unless `closed`.
    """
    body = await request.body()
    try:
        data = read_json(body)
    except JsonRefused as error:
        raise ApiProblem(400, f"the body is {error}") from None
    if not is_object(data):
        raise ApiProblem(400, "the body must be a JSON object")
    if not closed:
        return {name: value for name, value in data.items() if name in fields}
    unknown = sorted(set(data) - set(fields))
    if unknown:
        raise ApiProblem(400, f"unknown field {unknown[0][:40]!r}; known fields: {', '.join(fields)}")
    return data


def strings(data: dict[str, Any], name: str) -> list[str]:
    """A list of strings from a body; empty when it is absent."""
    value = data.get(name, [])
    if not is_array(value) or not all(isinstance(item, str) for item in value):
        raise ApiProblem(400, f"{name}: expected a list of strings")
    return value


def flag(data: dict[str, Any], name: str) -> bool:
    """A boolean from a body; false when it is absent."""
    value = data.get(name, False)
    if not isinstance(value, bool):
        raise ApiProblem(400, f"{name}: expected true or false")
    return value


def is_uuid(text: str) -> bool:
    """Whether a text is a UUID in its usual form: lower case, with hyphens."""
    try:
        return str(uuid.UUID(text)) == text
    except ValueError:
        return False
