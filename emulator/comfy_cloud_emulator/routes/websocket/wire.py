"""Sending frames on one websocket, correctly or distorted by a fault."""

from __future__ import annotations

import uuid
from typing import Final

import orjson
from starlette.types import Message, Send

from comfy_cloud_emulator.faults import Fault
from comfy_cloud_emulator.server.http_connection import Connection

from .frames import Frame

GARBAGE: Final = '{"type": "progress", "data": {"val'


class SocketWire:
    """Sends frames on one websocket, as its fault lets it."""

    def __init__(self, send: Send, connection: Connection, fault: Fault | None) -> None:
        self._send = send
        self._connection = connection
        self._fault = fault
        self._left = 0 if fault is None else fault.messages
        self._held: Frame | None = None

    async def send(self, message: Frame) -> None:
        """Send a frame, or what the fault makes of it."""
        if self._fault is None:
            await self._put(message)
        elif self._left:
            self._left -= 1
            await self._put(message)
        else:
            await self._distort(self._fault, message)

    async def _distort(self, fault: Fault, message: Frame) -> None:
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
            case _:  # socket_silent
                pass

    async def _put(self, message: Frame) -> None:
        content = {"text": message} if isinstance(message, str) else {"bytes": message}
        frame: Message = {"type": "websocket.send", **content}
        await self._send(frame)


def _of_another_job(message: Frame) -> str | None:
    """The same message about a job that does not exist, or None if it is about no job."""
    if isinstance(message, bytes):
        return None
    document = orjson.loads(message)
    if "prompt_id" not in document["data"]:
        return None
    document["data"]["prompt_id"] = str(uuid.uuid4())
    return orjson.dumps(document).decode()
