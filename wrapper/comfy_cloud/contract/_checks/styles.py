"""Parameters taken apart as OpenAPI's styles write them: texts, lists and mappings of texts. Pure.

A text may have several readings where its schema allows several types; the caller takes the one
that fits. openapi-core 0.23 was tried instead. It never decodes paths, splits `spaceDelimited` at
the letters `%20`, drops the odd part of a list of pairs, and knows neither exploded objects in a
query nor fields of a `deepObject` that are not words. It also needs pydantic and Werkzeug.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final, TypeAlias
from urllib.parse import unquote

Tree: TypeAlias = "str | list[str] | dict[str, Tree]"
"""Texts without types, in the structure that they were sent in."""
Sent = dict[str, list[str]]
"""Decoded query parameters or cookies: the values of each name."""

STRUCTURES: Final = frozenset({"array", "object"})
_DELIMITERS: Final = {"form": ",", "spaceDelimited": " ", "pipeDelimited": "|"}
_FIELDS = re.compile(r"(?:\[[^\[\]]*\])+")
_DEEPEST: Final = 40


class StyleError(ValueError):
    """A text not in the style of its parameter. The message follows the parameter's name."""


Reading = Callable[[], Tree]


def readings(attempts: list[Reading]) -> list[Tree]:
    """What the attempts read. Raises the first StyleError when none of them can."""
    found: list[Tree] = []
    first: StyleError | None = None
    for attempt in attempts:
        try:
            found.append(attempt())
        except StyleError as error:
            first = first or error
    if not found and first is not None:
        raise first
    return found


def in_path(raw: str, name: str, style: str, explode: bool, kinds: frozenset[str]) -> list[Tree]:
    """The readings of a path parameter as sent, percent-encoded. Raises StyleError."""
    if style == "simple":
        return simple(raw, explode, kinds, unquote)
    if style == "label":
        if not raw.startswith("."):
            raise StyleError("does not begin with a dot, as the style label has it")
        return _delimited(raw[1:], "." if explode else ",", explode, kinds, unquote)
    if not raw.startswith(";"):
        raise StyleError("does not begin with a semicolon, as the style matrix has it")
    return readings(list(_of_matrix(raw[1:].split(";"), name, explode, kinds)))


def _of_matrix(parts: list[str], name: str, explode: bool, kinds: frozenset[str]) -> Iterator[Reading]:
    if explode and "array" in kinds:
        yield lambda: [unquote(_named(part, name)) for part in parts]
    if explode and "object" in kinds:
        yield lambda: _pairs(parts, True, unquote)
    if not explode or not (kinds and kinds <= STRUCTURES):
        yield from (
            lambda reading=reading: reading
            for reading in _delimited(_only(parts, name), ",", False, kinds, unquote)
            if not explode or isinstance(reading, str)
        )


def _only(parts: list[str], name: str) -> str:
    if len(parts) > 1:
        raise StyleError(f"has {len(parts)} parts with a semicolon, where the style matrix has one")
    return _named(parts[0], name)


def _named(part: str, name: str) -> str:
    found, _, text = part.partition("=")
    if unquote(found) != name:
        raise StyleError(f"does not have the form ;{name}=..., as the style matrix has it")
    return text


def simple(text: str, explode: bool, kinds: frozenset[str], decode: Callable[[str], str]) -> list[Tree]:
    """The readings of a header, or of a path parameter in the style simple. Raises StyleError."""
    return _delimited(text, ",", explode, kinds, decode)


def _delimited(
    text: str, separator: str, explode: bool, kinds: frozenset[str], decode: Callable[[str], str]
) -> list[Tree]:
    attempts: list[Reading] = []
    if "array" in kinds:
        attempts.append(lambda: [decode(part) for part in text.split(separator)])
    if "object" in kinds:
        attempts.append(lambda: _pairs(text.split(separator), explode, decode))
    if not kinds or kinds - STRUCTURES:
        attempts.append(lambda: decode(text))
    return readings(attempts)


def _pairs(parts: list[str], explode: bool, decode: Callable[[str], str]) -> dict[str, Tree]:
    if explode:
        split = [part.partition("=") for part in parts]
        if not all(equals for _, equals, _ in split):
            raise StyleError("is not a list of name=value")
        pairs = [(name, value) for name, _, value in split]
    elif len(parts) % 2:
        raise StyleError("is not a list of names, each with its value")
    else:
        pairs = list(zip(parts[::2], parts[1::2], strict=True))
    found: dict[str, Tree] = {decode(name): decode(value) for name, value in pairs}
    if len(found) < len(pairs):
        raise StyleError("gives a field twice")
    return found


def in_pairs(sent: list[str], style: str, explode: bool, kinds: frozenset[str]) -> list[Tree]:
    """The readings of the values that a query or cookie has under one name. Raises StyleError."""
    times = f"is given {len(sent)} times"
    if explode and style != "deepObject" and "array" in kinds:
        return [list(sent), *(sent if len(sent) == 1 and kinds - STRUCTURES else [])]
    if not kinds and len(sent) > 1:
        return [list(sent)]
    if len(sent) > 1:
        raise StyleError(times)
    if explode:
        return [sent[0]]
    return _delimited(sent[0], _DELIMITERS.get(style, ","), False, kinds, str)


def deep_object(name: str, sent: Sent) -> dict[str, Tree]:
    """The object that `name[field]=value` and deeper pairs describe. Raises StyleError."""
    tree: dict[str, Tree] = {}
    for key, values in sent.items():
        if not is_deep_field(key, name):
            continue
        steps = key[len(name) + 1 : -1].split("][")
        if not _FIELDS.fullmatch(key[len(name) :]) or len(steps) > _DEEPEST:
            raise StyleError("does not have the form name[field]=value")
        node = tree
        for step in steps[:-1]:
            inner = node.setdefault(step, {})
            if not isinstance(inner, dict):
                raise StyleError(f"has the field {step} as a value and as an object")
            node = inner
        if steps[-1] in node:
            raise StyleError(f"has the field {steps[-1]} as a value and as an object")
        node[steps[-1]] = list(values)
    return tree


def is_deep_field(key: str, name: str) -> bool:
    """Whether a pair with this key belongs to the `deepObject` called `name`."""
    return key.startswith(f"{name}[")
