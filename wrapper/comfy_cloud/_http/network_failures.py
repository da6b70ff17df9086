"""What a lost or refused connection means: from an exception of httpx or aiohttp to ours.

Pure rules. No text of the original exception is kept: it may contain the URL and what its query
holds.
"""

from __future__ import annotations

import httpx

from comfy_cloud_api.types import Operation

from ..errors import ComfyCloudError, ConnectionFailed, RequestTimeout
from ..retry import Failure, FailureKind


def network_failure(
    operation: Operation, error: Exception, timeout: float
) -> tuple[ComfyCloudError, Failure]:
    """Our error for an exception of httpx, and what the retry rules need to know about it.

    `timeout` is the number of seconds that was waited for, for the message.
    """
    what = f"{operation.method} {operation.path}"
    kind = _kind_of(error)
    failure = Failure(kind=kind, sent=kind != "connect")
    match kind:
        case "connect" if isinstance(error, httpx.TimeoutException) and not _is_refusal(error):
            return RequestTimeout(f"{what}: no connection within {timeout:g} s"), failure
        case "connect":
            return ConnectionFailed(f"{what}: cannot connect: {_reason(error)}"), failure
        case "timeout":
            return RequestTimeout(f"{what}: the server was silent for {timeout:g} s"), failure
        case "cut":
            text = f"{what}: the response broke off or was garbled: {type(error).__name__}"
            return ConnectionFailed(text), failure
        case _:
            return ConnectionFailed(f"{what}: the connection was lost: {type(error).__name__}"), failure


def _kind_of(error: Exception) -> FailureKind:
    """What a network exception means for the request.

    Only "connect" says that the request surely was not sent. httpx-aiohttp turns any loss of a
    connection into a ConnectTimeout, even one after sending; there, aiohttp's own exception
    decides.
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
    """The operating system's reason for a failed connection, from the innermost cause."""
    cause: BaseException = error
    while True:
        # When several addresses fail they come as a group; one reason is enough.
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
