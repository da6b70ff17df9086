"""Responses in the service's forms: JSON bodies, and errors as an object with code and message.

The routes decide which response a request gets.
"""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from typing import Any, Final

import orjson
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from comfy_cloud_emulator.state.opening import problem

JSON_TYPE: Final = "application/json"
CHUNK: Final = 1 << 18
"""Bytes of a large response that are sent at a time."""

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
    """Raised by a handler to respond with an error body of code and message."""

    def __init__(self, status: int, message: str, *, code: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.code = code


def json_response(content: Any, status: int = 200) -> Response:
    """A response with a value that orjson can serialise."""
    return json_bytes_response(orjson.dumps(content), status)


def json_bytes_response(content: bytes, status: int = 200) -> Response:
    """A response with JSON bytes."""
    return Response(content, status, media_type=JSON_TYPE)


def large_json_response(content: bytes) -> Response:
    """A response with JSON bytes, sent in chunks so that other responses get their turn."""

    async def chunks() -> AsyncIterator[bytes]:
        view = memoryview(content)
        for begin in range(0, len(content), CHUNK):
            yield bytes(view[begin : begin + CHUNK])

    length = {"content-length": str(len(content))}
    return StreamingResponse(chunks(), headers=length, media_type=JSON_TYPE)


def error_body(status: int, message: str, code: str | None = None) -> dict[str, str]:
    """The error object: a code for programs and a message for people."""
    return {"code": code or ERROR_CODES.get(status, f"HTTP_{status}"), "message": message}


def error_response(status: int, message: str, *, code: str | None = None) -> Response:
    """A response with an error object."""
    return json_response(error_body(status, message, code), status)


async def on_problem(request: Request, error: Exception) -> Response:
    """The application's handler for `ApiProblem`."""
    if not isinstance(error, ApiProblem):
        raise TypeError(f"this handler is for ApiProblem, not {type(error).__name__}")
    return error_response(error.status, error.message, code=error.code)


async def on_unknown_path(request: Request, error: Exception) -> Response:
    """The application's handler for unknown paths."""
    return error_response(404, f"there is no operation {request.method} {request.url.path}")


async def on_wrong_method(request: Request, error: Exception) -> Response:
    """The application's handler for unsupported methods on a known path."""
    reply = error_response(405, f"{request.url.path} does not support {request.method}")
    reply.headers.update(getattr(error, "headers", None) or {})
    return reply


async def on_crash(request: Request, error: Exception) -> Response:
    """The application's handler for bugs of the emulator itself, and for a disk that fails it."""
    if isinstance(error, (OSError, sqlite3.Error)):
        return error_response(500, f"the emulator cannot keep its state: {problem(error)}")
    return error_response(500, f"the emulator failed: {type(error).__name__}")
