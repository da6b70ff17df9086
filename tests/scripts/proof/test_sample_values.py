"""Values that the proof makes fit their schema, also where it joins others."""

from __future__ import annotations

from typing import Any

import pytest

from scripts.proof.sample_values import SampleValues

BASE = {
    "type": "object",
    "required": ["id"],
    "properties": {"id": {"type": "string"}, "n": {"type": "integer"}},
}
DOCUMENT = {"components": {"schemas": {"Base": BASE}}}
REFERENCE = {"$ref": "#/components/schemas/Base"}


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"allOf": [REFERENCE, {"type": "object", "required": ["n"]}]}, {"id": "text", "n": 1}),
        ({"allOf": [REFERENCE], "required": ["n"]}, {"id": "text", "n": 1}),
        ({"allOf": [REFERENCE, {"description": "Only prose."}]}, {"id": "text"}),
        ({"required": ["a"], "properties": {"a": {"type": "string", "nullable": True}}}, {"a": None}),
        ({"properties": {"a": {"type": "string", "nullable": True}}}, {}),
    ],
)
def test_the_smallest_value_has_what_is_required(schema: dict[str, Any], value: dict[str, Any]) -> None:
    assert SampleValues(DOCUMENT).of(schema, 0) == value


def test_a_null_is_only_where_it_is_required() -> None:
    schema = {"properties": {"a": {"enum": [None]}, "b": {"type": "integer"}}, "type": "object"}
    assert SampleValues(DOCUMENT).of(schema, 1) == {"b": 3}
