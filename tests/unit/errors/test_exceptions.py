"""The exception classes: what they show, that they can be pickled, that they contain no secret."""

from __future__ import annotations

import copy
import pickle

import pytest

from comfy_cloud import errors
from comfy_cloud.errors import (
    ApiError,
    BadRequest,
    ComfyCloudError,
    ConfigurationError,
    ConnectionFailed,
    IdempotencyConflict,
    InvalidWorkflow,
    JobCancelled,
    JobFailed,
    NotFound,
    NotSupported,
    RequestTimeout,
    SubmissionUncertain,
    TaskFailed,
    UnexpectedResponse,
    WaitTimeout,
    error_from_response,
    job_failed_from,
)

from .responses import KEY, NODE_ERRORS, response

EXAMPLES: list[ComfyCloudError] = [
    response(400, {"error": "Bad", "node_errors": NODE_ERRORS}, {"x-request-id": "r"}),
    response(404),
    NotSupported("getHistory", method="GET", path="/api/history_v2", status=404),
    ConnectionFailed("refused"),
    RequestTimeout("slow"),
    UnexpectedResponse("not JSON", status=200, content_type="text/html", body=b"<html>" * 100),
    IdempotencyConflict("conflict", job_id="j1"),
    SubmissionUncertain("uncertain", nonce="n1", evidence={"seen": [1], "token": KEY}),
    job_failed_from("j1", {"node_id": "6", "exception_message": "m"}),
    JobCancelled(job_id="j1"),
    WaitTimeout(job_id="j1", timeout=600, status="pending"),
    TaskFailed("no space", task_id="t1", status="cancelled"),
    ConfigurationError("use a number"),
]


@pytest.mark.parametrize("error", EXAMPLES, ids=lambda error: type(error).__name__)
def test_exceptions_survive_pickling_and_copying(error: ComfyCloudError) -> None:
    for twin in (pickle.loads(pickle.dumps(error)), copy.copy(error), copy.deepcopy(error)):
        assert type(twin) is type(error)
        assert str(twin) == str(error)
        assert twin.args == error.args
        assert twin.__dict__.keys() == error.__dict__.keys()


def test_attempts_survive_pickling() -> None:
    error = response(500)
    error.attempts = (RequestTimeout("slow"),)
    assert str(pickle.loads(pickle.dumps(error)).attempts[0]) == "slow"


@pytest.mark.parametrize(
    ("error_class", "builtin"),
    [
        (NotFound, LookupError),
        (ConnectionFailed, ConnectionError),
        (RequestTimeout, TimeoutError),
        (WaitTimeout, TimeoutError),
        (ConfigurationError, ValueError),
        (InvalidWorkflow, BadRequest),
        (ApiError, ComfyCloudError),
    ],
)
def test_exceptions_are_also_builtin_ones(error_class: type, builtin: type) -> None:
    assert issubclass(error_class, builtin)


def test_the_docstring_shows_every_exception() -> None:
    drawn = errors.__doc__ or ""
    for name in errors.__all__:
        value = getattr(errors, name)
        if isinstance(value, type) and issubclass(value, Exception):
            assert f" {name} " in drawn.replace("\n", " \n "), name


def test_messages_of_the_other_exceptions() -> None:
    assert str(EXAMPLES[2]) == "this server does not have the operation getHistory (GET /api/history_v2)"
    assert str(NotSupported("smaller images")) == "this server does not have smaller images"
    assert str(JobCancelled(job_id="j1")) == "job j1 was cancelled"
    assert (
        str(WaitTimeout(job_id="j1", timeout=1.5))
        == "job j1 was not finished within 1.5 s (last status: unknown)"
    )
    unexpected = EXAMPLES[5]
    assert isinstance(unexpected, UnexpectedResponse)
    assert len(unexpected.excerpt) == 200


def test_no_field_of_an_exception_contains_the_key() -> None:
    body = {"message": KEY, "details": {"a": [KEY]}, "node_errors": {"1": KEY}, "api_key": "plain secret"}
    samples: list[ComfyCloudError] = [
        response(400, body, {"x-request-id": KEY}),
        error_from_response(status=500, headers={}, body=KEY.encode(), method="GET", path=f"/ws?token={KEY}"),
        NotSupported("x", path=f"/{KEY}"),
        ConnectionFailed(f"cannot reach {KEY}"),
        UnexpectedResponse(KEY, body=KEY.encode()),
        SubmissionUncertain(KEY, evidence={"a": KEY}),
        JobFailed(KEY, job_id="j", inputs={"text": KEY}, traceback=[KEY]),
    ]
    for error in samples:
        assert KEY not in f"{error} {error!r} {error.__dict__} {error.args}"
        assert "plain secret" not in f"{error} {error!r} {error.__dict__}"


def test_what_is_shown_is_limited() -> None:
    long = "x" * 2000
    assert response(500, {"message": long}).message == long
    assert str(response(500, {"message": long})) == f"500: {'x' * 497}... (GET /api/jobs)"
    assert str(ConnectionFailed(long)) == f"{'x' * 497}..."
    assert UnexpectedResponse("no", body=long.encode()).excerpt == f"{'x' * 197}..."
    assert response(500, headers={"x-request-id": long}).request_id == "x" * 200


def test_exceptions_name_the_public_module() -> None:
    for error in EXAMPLES:
        assert type(error).__module__ == "comfy_cloud.errors"
        assert type(error) is getattr(errors, type(error).__name__)
