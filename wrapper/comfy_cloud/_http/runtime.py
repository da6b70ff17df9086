"""Clock, sleep, randomness and live connections of one client, which tests replace. I/O."""

from __future__ import annotations

import random
import ssl
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from .clients import tls_context
from .concurrency import sleep
from .websocket import AsyncSocket, Socket, SocketAddress, open_async_socket, open_socket

if TYPE_CHECKING:
    from .stream_readers import AsyncStreamReaders, StreamReaders


def _utc_now() -> datetime:
    return datetime.now(UTC)


async def _async_sleep(seconds: float) -> None:
    import anyio  # works under asyncio and trio alike

    await anyio.sleep(seconds)


def _connect(address: SocketAddress) -> Socket:
    return open_socket(address, _tls_for(address))


async def _async_connect(address: SocketAddress) -> AsyncSocket:
    return await open_async_socket(address, _tls_for(address))


def _stream_readers() -> StreamReaders:
    from .stream_readers import StreamReaders  # hardly ever needed

    return StreamReaders()


def _async_stream_readers() -> AsyncStreamReaders:
    from .stream_readers import AsyncStreamReaders  # hardly ever needed

    return AsyncStreamReaders()


def _tls_for(address: SocketAddress) -> ssl.SSLContext | None:
    """The TLS context for a server, or for a proxy that is reached over TLS."""
    is_needed = address.base_url.startswith("https://") or (address.proxy or "").startswith("https://")
    return tls_context(address.network.ca_file) if is_needed else None


@dataclass(slots=True)
class Runtime:
    """Clock, sleep, randomness, websocket and background readers of a sync client.

    `monotonic` and `sleep` are in seconds.
    """

    sleep: Callable[[float], None] = sleep
    monotonic: Callable[[], float] = time.monotonic
    now: Callable[[], datetime] = _utc_now
    random: Callable[[], float] = random.random
    connect: Callable[[SocketAddress], Socket] = _connect
    readers: Callable[[], StreamReaders] = _stream_readers


@dataclass(slots=True)
class AsyncRuntime:
    """Clock, sleep, randomness, websocket and background readers of an async client.

    `monotonic` and `sleep` are in seconds.
    """

    sleep: Callable[[float], Awaitable[None]] = _async_sleep
    monotonic: Callable[[], float] = time.monotonic
    now: Callable[[], datetime] = _utc_now
    random: Callable[[], float] = random.random
    connect: Callable[[SocketAddress], Awaitable[AsyncSocket]] = _async_connect
    readers: Callable[[], AsyncStreamReaders] = _async_stream_readers
