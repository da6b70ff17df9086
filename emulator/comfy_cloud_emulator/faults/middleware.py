"""Applying faults to requests.

Sits between the request recorder and the key check, where a failing proxy would be. `script`
decides which request is hit, `responses` builds the wrong responses.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from comfy_cloud_emulator.http.request_log import CONTROL_PREFIX
from comfy_cloud_emulator.server.http_connection import Connection
from comfy_cloud_emulator.state.store import Store

from .fault import Fault
from .responses import fault_response
from .script import FaultScript


class FaultMiddleware:
    """Applies the faults of a script in front of `app`."""

    def __init__(
        self, app: ASGIApp, script: FaultScript, store: Store, sleep: Callable[[float], Awaitable[object]]
    ) -> None:
        self._app = app
        self._script = script
        self._store = store
        self._sleep = sleep

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request, with or without a fault."""
        is_api = scope["type"] == "http" and not scope["path"].startswith(CONTROL_PREFIX)
        fault = self._script.take(scope["method"], scope["path"]) if is_api else None
        if fault is None:
            await self._app(scope, receive, send)
            return
        scope["state"]["record"].fault = fault.kind
        if fault.lag is not None:
            scope["state"]["lag"] = fault.lag
        # A lost response is delayed after the request was carried out.
        if fault.seconds and fault.kind != "accepted_then":
            await self._sleep(fault.seconds)
        connection: Connection = scope["state"]["connection"]
        match fault.kind:
            case "reset":
                connection.reset()
                await _until_disconnected(receive)
            case "cut":
                cutting = _CutResponse(send, connection, fault.at_bytes)
                await self._app(scope, receive, cutting.send)
                cutting.finish()
                await _until_disconnected(receive)
            case "accepted_then":
                await self._lose_response(fault, scope, receive, send)
            case "delay" | "lag":
                await self._app(scope, receive, send)
            case "drift":
                self._drift(fault)
                await self._app(scope, receive, send)
            case _:
                await fault_response(fault)(scope, receive, send)

    async def _lose_response(self, fault: Fault, scope: Scope, receive: Receive, send: Send) -> None:
        lost = _LostResponse()
        await self._app(scope, receive, lost.send)
        if lost.status >= 400:
            # Nothing was accepted, so the real response goes out.
            await lost.deliver(send)
            return
        if fault.seconds:
            await self._sleep(fault.seconds)
        if fault.then == "status":
            await fault_response(fault)(scope, receive, send)
            return
        if fault.then == "reset":
            connection: Connection = scope["state"]["connection"]
            connection.reset()
        await _until_disconnected(receive)

    def _drift(self, fault: Fault) -> None:
        if fault.insert:
            self._store.add_newest(fault.insert)
        if fault.delete:
            self._store.delete_newest(fault.delete)
        if fault.mutate is not None:
            fault.mutate(self._store)


class _LostResponse:
    """Holds a response back."""

    def __init__(self) -> None:
        self.status = 0
        self._messages: list[Message] = []

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
        self._messages.append(message)

    async def deliver(self, send: Send) -> None:
        """Send it after all."""
        for message in self._messages:
            await send(message)


class _CutResponse:
    """Passes a response on up to a byte, then closes the connection. None: half of its length."""

    def __init__(self, send: Send, connection: Connection, at_bytes: int | None) -> None:
        self._send = send
        self._connection = connection
        self._left = at_bytes
        self._over = False

    async def send(self, message: Message) -> None:
        if self._over:
            return
        if message["type"] == "http.response.start":
            length = _announced_length(message)
            if self._left is None:
                self._left = (length or 0) // 2
            if length == 0:
                # An empty body cannot be cut, so one byte is announced.
                message["headers"] = [*_without_length(message), (b"content-length", b"1")]
            await self._send(message)
        elif message["type"] == "http.response.body":
            left = self._left or 0
            body = message.get("body", b"")
            # The last byte is always held back, otherwise a complete body would not look cut.
            whole = len(body) <= left and not message.get("more_body", False)
            chunk = body[:-1] if whole else body[:left]
            self._left = left - len(chunk)
            await self._send({"type": "http.response.body", "body": chunk, "more_body": True})
            if whole or not self._left:
                self.finish()

    def finish(self) -> None:
        """Close the connection, whether or not the response was complete."""
        self._over = True
        self._connection.close()


def _announced_length(start: Message) -> int | None:
    """The announced length of the response, or None."""
    for name, value in start["headers"]:
        if name.lower() == b"content-length":
            return int(value)
    return None


def _without_length(start: Message) -> list[tuple[bytes, bytes]]:
    return [(name, value) for name, value in start["headers"] if name.lower() != b"content-length"]


async def _until_disconnected(receive: Receive) -> None:
    """Wait for the disconnect, so that the server does not miss the rest of the response."""
    while (await receive())["type"] != "http.disconnect":
        pass
