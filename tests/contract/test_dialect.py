"""The dialect of OpenAPI 3.0: null, types, formats, references; and the words of problems."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comfy_cloud.contract._checks.dialect import Dialect
from comfy_cloud.contract._checks.problems import ExchangeProblem, schema_problems
from comfy_cloud.contract._documents.release import merged_contract

DOCUMENT: dict[str, Any] = {
    "components": {
        "schemas": {"Part": {"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}}}}
    }
}
UUID = "0b7e7a4c-4a7e-4f0e-9b1e-1f2f3a4b5c6d"
PART = {"$ref": "#/components/schemas/Part"}


def problems(schema: dict[str, Any], value: Any, most: int | None = None) -> list[ExchangeProblem]:
    return list(schema_problems("body", Dialect(DOCUMENT).errors(schema, value), most))


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        (
            "date-time",
            ["2026-11-23T12:00:00Z", "2026-11-23t12:00:00.123456789+02:00"],
            ["2026-11-23", "2026-11-23T12:00:00", "2026-11-23 12:00:00Z", "2026-13-23T12:00:00Z", "x"],
        ),
        ("uuid", [UUID, UUID.upper()], [UUID.replace("-", ""), "x", f"{{{UUID}}}"]),
        (
            "uri",
            ["https://x.test/a?b=%20#c", "urn:a"],
            ["/relative", "https://x.test/a b", "https://x.test/%zz", "http://[", "ü"],
        ),
        ("uri-reference", ["/api/view?filename=a.png", "https://x.test/"], ["a b", "http://["]),
        ("an unknown format", ["anything"], []),
    ],
)
def test_formats_of_text(kind: str, good: list[str], bad: list[str]) -> None:
    schema = {"type": "string", "format": kind}
    assert [text for text in good if problems(schema, text)] == []
    assert [text for text in bad if not problems(schema, text)] == []


@pytest.mark.parametrize(("kind", "bits"), [("int32", 31), ("int64", 63)])
def test_formats_of_whole_numbers(kind: str, bits: int) -> None:
    schema = {"type": "integer", "format": kind}
    assert not problems(schema, 2**bits - 1) + problems(schema, -(2**bits))
    assert problems(schema, 2**bits)
    assert problems(schema, -(2**bits) - 1)


@given(st.text())
def test_no_text_makes_a_format_fail(text: str) -> None:
    for kind in ("date-time", "uuid", "uri", "uri-reference"):
        assert len(problems({"type": "string", "format": kind}, text)) <= 1


def test_null_is_what_the_schema_says() -> None:
    assert not problems({"type": "string", "nullable": True, "format": "uuid"}, None)
    (problem,) = problems({"type": "string", "format": "uuid"}, None)
    assert (problem.kind, problem.expected, problem.seen) == ("null", "text", "null")
    # By the letter of OpenAPI 3.0.3, null must be among the values of an enum too.
    assert problems({"type": "string", "enum": ["a"], "nullable": True}, None)


def test_types_are_strict() -> None:
    assert problems({"type": "integer"}, 1.0)
    assert problems({"type": "integer"}, True)
    assert not problems({"type": "number"}, 1)


@pytest.mark.parametrize(
    ("schema", "value", "expected"),
    [
        (PART, {}, ("id", "missing field", "a field that is always there", "nothing")),
        (
            {"type": "array", "items": PART},
            [{"id": "1"}, {"id": 2}],
            ("[].id", "type", "text", "a whole number"),
        ),
        (
            {"type": "object", "additionalProperties": {"type": "array", "items": PART}},
            {"somebody's name": [{}]},
            ("*[].id", "missing field", "a field that is always there", "nothing"),
        ),
        (
            {"allOf": [PART, {"properties": {"n": {"type": "integer", "minimum": 3}}}]},
            {"id": "x", "n": 1},
            ("n", "bound", "at least 3", "the number 1"),
        ),
        ({"type": "string", "enum": ["a", "b"]}, "c", ("body", "unknown word", "one of a, b", "'c'")),
        (
            {"type": "string", "maxLength": 3},
            "my secret plan",
            ("body", "bound", "3 characters or fewer", "text of 14 characters"),
        ),
        (
            {"type": "object", "properties": {}, "additionalProperties": False},
            {"x": 1},
            ("body", "schema", "no other fields", "an object with 1 fields"),
        ),
        (
            {"properties": {"when": {"type": "string", "format": "date-time"}}},
            {"when": "10 o'clock"},
            ("when", "instant", "an instant as in RFC 3339", "text like '99 a'aaaaa'"),
        ),
        (
            {"oneOf": [{"type": "string"}, {"type": "integer"}]},
            [],
            ("body", "schema", "a value that `oneOf` of the schema allows", "an empty list"),
        ),
        (
            {"type": "object", "properties": {"items": {"type": "string"}}},
            {"items": 1},
            ("items", "type", "text", "a whole number"),
        ),
        ({"type": "array", "minItems": 1}, [], ("body", "bound", "1 items or more", "an empty list")),
        (
            {"properties": {"made": {"type": "string", "format": "date-time"}}},
            {"made": 1.5},
            ("made", "type", "text", "a number with a fraction"),
        ),
    ],
)
def test_a_problem_in_words(schema: dict[str, Any], value: Any, expected: tuple[str, str, str, str]) -> None:
    (problem,) = problems(schema, value)
    assert (problem.path, problem.kind, problem.expected, problem.seen) == expected
    assert problem.text.startswith("body")
    assert "secret" not in problem.seen


def test_only_so_many_are_reported() -> None:
    found = problems({"type": "array", "items": PART}, [{}] * 9, 3)
    assert len(found) == 4
    assert found[-1].text == "body: and more"
    assert len(problems({"type": "array", "items": PART}, [{}] * 9)) == 9


@pytest.mark.parametrize("keyword", ["readOnly", "writeOnly", "discriminator"])
def test_the_contract_has_no_keyword_that_the_dialect_leaves_out(keyword: str) -> None:
    assert f'"{keyword}"' not in json.dumps(merged_contract())
