"""A few generated requests per operation, always from the same seed; `make fuzz` sends many more.

Also that a run notices when emulator and contract disagree.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from . import fuzz

METHODS = {"get", "put", "post", "delete", "head", "patch"}
CASES = 3
"""Random requests per operation."""

PER_RESPONSE = {
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "positive_data_acceptance",
    "negative_data_rejection",
    "unsupported_method",
    "allow_header_conformance",
    "ignored_auth",
}


@pytest.mark.parametrize("phase", fuzz.PHASES)
@pytest.mark.parametrize("api", ["v1", "v2"])
def test_the_emulator_keeps_the_contract(api: fuzz.Api, phase: str) -> None:
    report = fuzz.run(CASES, fuzz.DEFAULT_SEED, phases=[phase], api=api)
    assert not report.failures, str(report)
    # API v2 allows requests without a key, which servers that anyone may use have no need of.
    expected = PER_RESPONSE if api == "v1" else PER_RESPONSE - {"ignored_auth"}
    assert report.checks.keys() >= expected
    if phase in ("coverage", "fuzzing"):
        paths = fuzz.contract(api)["paths"].values()
        assert len(report.operations) == sum(len(METHODS & item.keys()) for item in paths)


def _ask_for_a_field(operation: dict[str, Any]) -> None:
    response = operation["responses"]["200"]
    response["content"]["application/json"]["schema"] = {"type": "object", "required": ["nowhere"]}


def _forget_the_refusal(operation: dict[str, Any]) -> None:
    del operation["responses"]["401"]


def _ask_for_a_key(operation: dict[str, Any]) -> None:
    operation["security"] = [{"ApiKeyAuth": []}]


def _ask_for_a_header(operation: dict[str, Any]) -> None:
    header = {"required": True, "schema": {"type": "string"}}
    operation["responses"]["200"]["headers"] = {"X-Nowhere": header}


@pytest.mark.parametrize(
    ("change", "path", "title"),
    [
        (_ask_for_a_field, "/api/queue", "Response violates schema"),
        (_forget_the_refusal, "/api/queue", "Undocumented status code"),
        (_ask_for_a_key, "/api/workflow_templates", "API accepts requests without authentication"),
        (_ask_for_a_header, "/api/queue", "Missing required response headers"),
    ],
)
def test_a_contract_that_is_not_kept_is_noticed(
    change: Callable[[dict[str, Any]], None], path: str, title: str
) -> None:
    document = fuzz.contract()
    change(document["paths"][path]["get"])
    document["paths"] = {path: {"get": document["paths"][path]["get"]}}
    report = fuzz.run(CASES, fuzz.DEFAULT_SEED, phases=["fuzzing"], document=document)
    assert f"GET {path}: {title}" in report.failures
