"""Patterns of contracts: those in use are searched for, those that would take forever are not."""

from __future__ import annotations

import time
from typing import Any

import pytest

from comfy_cloud.contract import ContractChecker
from comfy_cloud.contract._checks.patterns import fits


@pytest.mark.parametrize(
    ("pattern", "good", "bad"),
    [
        ("^(blake3|sha256):[a-f0-9]{64}$", "blake3:" + "0" * 64, "blake3:" + "0" * 63),
        (r"^(blake3:)?[a-f0-9]{64}(\.[A-Za-z0-9]+)?$", "a" * 64 + ".png", "a" * 64 + "."),
        (r"^\d{4}-\d{2}-\d{2}$", "2026-11-30", "2026-11-3"),
        ("^a.*z$", "a" + "-" * 300 + "z", "a" + "-" * 300),
        (r"^[^\]]{1,3}$", "ab", "a]"),
        (r"(?i)^(?:yes|no)$", "YES", "maybe"),
        ("b", "abc", "ac"),
    ],
)
def test_usual_patterns(pattern: str, good: str, bad: str) -> None:
    assert fits(pattern, good) is True
    assert fits(pattern, bad) is False


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("(a+)+$", "a" * 40 + "!"),
        ("(a|a)*$", "a" * 40 + "!"),
        ("^(?:a?){40}a{40}$", "a" * 39 + "!"),
        ("(?:(?:a{0,9}){0,9}){0,9}$", "a" * 200 + "!"),
        ("a*" * 12 + "$", "a" * 200 + "!"),
        (r"^(a*)*\1$", "a" * 40 + "!"),
        (".*.*.*=.*", "x" * 3000),
        ("a{0,999999}" * 3 + "$", "a" * 5000 + "!"),
        ("(" * 900 + "a" + ")" * 900, "a"),
        ("a" * 5000, "a"),
        ("[", "a"),
        ("(", "a"),
        ("*", "a"),
    ],
)
def test_patterns_that_are_not_tried(pattern: str, text: str) -> None:
    started = time.process_time()
    assert fits(pattern, text) is None
    assert time.process_time() - started < 1


def test_the_checker_takes_no_long_time_for_a_hostile_pattern() -> None:
    schema: dict[str, Any] = {
        "type": "object",
        "properties": {"a": {"type": "string", "pattern": "(a+)+$"}, "b": {"pattern": "^b$"}},
        "patternProperties": {"^(x+)+$": {"type": "integer"}, "^[cd]$": {"type": "integer"}},
        "additionalProperties": {"type": "string"},
    }
    responses = {"200": {"content": {"application/json": {"schema": schema}}}}
    checker = ContractChecker({"openapi": "3.0.3", "paths": {"/a": {"get": {"responses": responses}}}})
    body = b'{"a": "%b!", "b": "c", "c": 1, "%b!": "text"}' % (b"a" * 60, b"x" * 60)
    started = time.process_time()
    found = checker.check_response("GET", "/a", [], 200, {"content-type": "application/json"}, body)
    assert time.process_time() - started < 5
    assert len(found) == 1, found
    assert "body.b: 'c' does not match '^b$'" in found[0]


@pytest.mark.parametrize(
    ("schema", "body"),
    [
        ({"type": "number", "multipleOf": 0}, b"3"),
        ({"type": "number", "multipleOf": 0.1}, b"1e308"),
        ({"type": "number", "multipleOf": 5e-324}, b"1e308"),
        ({"pattern": "["}, b'"a"'),
        ({"type": "array", "uniqueItems": True}, b"[" + b"{},[]," * 2000 + b"1]"),
        ({"$ref": "#/components/schemas/Loop"}, b"1"),
        ({"enum": "abc"}, b'"a"'),
        ({"items": {"type": "string"}, "maxItems": 1e400}, b"[]"),
    ],
)
def test_odd_schemas_end_no_check_with_an_error(schema: dict[str, Any], body: bytes) -> None:
    loop = {"allOf": [{"$ref": "#/components/schemas/Loop"}]}
    responses = {"200": {"content": {"application/json": {"schema": schema}}}}
    document = {
        "openapi": "3.0.3",
        "paths": {"/a": {"get": {"responses": responses}}},
        "components": {"schemas": {"Loop": loop}},
    }
    started = time.process_time()
    ContractChecker(document).check_response("GET", "/a", [], 200, {"content-type": "application/json"}, body)
    assert time.process_time() - started < 5
