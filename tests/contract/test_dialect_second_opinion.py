"""A second opinion on the dialect: by openapi-schema-validator, the same values fit the contract.

Why it is not used instead is in `comfy_cloud.contract._checks.dialect`.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from openapi_schema_validator import OAS30Validator

from comfy_cloud.contract._checks.dialect import Dialect
from comfy_cloud.contract._documents.operations import operations_of
from comfy_cloud.contract._documents.release import merged_contract

from ..generated.schema_values import SchemaValues

CONTRACT = merged_contract()
DIALECT = Dialect(CONTRACT)
VALUES = SchemaValues(CONTRACT)
SCHEMAS = {
    json.dumps(content["schema"]): (operation.http, content["schema"])
    for operation in operations_of(CONTRACT)
    for status, response in operation.raw["responses"].items()
    for media_type, content in response.get("content", {}).items()
    if status < "300" and media_type == "application/json"
}


def positions(value: Any) -> list[tuple[Any, Any]]:
    """Every (container, key) in a JSON value."""
    found = []
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        found.append((value, key))
        found += positions(inner)
    return found


@pytest.mark.parametrize(("name", "schema"), SCHEMAS.values())
@settings(max_examples=3, phases=[Phase.generate])
@given(data=st.data())
def test_openapi_schema_validator_agrees(name: str, schema: dict[str, Any], data: st.DataObject) -> None:
    """The same values fit: those that the contract allows, and those with one part replaced."""
    whole = {**schema, "components": CONTRACT["components"]}
    theirs = OAS30Validator(whole, format_checker=OAS30Validator.FORMAT_CHECKER)

    def fits() -> bool:
        fits = not list(DIALECT.errors(schema, value))
        assert fits == (not list(theirs.iter_errors(value))), (name, value)
        return fits

    value = json.loads(json.dumps(data.draw(VALUES.of(schema))))
    assert fits()
    others: list[Any] = [None, True, -1, 2**70, 1.5, "x", "2026-11-23T12:00:00Z", [], {}]
    for container, key in positions(value)[:20]:
        was, container[key] = container[key], data.draw(st.sampled_from(others))
        fits()
        container[key] = was


@given(st.text("ab1:/?#[]@%20.-+ü", max_size=9))
def test_openapi_schema_validator_agrees_on_uris(text: str) -> None:
    for kind in ("uri", "uri-reference"):
        fits = not list(DIALECT.errors({"type": "string", "format": kind}, text))
        assert fits == OAS30Validator.FORMAT_CHECKER.conforms(text, kind)
