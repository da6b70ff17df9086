"""From a response to a value or an error, and which operations a server lacks."""

from __future__ import annotations

import json
import pkgutil
from contextlib import suppress
from datetime import UTC, datetime
from importlib import import_module
from typing import Any

import httpx
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import comfy_cloud_api.api
from comfy_cloud import ApiError, NotFound, NotSupported, RateLimited, ServerError, UnexpectedResponse
from comfy_cloud._http.deviations import Deviations
from comfy_cloud._http.responses import is_missing_operation, not_supported, status_failure, value_of
from comfy_cloud.retry import Failure, is_transient
from comfy_cloud_api.api.asset import (
    check_asset_by_hash,
    create_asset_from_hash,
    get_asset_by_id,
    get_asset_content,
    list_assets,
    upload_asset,
)
from comfy_cloud_api.api.file import get_mask_layers, view_file
from comfy_cloud_api.api.job import (
    cancel_jobs,
    get_history,
    get_history_for_prompt,
    get_job_detail,
    interrupt_job,
    list_jobs,
    manage_history,
)
from comfy_cloud_api.api.node import get_features
from comfy_cloud_api.api.user import get_user, get_userdata
from comfy_cloud_api.types import Operation

GET = Operation("request", "GET", "/api/thing", "required")
POST = Operation("request", "POST", "/api/thing", "required")
PUBLIC = Operation("request", "GET", "/api/thing", "none")
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
KEY = "comfyui-0123456789abcdef"


# Successful responses


def response(status: int, content: bytes = b"", **headers: str) -> httpx.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.Response(status, content=content, headers=named)


def test_a_successful_response_becomes_a_value() -> None:
    found = value_of(
        get_history.build(),
        response(200, b'{"history": [{"prompt_id": "a"}]}'),
        get_history.parse,
        Deviations(),
    )
    assert found.history is not None
    assert found.history[0].prompt_id == "a"


@pytest.mark.parametrize(
    ("location", "named"),
    [
        ("https://elsewhere.example/x?signature=secret", "elsewhere.example"),
        ("https://user:secret@elsewhere.example:8080/", "elsewhere.example"),
        ("/api/elsewhere?secret", "another path of this server"),
        ("//elsewhere.example/secret", "elsewhere.example"),
        ("https://[secret", "an address that cannot be read"),
    ],
)
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_named_and_not_followed(status: int, location: str, named: str) -> None:
    with pytest.raises(
        UnexpectedResponse, match=f"{status}: it redirects to {named}, which is not followed"
    ) as caught:
        value_of(get_history.build(), response(status, location=location), get_history.parse, Deviations())
    assert caught.value.status == status
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("status", [101, 204, 206, 300, 304, 302])
def test_an_unexpected_status(status: int) -> None:
    with pytest.raises(
        UnexpectedResponse,
        match=r"GET /api/history_v2 returned \d+: this operation does not have that status",
    ) as caught:
        value_of(get_history.build(), response(status), get_history.parse, Deviations())
    assert (caught.value.method, caught.value.path) == ("GET", "/api/history_v2")


def test_a_web_page_asks_whether_the_base_url_is_right() -> None:
    page = response(200, b"<!doctype html><p>Welcome</p>", content_type="text/html; charset=utf-8")
    with pytest.raises(UnexpectedResponse, match=r"page instead.*check that base_url is the API") as caught:
        value_of(get_history.build(), page, get_history.parse, Deviations())
    assert caught.value.content_type == "text/html; charset=utf-8"
    assert caught.value.excerpt.startswith("<!doctype html>")


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'"text"', b"3", b"\xff\xfe", b'{"history": '])
def test_an_unexpected_body(body: bytes) -> None:
    with pytest.raises(UnexpectedResponse, match=r"returned 200: The body is") as caught:
        value_of(
            get_history.build(),
            response(200, body, content_type="application/json"),
            get_history.parse,
            Deviations(),
        )
    assert caught.value.status == 200


_PARSERS = [
    get_history,
    get_history_for_prompt,
    list_jobs,
    get_job_detail,
    get_user,
    get_features,
    list_assets,
]


@given(
    st.sampled_from(_PARSERS),
    st.one_of(
        st.binary(max_size=40),
        st.recursive(
            st.one_of(st.none(), st.integers(), st.text(max_size=4)),
            lambda inner: st.one_of(
                st.lists(inner, max_size=3),
                st.dictionaries(
                    st.sampled_from(["history", "jobs", "status", "prompt", "assets", "x"]), inner, max_size=3
                ),
            ),
        ).map(lambda value: json.dumps(value).encode()),
    ),
)
@settings(deadline=None)
def test_no_body_raises_any_other_exception(module: Any, body: bytes) -> None:
    arguments = ["id"] if module in (get_history_for_prompt, get_job_detail) else []
    with suppress(UnexpectedResponse):
        assert value_of(module.build(*arguments), response(200, body), module.parse, Deviations()) is not None


# Error responses


def test_an_error_status_and_what_the_retry_rules_need() -> None:
    body = orjson.dumps({"error": {"type": "QUEUE_LIMIT", "message": "The queue is full"}})
    error, failure = status_failure(POST, response(429, body, retry_after="7", x_request_id="r-1"), NOW)
    assert isinstance(error, RateLimited)
    assert (error.status, error.code, error.retry_after, error.request_id) == (429, "QUEUE_LIMIT", 7.0, "r-1")
    assert (error.method, error.path) == ("POST", "/api/thing")
    assert failure == Failure(kind="status", status=429, retry_after=7.0, error_code="QUEUE_LIMIT", sent=True)


def test_a_date_in_retry_after_counts_from_now() -> None:
    error, failure = status_failure(GET, response(503, retry_after="Mon, 23 Nov 2026 12:00:30 GMT"), NOW)
    assert isinstance(error, ServerError)
    assert error.retry_after == failure.retry_after == 30.0


JSON = b' {"code": "NOT_FOUND", "message": "no"}'
HTML = b"<html>404</html>"


@pytest.mark.parametrize(
    ("module", "status", "body", "expected"),
    [
        # A path without a parameter: only the operation can be missing.
        (get_history, 404, b"", True),
        (get_history, 404, JSON, True),
        (list_jobs, 404, HTML, True),
        (manage_history, 404, b"404 page not found", True),
        # With a parameter, JSON is about the resource, and anything else about the route.
        (get_history_for_prompt, 404, JSON, False),
        (get_history_for_prompt, 404, b"", True),
        (get_history_for_prompt, 404, HTML, True),
        (get_job_detail, 404, JSON, False),
        (get_asset_by_id, 404, b"404: Not Found", True),
        # Servers send an empty body for a missing file, and HEAD never has one.
        (view_file, 404, b"", False),
        (get_userdata, 404, b"", False),
        (check_asset_by_hash, 404, b"", False),
        (create_asset_from_hash, 404, JSON, False),
        (cancel_jobs, 404, JSON, False),
        (interrupt_job, 404, JSON, False),
        (upload_asset, 404, JSON, False),
        # These statuses are never about a resource.
        (get_history, 405, b"", True),
        (view_file, 405, b"405: Method Not Allowed", True),
        (get_job_detail, 501, JSON, True),
        (get_history, 410, JSON, True),
        # All others are ordinary errors.
        (get_history, 400, b"", False),
        (get_history, 403, b"", False),
        (get_history, 500, b"", False),
        (get_history, 503, JSON, False),
    ],
)
def test_a_missing_operation_differs_from_a_missing_resource(
    module: Any, status: int, body: bytes, expected: bool
) -> None:
    error, _ = status_failure(module.OPERATION, response(status, body), NOW)
    assert is_missing_operation(module.OPERATION, error) is expected


@pytest.mark.parametrize("module", [get_mask_layers, get_asset_content, check_asset_by_hash])
@pytest.mark.parametrize(
    ("content_type", "body", "expected"),
    [
        ("application/octet-stream", b"", True),
        ("text/plain; charset=utf-8", b"404: Not Found", True),
        ("application/octet-stream", JSON, False),
        ("application/json", JSON, False),
        (None, b"", False),
    ],
)
def test_a_self_hosted_server_responds_to_missing_routes_as_to_missing_files(
    module: Any, content_type: str | None, body: bytes, expected: bool
) -> None:
    headers = {"content-type": content_type} if content_type is not None else {}
    found, _ = status_failure(module.OPERATION, httpx.Response(404, headers=headers, content=body), NOW)
    assert found.content_type == content_type
    assert is_missing_operation(module.OPERATION, found) is expected


@pytest.mark.parametrize(("code", "expected"), [("SERVICE_DISABLED", True), ("BUSY", False)])
def test_an_operation_that_is_switched_off_is_missing(code: str, expected: bool) -> None:
    body = f'{{"error": {{"code": "{code}", "message": "no"}}}}'.encode()
    found, failure = status_failure(list_assets.OPERATION, response(503, body), NOW)
    assert is_missing_operation(list_assets.OPERATION, found) is expected
    assert is_transient(failure) is not expected


# Of these, servers respond 404 with an empty body when a file, folder or content does not exist.
ABOUT_A_RESOURCE = {
    "viewFile", "getUserdata", "getUserdataFile", "postUserdataFile", "deleteUserdataFile",
    "getModelsInFolder", "getModelPreview", "createAssetFromHash", "createAssetDownload", "uploadAsset",
    "uploadMask", "interruptJob", "cancelJobs",
}  # fmt: skip
SELF_HOSTED_LACKS = {"getMaskLayers", "getAssetContent", "checkAssetByHash"}


def test_what_a_404_means_for_every_operation() -> None:
    modules = pkgutil.walk_packages(comfy_cloud_api.api.__path__, "comfy_cloud_api.api.")
    all_operations = [import_module(found.name).OPERATION for found in modules if not found.ispkg]
    assert len(all_operations) >= 42
    lacking = set()
    for operation in all_operations:
        error, _ = status_failure(operation, response(404), NOW)
        if is_missing_operation(operation, error):
            lacking.add(operation.id)
    ids = {operation.id for operation in all_operations}
    assert ids >= ABOUT_A_RESOURCE | SELF_HOSTED_LACKS
    assert lacking == ids - ABOUT_A_RESOURCE - SELF_HOSTED_LACKS


def test_a_missing_operation_is_named() -> None:
    found, _ = status_failure(get_history.OPERATION, response(404), NOW)
    assert isinstance(found, NotFound)
    error = not_supported(get_history.OPERATION, found, "https://cloud.example")
    assert isinstance(error, NotSupported)
    assert not issubclass(NotSupported, ApiError)
    assert (error.operation, error.method, error.path, error.status) == (
        "getHistory",
        "GET",
        "/api/history_v2",
        404,
    )
    assert "GET /api/history_v2" in str(error)
    assert "cloud.example" not in str(error)


def test_a_missing_operation_of_a_server_with_web_pages_names_the_server() -> None:
    page = response(404, b"<!DOCTYPE HTML><p>Not found", content_type="text/html")
    found, _ = status_failure(get_history.OPERATION, page, NOW)
    error = not_supported(get_history.OPERATION, found, "https://cloud.example")
    assert str(error).endswith("https://cloud.example sent a web page: check that base_url is the API")
