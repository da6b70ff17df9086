"""The quick check takes nothing that jsonschema refuses, and all that the contract allows."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from comfy_cloud.contract._checks.dialect import Dialect
from comfy_cloud.contract._documents.release import merged_contract

from ..generated.schema_values import SchemaValues

CONTRACT = merged_contract()
DIALECT = Dialect(CONTRACT)
VALUES = SchemaValues(CONTRACT)
SCHEMAS = {
    name: schema for name, schema in CONTRACT["components"]["schemas"].items() if isinstance(schema, dict)
}
DOCUMENT: dict[str, Any] = {
    "components": {
        "schemas": {
            "Tree": {
                "type": "object",
                "required": ["id"],
                "properties": {
                    "id": {"type": "string"},
                    "inner": {"type": "array", "items": {"$ref": "#/components/schemas/Tree"}},
                },
                "additionalProperties": False,
            }
        }
    }
}
TREE = {"$ref": "#/components/schemas/Tree", "type": "integer"}
PARTS = [
    {"type": "string", "minLength": 2, "maxLength": 3},
    {"type": "integer", "minimum": 0, "maximum": 2},
    {"type": "number", "minimum": 0, "exclusiveMinimum": True},
    {"type": "array", "items": {"type": "integer"}, "minItems": 1, "maxItems": 2},
    {"type": "array", "uniqueItems": True},
    {"enum": ["a", None, 1, True]},
    {"type": "string", "enum": ["a"], "nullable": True},
    {"type": "object", "properties": {"a": {"type": "integer"}}, "additionalProperties": {"type": "string"}},
    {"type": "object", "patternProperties": {"^a": {"type": "integer"}}, "additionalProperties": False},
    {"type": "object", "minProperties": 1, "maxProperties": 1},
    {"required": ["a"], "properties": {"a": {"format": "uuid"}}},
    {"allOf": [{"type": "object"}, {"required": ["a"]}], "nullable": True},
    {"oneOf": [{"type": "integer"}, {"minimum": 1}]},
    {"anyOf": [{"type": "integer"}, {"type": "string"}]},
    {"not": {"type": "string"}},
    {"format": "int32"},
    {"pattern": "^a"},
    {"type": ["string", "null"]},
    {"multipleOf": 2},
    {"description": "of anything", "example": 1},
    TREE,
    {"$ref": "#/components/schemas/Missing"},
]
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-3, 3)
    | st.floats(-2, 2)
    | st.sampled_from(["", "a", "ab", "abcd"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "b", "id", "inner"]), inner)
    ),
    max_leaves=6,
)


def is_sound(dialect: Dialect, schema: Any, value: Any) -> bool:
    """Whether the quick check takes it. Fails when it does and jsonschema does not."""
    is_quick = dialect._quick.fits(schema, value)
    assert not (is_quick and list(dialect._found(schema, value))), (schema, value)
    return is_quick


@given(st.sampled_from(PARTS), JSON)
def test_it_takes_nothing_that_jsonschema_refuses(part: dict[str, Any], value: Any) -> None:
    dialect = Dialect(DOCUMENT)
    for schema in (part, {"type": "array", "items": part}, {"properties": {"a": part}}):
        is_sound(dialect, schema, value)


@pytest.mark.parametrize("name", SCHEMAS)
@settings(max_examples=2, phases=[Phase.generate])
@given(data=st.data())
def test_it_takes_what_the_contract_allows(name: str, data: st.DataObject) -> None:
    assert is_sound(DIALECT, SCHEMAS[name], data.draw(VALUES.of(SCHEMAS[name])))


def test_what_is_too_deep_is_left_to_jsonschema() -> None:
    value: dict[str, Any] = {"id": ""}
    for _ in range(5_000):
        value = {"id": "", "inner": [value]}
    (error,) = Dialect(DOCUMENT).errors(TREE, value)
    assert error.validator == "nesting"
