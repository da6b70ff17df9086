"""Enums and constants as openapi-python-client can parse them.

An enum of words stays one, with a name for each word that no other word has. Every other enum
becomes the types of its values: they stay plain numbers, truth values or a mixture. Pure.
"""

from __future__ import annotations

import keyword
import unicodedata
from typing import Any

from openapi_python_client.strings import snake_case

_TYPES: tuple[tuple[type, str], ...] = (
    (bool, "boolean"),
    (int, "integer"),
    (float, "number"),
    (str, "string"),
    (type(None), "null"),
)
_TAKEN = frozenset({"MRO"})

Schema = dict[str, Any]


def with_plain_enum(node: Schema) -> Schema:
    """The schema with an enum that the generator can parse, or with types in its place."""
    node = _enum_of_constants(node)
    values = node.get("enum")
    if not isinstance(values, list):
        return {name: value for name, value in node.items() if name not in ("enum", "x-enum-varnames")}
    words = [value for value in values if value is not None]
    if words and all(isinstance(word, str) for word in words):
        return _with_names(node, values)
    rest = {name: value for name, value in node.items() if name not in ("enum", "x-enum-varnames")}
    kinds = list(dict.fromkeys(_type_of(value) for value in values))
    if None in kinds or not kinds:
        return {name: value for name, value in rest.items() if name != "type"}
    if {"integer", "number"} <= set(kinds):
        kinds.remove("integer")
    if kinds == ["null"]:
        return {**rest, "type": "null"}
    return {**rest, "type": kinds[0] if len(kinds) == 1 else kinds}


def _enum_of_constants(node: Schema) -> Schema:
    """Alternatives that are all constants are an enum in other words."""
    for key in ("oneOf", "anyOf"):
        parts = node.get(key)
        if parts and all(isinstance(part, dict) and "const" in part for part in parts):
            rest = {name: value for name, value in node.items() if name != key}
            return {**rest, "enum": [part["const"] for part in parts]}
    return node


def _with_names(node: Schema, values: list[Any]) -> Schema:
    given = node.get("x-enum-varnames")
    if not isinstance(given, list) or len(given) != len(values):
        given = [None] * len(values)
    named: dict[Any, str | None] = {}
    for value, name in zip(values, given, strict=True):
        named.setdefault(value, name)
    words = [word for word in named if word is not None]
    names: dict[str, str] = {}
    for number, word in enumerate(words):
        plain = _member_name(named[word], word, number)
        tries = [plain, *(f"{plain}_{count}" for count in range(2, len(words) + 2))]
        names[word] = next(name for name in tries if name not in names.values())
    usual = all(
        name == snake_case(_usual_key(word, number)).upper()
        for number, (word, name) in enumerate(names.items())
    ) and len({_usual_key(word, number) for number, word in enumerate(words)}) == len(words)
    rest = {name: value for name, value in node.items() if name != "x-enum-varnames"}
    rest = {**rest, "enum": list(named), "type": "string"}
    return rest if usual else {**rest, "x-enum-varnames": list(names.values())}


def _usual_key(word: str, number: int) -> str:
    return word.upper() if word and word[0].isalpha() else f"VALUE_{number}"


def _member_name(given: str | None, word: str, number: int) -> str:
    for key in (given, _usual_key(word, number)):
        name = unicodedata.normalize("NFKC", snake_case(key).upper()) if key else ""
        is_valid = name.isidentifier() and not keyword.iskeyword(name) and name not in _TAKEN
        # The generator makes the name once more, and must come to the same.
        if is_valid and snake_case(name).upper() == name:
            return name
    return f"VALUE_{number}"


def _type_of(value: object) -> str | None:
    return next((name for kind, name in _TYPES if type(value) is kind), None)
