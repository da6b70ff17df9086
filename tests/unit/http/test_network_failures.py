"""Exceptions of the HTTP libraries become ours, without URLs, and failures for the retry rules."""

from __future__ import annotations

import errno
import socket
import ssl

import httpx
import pytest

from comfy_cloud import ComfyCloudError, ConnectionFailed, RequestTimeout, Retry
from comfy_cloud._http.network_failures import network_failure
from comfy_cloud.retry import next_delay
from comfy_cloud_api.types import Operation

GET = Operation("request", "GET", "/api/thing", "required")
POST = Operation("request", "POST", "/api/thing", "required")
KEY = "comfyui-0123456789abcdef"


# The network

URL = "https://cloud.example/api/thing?secret=1"


def subclasses(base: type[Exception]) -> set[type[Exception]]:
    return {base}.union(*(subclasses(child) for child in base.__subclasses__()))


HTTPX_ERRORS = sorted(
    (kind for kind in subclasses(httpx.HTTPError) if kind.__module__.startswith("httpx")),
    key=lambda kind: kind.__name__,
)


def made(kind: type[Exception]) -> Exception:
    text = f"failed: {URL} comfyui-0123456789abcdef"
    if kind is httpx.HTTPStatusError:
        return httpx.HTTPStatusError(text, request=httpx.Request("GET", URL), response=httpx.Response(500))
    return kind(text)


_EXPECTED: dict[str, tuple[type[ComfyCloudError], str, bool]] = {
    "ConnectTimeout": (RequestTimeout, "connect", False),
    "PoolTimeout": (RequestTimeout, "connect", False),
    "ReadTimeout": (RequestTimeout, "timeout", True),
    "WriteTimeout": (RequestTimeout, "timeout", True),
    "TimeoutException": (RequestTimeout, "timeout", True),
    "ConnectError": (ConnectionFailed, "connect", False),
    "ProxyError": (ConnectionFailed, "connect", False),
    "UnsupportedProtocol": (ConnectionFailed, "connect", False),
    "DecodingError": (ConnectionFailed, "cut", True),
    "RemoteProtocolError": (ConnectionFailed, "cut", True),
    "ReadError": (ConnectionFailed, "reset", True),
    "WriteError": (ConnectionFailed, "reset", True),
    "CloseError": (ConnectionFailed, "reset", True),
}


def test_the_list_of_network_errors_is_not_empty() -> None:
    assert {kind.__name__ for kind in HTTPX_ERRORS} >= _EXPECTED.keys()


@pytest.mark.parametrize("kind", HTTPX_ERRORS)
def test_every_exception_of_httpx_becomes_one_of_ours(kind: type[Exception]) -> None:
    error, failure = network_failure(GET, made(kind), 3)
    assert isinstance(error, (ConnectionFailed, RequestTimeout))
    assert str(error).startswith("GET /api/thing: ")
    for part in ("secret", KEY, "http"):
        assert part not in str(error) + repr(error)
    if kind.__name__ in _EXPECTED:
        assert (type(error), failure.kind, failure.sent) == _EXPECTED[kind.__name__]


@pytest.mark.parametrize("kind", HTTPX_ERRORS)
def test_a_post_is_sent_again_only_when_no_connection_was_made(kind: type[Exception]) -> None:
    _, failure = network_failure(POST, made(kind), 3)
    delay = next_delay(Retry(), failure, 1, 0.0, False, lambda: 0.5)
    assert (delay is not None) == (failure.kind == "connect")


def test_the_message_has_the_timeout() -> None:
    assert "silent for 2.5 s" in str(network_failure(GET, httpx.ReadTimeout("x"), 2.5)[0])
    assert "no connection within 30 s" in str(network_failure(GET, httpx.ConnectTimeout("x"), 30)[0])


def chained(*causes: BaseException) -> httpx.ConnectError:
    error: BaseException = httpx.ConnectError(f"failed: {URL}")
    first = error
    for cause in causes:
        error.__cause__ = cause
        error = cause
    assert isinstance(first, httpx.ConnectError)
    return first


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (chained(OSError(errno.ECONNREFUSED, "Connection refused")), "Connection refused"),
        (chained(socket.gaierror(-2, "Name or service not known")), "Name or service not known"),
        (
            chained(RuntimeError("between"), OSError(errno.ENETUNREACH, "Network is unreachable")),
            "Network is unreachable",
        ),
        (chained(ssl.SSLCertVerificationError(1, "certificate verify failed")), "certificate verify failed"),
        (
            chained(
                OSError("All attempts failed"),
                ExceptionGroup("all", [OSError(1, "Refused"), OSError(2, "No")]),
            ),
            "Refused",
        ),
        (chained(ValueError(URL)), "ValueError"),
        (chained(), "ConnectError"),
    ],
)
def test_why_no_connection_was_made(error: httpx.ConnectError, reason: str) -> None:
    assert str(network_failure(GET, error, 3)[0]) == f"GET /api/thing: cannot connect: {reason}"


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("https://user:secret@cloud.example.com/api?x=1", "cloud.example.com:443"),
        ("http://127.0.0.1:8188/api", "127.0.0.1:8188"),
        ("http://[::1]:8188/api", "[::1]:8188"),
        ("http://lan/api", "lan:80"),
    ],
)
def test_the_host_and_port_are_named(url: str, target: str) -> None:
    request = httpx.Request("GET", url)
    error = httpx.ConnectError("no", request=request)
    assert str(network_failure(GET, error, 3)[0]).startswith(f"GET /api/thing: cannot connect to {target}: ")
    late = httpx.ConnectTimeout("no", request=request)
    assert str(network_failure(GET, late, 3)[0]) == f"GET /api/thing: no connection to {target} within 3 s"
    for kind, text in (
        (httpx.ReadError, f"the connection to {target} was lost: ReadError"),
        (httpx.ReadTimeout, f"the server {target} was silent for 3 s"),
        (
            httpx.RemoteProtocolError,
            f"the response of {target} broke off or was garbled: RemoteProtocolError",
        ),
    ):
        failed = kind("no", request=request)
        assert str(network_failure(GET, failed, 3)[0]) == f"GET /api/thing: {text}"
    failed = httpx.ReadTimeout("no", request=request)
    expected = f"GET /api/thing: the response of {target} was not complete within 30 s"
    assert str(network_failure(GET, failed, 3, 30)[0]) == expected


class AiohttpError(Exception):
    """Like an exception of aiohttp, which is recognised by its module and its base classes."""

    __module__ = "aiohttp.client_exceptions"


def from_aiohttp(*names: str) -> httpx.ConnectTimeout:
    kind: type[Exception] = AiohttpError
    for name in names:
        kind = type(name, (kind,), {"__module__": "aiohttp.client_exceptions"})
    error = httpx.ConnectTimeout(URL)
    error.__cause__ = kind(URL)
    return error


@pytest.mark.parametrize(
    ("names", "kind"),
    [
        (["ClientConnectorError"], "connect"),
        (["ClientConnectorError", "ClientConnectorCertificateError"], "connect"),
        (["ConnectionTimeoutError"], "connect"),
        (["ServerTimeoutError", "SocketTimeoutError"], "timeout"),
        (["ServerTimeoutError", "ConnectionTimeoutError"], "connect"),
        (["ClientPayloadError"], "cut"),
        (["ServerDisconnectedError"], "reset"),
        (["ClientOSError"], "reset"),
    ],
)
def test_over_aiohttp_its_own_exception_decides(names: list[str], kind: str) -> None:
    error, failure = network_failure(POST, from_aiohttp(*names), 3)
    assert failure.kind == kind
    assert failure.sent is (kind != "connect")
    assert isinstance(error, (ConnectionFailed, RequestTimeout))
    assert "secret" not in str(error)
