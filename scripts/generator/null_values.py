"""Whether a value by a schema may be null, in OpenAPI 3.0 and in 3.1. Pure."""

from __future__ import annotations

from typing import Any

from comfy_cloud.contract._documents.reader import resolved

_OF_OBJECTS = frozenset({"properties", "additionalProperties", "required", "items", "prefixItems"})

Schema = dict[str, Any]


def may_be_null(schema: Any, document: Schema, seen: frozenset[str] = frozenset()) -> bool:
    """Whether null fits a schema; it fits one that defines nothing.

    `nullable: true` counts wherever it stands, also beside `allOf`: that is what it is written for.
    """
    if not isinstance(schema, dict):
        return schema is True
    if schema.get("nullable") is True:
        return True
    if "$ref" in schema:
        reference = str(schema["$ref"])
        if reference in seen:
            return False
        return may_be_null(resolved(schema, document), document, seen | {reference})
    types = schema.get("type")
    if types is not None:
        return types == "null" or (isinstance(types, list) and "null" in types)
    if "const" in schema:
        return schema["const"] is None
    if isinstance(schema.get("enum"), list):
        return None in schema["enum"]
    if parts := schema.get("allOf"):
        return all(may_be_null(part, document, seen) for part in parts)
    if parts := [*schema.get("oneOf", []), *schema.get("anyOf", [])]:
        return any(may_be_null(part, document, seen) for part in parts)
    return _OF_OBJECTS.isdisjoint(schema)


def required_nulls(schema: Any, document: Schema) -> tuple[str, ...]:
    """The fields of an object that must be there and may be null, those that it joins included."""
    fields: dict[str, list[Any]] = {}
    required: dict[str, None] = {}
    _collect(schema, document, [], fields, required)
    return tuple(
        name
        for name in required
        if name in fields and all(may_be_null(field, document) for field in fields[name])
    )


def _collect(
    schema: Any, document: Schema, seen: list[Any], fields: dict[str, list[Any]], required: dict[str, None]
) -> None:
    schema = resolved(schema, document)
    if not isinstance(schema, dict) or any(schema is other for other in seen):
        return
    for part in schema.get("allOf", []):
        _collect(part, document, [*seen, schema], fields, required)
    for name, field in schema.get("properties", {}).items():
        fields.setdefault(name, []).append(field)
    required.update(dict.fromkeys(schema.get("required", [])))
