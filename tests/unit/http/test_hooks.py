"""What hooks are told: plain values that cannot be changed, and nothing that a log must not hold."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, asdict, fields

import pytest

from comfy_cloud import RequestInfo, ResponseInfo, ServerError


def test_a_request_is_named_without_its_query_or_body() -> None:
    info = RequestInfo("getHistory", "GET", "/api/history_v2", 1)
    assert asdict(info) == {
        "operation": "getHistory",
        "method": "GET",
        "path": "/api/history_v2",
        "attempt": 1,
    }


def test_an_attempt_that_went_well_has_a_status_and_no_error() -> None:
    info = ResponseInfo("getHistory", "GET", "/api/history_v2", 2, 0.25, status=200)
    assert (info.attempt, info.elapsed, info.status) == (2, 0.25, 200)
    assert (info.error, info.retry_in, info.request_id) == (None, None, None)


def test_an_attempt_that_failed_has_its_error() -> None:
    error = ServerError("no", status=502)
    info = ResponseInfo(
        "getHistory", "GET", "/api/history_v2", 1, 0.25, status=502, error=error, retry_in=0.5
    )
    assert info.error is error
    assert info.retry_in == 0.5


@pytest.mark.parametrize("kind", [RequestInfo, ResponseInfo])
def test_no_field_is_for_headers_bodies_or_queries(kind: type) -> None:
    names = {field.name for field in fields(kind)}
    assert names.isdisjoint(
        {"headers", "body", "content", "json", "query", "params", "url", "key", "api_key"}
    )


def test_what_hooks_are_told_cannot_be_changed() -> None:
    info = RequestInfo("getHistory", "GET", "/api/history_v2", 1)
    with pytest.raises(FrozenInstanceError):
        info.attempt = 5  # type: ignore[misc]
