"""From an httpx response to a typed value, or to an error. Pure rules.

The status decides before any generated parsing: an error body, whatever its shape, never reaches a
generated parser.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, TypeVar
from urllib.parse import urlsplit

import httpx

from comfy_cloud_api.types import Operation, Request, UnexpectedStatus, UnreadableBody

from .._errors.bodies import is_web_page
from .._errors.codes import is_switched_off
from .._errors.redaction import redact_key
from .._lenient import media_type_in
from ..errors import ApiError, NotSupported, Unauthorized, UnexpectedResponse, error_from_response
from ..retry import Failure
from .deviations import Deviations

T = TypeVar("T")

# Operations whose 404, even with an empty body, means that a file, folder or content does not
# exist.
_NOT_FOUND_IS_ABOUT_A_RESOURCE = frozenset(
    {
        "viewFile", "getUserdata", "getUserdataFile", "postUserdataFile", "deleteUserdataFile",
        "getModelsInFolder", "getModelPreview", "createAssetFromHash", "createAssetDownload",
        "uploadAsset", "uploadMask", "interruptJob", "cancelJobs", "v2.assetFromHash",
        "v2.headAssetByHash",
    }
)  # fmt: skip
# Same, but a self-hosted ComfyUI has none of these routes: its static-file handler responds with
# 404.
_MISSING_WHEN_SELF_HOSTED = frozenset({"getMaskLayers", "getAssetContent", "checkAssetByHash"})
_STATIC_FILE_404 = {("application/octet-stream", b""), ("text/plain", b"404: Not Found")}


class _CheckedResponse:
    """A response whose JSON is compared with the contract on its way to the parser."""

    __slots__ = ("_deviations", "_operation", "_response", "content", "headers", "status_code")

    def __init__(self, operation: Operation, response: httpx.Response, deviations: Deviations) -> None:
        self._operation, self._response, self._deviations = operation, response, deviations
        self.status_code = response.status_code
        self.headers = response.headers
        self.content = response.content

    def look(self, value: Any) -> None:
        """Record where the value differs from the contract. The generated parser calls this."""
        self._deviations.look_at(self._operation, self._response, value)


def value_of(
    request: Request, response: httpx.Response, parse: Callable[[Any], T], deviations: Deviations
) -> T:
    """The typed value of a successful response. What is tolerated in it is added to `deviations`.

    Raises UnexpectedResponse when it is not what the operation promises.
    """
    try:
        return parse(_CheckedResponse(request.operation, response, deviations))
    except UnexpectedStatus:
        reason = _why_unexpected(response)
    except UnreadableBody as error:
        reason = str(error)
    except RecursionError:
        reason = "The body is nested too deeply"
    # Raised outside of the handlers: the generated exceptions hold the body as it was sent.
    raise unexpected_response(request.operation, response, reason)


def _why_unexpected(response: httpx.Response) -> str:
    location = response.headers.get("location")
    if response.is_redirect and location:
        try:
            host = urlsplit(location).hostname or "another path of this server"
        except ValueError:
            host = "an address that cannot be read"
        return f"it redirects to {host}, which is not followed: the API key stays with its own server"
    return "this operation does not have that status"


def unexpected_response(operation: Operation, response: httpx.Response, reason: str) -> UnexpectedResponse:
    """The error for a response that has no error status and still cannot be used."""
    content_type = response.headers.get("content-type", "")
    body = _without_key(response)
    if is_web_page(content_type, body):
        reason += (
            f". {_host_of(response)} sent a web page instead, such as the login page of a proxy: check that "
            "base_url is the API and that no proxy asks for a login"
        )
    return UnexpectedResponse(
        f"{operation.method} {operation.path} returned {response.status_code}: {reason}",
        status=response.status_code,
        content_type=content_type or None,
        body=body,
        method=operation.method,
        path=operation.path,
    )


def _host_of(response: httpx.Response) -> str:
    try:
        return response.request.url.netloc.decode("ascii", "replace")
    except RuntimeError:  # a response without a request, as in a test
        return "The server"


def invalid_redirect(operation: Operation) -> UnexpectedResponse:
    """The error for a redirect whose Location is not a URL."""
    return UnexpectedResponse(
        f"{operation.method} {operation.path} redirects to an address that cannot be read",
        method=operation.method,
        path=operation.path,
    )


def status_failure(operation: Operation, response: httpx.Response, now: datetime) -> tuple[ApiError, Failure]:
    """The error for a response with an error status, and what the retry rules need to know."""
    headers: Mapping[str, str] = response.headers
    key = _key_sent_for(response)
    error = error_from_response(
        status=response.status_code,
        headers=headers,
        body=redact_key(response.content, key),
        method=operation.method,
        path=operation.path,
        now=now,
    )
    if isinstance(error, Unauthorized) and operation.key != "none":
        error.key_was_sent = bool(key)
    failure = Failure(
        kind="status",
        status=response.status_code,
        retry_after=error.retry_after,
        error_code=error.code,
        sent=True,
    )
    return error, failure


def _without_key(response: httpx.Response) -> bytes:
    """The body without the key that was sent with the request."""
    return redact_key(response.content, _key_sent_for(response))


def _key_sent_for(response: httpx.Response) -> str:
    try:
        headers = response.request.headers
    except RuntimeError:  # a response without a request, as in a test
        return ""
    key: str = headers.get("x-api-key", "") or headers.get("authorization", "").removeprefix("Bearer ")
    return key


def is_missing_operation(operation: Operation, error: ApiError) -> bool:
    """Whether an error status means that the server lacks the operation, not the resource."""
    if error.status in {405, 410, 501} or (error.status == 503 and is_switched_off(error.code)):
        return True
    if error.status != 404 or operation.id in _NOT_FOUND_IS_ABOUT_A_RESOURCE:
        return False
    if operation.id in _MISSING_WHEN_SELF_HOSTED:
        return (media_type_in(error.content_type), error.body.strip()) in _STATIC_FILE_404
    return "{" not in operation.path or not error.body.lstrip().startswith(b"{")


_OF_VERSION_1 = (
    ". It belongs to version 1 of the API, which this server no longer has. API v2 can run workflows, "
    "upload files, and read jobs, outputs and single assets"
)


def not_supported(
    operation: Operation, error: ApiError, base_url: str, *, is_v2: bool = False
) -> NotSupported:
    """The error that names the operation which a server lacks.

    A server that sends a web page is probably not the one that was meant. `is_v2` says that API v2
    is in use, so that what belongs to version 1 alone is named as such.
    """
    hint = (
        f". {base_url} sent a web page: check that base_url is the API"
        if is_web_page(error.content_type, error.body)
        else ""
    )
    if not hint and (is_v2 or error.status == 410) and not operation.path.startswith("/api/v2/"):
        hint = _OF_VERSION_1
    return NotSupported(
        operation.id, method=operation.method, path=operation.path, status=error.status, hint=hint
    )
