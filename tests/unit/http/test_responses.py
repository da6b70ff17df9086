"""From an operation to a value or an error: bodies, headers, what may be repeated, what is missing, what broke."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import httpx
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comfy_cloud import (
    ApiError,
    NotFound,
    NotSupported,
    RateLimited,
    ServerError,
    UnexpectedResponse,
)
from comfy_cloud._http.deviations import Deviations
from comfy_cloud._http.responses import (
    is_missing_operation,
    not_supported,
    status_failure,
    value_of,
)
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


# Answers that are no error


def answer(status: int, content: bytes = b"", **headers: str) -> httpx.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.Response(status, content=content, headers=named)


def test_a_good_answer_becomes_a_value() -> None:
    found = value_of(
        get_history.build(),
        answer(200, b'{"history": [{"prompt_id": "a"}]}'),
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
        UnexpectedResponse, match=f"{status}: redirects to {named}, which is not followed"
    ) as caught:
        value_of(get_history.build(), answer(status, location=location), get_history.parse, Deviations())
    assert caught.value.status == status
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("status", [101, 204, 206, 300, 304, 302])
def test_a_status_that_was_not_promised(status: int) -> None:
    with pytest.raises(
        UnexpectedResponse, match=r"GET /api/history_v2 returned \d+: is a status that"
    ) as caught:
        value_of(get_history.build(), answer(status), get_history.parse, Deviations())
    assert (caught.value.method, caught.value.path) == ("GET", "/api/history_v2")


def test_a_web_page_asks_whether_the_base_url_is_right() -> None:
    page = answer(200, b"<!doctype html><p>Welcome</p>", content_type="text/html; charset=utf-8")
    with pytest.raises(UnexpectedResponse, match="web page: does base_url point at the API") as caught:
        value_of(get_history.build(), page, get_history.parse, Deviations())
    assert caught.value.content_type == "text/html; charset=utf-8"
    assert caught.value.excerpt.startswith("<!doctype html>")


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'"text"', b"3", b"\xff\xfe", b'{"history": '])
def test_a_body_that_was_not_promised(body: bytes) -> None:
    with pytest.raises(UnexpectedResponse, match=r"returned 200: The body is") as caught:
        value_of(
            get_history.build(),
            answer(200, body, content_type="application/json"),
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
def test_no_body_raises_anything_but_our_own(module: Any, body: bytes) -> None:
    arguments = ["id"] if module in (get_history_for_prompt, get_job_detail) else []
    with suppress(UnexpectedResponse):
        assert value_of(module.build(*arguments), answer(200, body), module.parse, Deviations()) is not None


# Answers that are


def test_an_error_status_and_what_retrying_needs_to_know() -> None:
    body = orjson.dumps({"error": {"type": "QUEUE_LIMIT", "message": "The queue is full"}})
    error, failure = status_failure(POST, answer(429, body, retry_after="7", x_request_id="r-1"), NOW)
    assert isinstance(error, RateLimited)
    assert (error.status, error.code, error.retry_after, error.request_id) == (429, "QUEUE_LIMIT", 7.0, "r-1")
    assert (error.method, error.path) == ("POST", "/api/thing")
    assert failure == Failure(kind="status", status=429, retry_after=7.0, error_code="QUEUE_LIMIT", sent=True)


def test_a_date_in_retry_after_counts_from_now() -> None:
    error, failure = status_failure(GET, answer(503, retry_after="Mon, 23 Nov 2026 12:00:30 GMT"), NOW)
    assert isinstance(error, ServerError)
    assert error.retry_after == failure.retry_after == 30.0


JSON = b' {"code": "NOT_FOUND", "message": "no"}'
HTML = b"<html>404</html>"


@pytest.mark.parametrize(
    ("module", "status", "body", "expected"),
    [
        # A 404 of a path without a parameter: there is nothing but the operation that could be missing.
        (get_history, 404, b"", True),
        (get_history, 404, JSON, True),
        (list_jobs, 404, HTML, True),
        (manage_history, 404, b"404 page not found", True),
        # With a parameter, a JSON body speaks of the thing, and anything else of the route.
        (get_history_for_prompt, 404, JSON, False),
        (get_history_for_prompt, 404, b"", True),
        (get_history_for_prompt, 404, HTML, True),
        (get_job_detail, 404, JSON, False),
        (get_asset_by_id, 404, b"404: Not Found", True),
        # These servers answer with an empty body for a missing file, and a HEAD never has one.
        (view_file, 404, b"", False),
        (get_userdata, 404, b"", False),
        (check_asset_by_hash, 404, b"", False),
        (create_asset_from_hash, 404, JSON, False),
        (cancel_jobs, 404, JSON, False),
        (interrupt_job, 404, JSON, False),
        (upload_asset, 404, JSON, False),
        # These statuses never speak of a thing.
        (get_history, 405, b"", True),
        (view_file, 405, b"405: Method Not Allowed", True),
        (get_job_detail, 501, JSON, True),
        (get_history, 410, JSON, True),
        # And all others are errors like any.
        (get_history, 400, b"", False),
        (get_history, 403, b"", False),
        (get_history, 500, b"", False),
        (get_history, 503, JSON, False),
    ],
)
def test_a_missing_operation_is_told_from_a_missing_thing(
    module: Any, status: int, body: bytes, expected: bool
) -> None:
    error, _ = status_failure(module.OPERATION, answer(status, body), NOW)
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
def test_a_self_hosted_server_takes_what_it_lacks_for_a_missing_file(
    module: Any, content_type: str | None, body: bytes, expected: bool
) -> None:
    headers = {"content-type": content_type} if content_type is not None else {}
    found, _ = status_failure(module.OPERATION, httpx.Response(404, headers=headers, content=body), NOW)
    assert found.content_type == content_type
    assert is_missing_operation(module.OPERATION, found) is expected


@pytest.mark.parametrize(("code", "expected"), [("SERVICE_DISABLED", True), ("BUSY", False)])
def test_an_operation_that_is_switched_off_is_missing(code: str, expected: bool) -> None:
    body = f'{{"error": {{"code": "{code}", "message": "no"}}}}'.encode()
    found, failure = status_failure(list_assets.OPERATION, answer(503, body), NOW)
    assert is_missing_operation(list_assets.OPERATION, found) is expected
    assert is_transient(failure) is not expected


def test_every_operation_of_the_tables_exists() -> None:
    import pkgutil
    from importlib import import_module

    import comfy_cloud_api.api
    from comfy_cloud._http.responses import _MISSING_WHEN_SELF_HOSTED, _NOT_FOUND_IS_ABOUT_A_RESOURCE

    modules = pkgutil.walk_packages(comfy_cloud_api.api.__path__, "comfy_cloud_api.api.")
    ids = {import_module(found.name).OPERATION.id for found in modules if not found.ispkg}
    assert len(ids) >= 42
    assert ids >= _NOT_FOUND_IS_ABOUT_A_RESOURCE | _MISSING_WHEN_SELF_HOSTED
    assert not _NOT_FOUND_IS_ABOUT_A_RESOURCE & _MISSING_WHEN_SELF_HOSTED


def test_a_missing_operation_is_named() -> None:
    found, _ = status_failure(get_history.OPERATION, answer(404), NOW)
    assert isinstance(found, NotFound)
    error = not_supported(get_history.OPERATION, found)
    assert isinstance(error, NotSupported)
    assert not issubclass(NotSupported, ApiError)
    assert (error.operation, error.method, error.path, error.status) == (
        "getHistory",
        "GET",
        "/api/history_v2",
        404,
    )
    assert "GET /api/history_v2" in str(error)
