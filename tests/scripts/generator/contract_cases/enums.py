"""Enums of every type of value, with odd, repeated and colliding values."""

from __future__ import annotations

import json

from .case import Call, Case, Result


def _enum(name: str, values: list[str | int | float | bool | None], kind: str | None = None) -> Case:
    """A field that has these values; the first one is read as it is."""
    schema = json.dumps({"enum": values, **({"type": kind} if kind else {})})
    contract = f"""
        paths: {{/a: {{get: {{returns: M}}}}}}
        schemas: {{M: {{type: object, properties: {{k: {schema}, z: {{type: integer}}}}}}}}
        """
    return Case(
        name,
        contract,
        results=[Result("get_a", json.dumps({"k": values[0]}), lambda value: bool(value.k == values[0]))],
    )


CASES = [
    Case(
        "an enum of integers",
        """
        paths:
          /a:
            get:
              returns: M
              parameters: [{name: n, in: query, schema: {type: integer, enum: [1, 2, -3]}}]
        schemas: {M: {type: object, properties: {k: {type: integer, enum: [0, 10, -1]}}}}
        """,
        calls=[Call("get_a", {"n": 2}, target="/a?n=2")],
        results=[
            Result("get_a", '{"k":10}', lambda value: value.k == 10),
            Result("get_a", '{"k":77}', lambda value: value.k == 77),
        ],
    ),
    Case(
        "enums of several types",
        """
        paths:
          /a: {get: {operationId: getA, returns: M}}
        schemas:
          M:
            type: object
            properties:
              k: {enum: [a, 1, true, null]}
              b: {type: boolean, enum: [true]}
              f: {type: number, enum: [0.5, 1.5]}
        """,
        results=[
            Result(
                "get_a",
                '{"k":1,"b":true,"f":0.5}',
                lambda value: value.k == 1 and value.b is True and (value.f == 0.5),
            )
        ],
    ),
    _enum("words that differ in case only", ["a", "A"], "string"),
    _enum(
        "words that Python reserves, and words with spaces", ["class", "None", "a b", "1st", "true"], "string"
    ),
    _enum("an empty word", ["", "b"], "string"),
    _enum("words that become one name", ["a b", "a-b"], "string"),
    _enum("a repeated word", ["a", "a"], "string"),
    _enum("a word and a number", ["a", 1]),
    _enum("an enum of a boolean", [True], "boolean"),
    _enum("an enum of numbers", [0.5, 1.5], "number"),
    _enum("null among words", ["x", None]),
]
