"""A self-hosted ComfyUI's responses (empty, plain text, JSON), and how it reads requests.

That server seldom refuses invalid input properly: reading it raises an exception, which is a 500 in
plain text.
"""

from __future__ import annotations

from typing import Any, Final

import orjson
from starlette.requests import Request
from starlette.responses import Response

from comfy_cloud_emulator.http.error_forms import error_body
from comfy_cloud_emulator.http.json_reading import JsonRefused
from comfy_cloud_emulator.http.json_reading import read_json as read_json_text
from comfy_cloud_emulator.http.responses import ApiProblem
from comfy_cloud_emulator.state.json_values import is_object

TEXT_TYPE: Final = "text/plain; charset=utf-8"
JSON_TYPE: Final = "application/json; charset=utf-8"
NO_DOCUMENT: Final = {"content-security-policy": "sandbox", "x-content-type-options": "nosniff"}
"""Headers for what users stored: it must not run as a page of this origin."""
BINARY_TYPE: Final = "application/octet-stream"


class BadJson(Exception):
    """Raised for JSON that the emulator does not read: a 400 in plain text, with the message."""


class InternalError(Exception):
    """Raised where that server would crash on a request: a 500 in plain text."""


def empty_response(status: int) -> Response:
    """A response with a status and no body."""
    return Response(status_code=status)


def text_response(status: int, message: str) -> Response:
    """A response with a line of text."""
    reply = Response(message, status)
    reply.headers["content-type"] = TEXT_TYPE
    return reply


def json_response(content: Any, status: int = 200) -> Response:
    """A response with a JSON value."""
    reply = Response(orjson.dumps(content), status)
    reply.headers["content-type"] = JSON_TYPE
    return reply


async def read_json(request: Request) -> Any:
    """The JSON value in the body.

    Raises InternalError when it is not JSON, and BadJson when it is beyond the bounds.
    """
    try:
        return read_json_text(await request.body())
    except JsonRefused as error:
        raise (InternalError if str(error) == "not JSON" else BadJson(f"the body is {error}")) from error


async def read_object(request: Request) -> dict[str, Any]:
    """The JSON object in the body. Raises InternalError for anything else."""
    value = await read_json(request)
    if not is_object(value):
        raise InternalError
    return value


def query_integer(request: Request, name: str) -> int | None:
    """A whole number from the query, or None when it is absent.

    Raises InternalError when it is not valid.
    """
    found = request.query_params.get(name)
    try:
        return None if found is None else int(found)
    except ValueError as error:
        raise InternalError from error


async def on_internal_error(request: Request, error: Exception) -> Response:
    """The handler for InternalError."""
    return text_response(500, "500 Internal Server Error\n\nServer got itself in trouble")


async def on_bad_json(request: Request, error: Exception) -> Response:
    """The handler for BadJson."""
    return text_response(400, str(error))


async def on_problem(request: Request, error: Exception) -> Response:
    """The handler for ApiProblem: no body, except for the newer operations on jobs and assets."""
    if not isinstance(error, ApiProblem):
        raise TypeError(f"this handler is for ApiProblem, not {type(error).__name__}")
    path = request.url.path
    if path.startswith("/api/jobs"):
        return json_response({"error": error.message}, error.status)
    if path.startswith(("/api/assets", "/api/tags")):
        return json_response(
            {"error": {**error_body(error.status, error.message, error.code), "details": {}}}, error.status
        )
    return empty_response(error.status)


async def on_missing(request: Request, error: Exception) -> Response:
    """The handler for unknown paths.

    Static files at `/` accept every GET, so other methods are 405.
    """
    if request.method in ("GET", "HEAD"):
        return Response(status_code=404, media_type=BINARY_TYPE)
    reply = text_response(405, "405: Method Not Allowed")
    reply.headers["allow"] = "GET,HEAD"
    return reply


async def on_missing_newer(request: Request, error: Exception) -> Response:
    """The handler for unknown paths in newer versions: a HEAD has no content type."""
    if request.method == "HEAD":
        return empty_response(404)
    return await on_missing(request, error)
