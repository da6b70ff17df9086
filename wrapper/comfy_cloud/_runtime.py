"""The few pairs that cannot be translated from async to sync, and what the process shares: clock, sleep, TLS, transports.

`Runtime` and `AsyncRuntime` hold the clock, the sleep and the randomness of one client, so that tests can bring their own.
Nothing here knows an operation.
"""

from __future__ import annotations

import random
import ssl
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.util import find_spec
from typing import IO, Any
from urllib.request import getproxies

import httpx

from .config import is_loopback, origin_of

USER_AGENT = "comfy-cloud-python"
_CHUNK = 65_536

_tls_lock = threading.Lock()
_tls_context: ssl.SSLContext | None = None


def _utc_now() -> datetime:
    return datetime.now(UTC)


async def _async_sleep(seconds: float) -> None:
    import anyio  # works under asyncio and trio alike

    await anyio.sleep(seconds)


@dataclass(slots=True)
class Runtime:
    """Clock, sleep and randomness of a synchronous client. `monotonic` and `sleep` are in seconds."""

    sleep: Callable[[float], None] = time.sleep
    monotonic: Callable[[], float] = time.monotonic
    now: Callable[[], datetime] = _utc_now
    random: Callable[[], float] = random.random


@dataclass(slots=True)
class AsyncRuntime:
    """Clock, sleep and randomness of an asynchronous client. `monotonic` and `sleep` are in seconds."""

    sleep: Callable[[float], Awaitable[None]] = _async_sleep
    monotonic: Callable[[], float] = time.monotonic
    now: Callable[[], datetime] = _utc_now
    random: Callable[[], float] = random.random


def tls_context() -> ssl.SSLContext:
    """The process's one TLS context: reading the certificate bundle is most of what a new client costs."""
    global _tls_context
    with _tls_lock:
        if _tls_context is None:
            _tls_context = httpx.create_ssl_context()
        return _tls_context


def new_http_client(base_url: str, max_connections: int) -> httpx.Client:
    """A synchronous httpx client for the API: no redirects, shared TLS, no proxy on loopback."""
    return httpx.Client(**_client_arguments(base_url, max_connections))


def new_async_http_client(base_url: str, max_connections: int) -> httpx.AsyncClient:
    """An asynchronous httpx client for the API; over aiohttp when the extra `fast` is installed.

    With a proxy in the environment it is httpx's own transport, which knows how to use it.
    """
    arguments = _client_arguments(base_url, max_connections)
    if has_aiohttp() and not (arguments["trust_env"] and getproxies()):
        from httpx_aiohttp import AiohttpTransport

        limits, verify = arguments.pop("limits"), arguments.pop("verify")
        return httpx.AsyncClient(transport=AiohttpTransport(verify=verify, limits=limits), **arguments)
    return httpx.AsyncClient(**arguments)


def has_aiohttp() -> bool:
    """Whether the extra `fast` is installed."""
    return find_spec("httpx_aiohttp") is not None


def _client_arguments(base_url: str, max_connections: int) -> dict[str, Any]:
    scheme, host, _ = origin_of(base_url)
    # Plain http never needs the certificate bundle; a context without one refuses any TLS, so nothing is weakened.
    verify = tls_context() if scheme == "https" else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    return {
        "follow_redirects": False,
        "verify": verify,
        "trust_env": not is_loopback(host),
        "limits": httpx.Limits(max_connections=max_connections, max_keepalive_connections=max_connections),
        "headers": {"User-Agent": USER_AGENT},
    }


def file_stream(file: IO[bytes]) -> IO[bytes]:
    """An open file as a synchronous request body: httpx reads it in pieces by itself."""
    return file


async def async_file_stream(file: IO[bytes]) -> AsyncIterator[bytes]:
    """An open file as an asynchronous request body; reading happens in a worker thread."""
    from anyio import to_thread

    while chunk := await to_thread.run_sync(file.read, _CHUNK):
        yield chunk

