"""The real contract, changed wherever a change fits: each change is found, at its place.

Whether a change breaks is written here by hand, from what this client does with requests and
responses.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comfy_cloud.contract import Change, compare, methods_by_operation, methods_touched, published_contract
from comfy_cloud.contract._documents.operations import operations_of

OLD = published_contract()
OPERATIONS = {op.id: op for op in operations_of(OLD)}
JSON = "application/json"


def entry(document: Any, operation: str) -> Any:
    op = OPERATIONS[operation]
    return document["paths"][op.path][op.method.lower()]


def optional_queries(raw: Any) -> list[Any]:
    return [
        given for given in raw.get("parameters", []) if given["in"] == "query" and not given.get("required")
    ]


def fields_of(raw: Any, where: str) -> Any:
    """The fields of the first inline object in an operation's `responses` or `requestBody`."""
    schema = inline(raw, where)
    return schema and schema["properties"]


def inline(raw: Any, where: str) -> Any:
    holders = raw.get("responses", {}).values() if where == "responses" else [raw.get("requestBody", {})]
    schemas = [
        content.get("schema", {}) for holder in holders for content in holder.get("content", {}).values()
    ]
    return next((schema for schema in schemas if schema.get("properties")), None)


def has_success(raw: Any) -> bool:
    return any(status[0] == "2" for status in raw["responses"])


def enum_of(raw: Any) -> list[Any]:
    return next(
        (given["schema"]["enum"] for given in raw.get("parameters", []) if "enum" in given.get("schema", {})),
        [],
    )


def require_new_field(raw: Any) -> None:
    schema = inline(raw, "requestBody")
    schema["properties"]["zzz"] = {}
    schema.setdefault("required", []).append("zzz")


def add_parameter(raw: Any, **more: Any) -> None:
    parameter = {"name": "zzz", "in": "query", "schema": {"type": "string"}, **more}
    raw.setdefault("parameters", []).append(parameter)


def add_response(raw: Any, status: str, **more: Any) -> None:
    raw["responses"][status] = {"description": "x", **more}


def set_body(raw: Any, **more: Any) -> None:
    raw["requestBody"] = {"content": {JSON: {}}, **more}


def always(raw: Any) -> bool:
    return True


def has_query(raw: Any) -> bool:
    return bool(optional_queries(raw))


def has_fields_in(where: str) -> Callable[[Any], bool]:
    return lambda raw: bool(fields_of(raw, where))


Mutation = tuple[Callable[[Any], bool], Callable[[Any], object], str, bool]
"""Where it fits, what it does to an operation, and the kind and breaking of the change."""

MUTATIONS: dict[str, Mutation] = {
    "a parameter is added": (always, add_parameter, "parameter-added", False),
    "a required parameter is added": (
        always, lambda raw: add_parameter(raw, required=True), "parameter-added", True,
    ),
    "a parameter is removed": (
        has_query, lambda raw: raw["parameters"].remove(optional_queries(raw)[0]), "parameter-removed", True,
    ),
    "a parameter is required": (
        has_query, lambda raw: optional_queries(raw)[0].update(required=True), "parameter-required", True,
    ),
    "a parameter has another type": (
        has_query, lambda raw: optional_queries(raw)[0].update(schema={"type": "object"}),
        "type-changed", True,
    ),
    "a parameter takes a new value": (
        lambda raw: bool(enum_of(raw)), lambda raw: enum_of(raw).append("zzz"), "enum-widened", False,
    ),
    "a parameter no longer takes a value": (
        lambda raw: len(enum_of(raw)) > 1, lambda raw: enum_of(raw).pop(), "enum-narrowed", True,
    ),
    "an error is added": (always, lambda raw: add_response(raw, "418"), "status-added", False),
    "an error is gone": (
        lambda raw: "500" in raw["responses"], lambda raw: raw["responses"].pop("500"),
        "status-removed", False,
    ),
    "the success is gone": (
        lambda raw: "200" in raw["responses"], lambda raw: raw["responses"].pop("200"),
        "status-removed", True,
    ),
    "a success of another type": (
        has_success, lambda raw: add_response(raw, "206", content={"text/zzz": {}}), "status-added", True,
    ),
    "another operationId": (always, lambda raw: raw.update(operationId="zzz"), "operation-renamed", True),
    "another tag": (always, lambda raw: raw.update(tags=["zzz"]), "tag-changed", True),
    "deprecation": (
        lambda raw: not raw.get("deprecated"), lambda raw: raw.update(deprecated=True), "deprecation", False,
    ),
    "a key is needed": (
        lambda raw: raw.get("security") == [], lambda raw: raw.pop("security"), "security-changed", True,
    ),
    "no key is needed": (
        lambda raw: "security" not in raw, lambda raw: raw.update(security=[]), "security-changed", False,
    ),
    "a field of a response is gone": (
        has_fields_in("responses"), lambda raw: fields_of(raw, "responses").popitem(), "field-removed", True,
    ),
    "a field of a response is new": (
        has_fields_in("responses"), lambda raw: fields_of(raw, "responses").update(zzz={}),
        "field-added", False,
    ),
    "a field of a body is new": (
        has_fields_in("requestBody"), lambda raw: fields_of(raw, "requestBody").update(zzz={}), "field-added",
        False,
    ),
    "a field of a body is gone": (
        has_fields_in("requestBody"), lambda raw: fields_of(raw, "requestBody").popitem(),
        "field-removed", True,
    ),
    "another field of a body is required": (
        has_fields_in("requestBody"), require_new_field, "field-added", True,
    ),
    "the body is gone": (
        lambda raw: "requestBody" in raw, lambda raw: raw.pop("requestBody"), "body-removed", True,
    ),
    "a body is new": (lambda raw: "requestBody" not in raw, set_body, "body-added", False),
    "a body is new and required": (
        lambda raw: "requestBody" not in raw, lambda raw: set_body(raw, required=True), "body-added", True,
    ),
}  # fmt: skip


HALVES = (list(OPERATIONS)[::2], list(OPERATIONS)[1::2])
"""Operations that are changed together, beside others that are not: a comparison takes long."""


def changes_at(changes: list[Change], operation: str) -> list[Change]:
    return [known for known in changes if f"{known.where} ".startswith(f"{OPERATIONS[operation].http} ")]


@pytest.mark.parametrize("half", HALVES, ids=["even", "odd"])
@pytest.mark.parametrize("name", MUTATIONS)
def test_a_change_of_an_operation(name: str, half: list[str]) -> None:
    fits, change, kind, breaking = MUTATIONS[name]
    fitting = [operation for operation in half if fits(OPERATIONS[operation].raw)]
    document = published_contract()
    for number, operation in enumerate(fitting):
        raw = entry(document, operation)
        change(raw)
        if raw["operationId"] == "zzz":
            raw["operationId"] += str(number)
    found = [known for known in compare(OLD, document) if known.kind == kind]
    for operation in fitting:
        here = changes_at(found, operation)
        assert here, f"{name} of {operation} is not found"
        assert any(known.breaking == breaking for known in here)
        assert breaking or not any(known.breaking for known in here)
        if kind != "operation-renamed":  # the table of methods has the old name, the change the new one
            assert all(known.operations == (operation,) for known in here)
            assert all(
                methods_touched(known, methods_by_operation()) == sorted(methods_by_operation()[operation])
                for known in here
            )
    assert len(found) == sum(len(changes_at(found, operation)) for operation in fitting)


def test_each_mutation_fits_somewhere() -> None:
    for name, (fits, *_) in MUTATIONS.items():
        assert any(fits(op.raw) for op in OPERATIONS.values()), name


@pytest.mark.parametrize("half", HALVES, ids=["even", "odd"])
def test_operations_that_are_gone_or_elsewhere(half: list[str]) -> None:
    document = published_contract()
    taken = {}
    for operation in half:
        op = OPERATIONS[operation]
        taken[operation] = document["paths"][op.path].pop(op.method.lower())
    gone = [change for change in compare(OLD, document) if change.kind == "operation-removed"]
    assert sorted((change.where, change.breaking, change.operations) for change in gone) == sorted(
        (OPERATIONS[operation].http, True, (operation,)) for operation in half
    )
    back = [change for change in compare(document, OLD) if change.kind == "operation-added"]
    assert sorted((change.where, change.breaking) for change in back) == sorted(
        (OPERATIONS[operation].http, False) for operation in half
    )
    for operation, raw in taken.items():
        op = OPERATIONS[operation]
        document["paths"].setdefault("/v9" + op.path, {})[op.method.lower()] = raw
    moved = [change for change in compare(OLD, document) if change.kind == "operation-moved"]
    assert sorted((change.breaking, change.operations) for change in moved) == sorted(
        (True, (operation,)) for operation in half
    )


FIELD_CHANGES: dict[str, tuple[Callable[[Any, str], object], str, bool]] = {
    "gone": (lambda schema, name: schema["properties"].pop(name), "field-removed", True),
    "of another type": (
        lambda schema, name: schema["properties"].update({name: {"type": "array", "items": {}}}),
        "type-changed",
        True,
    ),
    "null": (
        lambda schema, name: schema["properties"][name].update(nullable=True), "null-allowed", True,
    ),
    "optional": (lambda schema, name: schema["required"].remove(name), "field-optional", True),
}  # fmt: skip


CHANGED_SCHEMAS = (
    "JobEntry", "JobDetailResponse", "HistoryEntry", "Asset", "PaginationInfo", "TagInfo", "NodeInfo",
)  # fmt: skip


@pytest.mark.parametrize("name", FIELD_CHANGES)
@settings(max_examples=2)
@given(data=st.data())
def test_a_change_of_a_field_of_responses(name: str, data: st.DataObject) -> None:
    """One field of each schema at once."""
    change, kind, breaking = FIELD_CHANGES[name]
    document = published_contract()
    changed = {}
    for schema in CHANGED_SCHEMAS:
        old = OLD["components"]["schemas"][schema]
        fields = [
            field
            for field, inner in old["properties"].items()
            if "$ref" not in inner and inner.get("type") not in (None, "array") and not inner.get("nullable")
            if name not in ("null", "optional") or field in old.get("required", [])
        ]
        if fields:
            changed[schema] = data.draw(st.sampled_from(fields), schema)
            change(document["components"]["schemas"][schema], changed[schema])
    all_found = [known for known in compare(OLD, document) if known.kind == kind]
    assert len(all_found) == len(changed) > 1
    for schema, field in changed.items():
        (found,) = [
            known for known in all_found if known.where.replace(".", " ").startswith(f"schema {schema}")
        ]
        assert found.breaking == breaking
        assert field in found.where + found.text
        assert found.operations
        assert methods_touched(found, methods_by_operation())
