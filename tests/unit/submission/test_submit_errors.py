"""What an error of a submission means: outcome open, may be accepted later, or concerns all."""

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
from comfy_cloud._submission.submit_errors import (
    concerns_all_submissions,
    leaves_outcome_open,
    may_be_accepted_later,
)


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
    assert leaves_outcome_open(error) == (error in OPEN)
    assert may_be_accepted_later(error) == (error in FOR_NOW)
    # A caller who has waited long enough gets temporary errors as well.
    assert concerns_all_submissions(error) == (error in FOR_ALL or error in FOR_NOW)


def test_a_server_error_that_says_busy_is_a_refusal() -> None:
    assert not leaves_outcome_open(ServerError("", status=503, code="QUEUE_LIMIT"))
