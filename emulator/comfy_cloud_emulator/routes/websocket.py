"""The websocket at `/ws`: who may listen, how events look on the wire, and what goes wrong with it by script.

Every socket of the account gets every event, whatever `clientId` it named; nothing that happened before is told again.
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
from starlette.datastructures import Headers
from starlette.types import Message, Receive, Scope, Send

from comfy_cloud_emulator.access import given_key
from comfy_cloud_emulator.connection import Connection
from comfy_cloud_emulator.engine.engine import JobEngine
from comfy_cloud_emulator.engine.events import Event, NodeText, Preview, Told
from comfy_cloud_emulator.faults import Fault, FaultScript
from comfy_cloud_emulator.recording import Request, record_of
from comfy_cloud_emulator.replies import error_reply
from comfy_cloud_emulator.state.json_values import is_object

from .account import FEATURES

PATHS: Final = frozenset({"/ws", "/api/ws"})
GARBAGE: Final = '{"type": "progress", "data": {"val'
_JPEG: Final = 1
_KIND_PREVIEW, _KIND_TEXT, _KIND_PREVIEW_WITH_METADATA = 1, 3, 4


class Sockets:
    """The ASGI application of the websocket."""

    def __init__(self, engine: JobEngine, script: FaultScript, key: str) -> None:
        self._engine = engine
        self._script = script
        self._key = key.encode()
        self.upgrades: list[Request] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one socket until it is closed."""
        record = record_of(scope)
        self.upgrades.append(record)
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
        if not self._is_known(scope):
            record.status = 401
            await error_reply(401, "the token is missing or not valid")(scope, receive, send)
            return
        record.status = 101
        await receive()  # websocket.connect
        await send({"type": "websocket.accept"})
        begun = time.perf_counter()
        try:
            await _Socket(self._engine, scope, send, fault).serve(receive)
        finally:
            record.seconds = time.perf_counter() - begun

    def _is_known(self, scope: Scope) -> bool:
        query = parse_qs(scope["query_string"].decode("latin-1"))
        given = query.get("token", [None])[0] or given_key(Headers(scope=scope))
        return given is not None and hmac.compare_digest(given.encode("utf-8", "replace"), self._key)


class _Socket:
    """One open socket."""

    def __init__(self, engine: JobEngine, scope: Scope, send: Send, fault: Fault | None) -> None:
        self._engine = engine
        self._connection: Connection = scope["state"]["connection"]
        self._send = send
        self._events: asyncio.Queue[Event] = asyncio.Queue()
        self._declared_metadata = False
        self._wire = _Wire(send, self._connection, fault)

    async def serve(self, receive: Receive) -> None:
        """Send events and read what the client says, until either side closes."""
        loop = asyncio.get_running_loop()
        self._engine.catch_up()
        # Listening begins before the first message, so that nothing falls between.
        leave = self._engine.hub.listen(
            lambda event: loop.call_soon_threadsafe(self._events.put_nowait, event)
        )
        try:
            await self._wire.tell(self._encoded(self._engine.queue_status(sid=uuid.uuid4().hex)))
            writing = asyncio.create_task(self._write())
            try:
                async for text in _texts(receive):
                    await self._hear(text)
            finally:
                writing.cancel()
                await asyncio.gather(writing, return_exceptions=True)
        finally:
            leave()

    async def _write(self) -> None:
        while True:
            await self._wire.tell(self._encoded(await self._events.get()))

    async def _hear(self, text: str) -> None:
        try:
            told = orjson.loads(text)
        except orjson.JSONDecodeError:
            return
        if not is_object(told) or told.get("type") != "feature_flags":
            return
        flags = told.get("data")
        self._declared_metadata = is_object(flags) and flags.get("supports_preview_metadata") is True
        features = FEATURES | {"max_concurrent_jobs": self._engine.account.concurrent_jobs}
        self._events.put_nowait(Told("feature_flags", features))

    def _encoded(self, event: Event) -> str | bytes:
        match event:
            case Told(type, data):
                return orjson.dumps({"type": type, "data": data}).decode()
            case NodeText(node_id, text):
                name = node_id.encode()
                return struct.pack(">II", _KIND_TEXT, len(name)) + name + text.encode()
            case Preview() if self._declared_metadata:
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
