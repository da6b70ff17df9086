"""Pages of items that are read from bytes: their enums, and fields named like classes."""

from __future__ import annotations

import json
from typing import Any

from .case import Case, Result

_FREE = {"type": "object", "additionalProperties": True}
_LATER = {"oneOf": [{"type": "object", "properties": {"a": {}}}, {"type": "string", "format": "date"}]}


def _page(
    name: str, fields: dict[str, Any], item: dict[str, Any], schemas: dict[str, Any] | None = None
) -> Case:
    """Items with these fields and a free-form one are read as `from_dict` reads them."""
    model = {"type": "object", "properties": {**fields, "free": _FREE}}
    page = {
        "type": "object",
        "properties": {"l": {"type": "array", "items": {"$ref": "#/components/schemas/Item"}}},
    }
    contract = {
        "paths": {"/a": {"get": {"returns": "Page"}}},
        "schemas": {"Item": model, "Page": page, **(schemas or {})},
    }
    usual, newer = {**item, "free": {"b": 1}}, {**item, "another": [2]}

    def holds(value: Any) -> bool:
        read = [type(value.l[0]).from_dict(each) for each in (usual, newer)]
        return _shown(value.l) == _shown(read) and [each.to_dict() for each in value.l] == [usual, newer]

    def is_late(value: Any) -> bool:
        return hasattr(value.l[0], "_undecoded") and _shown(value.l) == _shown(
            [type(value.l[0]).from_dict(usual)]
        )

    bodies = [({"l": [usual]}, is_late), ({"l": [usual, newer]}, holds)]
    return Case(
        name,
        json.dumps(contract, ensure_ascii=False),
        results=[Result("get_a", json.dumps(body), check) for body, check in bodies],
    )


def _shown(models: list[Any]) -> list[Any]:
    return [
        [
            (type(value), repr(value))
            for value in (getattr(model, name) for name in model._JSON_NAMES.values())
        ]
        for model in models
    ]


def _words(*words: str) -> dict[str, Any]:
    return {"type": "string", "enum": [*words]}


def _named(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{name}"}


CASES = [
    _page(
        "words of a page that begin others, are empty, reserved or in other writings",
        {
            "a": _words("ab", "a", "abc", ""),
            "b": _words("class", "mro", "name", "_value_", "read"),
            "c": _words("日本", "日本語", "😀", "ä", "ä"),
            "d": _words(""),
            "e": _words("one", "one"),
            "f": _words(*(f"w{number}" for number in range(300))),
        },
        {"a": "abc", "b": "_value_", "c": "日本語", "d": "", "e": "one", "f": "w299"},
    ),
    _page(
        "words of a page that are new beside others that are known",
        {"a": _words("ab", "abc"), "b": _words("ab"), "c": _words("x")},
        {"a": "abc", "b": "abc", "c": "X"},
    ),
    _page(
        "words of a page with a default, with null, and of several types",
        {"a": {"allOf": [_named("W")], "default": "x"}, "b": {"enum": ["x", None]}, "c": {"enum": [1, "x"]}},
        {"a": "y", "b": "x", "c": 1},
        {"W": _words("x", "y")},
    ),
    _page(
        "fields of a page that are called like their classes, in a writing without capitals",
        {"状態": _named("状態"), "物": _named("物")},
        {"状態": "x", "物": {"n": 1}},
        {"状態": _words("x"), "物": {"type": "object", "properties": {"n": {"type": "integer"}}}},
    ),
    _page(
        "fields of a page that are called like what reads fields",
        {
            "as_is": _FREE,
            "read_date": _LATER,
            "read_datetime": _words("x"),
            "_WORDS": _words("y"),
            "record": _words("z"),
        },
        {"as_is": {"a": 1}, "read_date": {"a": 2}, "read_datetime": "x", "_WORDS": "y", "record": "z"},
    ),
    Case(
        "a new word on a page of two lists, one of which is missing",
        """
        paths: {/a: {get: {returns: Page}}}
        schemas:
          Item: {type: object, properties: {a: {type: string, enum: [x]}, free: {type: object}}}
          Other: {type: object, properties: {b: {type: string, enum: [y, z]}, free: {type: object}}}
          Page:
            type: object
            properties:
              l: {type: array, items: {$ref: '#/components/schemas/Item'}}
              m: {type: array, items: {$ref: '#/components/schemas/Other'}}
        """,
        results=[
            Result(
                "get_a",
                '{"m":[{"b":"new"},{"b":"z","free":{}}]}',
                lambda value: (
                    value.l is None and [type(each.b).__name__ for each in value.m] == ["str", "OtherB"]
                ),
            )
        ],
    ),
]
