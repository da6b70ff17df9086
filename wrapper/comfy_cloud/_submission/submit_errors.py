"""What an error of a submission means: for its outcome, and for other submissions."""

from __future__ import annotations

from ..errors import (
    ApiError,
    ComfyCloudError,
    ConnectionFailed,
    Forbidden,
    NotSupported,
    PaymentRequired,
    RateLimited,
    RequestTimeout,
    Unauthorized,
    UnexpectedResponse,
)
from ..retry import Failure, was_surely_not_accepted


def leaves_outcome_open(error: ComfyCloudError) -> bool:
    """Whether the server may have accepted the submission in spite of this error."""
    if isinstance(error, ApiError):
        failure = Failure(kind="status", status=error.status, error_code=error.code)
        return (error.status == 408 or error.status >= 500) and not was_surely_not_accepted(failure)
    if isinstance(error, (ConnectionFailed, RequestTimeout)):
        return error.was_sent
    if isinstance(error, UnexpectedResponse):
        return error.status is None or error.status < 300
    return False


def may_be_accepted_later(error: ComfyCloudError) -> bool:
    """Whether the submission was surely not accepted, but may be later.

    That is so if the queue is full, or the server was not reached.
    """
    if isinstance(error, RateLimited):
        return True
    return isinstance(error, (ConnectionFailed, RequestTimeout)) and not error.was_sent


def concerns_all_submissions(error: ComfyCloudError) -> bool:
    """Whether an error would meet every other submission as well.

    It is about the account or the server then, not about one workflow. A full queue and a server
    that cannot be reached count too: a caller who gets these errors here has waited long enough.
    """
    if isinstance(error, (Unauthorized, PaymentRequired, Forbidden, NotSupported)):
        return True
    if isinstance(error, UnexpectedResponse):
        return not leaves_outcome_open(error)
    return may_be_accepted_later(error)
