"""A contract of a few operations is put into the whole one."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from comfy_cloud.contract._diff.contracts import compare
from comfy_cloud.contract._documents.reader import ContractError
from scripts.contract.part import is_part, with_part

Document = dict[str, Any]


def operation(name: str, **more: Any) -> Document:
    reference = {"$ref": "#/components/schemas/Thing"}
    content = {"application/json": {"schema": reference}}
    return {"operationId": name, "responses": {"200": {"description": "It.", "content": content}}, **more}


WHOLE: Document = {
    "openapi": "3.0.3",
    "info": {"title": "T", "version": "1"},
    "security": [{"Key": []}],
    "paths": {
        f"/{name}": {"get": operation(name), "post": operation(f"post{name}")}
        for name in ("one", "two", "three")
    },
    "components": {
        "schemas": {
            "Thing": {"type": "object", "properties": {"a": {"type": "string"}}},
            "Other": {"type": "object"},
        },
        "securitySchemes": {"Key": {"type": "apiKey", "in": "header", "name": "X-API-Key"}},
    },
}


def part(**paths: Document) -> Document:
    found = copy.deepcopy(WHOLE)
    found["info"]["version"] = "2"
    found["paths"] = {f"/{name}": item for name, item in paths.items()}
    return found


def kinds(new: Document) -> set[tuple[str, str]]:
    return {(change.kind, change.where) for change in compare(WHOLE, with_part(WHOLE, new))}


def test_the_same_operation_changes_nothing() -> None:
    assert with_part(WHOLE, part(one={"get": operation("one")})) == WHOLE


def test_an_operation_is_replaced_and_the_others_stay() -> None:
    assert kinds(part(one={"get": operation("one", deprecated=True)})) == {("deprecation", "GET /one")}


def test_an_operation_and_its_components_are_added() -> None:
    new = part(new={"get": operation("new")})
    reference = {"$ref": "#/components/schemas/New"}
    new["components"]["schemas"] = {
        "Thing": {"type": "object", "properties": {"a": reference}},
        "New": {"type": "integer"},
        "Unused": {"type": "string"},
    }
    assert kinds(new) == {
        ("operation-added", "GET /new"),
        ("schema-added", "schema New"),
        ("type-changed", "schema Thing.a"),
    }


def test_shared_parameters_become_those_of_the_operation() -> None:
    shared = [{"name": "q", "in": "query", "schema": {"type": "string"}}]
    new = part(one={"parameters": shared, "get": operation("one")})
    assert kinds(new) == {("parameter-added", "GET /one")}


def test_who_needs_a_key_is_taken_over() -> None:
    new = part(one={"get": operation("one")})
    new["security"] = []
    assert kinds(new) == {("security-changed", "GET /one")}


def test_another_name_of_a_path_parameter_is_refused() -> None:
    whole = copy.deepcopy(WHOLE)
    whole["paths"]["/x/{id}"] = {"get": operation("x")}
    with pytest.raises(ContractError, match="name its parameters alike"):
        with_part(whole, part(**{"x/{name}": {"get": operation("x")}}))


def test_fewer_than_half_of_the_operations_are_a_part() -> None:
    assert is_part(part(one={"get": operation("one")}), WHOLE)
    assert not is_part(part(one=WHOLE["paths"]["/one"], two={"get": operation("two")}), WHOLE)
    assert not is_part(WHOLE, WHOLE)
