"""Answers in the forms the service uses: JSON bodies, and errors as an object with code and message.

Only the forms; which answer a request gets is decided in `routes`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, Final

import orjson
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

JSON_TYPE: Final = "application/json"
CHUNK: Final = 1 << 18
"""Bytes of a large answer that are sent at a time."""

ERROR_CODES: Final[dict[int, str]] = {
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


class ApiProblem(Exception):
    """Raised by a handler to answer with an error body of code and message."""

    def __init__(self, status: int, message: str, *, code: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.code = code


def json_response(content: Any, status: int = 200) -> Response:
    """Answer with a value that orjson can write."""
    return json_bytes_response(orjson.dumps(content), status)


def json_bytes_response(content: bytes, status: int = 200) -> Response:
    """Answer with JSON that is written already."""
    return Response(content, status, media_type=JSON_TYPE)


def large_json_response(content: bytes) -> Response:
    """Answer with JSON that is written already, piece by piece, so that other answers get through in between."""

    async def pieces() -> AsyncIterator[bytes]:
        view = memoryview(content)
        for begin in range(0, len(content), CHUNK):
            yield bytes(view[begin : begin + CHUNK])

    length = {"content-length": str(len(content))}
    return StreamingResponse(pieces(), headers=length, media_type=JSON_TYPE)


def error_body(status: int, message: str, code: str | None = None) -> dict[str, str]:
    """The error object: a code for programs and a message for people."""
    return {"code": code or ERROR_CODES.get(status, f"HTTP_{status}"), "message": message}


def error_response(status: int, message: str, *, code: str | None = None) -> Response:
    """Answer with an error object."""
    return json_response(error_body(status, message, code), status)


async def on_problem(request: Request, error: Exception) -> Response:
    """The application's handler for `ApiProblem`."""
    if not isinstance(error, ApiProblem):
        raise TypeError(f"this handler is for ApiProblem, not {type(error).__name__}")
    return error_response(error.status, error.message, code=error.code)


async def on_unknown_path(request: Request, error: Exception) -> Response:
    """The application's handler for a path that nothing answers."""
    return error_response(404, f"nothing answers {request.method} {request.url.path}")


async def on_wrong_method(request: Request, error: Exception) -> Response:
    """The application's handler for a known path with another method."""
    reply = error_response(405, f"{request.url.path} does not take {request.method}")
    reply.headers.update(getattr(error, "headers", None) or {})
    return reply


async def on_crash(request: Request, error: Exception) -> Response:
    """The application's handler for a defect of the emulator itself."""
    return error_response(500, f"the emulator failed: {type(error).__name__}")
