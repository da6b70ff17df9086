"""The websocket at `/ws`: who may listen, how events look on the wire, and what goes wrong with it by script.

Every socket of the account gets every event, whatever `clientId` it named; nothing that happened before is told again. A
self-hosted ComfyUI tells less, to fewer: that is in `dialect.sockets`.
"""

from __future__ import annotations

import asyncio
import hmac
import struct
import time
import uuid
from collections.abc import AsyncIterator
from typing import Final
from urllib.parse import parse_qs

import orjson
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.types import Message, Receive, Scope, Send

from comfy_cloud_emulator.comfyui import info
from comfy_cloud_emulator.comfyui.socket_routing import Routing
from comfy_cloud_emulator.engine.events import Event, NodeText, Preview, Told
from comfy_cloud_emulator.engine.job_engine import JobEngine
from comfy_cloud_emulator.faults.script import Fault, FaultScript
from comfy_cloud_emulator.http.access import given_key
from comfy_cloud_emulator.http.request_log import Request, record_of
from comfy_cloud_emulator.http.responses import error_reply
from comfy_cloud_emulator.routes.service.user import FEATURES
from comfy_cloud_emulator.server.http_connection import Connection
from comfy_cloud_emulator.state.json_values import is_object

from .audience import Audience, Frame, Listener

PATHS: Final = frozenset({"/ws", "/api/ws"})
GARBAGE: Final = '{"type": "progress", "data": {"val'
_JPEG: Final = 1
_KIND_PREVIEW, _KIND_TEXT, _KIND_PREVIEW_WITH_METADATA = 1, 3, 4


class Sockets:
    """The ASGI application of the websocket. What asks for one is added to `upgrades`."""

    def __init__(self, engine: JobEngine, script: FaultScript, key: str, upgrades: list[Request]) -> None:
        self._engine = engine
        self._script = script
        self._key = key.encode()
        self._routing = Routing(engine) if engine.quirks.comfyui_socket else None
        self._audience = Audience(engine.hub)
        self._upgrades = upgrades

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one socket until it is closed."""
        record = record_of(scope)
        self._upgrades.append(record)
        if scope["path"] not in PATHS:
            record.status = 404
            message = f"nothing answers a websocket at {scope['path']}; use /ws"
            await error_reply(404, message)(scope, receive, send)
            return
        fault = self._script.take_socket(scope["path"])
        record.fault = None if fault is None else fault.kind
        if fault is not None and fault.kind == "socket_refuse":
            record.status = fault.status or 503
            await error_reply(record.status, "no websocket now; try again later")(scope, receive, send)
            return
        if not self._engine.quirks.no_key and not self._is_known(scope):
            record.status = 401
            await error_reply(401, "the token is missing or not valid")(scope, receive, send)
            return
        record.status = 101
        await receive()  # websocket.connect
        await send({"type": "websocket.accept"})
        begun = time.perf_counter()
        try:
            socket = _Socket(self._engine, self._audience, scope, send, fault, self._routing)
            await socket.serve(receive)
        finally:
            record.seconds = time.perf_counter() - begun

    def _is_known(self, scope: Scope) -> bool:
        given = socket_key(scope)
        return given is not None and hmac.compare_digest(given.encode("utf-8", "replace"), self._key)


def socket_key(scope: Scope) -> str | None:
    """The key that a request for a websocket carries: its token, or a key in its headers; None without any."""
    query = parse_qs(scope["query_string"].decode("latin-1"))
    return query.get("token", [None])[0] or given_key(Headers(scope=scope))


class _Socket:
    """One open socket."""

    def __init__(
        self,
        engine: JobEngine,
        audience: Audience,
        scope: Scope,
        send: Send,
        fault: Fault | None,
        routing: Routing | None,
    ) -> None:
        self._engine = engine
        self._audience = audience
        self._routing = routing
        query = parse_qs(scope["query_string"].decode("latin-1"))
        client_id = query.get("clientId", [None])[0]
        self._sid = uuid.uuid4().hex if routing is None else routing.join(client_id, self)
        self._connection: Connection = scope["state"]["connection"]
        self._declared_metadata = False
        self._has_heard = False
        self._wire = _Wire(send, self._connection, fault)

    async def serve(self, receive: Receive) -> None:
        """Send events and read what the client says, until either side closes."""
        if self._engine.is_behind:
            await run_in_threadpool(self._engine.catch_up)
        # Listening begins before the first message, so that nothing falls between.
        listener = self._audience.join(on_drop=self._connection.reset, wants=self._wants)
        listener.tell(self._engine.queue_status(sid=self._sid))
        for missed in [] if self._routing is None else self._routing.missed(self._sid):
            listener.tell(missed)
        writing = asyncio.create_task(self._write(listener))
        try:
            async for text in _texts(receive):
                self._hear(text, listener)
        finally:
            self._audience.leave(listener)
            if self._routing is not None:
                self._routing.leave(self._sid)
            writing.cancel()
            await asyncio.gather(writing, return_exceptions=True)

    def _wants(self, event: Event) -> bool:
        return self._routing is None or self._routing.hears(self._sid, self, event)

    async def _write(self, listener: Listener) -> None:
        while True:
            heard = await listener.next()
            await self._wire.tell(heard.frame(encoded, with_metadata=self._declared_metadata))
            # Sending to a client that reads never waits, and others have their turn, too.
            await asyncio.sleep(0)

    def _hear(self, text: str, listener: Listener) -> None:
        # A self-hosted server heeds the flags of a first message only.
        is_late, self._has_heard = self._has_heard and self._routing is not None, True
        try:
            told = orjson.loads(text)
        except orjson.JSONDecodeError:
            return
        if is_late or not is_object(told) or told.get("type") != "feature_flags":
            return
        flags = told.get("data")
        self._declared_metadata = is_object(flags) and flags.get("supports_preview_metadata") is True
        features = FEATURES | {"max_concurrent_jobs": self._engine.account.concurrent_jobs}
        if self._engine.quirks.comfyui_info:
            features = info.features(self._engine.quirks)
        listener.tell(Told("feature_flags", features))


def encoded(event: Event, with_metadata: bool) -> Frame:
    """An event as a frame. Previews come with metadata for clients that declared that they know them."""
    match event:
        case Told(type, data):
            return orjson.dumps({"type": type, "data": data}).decode()
        case NodeText(_, node_id, text):
            name = node_id.encode()
            return struct.pack(">II", _KIND_TEXT, len(name)) + name + text.encode()
        case Preview() if with_metadata:
            metadata = orjson.dumps(
                {
                    "node_id": event.node_id,
                    "display_node_id": event.node_id,
                    "real_node_id": event.node_id,
                    "parent_node_id": None,
                    "prompt_id": event.prompt_id,
                    "image_type": "image/jpeg",
                }
            )
            head = struct.pack(">II", _KIND_PREVIEW_WITH_METADATA, len(metadata))
            return head + metadata + event.image
        case Preview():
            return struct.pack(">II", _KIND_PREVIEW, _JPEG) + event.image


class _Wire:
    """Puts messages on the wire, as a fault lets it."""

    def __init__(self, send: Send, connection: Connection, fault: Fault | None) -> None:
        self._send = send
        self._connection = connection
        self._fault = fault
        self._left = 0 if fault is None else fault.messages
        self._held: str | bytes | None = None

    async def tell(self, message: str | bytes) -> None:
        """Send a message; or what the fault makes of it."""
        if self._fault is None:
            await self._put(message)
        elif self._left:
            self._left -= 1
            await self._put(message)
        else:
            await self._disturb(self._fault, message)

    async def _disturb(self, fault: Fault, message: str | bytes) -> None:
        match fault.kind:
            case "socket_drop":
                self._connection.reset()
            case "socket_garbage":
                self._fault = None
                await self._put(GARBAGE)
                await self._put(message)
            case "socket_foreign":
                foreign = _of_another_job(message)
                if foreign is not None:
                    await self._put(foreign)
                await self._put(message)
            case "socket_disorder":
                if self._held is None:
                    self._held = message
                else:
                    held, self._held = self._held, None
                    await self._put(message)
                    await self._put(held)
            case _:  # silence
                pass

    async def _put(self, message: str | bytes) -> None:
        content = {"text": message} if isinstance(message, str) else {"bytes": message}
        frame: Message = {"type": "websocket.send", **content}
        await self._send(frame)


def _of_another_job(message: str | bytes) -> str | None:
    """The same message about a job that does not exist; None for messages that are about none."""
    if isinstance(message, bytes):
        return None
    told = orjson.loads(message)
    if "prompt_id" not in told["data"]:
        return None
    told["data"]["prompt_id"] = str(uuid.uuid4())
    return orjson.dumps(told).decode()


async def _texts(receive: Receive) -> AsyncIterator[str]:
    """What the client says, until it leaves. Bytes are passed over."""
    while (message := await receive())["type"] != "websocket.disconnect":
        text = message.get("text")
        if text is not None:
            yield text
