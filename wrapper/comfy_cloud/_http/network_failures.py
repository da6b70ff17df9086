"""What a failed attempt means: from an exception of httpx, or of a library below it, to ours.

Pure rules. Whatever `library_errors` finds to be a library's exception gets a meaning here. When
in doubt, the request counts as sent, so that a submission is searched for. No text of the original
exception is kept: it may contain the URL and what its query holds.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import httpx

from comfy_cloud_api.types import Operation

from ..errors import ComfyCloudError, ConfigurationError, ConnectionFailed, RequestTimeout
from ..retry import Failure, FailureKind

if TYPE_CHECKING:
    from .._settings.config import Settings

# Classes of aiohttp, by name, since it is not always installed.
_NOT_CONNECTED = {"ClientConnectorError", "ConnectionTimeoutError", "InvalidURL", "ClientHttpProxyError"}
_GARBLED = {"ClientPayloadError", "ClientResponseError", "HttpProcessingError"}


def network_failure(
    operation: Operation, error: Exception, timeout: float, total: float | None = None, hint: str = ""
) -> tuple[ComfyCloudError, Failure]:
    """Our error for an exception of a library, and what the retry rules need to know about it.

    For the message: `timeout` is the number of seconds that the server may be silent, `total` the
    number that the request was allowed to take in all, if that is why it failed, and `hint` what
    to add when no connection was made.
    """
    what = f"{operation.method} {operation.path}"
    kind = _kind_of(error)
    if isinstance(error, RuntimeError) and "loop" in str(error).lower():
        text = f"{what}: the client is used in a second event loop: make one client for each loop"
        return ConnectionFailed(text), Failure(kind="reset")
    failure = Failure(kind=kind, sent=kind != "connect")
    match kind:
        case "connect" if isinstance(error, httpx.TimeoutException) and not _is_refusal(error):
            seconds = timeout if total is None else total
            return RequestTimeout(
                f"{what}: no connection{_target(error)} within {seconds:.3g} s{hint}"
            ), failure
        case "connect":
            return ConnectionFailed(
                f"{what}: cannot connect{_target(error)}: {_reason(error)}{hint}"
            ), failure
        case "timeout" if total is not None:
            return RequestTimeout(
                f"{what}: the response{_target(error, ' of ')} was not complete within {total:.3g} s"
            ), failure
        case "timeout":
            return RequestTimeout(
                f"{what}: the server{_target(error, ' ')} was silent for {timeout:g} s"
            ), failure
        case "cut":
            response = f"the response{_target(error, ' of ')}"
            text = f"{what}: {response} broke off or was garbled: {type(error).__name__}"
            return ConnectionFailed(text), failure
        case _:
            return ConnectionFailed(
                f"{what}: the connection{_target(error)} was lost: {type(error).__name__}"
            ), failure


def _target(error: Exception, before: str = " to ") -> str:
    """Which host and port it was about. Neither the path nor the user of a URL is shown."""
    try:
        request = getattr(error, "request", None)
    except RuntimeError:  # an exception without a request
        request = None
    if not isinstance(request, httpx.Request):
        return ""
    url = request.url
    port = url.port or (443 if url.scheme == "https" else 80)
    host = f"[{url.host}]" if ":" in url.host else url.host
    return f"{before}{host}:{port}"


def _kind_of(error: Exception) -> FailureKind:
    """What a network exception means for the request.

    Only "connect" says that the request surely was not sent. httpx-aiohttp turns any loss of a
    connection into a ConnectTimeout, even one after sending; there, aiohttp's own exception
    decides.
    """
    original = _aiohttp_error(error)
    if original is not None:
        names = {base.__name__ for base in type(original).__mro__}
        if names & _NOT_CONNECTED:
            return "connect"
        if names & {"ServerTimeoutError", "TimeoutError"}:
            return "timeout"
        return "cut" if names & _GARBLED else "reset"
    match error:
        case (
            httpx.ConnectTimeout() | httpx.PoolTimeout() | httpx.ConnectError() | httpx.UnsupportedProtocol()
        ):
            return "connect"
        case httpx.ProxyError():  # the proxy refused to connect
            return "connect"
        case httpx.TimeoutException():
            return "timeout"
        case httpx.DecodingError() | httpx.RemoteProtocolError() | httpx.InvalidURL():
            return "cut"
        case httpx.HTTPError():
            return "reset"
        case TimeoutError():
            return "timeout"
        case ValueError() | LookupError() | TypeError() | ArithmeticError() | RecursionError():
            return "cut"  # a parser or decoder failed
        case _:
            return "reset"


def _aiohttp_error(error: Exception) -> BaseException | None:
    """The exception of aiohttp, which httpx-aiohttp converts only in some cases."""
    for found in (error, error.__cause__):
        if found is not None and type(found).__module__.startswith("aiohttp"):
            return found
    return None


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


@contextmanager
def client_failures(settings: Settings) -> Iterator[None]:
    """Raise ConfigurationError where an HTTP client cannot be made: a proxy is not usable, say.

    The message does not quote the proxy's address, which may contain a password, but says where
    it comes from.
    """
    try:
        yield
        return
    except ConfigurationError:
        raise
    except ImportError:
        from .address_hint import proxy_source  # rarely needed

        failure = ConfigurationError(
            f"The proxy from {proxy_source(settings)} is a SOCKS proxy, which needs two more packages: "
            "pip install 'httpx[socks]' python-socks. Or give another proxy there, or none"
        )
    except (ValueError, OSError, httpx.InvalidURL) as error:
        own = "" if settings.network.own_proxy is None else "proxy= or COMFY_CLOUD_PROXY, and "
        failure = ConfigurationError(
            f"The HTTP client cannot be made ({type(error).__name__}): check {own}the variables "
            "ALL_PROXY, HTTP_PROXY, HTTPS_PROXY, NO_PROXY, SSL_CERT_FILE and SSL_CERT_DIR"
        )
    raise failure from None


def too_late(operation: Operation) -> RequestTimeout:
    """The error for a request that is not sent, since the call that needs it has no time left."""
    error = RequestTimeout(f"{operation.method} {operation.path}: not sent, since there is no time left")
    error.was_sent = False
    return error


def closed_client(operation: Operation) -> ConfigurationError:
    """The error for a request of a client that has been closed."""
    error = ConfigurationError(
        f"{operation.method} {operation.path}: the client is closed. Send requests before close(), "
        "or inside its `with` block"
    )
    error.was_sent = False
    return error


def client_of_parent(operation: Operation) -> ConfigurationError:
    """The error for a request over an `http_client` that was used before the process forked."""
    error = ConfigurationError(
        f"{operation.method} {operation.path}: the http_client was used before this process was "
        "forked, so its connections belong to the parent. Make a client with an http_client of its "
        "own in each process"
    )
    error.was_sent = False
    return error


def invalid_request(operation: Operation, error: Exception) -> ConfigurationError:
    """The error for a request that cannot be built: its address, a header or its body is odd."""
    invalid = ConfigurationError(
        f"{operation.method} {operation.path[:200]}: the request cannot be built "
        f"({type(error).__name__}): check its path, parameters, content type and content"
    )
    invalid.was_sent = False
    return invalid
