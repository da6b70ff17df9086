"""Clock, sleep, randomness and websocket of one client, so that tests can bring their own. I/O."""

from __future__ import annotations

import random
import ssl
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from .clients import tls_context
from .concurrency import sleep
from .websocket import AsyncSocket, Socket, SocketAddress, open_async_socket, open_socket


def _utc_now() -> datetime:
    return datetime.now(UTC)


async def _async_sleep(seconds: float) -> None:
    import anyio  # works under asyncio and trio alike

    await anyio.sleep(seconds)


def _connect(address: SocketAddress) -> Socket:
    return open_socket(address, _tls_for(address))


async def _async_connect(address: SocketAddress) -> AsyncSocket:
    return await open_async_socket(address, _tls_for(address))


def _tls_for(address: SocketAddress) -> ssl.SSLContext | None:
    return tls_context() if address.base_url.startswith("https://") else None


@dataclass(slots=True)
class Runtime:
    """Clock, sleep, randomness and websocket of a sync client.

    `monotonic` and `sleep` are in seconds.
    """

    sleep: Callable[[float], None] = sleep
    monotonic: Callable[[], float] = time.monotonic
    now: Callable[[], datetime] = _utc_now
    random: Callable[[], float] = random.random
    connect: Callable[[SocketAddress], Socket] = _connect


@dataclass(slots=True)
class AsyncRuntime:
    """Clock, sleep, randomness and websocket of an async client.

    `monotonic` and `sleep` are in seconds.
    """

    sleep: Callable[[float], Awaitable[None]] = _async_sleep
    monotonic: Callable[[], float] = time.monotonic
    now: Callable[[], datetime] = _utc_now
    random: Callable[[], float] = random.random
    connect: Callable[[SocketAddress], Awaitable[AsyncSocket]] = _async_connect
