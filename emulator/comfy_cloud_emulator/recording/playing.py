"""Responding to requests from a recording."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Collection
from typing import Final
from urllib.parse import parse_qsl, unquote

from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from comfy_cloud_emulator.http.responses import error_response
from comfy_cloud_emulator.server.http_connection import Connection

from .addresses import for_replay
from .file_reading import RecordingFile, RecordingRefused
from .matching import MOST_JSON, BodyDigest, Identity, identity_of_digest, identity_of_json, is_json
from .part_responses import part_response
from .proxy import NOT_RETURNED, ClientLeft, pairs_of
from .records import Body, Exchange
from .script import RecordedExchange, Script
from .secrets_found import SecretsFound

NOT_RECORDED: Final = 400
"""The status for a request that was not recorded: one that nobody retries or works around."""

Played = Callable[[str, str, int | None, str], object]
"""Called with method, path, status (None: the connection broke) and a remark, for each request."""


class Progress:
    """Lets others wait until more of a script has been played."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self._changed = asyncio.Event()

    def note(self) -> None:
        """Wake those who wait."""
        self._changed.set()
        self._changed = asyncio.Event()

    async def until_due(self, after: int) -> None:
        """Wait until so many of the requests that change something were played."""
        while not self.script.is_due(after):
            await self._changed.wait()


class Player:
    """The ASGI application for HTTP. `unknown` are the requests that were not recorded."""

    def __init__(
        self,
        file: RecordingFile,
        progress: Progress,
        own: str,
        ignored: Collection[str],
        on_request: Played | None = None,
    ) -> None:
        self._file = file
        self._progress = progress
        self._own = own
        self._ignored = ignored
        self._on_request = on_request
        self.unknown: list[str] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Respond to one request."""
        method, path = scope["method"], scope["raw_path"].decode("latin-1")
        identity = await self._identity(scope, receive)
        script = self._progress.script
        recorded = script.take(identity)
        if recorded is None:
            reason = script.why_unknown(identity)
            self.unknown.append(reason)
            await error_response(NOT_RECORDED, reason, path=path)(scope, receive, send)
            self._report(method, path, NOT_RECORDED, "not recorded")
            return
        try:
            await self._respond(recorded, scope, receive, send)
        finally:
            script.done(recorded)
            self._progress.note()
        exchange = recorded.exchange
        self._report(method, path, exchange.status if exchange.failure == "none" else None, "")

    async def _identity(self, scope: Scope, receive: Receive) -> Identity:
        headers = pairs_of(scope)
        path = unquote(scope["raw_path"].decode("latin-1"))
        query = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
        media_type = next((value for name, value in headers if name == "content-type"), "")
        digest, content, as_json, more = BodyDigest(media_type), b"", None, True
        while more:
            message = await receive()
            if message["type"] != "http.request":
                raise ClientLeft
            chunk: bytes = message.get("body", b"")
            more = message.get("more_body", False)
            as_json = is_json(media_type, chunk) if as_json is None and chunk else as_json
            digest.write(chunk)
            if as_json and len(content) <= MOST_JSON:
                content += chunk
        if digest.size and (not as_json or digest.size > MOST_JSON):
            return identity_of_digest(scope["method"], path, query, digest.result(), self._ignored)
        secrets = SecretsFound()
        secrets.add_from_headers(headers)
        return identity_of_json(scope["method"], path, query, secrets.body(content), self._ignored)

    async def _respond(self, recorded: RecordedExchange, scope: Scope, receive: Receive, send: Send) -> None:
        exchange = recorded.exchange
        connection: Connection = scope["state"]["connection"]
        if exchange.failure == "broken":
            connection.reset()
            return
        headers = [
            (name, _header_value(for_replay(value, self._own)))
            for name, value in exchange.headers
            if name not in NOT_RETURNED
        ]
        reply = self._reply(exchange, headers, scope)
        # A header may be repeated, which a dict cannot have: of those only the last is there.
        last = dict(headers)
        for name, value in headers:
            if value != last[name]:
                reply.headers.append(name, value)
        if exchange.failure == "cut":
            await reply(scope, receive, _never_complete(send))
            connection.close()
            return
        await reply(scope, receive, send)

    def _reply(self, exchange: Exchange, headers: list[tuple[str, str]], scope: Scope) -> Response:
        body, plain = exchange.response, dict(headers)
        if body.has_addresses:
            text = self._file.content(body).decode("utf-8", "replace")
            return Response(for_replay(text, self._own), exchange.status, plain)
        if exchange.parts:
            return StreamingResponse(self._in_parts(exchange), exchange.status, plain)
        if exchange.failure == "cut":
            return StreamingResponse(self._chunks(body, 0, body.size), exchange.status, plain)
        if exchange.status == 200 and exchange.method == "GET":
            return part_response(
                headers, body.size, scope, lambda first, length: self._chunks(body, first, length)
            )
        if exchange.method == "HEAD":
            return Response(None, exchange.status, plain)
        length = {} if exchange.status in (204, 304) else {"content-length": str(body.size)}
        return StreamingResponse(self._chunks(body, 0, body.size), exchange.status, plain | length)

    async def _in_parts(self, exchange: Exchange) -> AsyncIterator[bytes]:
        body = exchange.response
        ends = [first for first, _ in exchange.parts[1:]] + [body.size]
        for (first, after), end in zip(exchange.parts, ends, strict=True):
            await self._progress.until_due(after)
            async for chunk in self._chunks(body, first, max(0, end - first)):
                yield chunk

    async def _chunks(self, body: Body, first: int, length: int) -> AsyncIterator[bytes]:
        for chunk in self._file.chunks(body, first, length):
            yield chunk
            await asyncio.sleep(0)

    def _report(self, method: str, path: str, status: int | None, remark: str) -> None:
        if self._on_request is not None:
            self._on_request(method, path, status, remark)


def identify(file: RecordingFile, exchange: Exchange, ignored: Collection[str]) -> Identity:
    """The identity of a recorded request."""
    path, body = unquote(exchange.path), exchange.request
    if body.digest is not None:
        return identity_of_digest(exchange.method, path, exchange.query, body.digest, ignored)
    if body.size > MOST_JSON:
        raise RecordingRefused(f"{file.path} has a request of {body.size} bytes of JSON")
    return identity_of_json(exchange.method, path, exchange.query, file.request_content(body), ignored)


def _header_value(text: str) -> str:
    """Text as it can be sent in a header."""
    return text.strip().encode("latin-1", "replace").decode("latin-1")


def _never_complete(send: Send) -> Send:
    """A `send` that leaves out the end of the body."""

    async def forward(message: dict[str, object]) -> None:
        if message["type"] == "http.response.body" and not message.get("more_body", False):
            message = {**message, "more_body": True}
        await send(message)

    return forward  # type: ignore[return-value]
