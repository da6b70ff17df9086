"""A fake clock for tests. Sleeping advances it and is recorded, and nobody waits."""

from __future__ import annotations

import asyncio
import threading
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from comfy_cloud._http.runtime import AsyncRuntime, Runtime
from comfy_cloud._http.stream_readers import AsyncStreamReaders, StreamReaders
from comfy_cloud._http.websocket import AsyncSocket, Socket, SocketAddress, open_async_socket, open_socket

# The clock is advanced when no websocket message is on its way. What the server has published
# before the first of two pings is sent before the second pong: its loop runs what is ready first.
ROUND_TRIPS = 2
# Real seconds between two looks at the pong, and the most of them: a server may be silent.
STEP = 0.001
MOST_STEPS = 100
# Real seconds to wait for an event of a stream, which has no pings, before the clock is advanced.
STREAM_STEP = 0.05


class FakeTime:
    """A clock that only sleeping advances.

    `sleeps` lists the seconds slept, `chance` is the value that `random` returns.
    """

    def __init__(self, start: datetime) -> None:
        self._start = start
        self._elapsed = 0.0
        self.sleeps: list[float] = []
        self.chance = 1.0

    def now(self) -> datetime:
        return self._start + timedelta(seconds=self._elapsed)

    def monotonic(self) -> float:
        return self._elapsed

    def advance(self, seconds: float) -> None:
        self._elapsed += seconds

    def sleep(self, seconds: float) -> None:
        self.sleeps.append(seconds)
        self._elapsed += seconds

    async def async_sleep(self, seconds: float) -> None:
        self.sleep(seconds)

    def random(self) -> float:
        return self.chance

    def connect(self, address: SocketAddress) -> Socket:
        return _FakeTimeSocket(open_socket(address, None), self)

    async def async_connect(self, address: SocketAddress) -> AsyncSocket:
        return _AsyncFakeTimeSocket(await open_async_socket(address, None), self)

    def runtime(self) -> Runtime:
        return Runtime(
            sleep=self.sleep,
            monotonic=self.monotonic,
            now=self.now,
            random=self.random,
            connect=self.connect,
            readers=lambda: _FakeTimeReaders(self),
        )

    def async_runtime(self) -> AsyncRuntime:
        return AsyncRuntime(
            sleep=self.async_sleep,
            monotonic=self.monotonic,
            now=self.now,
            random=self.random,
            connect=self.async_connect,
            readers=lambda: _AsyncFakeTimeReaders(self),
        )


class _FakeTimeSocket(Socket):
    """A websocket on which waiting without a message advances the clock as well."""

    def __init__(self, socket: Socket, time: FakeTime) -> None:
        super().__init__(socket._connection)
        self._time = time

    def receive(self, seconds: float) -> str | bytes | None:
        for _ in range(ROUND_TRIPS):
            pong = self._ping()
            for _ in range(MOST_STEPS):
                has_pong = pong is None or pong.is_set()
                message = super().receive(0 if has_pong else STEP)
                if message is not None:
                    return message
                if has_pong:
                    break
        self._time.sleep(seconds)
        return None

    def _ping(self) -> threading.Event | None:
        """Send a ping; None if the connection has ended, which `receive` reports."""
        with suppress(Exception):
            return self._connection.ping()  # type: ignore[no-any-return]
        return None


class _AsyncFakeTimeSocket(AsyncSocket):
    """A websocket on which waiting without a message advances the clock as well."""

    def __init__(self, socket: AsyncSocket, time: FakeTime) -> None:
        super().__init__(socket._connection)
        self._time = time

    async def receive(self, seconds: float) -> str | bytes | None:
        for _ in range(ROUND_TRIPS):
            pong = await self._ping()
            for _ in range(MOST_STEPS):
                has_pong = pong is None or pong.done()
                message = await super().receive(0 if has_pong else STEP)
                if message is not None:
                    return message
                if has_pong:
                    break
        self._time.sleep(seconds)
        return None

    async def _ping(self) -> asyncio.Future[float] | None:
        """Send a ping; None if the connection has ended, which `receive` reports."""
        with suppress(Exception):
            return await self._connection.ping()  # type: ignore[no-any-return]
        return None


class _FakeTimeReaders(StreamReaders):
    """Readers of streams. Waiting without an event advances the clock as well."""

    def __init__(self, time: FakeTime) -> None:
        super().__init__()
        self._time = time

    def receive(self, seconds: float) -> tuple[str, Any] | None:
        found = super().receive(min(seconds, STREAM_STEP))
        if found is None:
            self._time.sleep(seconds)
        return found


class _AsyncFakeTimeReaders(AsyncStreamReaders):
    """Readers of streams. Waiting without an event advances the clock as well."""

    def __init__(self, time: FakeTime) -> None:
        super().__init__()
        self._time = time

    async def receive(self, seconds: float) -> tuple[str, Any] | None:
        found = await super().receive(min(seconds, STREAM_STEP))
        if found is None:
            self._time.sleep(seconds)
        return found
