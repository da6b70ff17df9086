"""The checker: it finds every kind of problem, and none in a good exchange."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from comfy_cloud.contract._checks.bodies import read_form, read_json
from comfy_cloud.contract._checks.checker import ContractChecker
from tests.contract.exchanges import checker as contract_checker

KEY = {"X-API-Key": "comfyui-test"}
JSON = {"Content-Type": "application/json; charset=utf-8"}
THING = "/things/8f14e45f-ceea-467f-9e3b-7a3c8e0a3a11"

THINGS: dict[str, Any] = {
    "openapi": "3.0.3",
    "info": {"title": "Things", "version": "1"},
    "security": [{"ApiKeyAuth": []}],
    "paths": {
        "/things": {
            "get": {
                "parameters": [
                    {"name": "limit", "in": "query", "schema": {"type": "integer", "minimum": 1}},
                    {"name": "sort", "in": "query", "required": True, "schema": {"enum": ["name", "size"]}},
                    {"name": "deep", "in": "query", "schema": {"type": "boolean"}},
                    {
                        "name": "tags",
                        "in": "query",
                        "explode": False,
                        "schema": {"type": "array", "maxItems": 2, "items": {"type": "integer"}},
                    },
                    {"name": "ids", "in": "query", "schema": {"type": "array", "items": {"type": "string"}}},
                ],
                "responses": {
                    "200": {
                        "description": "all",
                        "content": {
                            "application/json": {
                                "schema": {"type": "array", "items": {"$ref": "#/components/schemas/Thing"}}
                            }
                        },
                    },
                    "5XX": {"description": "any", "content": {"text/plain": {}}},
                },
            },
            "post": {
                "security": [],
                "requestBody": {
                    "required": True,
                    "content": {
                        "application/json": {"schema": {"$ref": "#/components/schemas/Thing"}},
                        "multipart/form-data": {
                            "schema": {
                                "type": "object",
                                "required": ["file"],
                                "properties": {
                                    "file": {"type": "string", "format": "binary"},
                                    "count": {"type": "integer"},
                                    "labels": {"type": "array", "items": {"type": "string"}},
                                },
                            }
                        },
                    },
                },
                "responses": {
                    "302": {
                        "description": "there",
                        "headers": {"Location": {"schema": {"type": "string", "format": "uri"}}},
                    },
                    "200": {
                        "description": "counted",
                        "headers": {"X-Count": {"required": True, "schema": {"type": "integer"}}},
                        "content": {"image/*": {}},
                    },
                },
            },
        },
        "/things/{id}": {
            "parameters": [
                {"name": "id", "in": "path", "required": True, "schema": {"type": "string", "format": "uuid"}}
            ],
            "get": {
                "security": [{"ApiKeyAuth": []}, {}],
                "responses": {"200": {"description": "one", "content": {"*/*": {}}}},
            },
            "delete": {"responses": {"204": {"description": "gone"}}},
        },
        "/things/latest": {
            "get": {"responses": {"200": {"description": "one", "content": {"text/plain": {}}}}}
        },
    },
    "components": {
        "securitySchemes": {"ApiKeyAuth": {"type": "apiKey", "in": "header", "name": "X-API-Key"}},
        "schemas": {
            "Thing": {
                "type": "object",
                "required": ["id"],
                "properties": {
                    "id": {"type": "string", "format": "uuid"},
                    "made": {"type": "string", "format": "date-time"},
                    "size": {"type": "integer", "format": "int32", "nullable": True},
                    "parent": {"allOf": [{"$ref": "#/components/schemas/Thing"}]},
                },
            }
        },
    },
}
NULL_DATE = [{"id": "8f14e45f-ceea-467f-9e3b-7a3c8e0a3a11", "made": None}]
ID = "8f14e45f-ceea-467f-9e3b-7a3c8e0a3a11"


@pytest.fixture
def checker() -> ContractChecker:
    return ContractChecker(THINGS)


def encoded(value: object) -> bytes:
    return json.dumps(value).encode()


# Responses


@pytest.mark.parametrize(
    "thing",
    [
        {"id": ID},
        {"id": ID, "size": None, "made": "2026-11-23T12:00:00Z", "more": [1]},
        {"id": ID, "parent": {"id": ID}},
    ],
)
def test_a_good_response_has_no_problem(checker: ContractChecker, thing: object) -> None:
    assert checker.check_response("GET", "/things", [], 200, JSON, encoded([thing])) == []


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"id": ID}, "is not of type 'array'"),
        ([{}], "body[0]: 'id' is a required property"),
        ([{"id": "1"}], "body[0].id: '1' is not a 'uuid'"),
        ([{"id": ID}, {"id": ID, "made": "yesterday"}], "body[1].made: 'yesterday' is not a 'date-time'"),
        (NULL_DATE, "body[0].made: None is not of type 'string'"),
        ([{"id": ID, "size": 2**31}], "is not a 'int32'"),
        ([{"id": ID, "parent": {"id": 3}}], "body[0].parent.id: 3 is not of type 'string'"),
    ],
)
def test_a_schema_violation_is_found_with_its_place(
    checker: ContractChecker, value: object, expected: str
) -> None:
    problems = checker.check_response("GET", "/things", [], 200, JSON, encoded(value))
    assert len(problems) == 1
    assert problems[0].startswith("GET /things -> 200: body")
    assert expected in problems[0]


def test_many_violations_are_cut_short(checker: ContractChecker) -> None:
    problems = checker.check_response("GET", "/things", [], 200, JSON, encoded([{}] * 50))
    assert len(problems) == 6
    assert problems[-1].endswith("and more")


@pytest.mark.parametrize(
    ("status", "headers", "body", "expected"),
    [
        (418, JSON, b"[]", "status 418 is not documented (documented: 200, 5XX)"),
        (200, {"content-type": "text/html"}, b"<html>", "media type text/html is not documented"),
        (200, {}, b"[]", "no Content-Type"),
        (200, JSON, b"", "body is not JSON"),
        (200, JSON, b"[NaN]", "body is not JSON"),
        (502, JSON, b"{}", "media type application/json is not documented"),
    ],
)
def test_status_and_media_type_must_be_documented(
    checker: ContractChecker, status: int, headers: dict[str, str], body: bytes, expected: str
) -> None:
    (problem,) = checker.check_response("GET", "/things", [], status, headers, body)
    assert expected in problem


def test_a_range_of_statuses_and_of_media_types_is_understood(checker: ContractChecker) -> None:
    assert checker.check_response("GET", "/things", [], 520, {"content-type": "text/plain"}, b"oh") == []
    png = {"content-type": "image/png", "x-count": "3"}
    assert checker.check_response("POST", "/things", [], 200, png, b"\x89PNG") == []
    assert checker.check_response("GET", THING, [], 200, {"content-type": "audio/flac"}, b"fLaC") == []


def test_headers_are_required_and_read_by_their_schema(checker: ContractChecker) -> None:
    assert checker.check_response("POST", "/things", [], 302, {"location": "https://x.test/a?b"}, b"") == []
    assert checker.check_response("POST", "/things", [], 302, {}, b"") == [
        "POST /things -> 302: header Location is missing"
    ]
    (problem,) = checker.check_response("POST", "/things", [], 302, {"Location": "not a uri"}, b"")
    assert "header Location" in problem
    problems = checker.check_response("POST", "/things", [], 200, {"content-type": "image/png"}, b"")
    assert problems == ["POST /things -> 200: header X-Count is missing"]
    (problem,) = checker.check_response(
        "POST", "/things", [], 200, {"content-type": "image/png", "X-Count": "many"}, b""
    )
    assert "'many' is not of type 'integer'" in problem


def test_no_body_where_none_is_documented(checker: ContractChecker) -> None:
    assert checker.check_response("DELETE", THING, [], 204, {}, b"") == []
    (problem,) = checker.check_response("DELETE", THING, [], 204, JSON, b"{}")
    assert "body of 2 bytes, and none is documented" in problem
    assert checker.check_response("HEAD", "/things/latest", [], 200, {}, b"") == []
    (problem,) = checker.check_response("HEAD", "/things/latest", [], 200, {}, b"x")
    assert "HEAD has a body" in problem


def test_unknown_paths_and_methods_may_only_be_refused(checker: ContractChecker) -> None:
    assert checker.check_response("GET", "/nothing", [], 404, {}, b"") == []
    assert checker.check_response("PUT", THING, [], 405, {}, b"") == []
    (problem,) = checker.check_response("GET", "/nothing", [], 200, JSON, b"{}")
    assert "no such path" in problem
    (problem,) = checker.check_response("GET", "/nothing", [], 405, JSON, b"{}")
    assert "no such path" in problem
    (problem,) = checker.check_response("PUT", THING, [], 200, JSON, b"{}")
    assert "no such method" in problem


def test_literal_segments_come_before_parameters(checker: ContractChecker) -> None:
    # As the id of a thing, "latest" would not be a UUID, and application/json would be allowed.
    assert checker.check_request("GET", "/things/latest", [], KEY, b"") == []
    assert checker.check_response("GET", "/things/latest", [], 200, JSON, b"{}") != []


def test_a_literal_path_does_not_get_the_methods_of_a_parameter() -> None:
    entry = {"responses": {"204": {"description": "done"}}}
    id = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
    paths = {"/a/plain": {"get": entry}, "/a/{id}": {"parameters": [id], "delete": entry}}
    checker = ContractChecker({"openapi": "3.0.3", "paths": paths})
    assert checker.check_response("DELETE", "/a/other", [], 204, {}, b"") == []
    assert checker.check_response("DELETE", "/a/plain", [], 405, {}, b"") == []
    assert checker.check_response("DELETE", "/a/plain", [], 204, {}, b"") != []


def test_a_body_found_good_is_not_good_for_another_schema(checker: ContractChecker) -> None:
    body = encoded([{"id": ID}])
    assert checker.check_response("GET", "/things", [], 200, JSON, body) == []
    assert checker.check_response("GET", "/things", [], 200, JSON, body) == []
    assert checker.check_request("POST", "/things", [], JSON, body) != []


# Requests

SORT = ("sort", "name")


@pytest.mark.parametrize(
    "query",
    [[SORT], [SORT, ("limit", "3"), ("deep", "true"), ("tags", "1,2")], [SORT, ("ids", "a"), ("ids", "b")]],
)
def test_a_good_query_has_no_problem(checker: ContractChecker, query: list[tuple[str, str]]) -> None:
    assert checker.check_request("GET", "/things", query, KEY, b"") == []


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ([], "query parameter sort is missing"),
        ([SORT, ("page", "2")], "query parameter page is not documented"),
        ([SORT, SORT], "query parameter sort is given 2 times"),
        ([("sort", "colour")], "'colour' is not one of"),
        ([SORT, ("limit", "0")], "0 is less than the minimum of 1"),
        ([SORT, ("limit", "ten")], "'ten' is not of type 'integer'"),
        ([SORT, ("limit", "1_0")], "'1_0' is not of type 'integer'"),
        ([SORT, ("deep", "True")], "'True' is not of type 'boolean'"),
        ([SORT, ("tags", "1,x")], "query parameter tags[1]: 'x' is not of type 'integer'"),
        ([SORT, ("tags", "1,2,3")], "query parameter tags"),
        ([SORT, ("tags", "1"), ("tags", "2")], "query parameter tags is given 2 times"),
    ],
)
def test_a_wrong_query_is_found(
    checker: ContractChecker, query: list[tuple[str, str]], expected: str
) -> None:
    (problem,) = checker.check_request("GET", "/things", query, KEY, b"")
    assert expected in problem


def test_path_parameters_are_decoded_and_checked(checker: ContractChecker) -> None:
    assert checker.check_request("GET", THING, [], {}, b"") == []
    assert checker.check_request("GET", THING.replace("-", "%2D"), [], {}, b"") == []
    assert checker.check_request("GET", THING.replace("things", "%74hings"), [], {}, b"") == []
    (problem,) = checker.check_request("GET", "/things/a%2Fb", [], {}, b"")
    assert "path parameter id: 'a/b' is not a 'uuid'" in problem
    (problem,) = checker.check_request("GET", "/things/a/b", [], {}, b"")
    assert "no such operation" in problem


def test_a_parameter_of_an_operation_replaces_that_of_its_path() -> None:
    def limit(kind: str) -> list[dict[str, Any]]:
        return [{"name": "limit", "in": "query", "schema": {"type": kind}}]

    entry = {"parameters": limit("integer"), "responses": {"204": {"description": "done"}}}
    paths = {"/a": {"parameters": limit("boolean"), "get": entry}}
    checker = ContractChecker({"openapi": "3.0.3", "paths": paths})
    assert checker.check_request("GET", "/a", [("limit", "3")], {}, b"") == []
    assert checker.check_request("GET", "/a", [("limit", "true")], {}, b"") != []


def test_the_key_goes_where_the_contract_wants_it(checker: ContractChecker) -> None:
    (problem,) = checker.check_request("DELETE", THING, [], {}, b"")
    assert "no API key" in problem
    assert checker.check_request("DELETE", THING, [], KEY, b"") == []
    (problem,) = checker.check_request("DELETE", THING, [], {"authorization": "Bearer x"}, b"")
    assert problem.endswith("there is no API key, and the operation needs one: header X-API-Key")
    (problem,) = checker.check_request("POST", "/things", [], {**KEY, **JSON}, encoded({"id": ID}))
    assert "operation takes none" in problem


@pytest.mark.parametrize(
    ("headers", "body", "expected"),
    [
        ({}, b"", "the body is missing"),
        (JSON, b"", "the body is missing"),
        ({}, b"{}", "without a Content-Type"),
        ({"content-type": "text/xml"}, b"<x/>", "media type text/xml is not documented"),
        (JSON, b"{", "body is not JSON"),
        (JSON, b"{}", "'id' is a required property"),
        ({"content-type": "multipart/form-data"}, b"x", "names no boundary"),
        ({"content-type": "multipart/form-data; boundary=b"}, b"--b\r\n", "not closed"),
    ],
)
def test_a_wrong_request_body_is_found(
    checker: ContractChecker, headers: dict[str, str], body: bytes, expected: str
) -> None:
    (problem,) = checker.check_request("POST", "/things", [], headers, body)
    assert expected in problem


def test_a_body_for_an_operation_without_one_is_found(checker: ContractChecker) -> None:
    (problem,) = checker.check_request("DELETE", THING, [], {**KEY, **JSON}, b"{}")
    assert "none is documented" in problem


def form(*parts: tuple[str, Any]) -> httpx.Request:
    return httpx.Request("POST", "https://x.test/things", files=list(parts))


FILE = ("file", ("ü name.png", b"\r\n--b\r\n\x00", "image/png"))


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ([FILE, ("count", (None, "3")), ("labels", (None, '["a"]'))], []),
        ([("count", (None, "3"))], ["'file' is a required property"]),
        ([FILE, ("count", (None, "three"))], ["form.count: 'three' is not of type 'integer'"]),
        ([FILE, ("labels", (None, "[1]"))], ["form.labels[0]: 1 is not of type 'string'"]),
        ([FILE, ("extra", (None, "1"))], ["form field extra is not documented"]),
        ([FILE, FILE], ["form field file is given twice"]),
        ([("file", (None, b"raw"))], ["form field file is a file and has no file name"]),
    ],
)
def test_multipart_parts_are_checked(
    checker: ContractChecker, parts: list[tuple[str, Any]], expected: list[str]
) -> None:
    request = form(*parts)
    problems = checker.check_request("POST", "/things", [], request.headers, request.read())
    assert len(problems) == len(expected)
    assert all(text in problem for text, problem in zip(expected, problems, strict=True))


# Reading bodies


def test_a_form_is_read_as_it_was_written() -> None:
    request = form(FILE, ("note", (None, "line\r\nline", "text/plain")))
    file, note = read_form(request.headers["content-type"], request.read())
    assert (file.name, file.file_name, file.media_type) == ("file", "ü name.png", "image/png")
    assert file.content == b"\r\n--b\r\n\x00"
    assert (note.name, note.file_name, note.content) == ("note", None, b"line\r\nline")


def test_json_is_strict_but_numbers_may_be_large() -> None:
    assert read_json(b"[18446744073709551616]") == [2**64]
    with pytest.raises(ValueError, match="NaN"):
        read_json(b"[NaN]")
    with pytest.raises(ValueError, match="nested too deeply"):
        read_json(b"[" * 100_000)


# The contract of the project


def test_the_checker_reads_the_whole_contract() -> None:
    """Every schema of the contract can be built into a validator, with all its references."""
    checker = contract_checker()
    for path, item in checker._document["paths"].items():
        sent = path.replace("{", "").replace("}", "")
        for method, entry in item.items():
            assert checker._routes.find(method, sent), path
            for status, response in entry["responses"].items():
                for media_type in response.get("content", {}):
                    checker.check_response(method, sent, [], int(status), {"Content-Type": media_type}, b"{}")


def test_a_page_of_jobs_by_the_contract() -> None:
    job = {"id": ID, "status": "completed", "create_time": 1_795_000_000_000, "outputs_count": 1}
    page = {"jobs": [job], "pagination": {"offset": 0, "limit": 100, "total": 1, "has_more": False}}
    assert contract_checker().check_response("GET", "/api/jobs", [], 200, JSON, encoded(page)) == []
    job["status"] = "success"
    (problem,) = contract_checker().check_response("GET", "/api/jobs", [], 200, JSON, encoded(page))
    assert "body.jobs[0].status: 'success' is not one of" in problem
