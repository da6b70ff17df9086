"""The response table agrees with the contract for every operation."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comfy_cloud._http.response_shapes import Shape, compare, shape_of
from comfy_cloud.contract._documents.operations import operations_of
from comfy_cloud.contract._documents.release import merged_contract
from comfy_cloud_api.responses import RESPONSES, SCHEMAS
from scripts.generator.response_table import table_text

from .schema_values import SchemaValues

DOCUMENT = merged_contract()
OPERATIONS = [op for op in operations_of(DOCUMENT) if op.left_out is None]
VALUES = SchemaValues(DOCUMENT)
JSON = "application/json"
CASES = [
    (op.id, int(status), response["content"][JSON]["schema"])
    for op in OPERATIONS
    for status, response in op.raw["responses"].items()
    if JSON in response.get("content", {})
]


def shape(operation: str, status: int) -> Shape | None:
    return shape_of(RESPONSES[operation][status][1], SCHEMAS, operation, "")


def kinds(operation: str, status: int, value: Any) -> set[tuple[str, str]]:
    found: set[tuple[str, str]] = set()
    known = shape(operation, status)
    if known is not None:
        compare(known, value, 0, lambda place, kind, _: found.add((place.path, kind)))
    return found


def test_every_operation_and_status_is_there() -> None:
    assert {op.id: {int(s) for s in op.raw["responses"]} for op in OPERATIONS} == {
        name: set(responses) for name, responses in RESPONSES.items()
    }
    # Only what the contract leaves open has no shape.
    without = {name for name, status, _ in CASES if status == 200 and shape(name, status) is None}
    assert without <= {"getWorkflowTemplates"}


@cache
def values_of(operation: str) -> list[tuple[int, st.SearchStrategy[Any]]]:
    """Each status of an operation, with the values that fit it."""
    return [(status, VALUES.of(schema)) for name, status, schema in CASES if name == operation]


@pytest.mark.parametrize("operation", sorted({name for name, _, _ in CASES}))
@settings(max_examples=8)
@given(data=st.data())
def test_values_that_fit_the_contract_show_nothing(operation: str, data: st.DataObject) -> None:
    for status, values in values_of(operation):
        value = json.loads(json.dumps(data.draw(values)))
        assert {kind for _, kind in kinds(operation, status, value)} <= {"unknown field"}


def found_by(schema: Any, value: Any) -> set[str]:
    """What a client finds in a value, by a contract whose only response has this schema."""
    response = {"content": {JSON: {"schema": schema}}}
    document = {
        "paths": {"/x": {"get": {"operationId": "x", "responses": {"200": response}}}},
        "components": {"schemas": {"One": {"properties": {"a": {"type": "string"}}, "required": ["a"]}}},
    }
    names: dict[str, Any] = {}
    exec(table_text(document), names)
    known = shape_of(names["RESPONSES"]["x"][200][1], names["SCHEMAS"], "x", "")
    found: set[str] = set()
    if known is not None:
        compare(known, value, 0, lambda place, kind, _: found.add(f"{place.path} {kind}"))
    return found


ONE = {"$ref": "#/components/schemas/One"}


@pytest.mark.parametrize(
    ("schema", "value", "expected"),
    [
        (
            {"allOf": [ONE, {"properties": {"b": {"type": "integer"}}, "required": ["b"]}]},
            {},
            {" missing field"},
        ),
        ({"allOf": [ONE]}, {"a": 1}, {"a type"}),
        ({"oneOf": [{"type": "string"}, ONE]}, 3, {" type"}),
        ({"oneOf": [{"type": "string"}, ONE]}, {"a": 3}, set()),  # of alternatives only the types
        ({"anyOf": [{}, ONE]}, 3, set()),
        ({"type": ["string", "null"]}, None, set()),
        ({"type": "string", "nullable": True}, None, set()),
        ({"type": "string"}, None, {" null"}),
        ({"properties": {"a": True}}, {"a": 1}, set()),
        ({"properties": {"a": {}}, "additionalProperties": {"type": "integer"}}, {"b": "x"}, {"* type"}),
        ({"properties": {"a": {}}, "additionalProperties": False}, {"b": "x"}, {" unknown field"}),
        ({"properties": {"a": {}}, "additionalProperties": True}, {"b": "x"}, set()),
        ({"type": "integer", "enum": [1, 2]}, 3, set()),  # only enums of text are checked
        ({}, 3, set()),
    ],
)
def test_what_the_table_keeps_of_a_schema(schema: Any, value: Any, expected: set[str]) -> None:
    assert found_by(schema, value) == expected
