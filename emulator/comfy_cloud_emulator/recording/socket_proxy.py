"""Passing the messages of a websocket on, in both directions, and noting them."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

import httpx
import orjson
from starlette.types import Receive, Scope, Send

from comfy_cloud_emulator.http.json_reading import JsonRefused, read_json
from comfy_cloud_emulator.http.responses import error_response
from comfy_cloud_emulator.server.http_connection import Connection

from .addresses import Addresses
from .exchange_log import ExchangeLog, LiveUpgrade
from .proxy import pairs_of, target_of
from .upstream import Upstream

if TYPE_CHECKING:
    from websockets.asyncio.client import ClientConnection

_NOT_SENT: Final = frozenset(
    ("host", "connection", "upgrade", "origin", "referer", "accept-encoding", "content-length", "user-agent")
)
_ABNORMAL: Final = 1006


class SocketProxy:
    """The ASGI application for websockets."""

    def __init__(self, upstream: Upstream, log: ExchangeLog, addresses: Addresses) -> None:
        self._upstream = upstream
        self._log = log
        self._addresses = addresses

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one websocket until either side closes it."""
        from websockets.exceptions import InvalidStatus, WebSocketException

        headers = pairs_of(scope)
        path, query = scope["raw_path"].decode("latin-1"), scope["query_string"].decode("latin-1")
        upgrade = self._log.upgrade(path, query, headers)
        passed_on = [
            (name, value)
            for name, value in headers
            if name not in _NOT_SENT and not name.startswith("sec-websocket-")
        ]
        await receive()  # websocket.connect
        try:
            server = await self._upstream.connect(target_of(scope), passed_on)
        except InvalidStatus as refused:
            upgrade.status, upgrade.response = (
                refused.response.status_code,
                bytes(refused.response.body or b""),
            )
            await _refuse(upgrade, scope, receive, send)
            return
        except (OSError, WebSocketException, httpx.InvalidURL) as error:
            upgrade.status = 502
            reason = self._log.secrets.text(f"the websocket of the server cannot be reached: {error}")
            upgrade.response = orjson.dumps({"error": reason})
            await _refuse(upgrade, scope, receive, send)
            return
        await send({"type": "websocket.accept"})
        connection: Connection = scope["state"]["connection"]
        try:
            await self._pass_on(server, upgrade.socket, receive, send, connection)
        finally:
            await server.close()

    async def _pass_on(
        self, server: ClientConnection, socket: int, receive: Receive, send: Send, connection: Connection
    ) -> None:
        down = asyncio.create_task(self._from_server(server, socket, send, connection))
        up = asyncio.create_task(self._from_program(server, socket, receive))
        try:
            done, _ = await asyncio.wait({up, down}, return_when=asyncio.FIRST_COMPLETED)
            for each in done:
                each.result()
        finally:
            for task in (up, down):
                task.cancel()
            await asyncio.gather(up, down, return_exceptions=True)

    async def _from_server(
        self, server: ClientConnection, socket: int, send: Send, connection: Connection
    ) -> None:
        from websockets.exceptions import ConnectionClosed

        try:
            async for message in server:
                content = self._with_own_addresses(message)
                self._log.message(socket, "server", content)
                kind = "text" if isinstance(content, str) else "bytes"
                await send({"type": "websocket.send", kind: content})
        except ConnectionClosed:
            pass  # the code says how
        code = server.close_code
        self._log.socket_end(socket, "server", None if code in (None, _ABNORMAL) else code)
        if code is None or code == _ABNORMAL:
            connection.reset()
        else:
            await send({"type": "websocket.close", "code": code, "reason": server.close_reason or ""})

    async def _from_program(self, server: ClientConnection, socket: int, receive: Receive) -> None:
        from websockets.exceptions import ConnectionClosed

        while (message := await receive())["type"] == "websocket.receive":
            content: str | bytes = message.get("text") or message.get("bytes") or ""
            self._log.message(socket, "program", content)
            try:
                await server.send(self._upstream.with_key(content) if isinstance(content, str) else content)
            except ConnectionClosed:
                await asyncio.Event().wait()  # the other direction notes the end
        self._log.socket_end(socket, "program", message.get("code", 1000))

    def _with_own_addresses(self, message: str | bytes) -> str | bytes:
        if not isinstance(message, str) or "http" not in message:
            return message
        try:
            value = read_json(message)
        except JsonRefused:
            return message
        return orjson.dumps(value).decode() if self._addresses.in_json(value) else message


async def _refuse(upgrade: LiveUpgrade, scope: Scope, receive: Receive, send: Send) -> None:
    from starlette.responses import Response

    if upgrade.response:
        reply = Response(upgrade.response, upgrade.status, media_type="application/json")
    else:
        reply = error_response(upgrade.status, "the server refused the websocket", path=scope["path"])
    await reply(scope, receive, send)
