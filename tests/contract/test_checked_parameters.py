"""The checker reads every parameter in its place and style, and holds its value to the contract."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl

import pytest

from comfy_cloud.contract import ContractChecker
from comfy_cloud_api.types import fill_path, header_fields, with_query

INTEGER = {"type": "integer"}
NUMBERS = {"type": "array", "maxItems": 3, "items": INTEGER}
POINT: dict[str, Any] = {
    "type": "object",
    "required": ["x"],
    "additionalProperties": False,
    "properties": {"x": INTEGER, "name": {"type": "string"}},
}
SCHEMAS: dict[str, dict[str, Any]] = {"integer": INTEGER, "array": NUMBERS, "object": POINT}
GOOD: dict[str, Any] = {"integer": -3, "array": [1, 22], "object": {"x": 1, "name": "a/b%c"}}
WRONG: dict[str, Any] = {"integer": "many", "array": [1, "two"], "object": {"x": "one"}}


def contract(path: str, *parameters: dict[str, Any], **operation: Any) -> dict[str, Any]:
    entry = {"parameters": list(parameters), "responses": {"204": {"description": "done"}}, **operation}
    return {"openapi": "3.0.3", "paths": {path: {"get": entry}}}


def problems(document: dict[str, Any], target: str, headers: dict[str, str] | None = None) -> list[str]:
    path, _, query = target.partition("?")
    pairs = parse_qsl(query, keep_blank_values=True)
    return ContractChecker(document).check_request("GET", path, pairs, headers or {}, b"")


def declared(location: str, schema: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"name": "p", "in": location, "schema": schema, **more}


# What the generated code writes is read back, in every style


@pytest.mark.parametrize("kind", SCHEMAS)
@pytest.mark.parametrize("explode", [False, True])
@pytest.mark.parametrize("style", ["simple", "label", "matrix"])
def test_styles_of_a_path(style: str, explode: bool, kind: str) -> None:
    parameter = declared("path", SCHEMAS[kind], required=True, style=style, explode=explode)
    document = contract("/a/{p}/b", parameter)

    def sent(value: Any) -> str:
        return fill_path("/a/{p}/b", {"p": (value, style, explode)})

    assert problems(document, sent(GOOD[kind])) == []
    (problem,) = problems(document, sent(WRONG[kind]))
    assert problem.startswith("GET /a/{p}/b: path parameter p")
    assert "is not of type 'integer'" in problem


@pytest.mark.parametrize(
    ("style", "explode", "kind"),
    [
        ("form", False, "integer"),
        ("form", True, "integer"),
        ("form", False, "array"),
        ("form", True, "array"),
        ("form", False, "object"),
        ("form", True, "object"),
        ("spaceDelimited", False, "array"),
        ("spaceDelimited", True, "array"),
        ("spaceDelimited", False, "object"),
        ("pipeDelimited", False, "array"),
        ("pipeDelimited", True, "array"),
        ("pipeDelimited", False, "object"),
        ("deepObject", True, "object"),
    ],
)
def test_styles_of_a_query(style: str, explode: bool, kind: str) -> None:
    document = contract("/a", declared("query", SCHEMAS[kind], style=style, explode=explode))

    def sent(value: Any) -> str:
        repeated = ["p"] if explode else []
        return with_query("/a", {"p": value}, repeated, None if style == "form" else {"p": style})

    assert problems(document, sent(GOOD[kind])) == []
    (problem,) = problems(document, sent(WRONG[kind]))
    assert problem.startswith("GET /a: query parameter p")
    assert "is not of type 'integer'" in problem
    (problem,) = problems(document, with_query(sent(GOOD[kind]), {}) + "&other=1")
    assert "query parameter other is not documented" in problem


@pytest.mark.parametrize("kind", SCHEMAS)
@pytest.mark.parametrize("explode", [False, True])
@pytest.mark.parametrize("location", ["header", "cookie"])
def test_headers_and_cookies(location: str, explode: bool, kind: str) -> None:
    if location == "cookie":
        explode = False
    document = contract("/a", declared(location, SCHEMAS[kind], required=True, explode=explode))

    def sent(value: Any) -> dict[str, str]:
        styles = {"p": "exploded"} if explode else None
        written = (
            header_fields({"p": value}, None, styles)
            if location == "header"
            else header_fields({}, {"p": value})
        )
        return {name.upper(): text for name, text in (written or {}).items()}

    assert problems(document, "/a", sent(GOOD[kind])) == []
    assert problems(document, "/a", {**sent(GOOD[kind]), "X-Other": "1"}) == []
    (problem,) = problems(document, "/a", sent(WRONG[kind]))
    assert problem.startswith(f"GET /a: {location} parameter p")
    assert "is not of type 'integer'" in problem
    (problem,) = problems(document, "/a", {})
    assert problem == f"GET /a: {location} parameter p is missing"


@pytest.mark.parametrize("location", ["path", "query", "header", "cookie"])
def test_json_text(location: str) -> None:
    content = {"application/json": {"schema": POINT}}
    parameter = {"name": "p", "in": location, "required": True, "content": content}
    path = "/a/{p}" if location == "path" else "/a"
    document = contract(path, parameter)

    def found(value: Any) -> list[str]:
        if location == "path":
            return problems(document, fill_path(path, {"p": (value, "json", False)}))
        if location == "query":
            return problems(document, with_query("/a", {"p": value}, [], {"p": "json"}))
        as_header, as_cookie = ({"p": value}, {}) if location == "header" else ({}, {"p": value})
        return problems(document, "/a", header_fields(as_header, as_cookie, {"p": "json"}))

    assert found({"x": 1}) == []
    assert "is not of type 'integer'" in found({"x": "1"})[0]


# What no style allows


@pytest.mark.parametrize(
    ("more", "kind", "target", "expected"),
    [
        ({"style": "label"}, "integer", "/a/3", "does not begin with a dot"),
        ({"style": "label"}, "array", "/a/.1.2", "'1.2' is not of type 'integer'"),
        ({"style": "label", "explode": True}, "array", "/a/.1,2", "'1,2' is not of type 'integer'"),
        ({"style": "matrix"}, "integer", "/a/3", "does not begin with a semicolon"),
        ({"style": "matrix"}, "integer", "/a/;q=3", "does not have the form ;p=..."),
        ({"style": "matrix"}, "array", "/a/;p=1;p=2", "has 2 parts with a semicolon"),
        ({"style": "matrix", "explode": True}, "array", "/a/;p=1;q=2", "the form ;p=..."),
        ({"style": "matrix", "explode": True}, "array", "/a/;p=1,2", "'1,2' is not of type 'integer'"),
        ({}, "array", "/a/1%2C2", "'1,2' is not of type 'integer'"),
        ({}, "array", "/a/1,2,3,4", "is too long"),
        ({}, "object", "/a/x,1,name", "is not a list of names, each with its value"),
        ({"explode": True}, "object", "/a/x,1", "is not a list of name=value"),
        ({}, "object", "/a/x,1,x,2", "gives a field twice"),
        ({}, "object", "/a/name,b", "'x' is a required property"),
        ({"style": "form"}, "integer", "/a/3", "cannot have the style form in a path"),
    ],
)
def test_a_path_in_another_style(more: dict[str, Any], kind: str, target: str, expected: str) -> None:
    document = contract("/a/{p}", declared("path", SCHEMAS[kind], required=True, **more))
    (problem,) = problems(document, target)
    assert expected in problem


@pytest.mark.parametrize(
    ("more", "kind", "query", "expected"),
    [
        ({}, "integer", "p=1&p=2", "is given 2 times"),
        ({"explode": False}, "array", "p=1&p=2", "is given 2 times"),
        ({}, "array", "p=1,2", "'1,2' is not of type 'integer'"),
        ({"style": "pipeDelimited"}, "array", "p=1,2", "'1,2' is not of type 'integer'"),
        ({"style": "spaceDelimited"}, "array", "p=1|2", "'1|2' is not of type 'integer'"),
        ({"style": "deepObject"}, "object", "p=1", "query parameter p is not documented"),
        ({"style": "deepObject"}, "object", "p[name]=1", "'x' is a required property"),
        ({"style": "deepObject"}, "object", "p[x]=1&p[y]=2", "('y' was unexpected)"),
        ({"style": "deepObject"}, "object", "p[x]=1&p[x]=2", "is not of type 'integer'"),
        ({"style": "deepObject"}, "object", "p[x]=1&p[x][y]=2", "as a value and as an object"),
        ({"style": "deepObject"}, "object", "p[x]=1&p[name]]=2", "the form name[field]=value"),
        ({"style": "deepObject"}, "object", f"p{'[x]' * 50}=1", "the form name[field]=value"),
        ({"style": "matrix"}, "integer", "p=1", "cannot have the style matrix in a query"),
        ({"required": True}, "object", "name=1", "'x' is a required property"),
        ({"required": True}, "object", "", "query parameter p is missing"),
        ({"required": True, "style": "deepObject"}, "object", "", "query parameter p is missing"),
    ],
)
def test_a_query_in_another_style(more: dict[str, Any], kind: str, query: str, expected: str) -> None:
    document = contract("/a", declared("query", SCHEMAS[kind], **more))
    (problem,) = problems(document, f"/a?{query}")
    assert expected in problem


def test_a_deep_object_has_objects_and_lists_in_it() -> None:
    inner = {"type": "object", "properties": {"low": INTEGER, "any": {}}}
    schema = {"type": "object", "properties": {"range": inner, "ids": NUMBERS}}
    document = contract("/a", declared("query", schema, style="deepObject", explode=True))
    assert problems(document, "/a?p[range][low]=1&p[range][any]=x&p[ids]=1&p[ids]=2") == []
    assert problems(document, "/a?p[ids]=1") == []
    (problem,) = problems(document, "/a?p[range][low]=x")
    assert "query parameter p.range.low: 'x' is not of type 'integer'" in problem


def test_an_open_object_takes_the_pairs_that_no_other_parameter_has() -> None:
    free = {"type": "object", "additionalProperties": INTEGER}
    document = contract("/a", declared("query", free), {**declared("query", INTEGER), "name": "q"})
    assert problems(document, "/a?q=1&one=2&two=3") == []
    (problem,) = problems(document, "/a?q=1&one=x")
    assert "query parameter p.one: 'x' is not of type 'integer'" in problem


@pytest.mark.parametrize(
    ("schema", "good", "wrong"),
    [
        ({"anyOf": [INTEGER, {"type": "boolean"}]}, "true", "maybe"),
        ({"oneOf": [{"$ref": "#/components/schemas/Count"}, NUMBERS]}, "3", "x"),
        ({"oneOf": [{"type": "string", "maxLength": 2}, {"type": "integer", "minimum": 9}]}, "100", "abc"),
        ({"allOf": [{"$ref": "#/components/schemas/Count"}]}, "3", "x"),
        ({"enum": [1, 2]}, "2", "3"),
        ({"type": "number"}, "1.5e3", "nan"),
        ({"type": "number"}, "-7", "inf"),
        (INTEGER, "12", "\u0663"),
        (INTEGER, "9" * 300, "9" * 5000),
        ({"type": "string", "enum": ["7"]}, "7", "8"),
    ],
)
def test_text_is_read_by_the_types_that_its_schema_allows(
    schema: dict[str, Any], good: str, wrong: str
) -> None:
    document = contract("/a", declared("query", schema))
    document["components"] = {"schemas": {"Count": INTEGER}}
    assert problems(document, f"/a?p={good}") == []
    assert len(problems(document, f"/a?p={wrong}")) == 1


def test_an_empty_value_where_the_contract_allows_it() -> None:
    assert problems(contract("/a", declared("query", INTEGER, allowEmptyValue=True)), "/a?p=") == []
    assert len(problems(contract("/a", declared("query", INTEGER)), "/a?p=")) == 1


def test_several_parameters_in_one_segment() -> None:
    base = {"name": "base", "in": "path", "schema": {"type": "string"}}
    number = {"name": "number", "in": "path", "schema": INTEGER}
    document = contract("/f/{base}-{number}.png", base, number)
    assert problems(document, "/f/a%2Fb-7.png") == []
    (problem,) = problems(document, "/f/a-b.png")
    assert "path parameter number: 'b' is not of type 'integer'" in problem
    for path in ("/f/-7.png", "/f/a-.png", "/f/a7.png", "/f/a-7.jpg"):
        (problem,) = problems(document, path)
        assert "no such operation" in problem


def test_a_path_parameter_that_the_path_lacks_is_a_problem_and_no_error() -> None:
    (problem,) = problems(contract("/a", declared("path", INTEGER, required=True)), "/a")
    assert problem == "GET /a: path parameter p is not in the path of the contract"
    assert problems(contract("/a/{other}"), "/a/1") == []


def test_headers_that_are_never_parameters() -> None:
    names = ("Accept", "Content-Type", "Authorization")
    parameters = [{"name": name, "in": "header", "required": True, "schema": INTEGER} for name in names]
    assert problems(contract("/a", *parameters), "/a") == []


# Headers of responses


def test_headers_of_a_response_are_read_in_their_style() -> None:
    document = contract("/a")
    document["paths"]["/a"]["get"]["responses"]["204"]["headers"] = {
        "X-Ids": {"schema": NUMBERS},
        "X-Point": {"explode": True, "schema": POINT},
        "X-Json": {"content": {"application/json": {"schema": POINT}}},
    }
    checker = ContractChecker(document)

    def found(**headers: str) -> list[str]:
        named = {name.replace("_", "-"): text for name, text in headers.items()}
        return checker.check_response("GET", "/a", [], 204, named, b"")

    assert found(X_Ids="1, 2", X_Point="x=1,name=a", X_Json='{"x": 1}') == []
    assert "header X-Ids[1]: 'b'" in found(X_Ids="1, b")[0]
    assert "is not a list of name=value" in found(X_Point="x,1")[0]
    assert "'x' is a required property" in found(X_Json="{}")[0]


# Forms of pairs


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"count=3&ids=1&ids=2&tags=a%2Cb", None),
        (b"count=x", "form.count: 'x' is not of type 'integer'"),
        (b"count=3&count=4", "form field count is given 2 times"),
        (b"count=3&more=1", "form field more is not documented"),
        (b"ids=1", "'count' is a required property"),
        (b"count=3&ids=x", "form.ids[0]: 'x' is not of type 'integer'"),
        (b"count", "the form cannot be read"),
        (b"count=%ff", "the form cannot be read"),
        ("count=ü".encode(), "the form cannot be read"),
    ],
)
def test_urlencoded_bodies(body: bytes, expected: str | None) -> None:
    tags = {"type": "array", "items": {"type": "string"}}
    schema = {"type": "object", "required": ["count"], "additionalProperties": False,
              "properties": {"count": INTEGER, "ids": NUMBERS, "tags": tags}}  # fmt: skip
    kind = "application/x-www-form-urlencoded"
    media = {"schema": schema, "encoding": {"tags": {"style": "form", "explode": False}}}
    document = contract("/a")
    document["paths"]["/a"]["get"]["requestBody"] = {"content": {kind: media}}
    found = ContractChecker(document).check_request("GET", "/a", [], {"Content-Type": kind}, body)
    assert len(found) == (expected is not None)
    assert expected is None or expected in found[0]


def test_json_with_a_suffix_is_json() -> None:
    kind = "application/merge-patch+json"
    document = contract("/a")
    entry = document["paths"]["/a"]["get"]
    entry["requestBody"] = {"content": {kind: {"schema": POINT}}}
    entry["responses"] = {"400": {"content": {"application/problem+json": {"schema": POINT}}}}
    checker = ContractChecker(document)
    assert len(checker.check_request("GET", "/a", [], {"Content-Type": kind}, b"{}")) == 1
    problem = {"Content-Type": "application/problem+json"}
    assert len(checker.check_response("GET", "/a", [], 400, problem, b"{}")) == 1
