"""The package of API v2 reads what its contract describes, and builds requests that fit it."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import json
import httpx
import orjson
import pytest
from hypothesis import HealthCheck, Phase, given, settings

import comfy_cloud_api_v2
from comfy_cloud.contract._checks.checker import ContractChecker
from comfy_cloud.contract._documents.operations import operations_of
from comfy_cloud.contract._documents.reader import resolved
from comfy_cloud_api_v2.api.assets import asset_from_hash, get_asset_content, head_asset_by_hash, post_assets
from comfy_cloud_api_v2.api.jobs import get_job_events, post_jobs
from comfy_cloud_api_v2.client import httpx_arguments
from comfy_cloud_api_v2.models import Job, JobStatus
from comfy_cloud_api_v2.types import File, Model, Redirect, Request, UnexpectedStatus
from tests.generated.operations import DOCUMENTS, operation_modules
from tests.generated.schema_values import SchemaValues
from tests.generated.test_properties import comparable

DOCUMENT = DOCUMENTS[comfy_cloud_api_v2]
VALUES = SchemaValues(DOCUMENT)
CHECKER = ContractChecker(DOCUMENT)
JSON = "application/json"
MODULES = {module.OPERATION.id: module for module in operation_modules(comfy_cloud_api_v2)}
SUCCESSES = [
    pytest.param(MODULES[operation.id], int(status), schema, id=f"{operation.id}-{status}")
    for operation in operations_of(DOCUMENT)
    for status, response in operation.raw["responses"].items()
    if int(status) < 300
    if (schema := resolved(response, DOCUMENT).get("content", {}).get(JSON, {}).get("schema"))
]


@pytest.mark.parametrize(("module", "status", "schema"), SUCCESSES)
def test_a_response_of_the_contract_is_parsed_and_keeps_its_content(
    module: ModuleType, status: int, schema: dict[str, Any]
) -> None:
    path = module.OPERATION.path.replace("{", "").replace("}", "")

    @settings(
        max_examples=6,
        deadline=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    @given(VALUES.of(schema))
    def holds(value: Any) -> None:
        response = httpx.Response(status, headers={"Content-Type": JSON}, content=json.dumps(value).encode())
        assert (
            CHECKER.check_response(
                module.OPERATION.method, path, [], status, response.headers, response.content
            )
            == []
        )
        found = module.parse(response)
        assert isinstance(found, Model)
        assert comparable(found.to_dict()) == comparable(value)

    holds()


@pytest.mark.parametrize("module", MODULES.values(), ids=lambda module: module.OPERATION.id)
def test_no_error_reaches_a_parser(module: ModuleType) -> None:
    for status in (203, 400, 418, 451, 500, 520):
        with pytest.raises(UnexpectedStatus):
            module.parse(httpx.Response(status, content=b"<html>"))


REQUESTS = [
    post_jobs.build(body={"workflow": {"1": {"class_type": "A", "inputs": {}}}}),
    post_jobs.build(body={"workflow": {}, "extra_data": {"api_key_comfy_org": "k"}}),
    asset_from_hash.build(body={"hash": "blake3:00", "tags": ["input"], "expires_in": 60}),
    post_assets.build(
        body={
            "file": File(b"x", "a.png"),
            "content_type": "image/png",
            "file_path": "a.png",
            "tags": ["a", "b"],
        }
    ),
    head_asset_by_hash.build("blake3:00"),
]


@pytest.mark.parametrize("request_", REQUESTS, ids=lambda request: request.operation.id)
def test_requests_fit_the_contract(request_: Request) -> None:
    sent = httpx_arguments(request_)
    built = httpx.Request(request_.method, f"https://x.test{request_.target}", **sent)
    path = built.url.raw_path.decode().partition("?")[0]
    assert CHECKER.check_request(request_.method, path, [], built.headers, built.read()) == []


def test_a_body_that_is_closed_to_other_fields_is_held_to_it() -> None:
    content = orjson.dumps({"workflow": {}, "extra_data": {"nonce": "1"}})
    problems = CHECKER.check_request("POST", "/api/v2/jobs", [], {"content-type": JSON}, content)
    assert "nonce" in str(problems)


def test_a_part_that_may_be_null_may_be_null_and_nothing_else() -> None:
    schema = DOCUMENT["components"]["schemas"]["Job"]["properties"]["error"]
    dialect = CHECKER._parameters._dialect
    assert [list(dialect.errors(schema, value)) for value in (None, {"code": "a", "message": "b"})] == [
        [],
        [],
    ]
    assert all(list(dialect.errors(schema, value)) for value in ({"code": "a"}, "text", [], 0))


def test_results_that_are_no_models() -> None:
    assert get_asset_content.parse(httpx.Response(206, content=b"\x00\xff")) == b"\x00\xff"
    found = get_asset_content.parse(httpx.Response(302, headers={"Location": "https://storage.test/a"}))
    assert found == Redirect(302, "https://storage.test/a")
    assert get_job_events.parse(httpx.Response(200, content=b"event: status\n\n")) == "event: status\n\n"
    assert head_asset_by_hash.parse(httpx.Response(404)) is False


def test_a_new_state_is_no_error() -> None:
    assert Job.from_dict({"status": "canceled"}).status is JobStatus.CANCELED
    assert Job.from_dict({"status": "paused"}).status == "paused"
