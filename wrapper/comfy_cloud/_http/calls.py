"""From a generated operation to a typed value, without a socket: request out, success in, or an error.

The status decides before any generated parsing: an error body in whatever shape never reaches a generated parser. What
this module does not do: it sends nothing, and it does not decide on retries.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

import httpx
import orjson

from comfy_cloud_api.types import Operation, Request, UnexpectedStatus, UnreadableBody

from .._errors.redaction import REDACTED
from ..errors import (
    ApiError,
    ComfyCloudError,
    ConfigurationError,
    ConnectionFailed,
    NotSupported,
    RequestTimeout,
    UnexpectedResponse,
    error_from_response,
)
from ..retry import SWITCHED_OFF, Failure, FailureKind
from ..times import retry_after_seconds
from .deviations import Deviations
from .forms import Form

if TYPE_CHECKING:
    from .._settings.config import Secret

T = TypeVar("T")

REPEATABLE_METHODS = frozenset({"GET", "HEAD", "PUT", "DELETE"})
# Operations by POST that store content under its hash, or under an id that we choose: twice is as good as once.
_REPEATABLE_POSTS = frozenset(
    {"uploadImage", "uploadMask", "uploadAsset", "createAssetFromHash", "addAssetTags"}
)
# Operations whose 404, even with an empty body, means a missing file, folder or content: servers answer them like that.
_MAY_LACK_A_THING = frozenset(
    {
        "viewFile", "getUserdata", "getUserdataFile", "postUserdataFile", "deleteUserdataFile", "getModelsInFolder",
        "getModelPreview", "createAssetFromHash", "createAssetDownload", "uploadAsset", "uploadMask", "interruptJob",
        "cancelJobs",
    }
)  # fmt: skip
# Likewise, but a self-hosted ComfyUI lacks them. It takes what it does not know for a missing file of its pages.
_MAY_BE_LACKING = frozenset({"getMaskLayers", "getAssetContent", "checkAssetByHash"})
_NO_FILE = {("application/octet-stream", b""), ("text/plain", b"404: Not Found")}
_JSON_HEADERS = [(b"Content-Type", b"application/json")]


def body_of(request: Request) -> tuple[dict[str, Any], list[tuple[bytes, bytes]]]:
    """The arguments of `httpx.Request` for the body of a request, and the headers that go with it.

    Raises ConfigurationError when what should be sent as JSON cannot be.
    """
    if request.json is not None:
        try:
            return {"content": orjson.dumps(request.json)}, _JSON_HEADERS
        except TypeError as error:
            what = f"{request.operation.method} {request.operation.path}"
            raise ConfigurationError(f"The body of {what} cannot be written as JSON: {error}") from None
    if request.parts is not None:
        form = Form(request.parts)
        headers = [
            (b"Content-Type", form.content_type.encode()),
            (b"Content-Length", str(form.length).encode()),
        ]
        return {"content": form}, headers
    if request.content is not None:
        content_type = request.content_type or "application/octet-stream"
        headers = [(b"Content-Type", content_type.encode())]
        length = _remaining(request.content)
        if length is not None:
            headers.append((b"Content-Length", str(length).encode()))
        return {"content": request.content}, headers
    return {}, []


def _remaining(content: Any) -> int | None:
    """The bytes from where an open file stands to its end; None for anything else, and for a pipe."""
    if not hasattr(content, "read") or not content.seekable():
        return None
    start: int = content.tell()
    end: int = content.seek(0, 2)
    content.seek(start)
    return end - start


class Rewinder:
    """A body that is an open file or a stream, to be sent again from where it began.

    Anything else is the same every time. `rewind` says whether the body can be sent again.
    """

    def __init__(self, content: Any) -> None:
        self._content: Any = content
        self._is_stream = content is not None and not isinstance(content, (bytes, str))
        self._start: int | None = None
        if self._is_stream and hasattr(content, "seekable") and self._content.seekable():
            self._start = self._content.tell()

    def rewind(self) -> bool:
        """Go back to the beginning; False when there is no way back."""
        if not self._is_stream:
            return True
        if self._start is None:
            return False
        self._content.seek(self._start)
        return True


def is_repeatable(request: Request) -> bool:
    """Whether sending twice does no more than sending once. A body that can be read only once is not."""
    if request.method not in REPEATABLE_METHODS and request.operation.id not in _REPEATABLE_POSTS:
        return False
    return request.content is None or isinstance(request.content, (bytes, str))


class _Watched:
    """A response whose JSON is looked at on its way to the parser."""

    __slots__ = ("_deviations", "_operation", "_response", "content", "headers", "status_code")

    def __init__(self, operation: Operation, response: httpx.Response, deviations: Deviations) -> None:
        self._operation, self._response, self._deviations = operation, response, deviations
        self.status_code = response.status_code
        self.headers = response.headers
        self.content = response.content

    def look(self, value: Any) -> None:
        """Note where the value is not as the contract has it."""
        self._deviations.look_at(self._operation, self._response, value)


def value_of(
    request: Request, response: httpx.Response, parse: Callable[[Any], T], deviations: Deviations
) -> T:
    """The typed value of a successful answer; what is tolerated in it goes to `deviations`.

    Raises UnexpectedResponse when it is not what was promised.
    """
    try:
        return parse(_Watched(request.operation, response, deviations))
    except UnexpectedStatus:
        raise unexpected(request.operation, response, _why_unexpected(response)) from None
    except UnreadableBody as error:
        raise unexpected(request.operation, response, str(error)) from None


def _why_unexpected(response: httpx.Response) -> str:
    location = response.headers.get("location")
    if response.is_redirect and location:
        try:
            host = urlsplit(location).hostname or "another path of this server"
        except ValueError:
            host = "an address that cannot be read"
        return f"redirects to {host}, which is not followed: the API key stays with its own server"
    return "is a status that this operation does not have"


def unexpected(operation: Operation, response: httpx.Response, reason: str) -> UnexpectedResponse:
    """The error of an answer that is no error status and yet not usable."""
    content_type = response.headers.get("content-type", "")
    if "html" in content_type:
        reason = f"{reason}. The server sent a web page: does base_url point at the API?"
    return UnexpectedResponse(
        f"{operation.method} {operation.path} answered {response.status_code}: {reason}",
        status=response.status_code,
        content_type=content_type or None,
        body=_without_key(response),
        method=operation.method,
        path=operation.path,
    )


def unusable_redirect(operation: Operation) -> UnexpectedResponse:
    """The error of a redirect to an address that is none."""
    return UnexpectedResponse(
        f"{operation.method} {operation.path} redirects to an address that cannot be read",
        method=operation.method,
        path=operation.path,
    )


def status_failure(operation: Operation, response: httpx.Response, now: datetime) -> tuple[ApiError, Failure]:
    """The error of an answer with an error status, and what the retry rules need to know of it."""
    headers: Mapping[str, str] = response.headers
    error = error_from_response(
        status=response.status_code,
        headers=headers,
        body=_without_key(response),
        method=operation.method,
        path=operation.path,
        now=now,
    )
    failure = Failure(
        kind="status",
        status=response.status_code,
        retry_after=retry_after_seconds(headers.get("retry-after"), now),
        error_type=error.code,
        sent=True,
    )
    return error, failure


def _without_key(response: httpx.Response) -> bytes:
    """The body without the key that came with the request: some servers quote what they refuse."""
    try:
        key = response.request.headers.get("x-api-key", "").encode()
    except RuntimeError:  # an answer that nobody asked for, as in a test
        return response.content
    # A key of a few characters is none, and taking it out would only garble the text.
    return response.content.replace(key, REDACTED.encode()) if len(key) >= 8 else response.content


def is_missing_operation(operation: Operation, error: ApiError) -> bool:
    """Whether an error status means that the server lacks the operation, rather than the thing that was asked for."""
    if error.status in {405, 410, 501} or (error.status == 503 and error.code == SWITCHED_OFF):
        return True
    if error.status != 404 or operation.id in _MAY_LACK_A_THING:
        return False
    if operation.id in _MAY_BE_LACKING:
        media_type = (error.content_type or "").partition(";")[0].strip().lower()
        return (media_type, error.body.strip()) in _NO_FILE
    return "{" not in operation.path or not error.body.lstrip().startswith(b"{")


def not_supported(operation: Operation, error: ApiError) -> NotSupported:
    """The error that names the operation which a server lacks."""
    return NotSupported(operation.id, method=operation.method, path=operation.path, status=error.status)


def network_failure(
    operation: Operation, error: Exception, timeout: float
) -> tuple[ComfyCloudError, Failure]:
    """Our error for an exception of httpx, and what the retry rules need to know of it.

    The text of the original is left out: it may name the URL, and with it what the query holds.
    """
    what = f"{operation.method} {operation.path}"
    kind = _kind_of(error)
    match kind:
        case "connect" if isinstance(error, httpx.TimeoutException) and not _is_refusal(error):
            return RequestTimeout(f"{what}: no connection within {timeout:g} s"), Failure(
                kind=kind, sent=False
            )
        case "connect":
            return ConnectionFailed(f"{what}: cannot connect: {_reason(error)}"), Failure(
                kind=kind, sent=False
            )
        case "timeout":
            return RequestTimeout(f"{what}: the server was silent for {timeout:g} s"), Failure(kind=kind)
        case "cut":
            text = f"{what}: the answer broke off or was garbled: {type(error).__name__}"
            return ConnectionFailed(text), Failure(kind=kind)
        case _:
            return ConnectionFailed(f"{what}: the connection was lost: {type(error).__name__}"), Failure(
                kind=kind
            )


def _kind_of(error: Exception) -> FailureKind:
    """What a network exception means for the request. "connect" says that it surely was not sent.

    httpx-aiohttp calls any loss of a connection a ConnectTimeout, also one after sending; there, aiohttp's own exception decides.
    """
    cause = error.__cause__
    if cause is not None and type(cause).__module__.startswith("aiohttp"):
        names = {base.__name__ for base in type(cause).__mro__}
        if names & {"ClientConnectorError", "ConnectionTimeoutError", "InvalidURL"}:
            return "connect"
        if names & {"ServerTimeoutError", "TimeoutError"}:
            return "timeout"
        return "cut" if "ClientPayloadError" in names else "reset"
    match error:
        case (
            httpx.ConnectTimeout() | httpx.PoolTimeout() | httpx.ConnectError() | httpx.UnsupportedProtocol()
        ):
            return "connect"
        case httpx.ProxyError():  # the proxy refused to connect
            return "connect"
        case httpx.TimeoutException():
            return "timeout"
        case httpx.DecodingError() | httpx.RemoteProtocolError():
            return "cut"
        case _:
            return "reset"


def _is_refusal(error: Exception) -> bool:
    return isinstance(error.__cause__, OSError) and not isinstance(error.__cause__, TimeoutError)


def _reason(error: Exception) -> str:
    """The operating system's word for a failed connection, from the innermost cause."""
    cause: BaseException = error
    while True:
        # Several addresses that all failed come as a group; one reason is enough.
        deeper = (
            cause.exceptions[0]
            if isinstance(cause, BaseExceptionGroup)
            else cause.__cause__ or cause.__context__
        )
        if deeper is None:
            break
        cause = deeper
    if isinstance(cause, OSError) and cause.strerror:
        return cause.strerror
    return type(cause).__name__


def headers_for(
    operation: Operation, key: Secret | None, base: list[tuple[bytes, bytes]], body: list[tuple[bytes, bytes]]
) -> list[tuple[bytes, bytes]]:
    """The headers of one request; the key is among them unless the operation is public."""
    if key is None or operation.key == "none":
        return [*base, *body]
    return [*base, *body, (b"X-API-Key", key.reveal().encode("ascii"))]
