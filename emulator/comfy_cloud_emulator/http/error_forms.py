"""The two forms of an error body: that of version 1 of the API, and that of API v2, by the path."""

from __future__ import annotations

import re
from typing import Any, Final

V2_PATHS: Final = re.compile(r"/api/v2/(jobs|assets)(/.*)?", re.DOTALL)
"""Paths of API v2. `/api/v2/userdata` belongs to version 1."""

_V1_CODES: Final[dict[int, str]] = {
    400: "BAD_REQUEST",
    401: "UNAUTHORIZED",
    402: "PAYMENT_REQUIRED",
    403: "FORBIDDEN",
    404: "NOT_FOUND",
    405: "METHOD_NOT_ALLOWED",
    408: "REQUEST_TIMEOUT",
    409: "CONFLICT",
    410: "GONE",
    413: "PAYLOAD_TOO_LARGE",
    415: "UNSUPPORTED_MEDIA_TYPE",
    422: "UNPROCESSABLE",
    429: "RATE_LIMITED",
    500: "INTERNAL_SERVER_ERROR",
    501: "NOT_IMPLEMENTED",
    502: "BAD_GATEWAY",
    503: "SERVICE_UNAVAILABLE",
    504: "GATEWAY_TIMEOUT",
}
_V2_CODES: Final[dict[int, str]] = {
    400: "invalid_request",
    401: "unauthorized",
    402: "insufficient_credits",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    409: "conflict",
    413: "payload_too_large",
    416: "range_not_satisfiable",
    422: "invalid_request",
    429: "rate_limited",
    500: "upstream_error",
    501: "not_implemented",
    503: "service_unavailable",
}


def error_body(
    status: int, message: str, code: str | None = None, *, path: str = "", details: Any = None
) -> dict[str, Any]:
    """The body of an error: a code for programs and a message for people.

    Only API v2 has `details`.
    """
    if not V2_PATHS.fullmatch(path):
        return {"code": code or _V1_CODES.get(status, f"HTTP_{status}"), "message": message}
    error = {"code": (code or _V2_CODES.get(status, f"http_{status}")).lower(), "message": message}
    return {"error": error if details is None else {**error, "details": details}}
