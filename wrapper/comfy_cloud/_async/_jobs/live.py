"""The websocket of one listener, as typed events.

It only informs; whether a job has ended, the API decides. `_jobs.events` reads the messages,
`_jobs.polling` has the delays before reconnecting.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from uuid import uuid4

from ..._http.address_hint import socket_hint
from ..._http.websocket import AsyncSocket, SocketAddress, SocketFailed
from ..._jobs.event_reader import HANDSHAKE, read_event
from ..._jobs.events import Event, NodeFinished
from ..._jobs.outputs import Factory, Output
from ..._jobs.polling import SILENT_AFTER, reconnect_delay
from .._http.session import AsyncSession

logger = logging.getLogger("comfy_cloud")

CONNECT_SECONDS = 5.0


class AsyncLive:
    """The websocket of one listener. It connects on the first `receive`, and again after a break.

    It never raises. `failure` is the reason why it can never connect, or None while it still may.

    Attributes:
        deadline: The time on the client's monotonic clock by which an attempt to connect ends.
        connect_seconds: The longest that an attempt takes.
        connections: How many have been made.
        next_attempt: The time on that clock from which `receive` connects again.
    """

    def __init__(
        self,
        session: AsyncSession,
        output: Factory[Output],
        client_id: str | None = None,
    ) -> None:
        self._session = session
        self._output = output
        self.client_id = client_id or uuid4().hex
        self.deadline: float | None = None
        self.failure: SocketFailed | None = None
        self.connect_seconds = CONNECT_SECONDS
        self.connections = 0
        self.next_attempt = float("-inf")
        self._socket: AsyncSocket | None = None
        self._failures = 0
        self._received_at = float("-inf")
        self._reconnected = False

    @property
    def is_live(self) -> bool:
        """Whether it is connected and has received something lately."""
        return (
            self._socket is not None and self._session.runtime.monotonic() - self._received_at < SILENT_AFTER
        )

    @property
    def is_connected(self) -> bool:
        """Whether there is a connection, however silent."""
        return self._socket is not None

    def explained(self, error: SocketFailed) -> str:
        """What failed, with the server's address, and where that and the proxy come from."""
        settings = self._session.settings
        hint = socket_hint(settings) if error.status is None else ""
        return f"websocket {SocketAddress(settings.base_url, '').shown}: {error.reason}{hint}"

    def take_reconnected(self) -> bool:
        """Whether it has reconnected since the last call. Messages sent in between are lost."""
        reconnected, self._reconnected = self._reconnected, False
        return reconnected

    async def open(self) -> None:
        """Connect now, if possible."""
        runtime = self._session.runtime
        if self.failure is not None or self._socket is not None:
            return
        settings = self._session.settings
        seconds = min(self.connect_seconds, settings.timeout)
        if self.deadline is not None:
            seconds = min(seconds, self.deadline - runtime.monotonic())
            if seconds <= 0:
                return
        address = SocketAddress(
            settings.base_url,
            self.client_id,
            settings.api_key,
            HANDSHAKE,
            seconds,
            settings.network,
            settings.comfy_user,
        )
        try:
            self._socket = await runtime.connect(address)
        except SocketFailed as error:
            self._schedule_reconnect(error)
            return
        logger.debug("websocket %s: connected", address.shown)
        self.connections += 1
        self._reconnected = self._reconnected or self.connections > 1
        self._received_at = runtime.monotonic()

    async def receive(self, seconds: float) -> Event | None:
        """The next event, or None if none arrived in time or the connection changed."""
        if self._socket is None:
            runtime = self._session.runtime
            seconds = max(0.0, seconds)
            now = runtime.monotonic()
            if self.failure is None and now >= self.next_attempt:
                await self.open()
                return None
            if self.failure is None:
                seconds = min(seconds, self.next_attempt - now)
            await runtime.sleep(seconds)
            return None
        try:
            message = await self._socket.receive(seconds)
        except SocketFailed as error:
            await self.close()
            self._schedule_reconnect(error)
            return None
        return None if message is None else self._event(message)

    def take_ready(self) -> Event | None:
        """The next event if it has been received already, or None. Neither waits nor reads."""
        message = None if self._socket is None else self._socket.take_ready()
        return None if message is None else self._event(message)

    def _event(self, message: str | bytes) -> Event:
        self._received_at = self._session.runtime.monotonic()
        self._failures = 0
        event = read_event(message)
        if isinstance(event, NodeFinished) and event.outputs:
            # Bound to the client, so that they can be read and saved.
            outputs = tuple(self._output(found.raw, found.node_id, found.key) for found in event.outputs)
            return replace(event, outputs=outputs)
        return event

    def follow(self, job_id: str) -> None:
        """Nothing: all that arrives is received."""

    def leave(self, job_id: str) -> None:
        """Nothing, likewise."""

    async def close(self) -> None:
        """Disconnect. The connection is closed while the caller goes on."""
        socket, self._socket = self._socket, None
        if socket is not None:
            await self._session.closing_sockets.close(socket)

    def _schedule_reconnect(self, error: SocketFailed) -> None:
        self._failures += 1
        runtime = self._session.runtime
        delay = reconnect_delay(self._failures, runtime.random)
        self.next_attempt = runtime.monotonic() + delay
        if error.is_final:
            self.failure = error
            logger.info("%s; continuing without it", self.explained(error))
        else:
            logger.info("%s; reconnecting in %.1f s", self.explained(error), delay)
