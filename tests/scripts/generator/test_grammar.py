"""Names, paths and addresses of a contract have a form; errors name the place."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from comfy_cloud.contract._documents.reader import ContractError
from scripts.generator.grammar import check_grammar

Document = dict[str, Any]

SMALL: Document = {
    "openapi": "3.0.3",
    "info": {"title": "Things", "version": "1"},
    "servers": [{"url": "https://things.test/v1"}],
    "paths": {
        "/things/{id}": {
            "get": {
                "operationId": "getThing",
                "tags": ["thing"],
                "parameters": [
                    {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}},
                    {"name": "sort", "in": "query", "schema": {"type": "string", "enum": ["up", "down"]}},
                ],
                "responses": {
                    "200": {
                        "description": "It.",
                        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}},
                    }
                },
            }
        }
    },
    "components": {"schemas": {"Thing": {"type": "object", "properties": {"size": {"type": "integer"}}}}},
}


def operation(document: Document) -> Document:
    found: Document = document["paths"]["/things/{id}"]["get"]
    return found


def renamed(parts: Document, old: str, new: str) -> None:
    parts[new] = parts.pop(old)


def test_a_contract_of_plain_names_passes() -> None:
    check_grammar(SMALL)


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1:8188", "https://[::1]:8443/api/", "https://a-b.test/v1/x%20y"],
)
def test_a_server_may_be_any_http_url(url: str) -> None:
    check_grammar({**SMALL, "servers": [{"url": url}]})


@pytest.mark.parametrize(
    "url",
    [
        "ftp://things.test", "https://", "https://user@things.test", "https://things.test?x=1",
        "//things.test", "/v1 x", "/v1?x=1", "https://things.test/{version}",
        'https://things.test"+x+"', "https://things.test\n", "x:y", 5,
    ],
)  # fmt: skip
def test_another_server_is_refused_with_its_place(url: object) -> None:
    with pytest.raises(ContractError, match=r"servers\[0\]\.url: "):
        check_grammar({**SMALL, "servers": [{"url": url}]})


@pytest.mark.parametrize(
    ("change", "place"),
    [
        (lambda d: renamed(d["paths"], "/things/{id}", "/things/{id!r:{x}}"), "paths: "),
        (lambda d: renamed(d["paths"], "/things/{id}", "things/{id}"), "paths: "),
        (lambda d: renamed(d["paths"], "/things/{id}", '/things/"{id}'), "paths: "),
        (lambda d: renamed(d["paths"], "/things/{id}", "/things/{id}\n"), "paths: "),
        (lambda d: operation(d).update(operationId='x"+y+"'), "get.operationId: "),
        (lambda d: operation(d).update(operationId="-things"), "get.operationId: "),
        (lambda d: operation(d).update(operationId="x" * 201), "get.operationId: "),
        (lambda d: operation(d).update(operationId="things/../x"), "get.operationId: "),
        (lambda d: operation(d).update(operationId="\uff45things"), "get.operationId: "),
        (lambda d: operation(d).update(tags=["../../x"]), "get.tags: "),
        (lambda d: operation(d)["parameters"][1].update(name="x y"), "get.parameters: "),
        (lambda d: operation(d)["parameters"][1]["schema"]["enum"].append("\x1b"), r"schema\.enum: "),
        (lambda d: renamed(operation(d)["responses"], "200", "two"), "get.responses: "),
        (lambda d: renamed(operation(d)["responses"], "200", "²00"), "get.responses: "),
        (
            lambda d: renamed(operation(d)["responses"]["200"]["content"], "application/json", "x"),
            "content: ",
        ),
        (lambda d: d["components"]["schemas"].update({"../x": {}}), "components.schemas: "),
        (
            lambda d: d["components"]["schemas"]["Thing"]["properties"].update({"a\u2028b": {}}),
            "properties: ",
        ),
        (lambda d: d["components"]["schemas"]["Thing"].update(title="\u202eThing"), "title: "),
        (lambda d: d["components"]["schemas"]["Thing"].update({"x-enum-varnames": ["a-b"]}), "varnames: "),
        (lambda d: d.update(openapi="3.0.3\n"), "openapi: "),
    ],
)
def test_another_name_is_refused_with_its_place(change: Callable[[Document], object], place: str) -> None:
    document = copy.deepcopy(SMALL)
    change(document)
    with pytest.raises(ContractError, match=place) as caught:
        check_grammar(document)
    assert str(caught.value).replace("\n", "").isprintable()


def test_schemas_that_join_one_another_without_end_are_refused() -> None:
    document = copy.deepcopy(SMALL)
    for number in range(40):
        part = {"$ref": f"#/components/schemas/S{number + 1}"}
        document["components"]["schemas"][f"S{number}"] = {"allOf": [part, part]}
    document["components"]["schemas"]["S40"] = {"type": "object"}
    with pytest.raises(ContractError, match=r"S0\.allOf: 'S0' joins more than 1000 schemas"):
        check_grammar(document)


def test_many_errors_are_counted() -> None:
    document = copy.deepcopy(SMALL)
    operation(document)["tags"] = [".."] * 25
    with pytest.raises(ContractError, match="and 15 more"):
        check_grammar(document)


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("image/png", True),
        ("image/png, image/*", True),
        ("text/plain; charset=utf-8", True),
        ("image/png\r\nX-Other: 1", False),
        ("image/png\n", False),
        ("a", False),
        ("", False),
        (5, False),
    ],
)
def test_the_content_type_of_a_form_field_is_a_media_type(text: object, is_one: bool) -> None:
    """It becomes a header of a part, where a line break would begin another header."""
    document = copy.deepcopy(SMALL)
    operation(document)["requestBody"] = {
        "content": {
            "multipart/form-data": {
                "schema": {"type": "object", "properties": {"file": {"type": "string"}}},
                "encoding": {"file": {"contentType": text}},
            }
        }
    }
    if is_one:
        check_grammar(document)
    else:
        with pytest.raises(ContractError, match=r"encoding\.file\.contentType: "):
            check_grammar(document)


NO_NAMES = ["a: b", "a\r\nX-Other: 1", "a;b", "\u043a", "", "x" * 101, "a b"]


@pytest.mark.parametrize("where", ["header", "cookie"])
@pytest.mark.parametrize("name", NO_NAMES)
def test_a_header_or_cookie_has_the_name_of_one(where: str, name: str) -> None:
    document = copy.deepcopy(SMALL)
    operation(document)["parameters"].append({"name": name, "in": where, "schema": {"type": "string"}})
    with pytest.raises(ContractError, match="parameters"):
        check_grammar(document)


@pytest.mark.parametrize(
    ("where", "name"),
    [(where, name) for where in ("header", "cookie") for name in NO_NAMES]
    + [("query", name) for name in ("a\r\nb", "a&b", "", "x" * 101)]
    + [("header", name) for name in ("Host", "content-length", "Transfer-Encoding", "Connection")],
)
def test_a_key_is_sent_under_a_name_of_its_kind(where: str, name: str) -> None:
    document = copy.deepcopy(SMALL)
    document["components"]["securitySchemes"] = {"Key": {"type": "apiKey", "in": where, "name": name}}
    with pytest.raises(ContractError, match=r"components\.securitySchemes\.Key\.name"):
        check_grammar(document)


@pytest.mark.parametrize("name", ["Host", "Content-Length", "transfer-encoding"])
def test_no_parameter_decides_where_a_request_goes_and_ends(name: str) -> None:
    document = copy.deepcopy(SMALL)
    operation(document)["parameters"].append({"name": name, "in": "header", "schema": {"type": "string"}})
    with pytest.raises(ContractError, match="header that a client may send"):
        check_grammar(document)
