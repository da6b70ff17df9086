"""What the hooks `on_request` and `on_response` are told: one attempt at a time, without bodies and without secrets."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RequestInfo:
    """An attempt that is about to be sent. `attempt` counts from 1. `path` has no query, since that may be private."""

    operation: str
    method: str
    path: str
    attempt: int


@dataclass(frozen=True, slots=True)
class ResponseInfo:
    """An attempt that has ended: with a `status`, or with the `error` that kept an answer from coming.

    `elapsed` is in seconds. `retry_in` is the delay in seconds before the next attempt; None when there is none.
    """

    operation: str
    method: str
    path: str
    attempt: int
    elapsed: float
    status: int | None = None
    request_id: str | None = None
    error: BaseException | None = None
    retry_in: float | None = None
