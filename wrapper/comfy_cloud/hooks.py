"""What the hooks `on_request` and `on_response` receive: one attempt, without bodies or secrets."""

from __future__ import annotations

from dataclasses import dataclass

GENERAL_CALL = "request"
"""The operation of `cloud.request()`."""


@dataclass(frozen=True, slots=True)
class RequestInfo:
    """An attempt that is about to be sent.

    `operation` is the operation's id. `path` has no query, which may be private. `attempt` counts
    from 1.
    """

    operation: str
    method: str
    path: str
    attempt: int


@dataclass(frozen=True, slots=True)
class ResponseInfo:
    """An attempt that has ended: with a `status`, or with the `error` that prevented a response.

    `elapsed` is in seconds. `request_id` is the server's id of the request, if it sent one.
    `retry_in` is the delay in seconds before the next attempt; None when there is none.
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
