"""What an error of a submission means: open, not accepted for now, or about all submissions."""

from __future__ import annotations

import pytest

from comfy_cloud import (
    BadRequest,
    ComfyCloudError,
    ConfigurationError,
    Conflict,
    ConnectionFailed,
    Forbidden,
    InvalidWorkflow,
    NotSupported,
    PayloadTooLarge,
    PaymentRequired,
    RateLimited,
    RequestTimeout,
    ServerError,
    SubmissionUncertain,
    Unauthorized,
    UnexpectedResponse,
)
from comfy_cloud._submission.options import holds_for_all, is_open, was_not_accepted_for_now


def unsent(error: ComfyCloudError) -> ComfyCloudError:
    error.was_sent = False
    return error


OPEN = [
    ServerError("", status=500),
    ServerError("", status=503),
    ConnectionFailed(""),
    RequestTimeout(""),
    UnexpectedResponse("", status=200),
    UnexpectedResponse(""),
]
FOR_NOW = [
    RateLimited("", status=429, code="QUEUE_LIMIT"),
    RateLimited("", status=429),
    unsent(ConnectionFailed("")),
    unsent(RequestTimeout("")),
]
FOR_ALL = [
    Unauthorized("", status=401),
    PaymentRequired("", status=402),
    Forbidden("", status=403),
    NotSupported("executePrompt"),
    UnexpectedResponse("", status=302),
]
FOR_ONE = [
    InvalidWorkflow("", status=400),
    BadRequest("", status=422),
    Conflict("", status=409),
    PayloadTooLarge("", status=413),
    ConfigurationError(""),
    SubmissionUncertain(""),
]


@pytest.mark.parametrize("error", [*OPEN, *FOR_NOW, *FOR_ALL, *FOR_ONE], ids=repr)
def test_what_an_error_means(error: ComfyCloudError) -> None:
    assert is_open(error) == (error in OPEN)
    assert was_not_accepted_for_now(error) == (error in FOR_NOW)
    # Whoever has waited long enough sees what passes as well.
    assert holds_for_all(error) == (error in FOR_ALL or error in FOR_NOW)


def test_a_busy_word_makes_a_refusal_of_a_server_error() -> None:
    assert not is_open(ServerError("", status=503, code="QUEUE_LIMIT"))
