"""Every error response becomes a readable exception of the right class."""

from __future__ import annotations

import json
import pickle
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comfy_cloud.errors import (
    ApiError,
    BadRequest,
    Conflict,
    ConnectionFailed,
    Forbidden,
    InvalidWorkflow,
    NotFound,
    PayloadTooLarge,
    PaymentRequired,
    RateLimited,
    RequestTimeout,
    ServerError,
    Unauthorized,
    error_from_response,
    job_failed_from,
)

from .responses import KEY, NODE_ERRORS, response


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (400, BadRequest),
        (401, Unauthorized),
        (402, PaymentRequired),
        (403, Forbidden),
        (404, NotFound),
        (409, Conflict),
        (410, NotFound),
        (413, PayloadTooLarge),
        (418, ApiError),
        (422, BadRequest),
        (429, RateLimited),
        (500, ServerError),
        (501, ServerError),
        (520, ServerError),
        (599, ServerError),
        (600, ApiError),
        (302, ApiError),
    ],
)
def test_the_status_chooses_the_class(status: int, expected: type[ApiError]) -> None:
    assert type(response(status)) is expected


@pytest.mark.parametrize(
    ("body", "code", "message", "line"),
    [
        ({"code": "NOT_FOUND", "message": "No job"}, "NOT_FOUND", "No job", "500 NOT_FOUND: No job"),
        ({"error": {"type": "T", "message": "M", "details": "D"}}, "T", "M", "500 T: M: D"),
        ({"error": {"code": "C", "message": "M.", "details": {"a": 1}}}, "C", "M.", "500 C: M."),
        ({"error": "plain words"}, None, "plain words", "500: plain words"),
        ({"error": "not_found", "message": "No job"}, "not_found", "No job", "500 not_found: No job"),
        ({"message": "Unmarshal type error"}, None, "Unmarshal type error", "500: Unmarshal type error"),
        ({"detail": [{"msg": "too long"}, {"msg": "too wide"}]}, None, "too long; too wide", None),
        ({"type": "https://example.com/problem", "title": "Title", "detail": "Detail"}, None, "Detail", None),
        ({"code": 7, "message": "M"}, "7", "M", "500 7: M"),
        (b"upstream connect error", None, "upstream connect error", "500: upstream connect error"),
        (b"500 Internal Server Error\n\nServer got itself in trouble", None, None, None),
        (b"  <!doctype html><title>x</title>", None, "Internal Server Error", "500: Internal Server Error"),
        (b"x" * 501, None, "Internal Server Error", None),
        (b"x" * 500, None, "x" * 500, None),
        (b"\x00\xff\xfe", None, "Internal Server Error", None),
        (b"", None, "Internal Server Error", None),
        (b"null", None, "Internal Server Error", None),
        (b"[]", None, "Internal Server Error", None),
        (b"{}", None, "Internal Server Error", None),
        (b'{"error": {}}', None, "Internal Server Error", None),
        (b'{"error": null, "message": null}', None, "Internal Server Error", None),
        (b'"a JSON text"', None, "a JSON text", None),
        (b"\xef\xbb\xbf" + b'{"message": "after a mark"}', None, "after a mark", None),
        (b"[" * 100_000, None, "Internal Server Error", None),
        (b'{"message": "a\\nb\\u001b[31m"}', None, None, "500: a b [31m"),
    ],
)
def test_every_body_ends_in_a_readable_message(
    body: object, code: str | None, message: str | None, line: str | None
) -> None:
    error = response(500, body)
    assert error.code == code
    assert message is None or error.message == message
    assert line is None or str(error) == f"{line} (GET /api/jobs)"
    assert str(error).isprintable()


def test_plain_text_of_a_self_hosted_server_reads_well() -> None:
    assert str(response(500, b"500 Internal Server Error\n\nServer got itself in trouble")) == (
        "500: Internal Server Error Server got itself in trouble (GET /api/jobs)"
    )


@pytest.mark.parametrize("status", [402, 429])
@pytest.mark.parametrize(
    ("body", "expected", "code"),
    [
        ({"error": {"type": "QUEUE_LIMIT", "message": "full"}}, RateLimited, "QUEUE_LIMIT"),
        ({"error": {"type": "BILLING_UNAVAILABLE", "message": "busy"}}, RateLimited, "BILLING_UNAVAILABLE"),
        ({"error": {"type": "PLATFORM_REFUSED", "message": "busy"}}, RateLimited, "PLATFORM_REFUSED"),
        ({"error": {"type": "PAYMENT_REQUIRED", "message": "pay"}}, PaymentRequired, "PAYMENT_REQUIRED"),
        (
            {"error": {"type": "FREE_TIER_EXHAUSTED", "message": "pay"}},
            PaymentRequired,
            "FREE_TIER_EXHAUSTED",
        ),
        (
            {"error": {"type": "FREE_TIER_UNAVAILABLE", "message": "no"}},
            PaymentRequired,
            "FREE_TIER_UNAVAILABLE",
        ),
        ({"code": "MODEL_PAYMENT_REQUIRED", "message": "pay"}, PaymentRequired, "MODEL_PAYMENT_REQUIRED"),
        ({"message": "no active subscription"}, PaymentRequired, "PAYMENT_REQUIRED"),
        ({"error": "Insufficient credits"}, PaymentRequired, "PAYMENT_REQUIRED"),
    ],
)
def test_billing_and_a_busy_service_differ_by_code(
    status: int, body: object, expected: type[ApiError], code: str
) -> None:
    error = response(status, body)
    assert type(error) is expected
    assert error.code == code


@pytest.mark.parametrize("code", ["", "429", "unknown_error", "RATE_LIMITED"])
def test_a_402_whose_code_says_nothing_is_a_required_payment(code: str) -> None:
    error = response(402, {"code": code, "message": "no"})
    assert type(error) is PaymentRequired
    assert error.code == "PAYMENT_REQUIRED"


def test_a_429_about_the_rate_is_not_billing() -> None:
    error = response(429, {"code": "RATE_LIMITED", "message": "Rate limit exceeded. Subscribe for more."})
    assert type(error) is RateLimited
    assert type(response(429, {"error": {"type": "SOMETHING_NEW", "message": "?"}})) is RateLimited


@pytest.mark.parametrize(
    "body",
    [
        {"error": {"type": "prompt_outputs_failed_validation", "message": "Bad"}, "node_errors": NODE_ERRORS},
        {"error": "Bad", "node_errors": NODE_ERRORS},
        {"error": {"type": "x", "message": "Bad", "node_errors": NODE_ERRORS}},
        {"error": {"message": "Bad"}, "node_errors": [{"node_id": 6, **NODE_ERRORS["6"]}]},
    ],
)
def test_a_refused_graph_has_the_errors_of_its_nodes(body: object) -> None:
    error = response(400, body)
    assert type(error) is InvalidWorkflow
    assert error.node_errors["6"]["class_type"] == "KSampler"
    assert str(error).endswith(
        "Bad: node 6 (KSampler): Value not in list (sampler_name: 'x') (GET /api/jobs)"
    )


@pytest.mark.parametrize("node_errors", [None, [], {}, "x", 3])
def test_a_refused_graph_without_node_errors_is_still_one(node_errors: object) -> None:
    error = response(
        400, {"error": {"type": "prompt_no_outputs", "message": "M"}, "node_errors": node_errors}
    )
    assert type(error) is InvalidWorkflow
    assert error.node_errors == {}
    assert (
        type(response(400, {"error": {"type": "other", "message": "M"}, "node_errors": node_errors}))
        is BadRequest
    )


def test_odd_node_errors_are_counted_and_readable() -> None:
    error = response(400, {"error": "Bad", "node_errors": {"1": "broken", "2": ["a", "b"], "3": None}})
    assert str(error) == "400: Bad: node 1: broken and 3 more (GET /api/jobs)"


def test_unread_fields_become_the_details() -> None:
    refused = {"error": {"type": "auth_type_not_allowed", "message": "No"}, "accepted": ["jwt"]}
    assert response(403, refused).details == {"accepted": ["jwt"]}
    assert response(
        429, {"error": {"type": "BILLING_UNAVAILABLE", "message": "M", "reason": "r"}}
    ).details == {"reason": "r"}
    assert response(500, {"message": "M", "details": [1]}).details == [1]
    assert response(500, {"message": "M"}).details is None


@pytest.mark.parametrize(
    "name", ["x-request-id", "X-Request-ID", "Request-Id", "X-Cloud-Trace-Context", "CF-Ray"]
)
def test_the_request_id_is_found_in_any_header_and_case(name: str) -> None:
    error = response(500, headers={name: "abc"})
    assert error.request_id == "abc"
    assert str(error) == "500: Internal Server Error (GET /api/jobs, request abc)"


def test_the_first_request_id_header_wins() -> None:
    assert response(500, headers={"cf-ray": "edge", "x-request-id": "app"}).request_id == "app"


def test_retry_after_is_read_as_seconds_or_as_a_date() -> None:
    date = "Mon, 23 Nov 2026 14:00:30 GMT"
    assert response(429, headers={"RETRY-AFTER": "7"}).retry_after == 7.0
    assert response(429, headers={"retry-after": date}).retry_after == 30.0
    assert response(429).retry_after is None
    arguments: dict[str, Any] = {"status": 429, "body": b"", "method": "GET", "path": "/"}
    headers = {"Retry-After": date, "Date": "Mon, 23 Nov 2026 14:00:20 GMT"}
    assert error_from_response(headers=headers, **arguments).retry_after == 10.0
    assert error_from_response(headers={"Retry-After": date}, **arguments).retry_after is None


def test_the_final_error_has_the_earlier_attempts() -> None:
    error = response(500, {"error": {"type": "INTERNAL", "message": "boom"}}, {"x-request-id": "abc"})
    error.attempts = (response(502), ConnectionFailed("reset"))
    assert str(error) == "500 INTERNAL: boom (GET /api/jobs, request abc, 3 attempts)"
    timeout = RequestTimeout("slow")
    timeout.attempts = (error,)
    assert str(timeout) == "slow (2 attempts)"


@given(
    st.integers(100, 999),
    st.dictionaries(
        st.one_of(st.text(max_size=5), st.sampled_from(("Retry-After", "Date", "x-request-id", "CF-RAY"))),
        st.one_of(st.text(max_size=20), st.sampled_from(("7", "-1", "Mon, 23 Nov 2026 14:00:30 GMT"))),
        max_size=4,
    ),
    st.binary(max_size=200),
)
def test_random_bytes_never_raise(status: int, headers: dict[str, str], body: bytes) -> None:
    error = error_from_response(status=status, headers=headers, body=body, method="GET", path="/api/x")
    assert isinstance(error, ApiError)
    assert error.status == status
    assert error.message
    assert str(error).isprintable()
    assert len(str(error)) < 1000


FIELDS = (
    "error",
    "message",
    "code",
    "type",
    "details",
    "node_errors",
    "errors",
    "detail",
    "reason",
    "node_id",
    "6",
)
json_values = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(),
        st.text(max_size=8),
        st.sampled_from(("QUEUE_LIMIT", KEY)),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(st.sampled_from(FIELDS), inner, max_size=5)
    ),
    max_leaves=20,
)


@given(st.sampled_from((400, 402, 404, 429, 500, 777)), json_values)
def test_random_json_never_raises_and_never_leaks(status: int, body: object) -> None:
    error = response(status, body)
    assert error.message
    assert str(error).isprintable()
    assert KEY not in f"{error} {error!r} {error.__dict__}"
    assert str(pickle.loads(pickle.dumps(error))) == str(error)


@given(json_values)
def test_random_execution_errors_never_raise(record: object) -> None:
    for value in (
        record,
        json.dumps(record),
        {"exception_message": f"400: {json.dumps(record)}", "node_id": record},
    ):
        error = job_failed_from("j1", value)
        assert str(error).startswith("job j1 failed")
        assert KEY not in f"{error} {error!r} {error.__dict__}"


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (503, "Service Unavailable"),
        (520, "The origin sent the edge an invalid response"),
        (521, "The origin refused the edge's connection"),
        (522, "The edge could not connect to the origin in time"),
        (523, "The edge cannot reach the origin"),
        (524, "The origin did not respond to the edge in time"),
        (525, "The TLS handshake between edge and origin failed"),
        (526, "The origin's certificate is not valid"),
        (530, "The edge cannot resolve the origin"),
        (599, "HTTP status 599"),
    ],
)
def test_without_a_message_the_status_is_described(status: int, message: str) -> None:
    assert response(status).message == message


@pytest.mark.parametrize(
    "field",
    ["message", "detail", "error_message", "error_description", "exception_message", "msg", "title"],
)
def test_every_field_that_servers_use_for_a_message(field: str) -> None:
    assert response(500, {field: "because"}).message == "because"
    assert response(500, {"error": {field: "because"}}).message == "because"
    assert response(500, {field: "because", "more": 1}).details == {"more": 1}


@pytest.mark.parametrize("field", ["type", "code", "error_code"])
def test_every_field_that_servers_use_for_a_code(field: str) -> None:
    assert response(500, {field: "ODD", "message": "M"}).code == "ODD"
    assert response(500, {field: "a" * 80}).code == "a" * 80
    assert response(500, {field: "a" * 81}).code is None
    assert response(500, {field: "two words"}).code is None
