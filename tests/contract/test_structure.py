"""The form of a contract: an error names its place, and a document that passes can be compared."""

from __future__ import annotations

import copy
import random
from typing import Any

import pytest

from comfy_cloud.contract import ContractError, compare, merged_contract, published_contract
from comfy_cloud.contract._documents.structure import check_structure

OPERATION: dict[str, Any] = {
    "operationId": "x",
    "tags": ["t"],
    "parameters": [{"name": "n", "in": "query", "schema": {"type": "integer"}}],
    "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/A"}}}},
    "responses": {"200": {"description": "x", "headers": {"X": {"schema": {"type": "string"}}}}},
}
DOCUMENT: dict[str, Any] = {
    "openapi": "3.0.3",
    "paths": {"/x": {"get": OPERATION, "x-note": 3}},
    "components": {
        "schemas": {
            "A": {"type": "object", "properties": {"a": {"$ref": "#/components/schemas/A"}, "b": True}}
        }
    },
}


def test_contracts_pass() -> None:
    for document in (DOCUMENT, merged_contract(), published_contract()):
        check_structure(document)


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (["info"], 3, "at info: this is a mapping, not a number"),
        (["servers"], [{}], "at servers[0]: a server has a `url`"),
        (["tags"], [{"title": "t"}], "at tags[0]: a tag has a `name`"),
        (["security"], {}, "at security: this is a list, not a mapping"),
        (["paths", "/x"], [], "at paths./x: this is a mapping, not a list"),
        (["paths", "/x", "get"], None, "at paths./x.get: this is a mapping, not nothing"),
        (["paths", "/x", "get", "operationId"], 3, "an operationId is text"),
        (["paths", "/x", "get", "tags"], [3], "at paths./x.get.tags[0]: a tag is text"),
        (["paths", "/x", "get", "parameters"], "n", "at paths./x.get.parameters: this is a list, not text"),
        (["paths", "/x", "get", "parameters"], [{"in": "query"}], "a parameter has a `name`"),
        (
            ["paths", "/x", "get", "parameters"],
            [{"$ref": "#/components/schemas/A"}],
            "a parameter has a `name`",
        ),
        (
            ["paths", "/x", "get", "requestBody"],
            {"content": []},
            "requestBody.content: this is a mapping, not a list",
        ),
        (
            ["paths", "/x", "get", "responses"],
            {"200": True},
            "responses.200: this is a mapping, not true or false",
        ),
        (["components", "schemas", "A", "type"], "text", "schema.type: a type is one of array, boolean"),
        (["components", "schemas", "A", "required"], [3], "required[0]: a name is text"),
        (["components", "schemas", "A", "enum"], "a", "enum: this is a list"),
        (["components", "schemas", "A", "minLength"], "a", "minLength: a bound is a number"),
        (["components", "schemas", "A", "properties"], [], "properties: this is a mapping"),
        (["components", "schemas", "A", "items"], 3, "items: this is a mapping, not a number"),
        (["components", "schemas", "A", "oneOf"], {}, "oneOf: this is a list"),
        (["components", "schemas", "A", "properties", "a"], {"$ref": "#/nowhere"}, "#/nowhere leads nowhere"),
        (
            ["components", "schemas", "A", "properties", "a"],
            {"$ref": "other.yaml#/A"},
            "other.yaml#/A leads nowhere",
        ),
    ],
)
def test_what_is_wrong_is_named(path: list[str], value: Any, message: str) -> None:
    document = copy.deepcopy(DOCUMENT)
    node = document
    for step in path[:-1]:
        node = node.setdefault(step, {})
    node[path[-1]] = value
    with pytest.raises(ContractError) as caught:
        check_structure(document)
    assert message in str(caught.value)


def refused(document: dict[str, Any]) -> str | None:
    """Why a document does not have the form of a contract; None when it has."""
    if not isinstance(document.get("paths"), dict):
        return "it has no paths"
    try:
        check_structure(document)
    except ContractError as error:
        return str(error)
    return None


def positions(node: Any) -> list[tuple[Any, Any]]:
    found = []
    items = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in items:
        found.append((node, key))
        found += positions(value)
    return found


@pytest.mark.parametrize("seed", range(60))
def test_what_passes_can_be_compared(seed: int) -> None:
    """The real contract, broken at random, is refused in one line or compares without error."""
    chance = random.Random(seed)
    old, document = published_contract(), published_contract()
    for _ in range(3):
        node, key = chance.choice(positions(document))
        node[key] = copy.deepcopy(
            chance.choice([None, 3, "x", [], {}, [3], {"$ref": "#/info"}, {"x": 3}, True])
        )
    refusal = refused(document)
    if refusal is not None:
        assert "\n" not in refusal
        return
    for change in [*compare(old, document), *compare(document, old), *compare(document, document)]:
        assert change.where
        assert change.text
