"""From an error response to an exception: which class, with what in it.

The shapes of error bodies are read in `bodies`, the meaning of error codes is in `codes`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from ..times import parse_instant, retry_after_seconds
from .bodies import ErrorBody, decode_json
from .codes import is_billing, is_busy, is_rate_limit, is_workflow_refusal
from .exceptions import (
    LONGEST_EXCERPT,
    ApiError,
    BadRequest,
    Conflict,
    Forbidden,
    InvalidWorkflow,
    NotFound,
    PayloadTooLarge,
    PaymentRequired,
    RateLimited,
    ServerError,
    Unauthorized,
)
from .redaction import clean

_REQUEST_ID_HEADERS = ("x-request-id", "request-id", "x-cloud-trace-context", "cf-ray")
_BY_STATUS: dict[int, type[ApiError]] = {
    400: BadRequest,
    401: Unauthorized,
    402: PaymentRequired,
    403: Forbidden,
    404: NotFound,
    409: Conflict,
    410: NotFound,
    413: PayloadTooLarge,
    422: BadRequest,
    429: RateLimited,
}


def error_from_response(
    *,
    status: int,
    headers: Mapping[str, str],
    body: bytes,
    method: str,
    path: str,
    now: datetime | None = None,
) -> ApiError:
    """The exception for a response with an error status. It is returned, not raised.

    `now` is the instant from which a Retry-After date counts; by default that of the Date header.
    The body may have any shape that servers send: nested or flat JSON, a bare string, plain text,
    a web page, nothing. A body without a message gets the phrase of the status. Never raises.
    """
    fields = {
        name.lower(): value
        for name, value in headers.items()
        if isinstance(name, str) and isinstance(value, str)
    }
    wait = fields.get("retry-after")
    if wait is not None and now is None:
        now = parse_instant(fields.get("date"))
    text = body.decode("utf-8", "replace").lstrip("\ufeff").strip()
    found = ErrorBody(decode_json(text), status)
    error_class = _class_for(status, found)
    code = found.code
    if error_class is PaymentRequired and is_rate_limit(code):
        code = "PAYMENT_REQUIRED"
    return error_class(
        found.message,
        status=status,
        code=code,
        details=found.details,
        retry_after=retry_after_seconds(wait, now),
        request_id=request_id_of(fields),
        method=method,
        path=path,
        body=body,
        content_type=fields.get("content-type") or None,
        node_errors=found.node_errors,
    )


def request_id_of(headers: Mapping[str, str]) -> str | None:
    """The server's id of a request, from whichever header has it (names in lower case)."""
    found = next((headers[name] for name in _REQUEST_ID_HEADERS if headers.get(name)), None)
    return None if found is None else clean(found)[:LONGEST_EXCERPT]


def _class_for(status: int, found: ErrorBody) -> type[ApiError]:
    if status in (402, 429):
        if is_busy(found.code):
            return RateLimited
        return PaymentRequired if status == 402 or is_billing(found.code, found.message) else RateLimited
    if (status == 400 and found.node_errors) or (status in (400, 422) and is_workflow_refusal(found.code)):
        return InvalidWorkflow
    return ServerError if 500 <= status <= 599 else _BY_STATUS.get(status, ApiError)
