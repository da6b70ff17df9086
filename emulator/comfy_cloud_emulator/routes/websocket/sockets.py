"""The websocket at `/ws`: who may connect, and the life of a connection.

Every socket of the account gets every event, whatever `clientId` it sent; past events are not
repeated. On a self-hosted ComfyUI each socket gets less: see `comfyui.socket_routing`.
"""

from __future__ import annotations

import asyncio
import hmac
import time
import uuid
from collections.abc import AsyncIterator
from typing import Final
from urllib.parse import parse_qs

from starlette.concurrency import run_in_threadpool
from starlette.types import Receive, Scope, Send

from comfy_cloud_emulator.comfyui import info
from comfy_cloud_emulator.comfyui.socket_routing import SocketRouting
from comfy_cloud_emulator.engine.events import Event, JsonEvent
from comfy_cloud_emulator.engine.job_engine import JobEngine
from comfy_cloud_emulator.faults import Fault, FaultScript
from comfy_cloud_emulator.http.access import websocket_key
from comfy_cloud_emulator.http.json_reading import JsonRefused, read_json
from comfy_cloud_emulator.http.request_log import BoundedLog, logged_request
from comfy_cloud_emulator.http.responses import error_response
from comfy_cloud_emulator.routes.service.user import FEATURES
from comfy_cloud_emulator.server.http_connection import Connection
from comfy_cloud_emulator.state.json_values import is_object

from . import frames
from .broadcast import Broadcast, Subscriber
from .wire import SocketWire

PATHS: Final = frozenset({"/ws", "/api/ws"})


class Sockets:
    """The ASGI application of the websocket. Adds requests for it to `upgrades`."""

    def __init__(self, engine: JobEngine, script: FaultScript, key: str, upgrades: BoundedLog) -> None:
        self._engine = engine
        self._script = script
        self._key = key.encode()
        self._routing = SocketRouting(engine) if engine.quirks.comfyui_socket else None
        self._broadcast = Broadcast(engine.hub)
        self._upgrades = upgrades

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one socket until it is closed."""
        record = logged_request(scope)
        self._upgrades.add(record)
        if scope["path"] not in PATHS:
            record.status = 404
            message = f"there is no websocket at {scope['path']}; use /ws"
            await error_response(404, message)(scope, receive, send)
            return
        fault = self._script.take_socket(scope["path"])
        record.fault = None if fault is None else fault.kind
        if fault is not None and fault.kind == "socket_refuse":
            record.status = fault.status or 503
            await error_response(record.status, "the websocket is not available; try again later")(
                scope, receive, send
            )
            return
        if not self._engine.quirks.no_key and not self._is_known(scope):
            record.status = 401
            await error_response(401, "the token is missing or not valid")(scope, receive, send)
            return
        record.status = 101
        await receive()  # websocket.connect
        await send({"type": "websocket.accept"})
        begun = time.perf_counter()
        try:
            socket = _Socket(self._engine, self._broadcast, scope, send, fault, self._routing)
            await socket.serve(receive)
        finally:
            record.seconds = time.perf_counter() - begun

    def _is_known(self, scope: Scope) -> bool:
        given = websocket_key(scope)
        return given is not None and hmac.compare_digest(given.encode("utf-8", "replace"), self._key)


class _Socket:
    """One open socket."""

    def __init__(
        self,
        engine: JobEngine,
        audience: Broadcast,
        scope: Scope,
        send: Send,
        fault: Fault | None,
        routing: SocketRouting | None,
    ) -> None:
        self._engine = engine
        self._broadcast = audience
        self._routing = routing
        query = parse_qs(scope["query_string"].decode("latin-1"))
        client_id = query.get("clientId", [None])[0]
        self._sid = uuid.uuid4().hex if routing is None else routing.join(client_id, self)
        self._connection: Connection = scope["state"]["connection"]
        self._declared_metadata = False
        self._has_received = False
        self._wire = SocketWire(send, self._connection, fault)

    async def serve(self, receive: Receive) -> None:
        """Send events and read the client's messages until either side closes."""
        if self._engine.is_behind:
            await run_in_threadpool(self._engine.catch_up)
        # Subscribed before the first message, so that nothing is lost in between.
        subscriber = self._broadcast.join(on_drop=self._connection.reset, wants=self._wants)
        subscriber.send(self._engine.queue_status(sid=self._sid))
        for event in [] if self._routing is None else self._routing.missed(self._sid):
            subscriber.send(event)
        writing = asyncio.create_task(self._write(subscriber))
        try:
            async for text in _texts(receive):
                self._receive(text, subscriber)
        finally:
            self._broadcast.leave(subscriber)
            if self._routing is not None:
                self._routing.leave(self._sid)
            writing.cancel()
            await asyncio.gather(writing, return_exceptions=True)

    def _wants(self, event: Event) -> bool:
        return self._routing is None or self._routing.receives(self._sid, self, event)

    async def _write(self, subscriber: Subscriber) -> None:
        while True:
            event = await subscriber.next()
            await self._wire.send(event.frame(frames.encode_frame, with_metadata=self._declared_metadata))
            # Sending to a client that reads never waits, so others must get their turn.
            await asyncio.sleep(0)

    def _receive(self, text: str, subscriber: Subscriber) -> None:
        # A self-hosted server reads the flags of the first message only.
        is_late, self._has_received = self._has_received and self._routing is not None, True
        try:
            data = read_json(text)
        except JsonRefused:
            return
        if is_late or not is_object(data) or data.get("type") != "feature_flags":
            return
        flags = data.get("data")
        self._declared_metadata = is_object(flags) and flags.get("supports_preview_metadata") is True
        features = FEATURES | {"max_concurrent_jobs": self._engine.account.concurrent_jobs}
        if self._engine.quirks.comfyui_info:
            features = info.features(self._engine.quirks)
        subscriber.send(JsonEvent("feature_flags", features))


async def _texts(receive: Receive) -> AsyncIterator[str]:
    """The client's text messages, until it disconnects. Binary ones are ignored."""
    while (message := await receive())["type"] != "websocket.disconnect":
        text = message.get("text")
        if text is not None:
            yield text
