"""What hooks receive: plain immutable values, and nothing that a log must not contain."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, asdict, fields

import pytest

from comfy_cloud import RequestInfo, ResponseInfo, ServerError


def test_a_request_has_neither_query_nor_body() -> None:
    info = RequestInfo("getHistory", "GET", "/api/history_v2", 1)
    assert asdict(info) == {
        "operation": "getHistory",
        "method": "GET",
        "path": "/api/history_v2",
        "attempt": 1,
    }


def test_a_successful_attempt_has_a_status_and_no_error() -> None:
    info = ResponseInfo("getHistory", "GET", "/api/history_v2", 2, 0.25, status=200)
    assert (info.attempt, info.elapsed, info.status) == (2, 0.25, 200)
    assert (info.error, info.retry_in, info.request_id) == (None, None, None)


def test_a_failed_attempt_has_its_error() -> None:
    error = ServerError("no", status=502)
    info = ResponseInfo(
        "getHistory", "GET", "/api/history_v2", 1, 0.25, status=502, error=error, retry_in=0.5
    )
    assert info.error is error
    assert info.retry_in == 0.5


@pytest.mark.parametrize("kind", [RequestInfo, ResponseInfo])
def test_there_are_no_fields_for_headers_bodies_or_queries(kind: type) -> None:
    names = {field.name for field in fields(kind)}
    assert names.isdisjoint(
        {"headers", "body", "content", "json", "query", "params", "url", "key", "api_key"}
    )


def test_the_values_cannot_be_changed() -> None:
    info = RequestInfo("getHistory", "GET", "/api/history_v2", 1)
    with pytest.raises(FrozenInstanceError):
        info.attempt = 5  # type: ignore[misc]
