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

from .error_forms import error_body
from .request_log import CONTROL_PREFIX

JSON_TYPE: Final = "application/json"
CHUNK: Final = 1 << 18
"""Bytes of a large response that are sent at a time."""


class ApiProblem(Exception):
    """Raised by a handler to respond with an error body of code and message.

    `details` are for programs, and only in API v2. `retry_after` is in seconds.
    """

    def __init__(
        self,
        status: int,
        message: str,
        *,
        code: str | None = None,
        details: Any = None,
        retry_after: int | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.code = code
        self.details = details
        self.retry_after = retry_after


def json_response(content: Any, status: int = 200) -> Response:
    """A response with a value that orjson can serialise."""
    return json_bytes_response(orjson.dumps(content), status)


def json_line_response(content: Any, status: int = 200) -> Response:
    """The same with a line end, for what people read in a terminal."""
    return json_bytes_response(orjson.dumps(content, option=orjson.OPT_APPEND_NEWLINE), status)


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


def error_response(
    status: int, message: str, *, code: str | None = None, path: str = "", details: Any = None
) -> Response:
    """A response with an error object, in the form that the path has."""
    respond = json_line_response if path.startswith(CONTROL_PREFIX) else json_response
    return respond(error_body(status, message, code, path=path, details=details), status)


async def on_problem(request: Request, error: Exception) -> Response:
    """The application's handler for `ApiProblem`."""
    if not isinstance(error, ApiProblem):
        raise TypeError(f"this handler is for ApiProblem, not {type(error).__name__}")
    reply = error_response(
        error.status, error.message, code=error.code, path=request.url.path, details=error.details
    )
    if error.retry_after is not None:
        reply.headers["retry-after"] = str(error.retry_after)
    return reply


async def on_unknown_path(request: Request, error: Exception) -> Response:
    """The application's handler for unknown paths."""
    path = request.url.path
    hint = f"; GET {CONTROL_PREFIX}openapi.json lists them" if path.startswith(CONTROL_PREFIX) else ""
    return error_response(404, f"there is no operation {request.method} {path}{hint}", path=path)


async def on_wrong_method(request: Request, error: Exception) -> Response:
    """The application's handler for unsupported methods on a known path."""
    reply = error_response(
        405, f"{request.url.path} does not support {request.method}", path=request.url.path
    )
    reply.headers.update(getattr(error, "headers", None) or {})
    return reply


async def on_crash(request: Request, error: Exception) -> Response:
    """The application's handler for bugs of the emulator itself, and for a disk that fails it."""
    if isinstance(error, (OSError, sqlite3.Error)):
        return error_response(
            500, f"the emulator cannot keep its state: {problem(error)}", path=request.url.path
        )
    return error_response(500, f"the emulator failed: {type(error).__name__}", path=request.url.path)
