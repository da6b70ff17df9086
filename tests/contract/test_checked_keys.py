"""The checker knows API keys by the security schemes of the contract, wherever they are sent."""

from __future__ import annotations

from typing import Any

import pytest

from comfy_cloud.contract import ContractChecker

SCHEMES: dict[str, dict[str, Any]] = {
    "header": {"type": "apiKey", "in": "header", "name": "X-Studio-Key"},
    "query": {"type": "apiKey", "in": "query", "name": "code"},
    "cookie": {"type": "apiKey", "in": "cookie", "name": "session"},
    "bearer": {"type": "http", "scheme": "Bearer"},
    "basic": {"type": "http", "scheme": "basic"},
    "token": {"type": "oauth2", "flows": {}},
    "tls": {"type": "mutualTLS"},
}
SENT: dict[str, tuple[list[tuple[str, str]], dict[str, str]]] = {
    "header": ([], {"x-studio-key": "k"}),
    "query": ([("code", "k")], {}),
    "cookie": ([], {"Cookie": "theme=dark; session=k"}),
    "bearer": ([], {"Authorization": "Bearer k"}),
    "basic": ([], {"authorization": "Basic azpr"}),
    "token": ([], {"Authorization": "bearer k"}),
}


def checker(security: Any, *parameters: dict[str, Any]) -> ContractChecker:
    entry = {"parameters": list(parameters), "responses": {"204": {"description": "done"}}}
    if security is not None:
        entry["security"] = security
    components = {"securitySchemes": SCHEMES}
    return ContractChecker({"openapi": "3.0.3", "paths": {"/a": {"get": entry}}, "components": components})


def problems(check: ContractChecker, *names: str) -> list[str]:
    query = [pair for name in names for pair in SENT[name][0]]
    headers = {key: value for name in names for key, value in SENT[name][1].items()}
    return check.check_request("GET", "/a", query, headers, b"")


@pytest.mark.parametrize("scheme", SENT)
def test_each_scheme_is_satisfied_by_its_own_place_only(scheme: str) -> None:
    check = checker([{scheme: []}])
    assert problems(check, scheme) == []
    (problem,) = problems(check)
    assert "there is no API key, and the operation needs one" in problem
    for other in SENT.keys() - {scheme}:
        if {scheme, other} != {"bearer", "token"}:
            assert problems(check, other), other


@pytest.mark.parametrize(
    ("scheme", "words"),
    [
        ("header", "header X-Studio-Key"),
        ("query", "query parameter code"),
        ("cookie", "cookie session"),
        ("bearer", "header Authorization with Bearer"),
        ("basic", "header Authorization with Basic"),
    ],
)
def test_a_key_that_no_operation_takes(scheme: str, words: str) -> None:
    takes_none: list[Any] = [[], [{"tls": []}]]
    for security in takes_none:
        found = problems(checker(security), scheme)
        assert any(
            f"there is an API key in the {words}, and the operation takes none" in each for each in found
        )
    (problem,) = problems(checker([{scheme: []}]))
    assert problem.endswith(f"the operation needs one: {words}")


def test_a_key_beside_the_one_that_is_wanted() -> None:
    (_, problem) = problems(checker([{"bearer": []}]), "bearer", "query")
    assert "there is an API key in the query parameter code, and the operation takes it elsewhere" in problem
    headers = {"Authorization": "Bearer k", "X-API-Key": "k"}
    (problem,) = checker([{"bearer": []}]).check_request("GET", "/a", [], headers, b"")
    assert "there is an API key in the header X-API-Key, and the operation takes it elsewhere" in problem


def test_alternatives_and_schemes_that_go_together() -> None:
    either = checker([{"header": [], "query": []}, {"cookie": []}])
    assert problems(either, "cookie") == problems(either, "header", "query") == []
    (problem,) = problems(either, "header")
    assert problem.endswith("needs one: header X-Studio-Key and query parameter code or cookie session")
    optional = checker([{"header": []}, {}])
    assert problems(optional) == problems(optional, "header") == []


def test_a_scheme_that_nobody_can_check_counts_as_fulfilled() -> None:
    assert problems(checker([{"tls": []}])) == []
    assert problems(checker([{"undefined": []}])) == []


def test_a_header_that_is_a_parameter_is_no_key() -> None:
    parameter = {"name": "X-Studio-Key", "in": "header", "schema": {"type": "string"}}
    assert problems(checker([], parameter), "header") == []


@pytest.mark.parametrize("location", ["query", "header", "cookie"])
def test_the_value_of_a_key_is_never_shown(location: str) -> None:
    secret = "not-a-number-1234"
    name = str(SCHEMES[location]["name"])
    parameter = {"name": name, "in": location, "required": True, "schema": {"type": "integer"}}
    check = checker([{location: []}], parameter)
    query = [(name, secret)] if location == "query" else []
    headers = {"header": {name: secret}, "cookie": {"Cookie": f"{name}={secret}"}}.get(location, {})
    assert check.check_request("GET", "/a", query, headers, b"") == []
    (missing, no_key) = check.check_request("GET", "/a", [], {}, b"")
    assert missing.endswith("is missing")
    assert "no API key" in no_key
