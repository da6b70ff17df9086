from __future__ import annotations

import copy
from typing import Any

import pytest

from comfy_cloud.contract._documents.reader import (
    ContractError,
    check_references,
    read_contract,
    read_document,
    resolved,
)
from scripts.contract.overlay import apply_actions, merged, redundant_actions
from scripts.project.checkout import Checkout

from ..copies import contract_of, overlay_of

CONTRACT_DOCUMENT = contract_of(Checkout())
OVERLAY_DOCUMENT = overlay_of(Checkout())


def contract(**schemas: Any) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": "listThings",
        "tags": ["thing"],
        "parameters": [{"name": "limit", "in": "query", "schema": {"type": "integer"}}],
        "responses": {"200": {"description": "Things."}},
    }
    return {
        "openapi": "3.0.3",
        "info": {"title": "T", "version": "1"},
        "paths": {"/things": {"get": operation}},
        "components": {"schemas": schemas},
    }


def actions(*given: dict[str, Any]) -> dict[str, Any]:
    return {"overlay": "1.0.0", "actions": list(given)}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: [1", "neither YAML nor JSON"),
        (b"\xff\xfe\x00", "neither YAML nor JSON"),
        ("", "x is empty"),
        ("# only a comment\n", "x is empty"),
        ("[1, 2]", "holds a list"),
        ("just words", "holds a str"),
        ("<!doctype html><html><body>404</body></html>", "web page"),
        ("<html>\n<p>a</p>", "web page"),
        ("swagger: '2.0'\npaths: {}", "Swagger 2.0.*swagger2openapi"),
        ("paths: {/a: {}}", "no `openapi: 3.x` line"),
        ("openapi: 4.0.0", "no `openapi: 3.x` line"),
        ("openapi: 3.0.3\npaths: {}", "no paths"),
        ("openapi: 3.0.3\npaths: [1]", "no paths"),
        ("[" * 5000, "nested more than 100 levels deep"),
    ],
)
def test_a_text_that_is_not_a_contract_is_refused_by_name(text: str, message: str) -> None:
    with pytest.raises(ContractError, match=message) as caught:
        read_contract(text, "x")
    assert "x " in str(caught.value)


def test_json_is_read_too() -> None:
    assert read_contract('{"openapi": "3.1.0", "paths": {"/a": {}}}', "x")["openapi"] == "3.1.0"


def test_dates_and_words_stay_text_and_keys_are_text() -> None:
    document = read_document("when: 2026-01-02\nword: no\nyes: on\ntruth: true\nresponses: {200: ok}", "x")
    assert document == {
        "when": "2026-01-02",
        "word": "no",
        "yes": "on",
        "truth": True,
        "responses": {"200": "ok"},
    }


def test_merging_changes_neither_argument() -> None:
    before, overlay = copy.deepcopy(CONTRACT_DOCUMENT), copy.deepcopy(OVERLAY_DOCUMENT)
    merged(CONTRACT_DOCUMENT, OVERLAY_DOCUMENT)
    assert before == CONTRACT_DOCUMENT
    assert overlay == OVERLAY_DOCUMENT


def test_every_action_of_our_overlay_matches_and_changes_something() -> None:
    _, unmatched = apply_actions(CONTRACT_DOCUMENT, OVERLAY_DOCUMENT)
    assert unmatched == []
    assert redundant_actions(CONTRACT_DOCUMENT, OVERLAY_DOCUMENT) == []


def test_merging_twice_repeats_nothing() -> None:
    once = merged(CONTRACT_DOCUMENT, OVERLAY_DOCUMENT)
    again, _ = apply_actions(once, OVERLAY_DOCUMENT)
    assert again["paths"]["/api/jobs"]["get"]["parameters"] == once["paths"]["/api/jobs"]["get"]["parameters"]
    enum = once["components"]["schemas"]["WebSocketMessageType"]["enum"]
    assert again["components"]["schemas"]["WebSocketMessageType"]["enum"] == enum
    assert len(enum) == len(set(enum))


def test_unmatched_actions_are_all_named_in_one_error() -> None:
    overlay = actions(
        {"target": "$.paths['/gone'].get", "description": "First\nfact.", "update": {"deprecated": True}},
        {"target": "$.components.schemas.Gone", "update": {"nullable": True}},
        {"target": "$.paths['/things'].get", "update": {"deprecated": True}},
    )
    with pytest.raises(ContractError) as caught:
        merged(contract(), overlay)
    assert "2 overlay action(s) match nothing" in str(caught.value)
    assert "$.paths['/gone'].get  (First fact.)" in str(caught.value)
    assert "$.components.schemas.Gone  (no description)" in str(caught.value)
    document, unmatched = apply_actions(contract(), overlay)
    assert len(unmatched) == 2
    assert document["paths"]["/things"]["get"]["deprecated"] is True


@pytest.mark.parametrize(
    ("action", "message"),
    [
        ({"target": "$..[", "update": {}}, "is not a JSONPath"),
        ({"update": {}}, "action 1 has no `target`"),
        ({"target": "$.paths"}, "neither `update` nor `remove`"),
    ],
)
def test_an_invalid_action_is_refused(action: dict[str, Any], message: str) -> None:
    with pytest.raises(ContractError, match=message):
        merged(contract(), actions(action))


def test_actions_that_are_not_a_list_are_refused() -> None:
    with pytest.raises(ContractError, match="not a list"):
        merged(contract(), {"actions": {"a": 1}})
    assert merged(contract(), {"actions": None}) == contract()


def test_repeats_are_dropped_where_lists_are_sets() -> None:
    schema = {"type": "object", "required": ["a"], "properties": {"a": {"enum": ["x", 1, True]}}}
    overlay = actions(
        {"target": "$.components.schemas.A", "update": {"required": ["a", "b"]}},
        {"target": "$.components.schemas.A.properties.a", "update": {"enum": ["x", "y", 1]}},
        {"target": "$.paths['/things'].get", "update": {"tags": ["thing", "more"]}},
    )
    document = merged(contract(A=schema), overlay)
    assert document["components"]["schemas"]["A"]["required"] == ["a", "b"]
    assert document["components"]["schemas"]["A"]["properties"]["a"]["enum"] == ["x", 1, True, "y"]
    assert document["paths"]["/things"]["get"]["tags"] == ["thing", "more"]


def test_samples_and_fields_with_those_names_are_left_alone() -> None:
    sample = {"tags": ["a", "a"]}
    schema = {"properties": {"tags": {"type": "array", "items": {"enum": ["p", "p"]}}}, "example": sample}
    document = merged(contract(A=schema), actions({"target": "$.paths['/things']", "update": {"x-a": 1}}))
    assert document["components"]["schemas"]["A"]["example"] == sample
    assert document["components"]["schemas"]["A"]["properties"]["tags"]["items"]["enum"] == ["p"]


@pytest.mark.parametrize("by_reference", [False, True])
def test_the_contracts_own_parameter_stays(by_reference: bool) -> None:
    document = contract()
    own: dict[str, Any] = {
        "name": "after",
        "in": "query",
        "description": "Own.",
        "schema": {"type": "string"},
    }
    if by_reference:
        document["components"]["parameters"] = {"After": own}
        own = {"$ref": "#/components/parameters/After"}
    document["paths"]["/things"]["get"]["parameters"].append(own)
    overlay = actions(
        {
            "target": "$.paths['/things'].get",
            "update": {
                "parameters": [
                    {"name": "after", "in": "query", "description": "Ours.", "schema": {"type": "string"}},
                    {"name": "after", "in": "header", "schema": {"type": "string"}},
                ]
            },
        }
    )
    parameters = merged(document, overlay)["paths"]["/things"]["get"]["parameters"]
    assert parameters[1] == own
    assert [parameter.get("in") for parameter in parameters[2:]] == ["header"]
    overlay["actions"][0]["update"]["parameters"].pop()
    assert redundant_actions(document, overlay) == overlay["actions"]


class TestRedundant:
    def judged(self, schema: dict[str, Any], *given: dict[str, Any]) -> list[dict[str, Any]]:
        return redundant_actions(contract(A=schema), actions(*given))

    def test_a_field_that_the_contract_now_has_with_another_description(self) -> None:
        action = {
            "target": "$.components.schemas.A",
            "update": {"properties": {"a": {"type": "string", "description": "Ours."}}},
        }
        assert self.judged({"properties": {"a": {"type": "string", "description": "Theirs."}}}, action) == [
            action
        ]
        assert self.judged({"properties": {"a": {"type": "integer"}}}, action) == []
        assert self.judged({"properties": {}}, action) == []

    def test_an_action_with_only_descriptions_needs_the_same_descriptions(self) -> None:
        action = {"target": "$.components.schemas.A", "update": {"description": "In milliseconds."}}
        assert self.judged({"description": "In milliseconds."}, action) == [action]
        assert self.judged({"description": "In seconds."}, action) == []

    def test_a_field_called_description_is_interface(self) -> None:
        action = {
            "target": "$.components.schemas.A.properties",
            "update": {"description": {"type": "string"}},
        }
        assert self.judged({"properties": {"b": {}}}, action) == []
        assert self.judged({"properties": {"description": {"type": "string"}}}, action) == [action]

    def test_a_response_that_is_now_documented(self) -> None:
        action = {"target": "$.paths['/things'].get.responses", "update": {"401": {"description": "No key."}}}
        document = contract()
        assert redundant_actions(document, actions(action)) == []
        document["paths"]["/things"]["get"]["responses"]["401"] = {"description": "Unauthorised"}
        assert redundant_actions(document, actions(action)) == [action]

    def test_an_enum_that_was_widened(self) -> None:
        action = {"target": "$.components.schemas.A", "update": {"enum": ["c"]}}
        assert self.judged({"enum": ["a", "b", "c"]}, action) == [action]
        assert self.judged({"enum": ["a", "b"]}, action) == []

    def test_a_list_target(self) -> None:
        action = {"target": "$.components.schemas.A.enum", "update": "c"}
        assert self.judged({"enum": ["a", "c"]}, action) == [action]
        assert self.judged({"enum": ["a"]}, action) == []

    def test_a_scalar_target(self) -> None:
        action = {"target": "$.components.schemas.A.type", "update": "string"}
        assert self.judged({"type": "string"}, action) == [action]
        assert self.judged({"type": "integer"}, action) == []

    def test_removing_and_writing_again_is_one_fact(self) -> None:
        fact = {"description": "The values are others.", "x-source": "S"}
        pair = (
            {"target": "$.components.schemas.A.enum", **fact, "remove": True},
            {"target": "$.components.schemas.A", **fact, "update": {"enum": ["x", "y"]}},
        )
        assert self.judged({"enum": ["x", "y"]}, *pair) == list(pair)
        assert self.judged({"enum": ["x"]}, *pair) == []
        assert self.judged({}, *pair) == []

    def test_removing_something_is_never_redundant_while_it_is_there(self) -> None:
        action = {"target": "$.components.schemas.A.enum", "remove": True}
        assert self.judged({"enum": ["x"]}, action) == []

    def test_a_later_action_is_judged_after_the_earlier_ones(self) -> None:
        first = {"target": "$.components.schemas.A", "description": "one", "update": {"nullable": True}}
        second = {"target": "$.components.schemas.A", "description": "two", "update": {"nullable": True}}
        assert self.judged({}, first, second) == [second]


def test_references_are_resolved_within_the_document_only() -> None:
    document = contract(**{"A/B": {"type": "string"}, "C": {"$ref": "#/components/schemas/A~1B"}})
    assert resolved({"$ref": "#/components/schemas/C"}, document) == {"type": "string"}
    check_references(document)


@pytest.mark.parametrize(
    ("reference", "message"),
    [
        ("#/components/schemas/Nowhere", "has no such part"),
        ("https://example.com/other.yaml#/A", "bundle it"),
        ("other.yaml", "bundle it"),
        ("#/components/schemas/A", "leads nowhere"),
    ],
)
def test_references_that_lead_out_or_nowhere_are_refused(reference: str, message: str) -> None:
    with pytest.raises(ContractError, match=message):
        check_references(contract(A={"$ref": reference}))


def test_a_field_called_ref_is_not_a_reference() -> None:
    check_references(
        contract(A={"properties": {"$ref": {"type": "string"}}, "example": {"$ref": "#/nowhere"}})
    )
