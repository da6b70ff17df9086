"""A few generated requests per operation, always from the same seed; `make fuzz` sends many more.

Also that a run notices when emulator and contract disagree.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from comfy_cloud.contract import published_contract
from comfy_cloud.contract._checks.checker import ContractChecker
from comfy_cloud_emulator import Emulator, Quirks

from . import fuzz
from .fuzz_exemptions import UNDOCUMENTED_REFUSALS

CONTRACTS: list[tuple[fuzz.Api, bool]] = [("v1", False), ("v1", True), ("v2", False)]
"""Which API, and whether the published contract is taken without the overlay."""

METHODS = {"get", "put", "post", "delete", "head", "patch"}
CASES = 2
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


@pytest.mark.parametrize(
    ("api", "plain", "phase"),
    [
        pytest.param(api, plain, phase, marks=[] if (api, plain) == CONTRACTS[0] else pytest.mark.slow)
        for api, plain in CONTRACTS
        for phase in fuzz.PHASES
    ],
)
def test_the_emulator_keeps_the_contract(api: fuzz.Api, plain: bool, phase: str) -> None:
    report = fuzz.run(CASES, fuzz.DEFAULT_SEED, phases=[phase], api=api, plain=plain)
    assert not report.failures, str(report)
    if plain and phase == "examples":
        return  # the published contract has none
    # API v2 allows requests without a key, which servers that anyone may use have no need of.
    expected = PER_RESPONSE if api == "v1" else PER_RESPONSE - {"ignored_auth"}
    assert report.checks.keys() >= expected
    if phase in ("coverage", "fuzzing"):
        paths = fuzz.contract(api, plain=plain)["paths"].values()
        assert len(report.operations) == sum(len(METHODS & item.keys()) for item in paths)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("quirk", "title"),
    [
        ("published_assets", "GET /api/assets: Response violates schema"),
        ("published_nodes", "GET /api/object_info: Response violates schema"),
        ("published_userdata", "POST /api/userdata/{file}: Response violates schema"),
        ("published_refusals", "GET /api/jobs: Undocumented status code"),
        ("published_refusals", "POST /api/history: Allow header mismatch"),
    ],
)
def test_the_published_contract_needs_each_of_its_quirks(quirk: str, title: str) -> None:
    document = fuzz.contract(plain=True)
    method, path = title.partition(":")[0].split()
    document["paths"] = {path: {method.lower(): document["paths"][path][method.lower()]}}
    quirks = dataclasses.replace(Quirks.preset("published"), **{quirk: False})
    report = fuzz.run(
        CASES, fuzz.DEFAULT_SEED, phases=["coverage", "fuzzing"], document=document, plain=True, quirks=quirks
    )
    assert title in report.failures, str(report)


def test_the_exemptions_of_the_published_contract_are_needed() -> None:
    document = published_contract()
    for name, statuses in UNDOCUMENTED_REFUSALS.items():
        method, path = name.split()
        assert statuses.keys().isdisjoint(document["paths"][path][method.lower()]["responses"])
    checker = ContractChecker(document)
    with Emulator(key=fuzz.KEY, seed_data="demo", quirks="published") as emulator:
        url, headers = f"{emulator.url}/api/queue", {"X-API-Key": fuzz.KEY}
        body = httpx.get(url, headers=headers).content
    media_type = {"content-type": "application/json"}
    problems = checker.check_response("GET", "/api/queue", [], 200, media_type, body)
    assert any("is valid under each of" in problem for problem in problems)


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
