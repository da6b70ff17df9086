"""Forwarding requests to the server that is recorded, and its responses to the program.

Responses are passed on while they arrive; only JSON is held until it is complete, since it may
contain addresses. A file that a program reads in parts is fetched as a whole, once.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from functools import partial
from typing import Final

import httpx
import orjson
from starlette.datastructures import Headers
from starlette.responses import Response, StreamingResponse
from starlette.types import Message, Receive, Scope, Send

from comfy_cloud._errors.redaction import is_secret_field
from comfy_cloud_emulator.http.json_reading import JsonRefused, read_json
from comfy_cloud_emulator.http.responses import error_response
from comfy_cloud_emulator.server.http_connection import Connection

from .addresses import FILES, Addresses
from .exchange_log import ExchangeLog, LiveExchange
from .matching import BodyDigest, is_json
from .part_responses import part_response
from .records import LARGEST_STATUS, METHOD
from .upstream import AddressRefused, Upstream

LARGEST_JSON: Final = 1 << 25
"""Bytes of a JSON body that is held until it is complete."""
# What is between the program and the recorder, or asks for less than the whole response.
_NOT_SENT: Final = frozenset(
    (
        *("host", "connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding"),
        *("upgrade", "expect", "accept-encoding", "range", "if-range", "if-none-match", "if-modified-since"),
        *("content-length", "origin", "referer", "forwarded", "x-forwarded-for", "x-forwarded-host"),
    )
)
NOT_RETURNED: Final = frozenset(
    ("connection", "keep-alive", "transfer-encoding", "content-encoding", "content-length", "trailer")
)
"""Headers that are about the connection to the server, or about how a body was sent on it."""


class Proxy:
    """The ASGI application for HTTP."""

    def __init__(self, upstream: Upstream, log: ExchangeLog, addresses: Addresses) -> None:
        self._upstream = upstream
        self._log = log
        self._addresses = addresses
        self._wholes: dict[tuple[str, ...], LiveExchange] = {}
        self._locks: dict[tuple[str, ...], asyncio.Lock] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Forward one request."""
        headers = pairs_of(scope)
        if any(name == "content-encoding" for name, _ in headers):
            await error_response(415, "the recorder takes no compressed requests")(scope, receive, send)
            return
        target = target_of(scope)
        if Headers(scope=scope).get("range") and scope["method"] == "GET":
            # What one key may read, a request without it may not.
            wanted = (target, *sorted(value for name, value in headers if is_secret_field(name)))
            async with self._locks.setdefault(wanted, asyncio.Lock()):
                exchange = self._wholes.get(wanted)
                if exchange is None:
                    exchange = await self._forward(scope, headers, receive, _to_nobody)
            if exchange is not None and exchange.status == 200 and exchange.failure == "none":
                self._wholes[wanted] = exchange
            await self._send_part(exchange, scope, receive, send)
            return
        await self._forward(scope, headers, receive, send)

    async def _forward(
        self, scope: Scope, headers: list[tuple[str, str]], receive: Receive, send: Send
    ) -> LiveExchange | None:
        """Forward a request; None if it was refused here."""
        path = scope["raw_path"].decode("latin-1")
        query = scope["query_string"].decode("latin-1")
        exchange = self._log.request(scope["method"], path, query, headers)
        signed_url = self._addresses.signed_url(path)
        if path.startswith(FILES) and signed_url is None:
            self._log.forget(exchange)
            await error_response(404, "the recorder never gave out this address")(scope, receive, send)
            return None
        connection: Connection = scope["state"]["connection"]
        try:
            if signed_url is not None:
                response = await self._upstream.fetch(signed_url)
            else:
                content = await self._request_body(exchange, receive)
                if content is None:
                    self._log.forget(exchange)
                    message = f"the recorder takes JSON of at most {LARGEST_JSON} bytes"
                    await error_response(413, message)(scope, receive, send)
                    return None
                response = await self._send_on(exchange, scope, headers, content)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.InvalidURL, httpx.TooManyRedirects) as error:
            await self._unreachable(exchange, error, scope, receive, send)
            return exchange
        except (httpx.HTTPError, ClientLeft):
            exchange.failure = "broken"
            if send is not _to_nobody:
                connection.reset()
            return exchange
        try:
            await self._return(exchange, response, receive, send)
        except httpx.HTTPError:
            exchange.failure = "cut"
            if send is not _to_nobody:
                connection.close()
        finally:
            await response.aclose()
        return exchange

    async def _send_on(
        self,
        exchange: LiveExchange,
        scope: Scope,
        headers: list[tuple[str, str]],
        content: bytes | AsyncIterator[bytes],
    ) -> httpx.Response:
        passed_on = [(name, value) for name, value in headers if name not in _NOT_SENT]
        passed_on.append(("accept-encoding", "identity"))
        length = dict(headers).get("content-length")
        if not isinstance(content, bytes) and length is not None:
            passed_on.append(("content-length", length))
        return await self._upstream.send(exchange.method, target_of(scope), passed_on, content or None)

    async def _request_body(
        self, exchange: LiveExchange, receive: Receive
    ) -> bytes | AsyncIterator[bytes] | None:
        """The body to send: JSON as a whole, anything else while it arrives. None: too large."""
        first = await receive()
        content: bytes = first.get("body", b"")
        if not content and not first.get("more_body", False):
            return b""
        if not is_json(exchange.request_type, content):
            return _digested(exchange, first, receive)
        message = first
        while message.get("more_body", False):
            message = await receive()
            if message["type"] != "http.request":
                raise ClientLeft
            content += message.get("body", b"")
            if len(content) > LARGEST_JSON:
                return None
        exchange.request = content
        self._log.learn_from_body(content)
        return self._upstream.with_key_in_body(content)

    async def _return(
        self, exchange: LiveExchange, response: httpx.Response, receive: Receive, send: Send
    ) -> None:
        """Pass a response on."""
        if response.status_code > LARGEST_STATUS:
            raise httpx.RemoteProtocolError(f"{response.status_code} is no status of HTTP")
        headers = [(name.lower(), value) for name, value in response.headers.multi_items()]
        self._log.secrets.add_from_headers(headers)
        media_type = response.headers.get("content-type", "")
        exchange.headers = headers = self._returned(exchange, headers)
        has_length = "content-encoding" not in response.headers and "content-length" in response.headers
        length = response.headers["content-length"] if has_length else None
        exchange.status = response.status_code
        if "json" in media_type and int(length or 0) <= LARGEST_JSON:
            await self._return_json(exchange, response, length, send)
            return
        await send(_start(response.status_code, headers, length))
        is_stream = media_type.startswith("text/event-stream")
        left = asyncio.create_task(_client_left(receive)) if is_stream else None
        try:
            async for chunk in _until(left, response.aiter_bytes()):
                self._note(exchange, chunk, in_parts=is_stream)
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
        finally:
            if left is not None:
                left.cancel()
                await asyncio.gather(left, return_exceptions=True)
        exchange.is_over = True
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _return_json(
        self, exchange: LiveExchange, response: httpx.Response, length: str | None, send: Send
    ) -> None:
        content = bytearray()
        chunks = response.aiter_bytes()
        async for chunk in chunks:
            content += chunk
            if len(content) > LARGEST_JSON:
                break
        whole, rest = bytes(content), len(content) > LARGEST_JSON
        if not rest:
            self._log.learn_from_body(whole)
            whole = self._with_own_addresses(whole)
        self._note(exchange, whole)
        if exchange.method != "HEAD":
            length = None if rest else str(len(whole))
        await send(_start(response.status_code, exchange.headers, length))
        await send({"type": "http.response.body", "body": whole, "more_body": rest})
        if rest:
            async for chunk in chunks:
                self._note(exchange, chunk)
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        exchange.is_over = True

    def _with_own_addresses(self, content: bytes) -> bytes:
        if b"http" not in content:
            return content
        try:
            value = read_json(content)
        except JsonRefused:
            return content
        return orjson.dumps(value) if self._addresses.in_json(value) else content

    def _note(self, exchange: LiveExchange, chunk: bytes, *, in_parts: bool = False) -> None:
        changes = self._log.changes
        if in_parts and (not exchange.parts or exchange.parts[-1][1] != changes):
            # What comes before the first change needs none but those before the request.
            exchange.parts.append((exchange.response.size, changes if exchange.parts else exchange.after))
        exchange.response.write(chunk)

    def _returned(self, exchange: LiveExchange, headers: list[tuple[str, str]]) -> list[tuple[str, str]]:
        found = [(name, value) for name, value in headers if name not in NOT_RETURNED]
        for index, (name, value) in enumerate(found):
            if name == "location":
                self._log.secrets.add_from_url(value)
                found[index] = (name, self._addresses.location(exchange.path, value))
        return found

    async def _unreachable(
        self, exchange: LiveExchange, error: Exception, scope: Scope, receive: Receive, send: Send
    ) -> None:
        """Say why there is no response; the program, and the file, get it as one."""
        if isinstance(error, AddressRefused):
            reason = f"the server leads to {error}"
        elif isinstance(error, httpx.ConnectError | httpx.ConnectTimeout):
            reason = f"the server that is recorded cannot be reached: {error or type(error).__name__}"
        else:
            reason = "the server leads to an address that cannot be followed"
        reply = error_response(502, self._log.secrets.text(reason), path=scope["path"])
        exchange.status, exchange.is_over = 502, True
        exchange.headers = [("content-type", "application/json")]
        exchange.response.write(bytes(reply.body))
        await reply(scope, receive, send)

    async def _send_part(
        self, exchange: LiveExchange | None, scope: Scope, receive: Receive, send: Send
    ) -> None:
        """Send the range that was asked for, from the whole response."""
        if exchange is None:
            await error_response(404, "the recorder never gave out this address")(scope, receive, send)
            return
        if exchange.failure != "none":
            connection: Connection = scope["state"]["connection"]
            connection.reset()
            return
        headers, body = exchange.headers, exchange.response
        if exchange.status != 200:
            reply: Response = StreamingResponse(
                _chunks(exchange, 0, body.size), exchange.status, dict(headers)
            )
            await reply(scope, receive, send)
            return
        reply = part_response(headers, body.size, scope, partial(_chunks, exchange))
        await reply(scope, receive, send)


class ClientLeft(Exception):
    """The program closed its connection before its request was complete."""


def why_not_recorded(scope: Scope) -> str | None:
    """Why a request is neither passed on nor noted, or None: the file could not be read later."""
    if not scope["raw_path"].startswith(b"/"):
        return "the recorder takes requests whose target is a path that begins with a slash"
    if scope["type"] == "http" and METHOD.fullmatch(scope["method"]) is None:
        return "the recorder takes methods of at most 20 capital letters"
    return None


def pairs_of(scope: Scope) -> list[tuple[str, str]]:
    """The headers of a request as text, their names in lower case."""
    return [(name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in scope["headers"]]


def target_of(scope: Scope) -> str:
    """Path and query as they were sent."""
    query = scope["query_string"].decode("latin-1")
    path: str = scope["raw_path"].decode("latin-1")
    return f"{path}?{query}" if query else path


def _start(status: int, headers: list[tuple[str, str]], length: str | None) -> Message:
    pairs = [*headers, ("content-length", length)] if length is not None else headers
    raw = [(name.encode("latin-1"), value.encode("latin-1", "replace")) for name, value in pairs]
    return {"type": "http.response.start", "status": status, "headers": raw}


async def _to_nobody(message: Message) -> None:
    """Used where the response is only noted."""


async def _digested(exchange: LiveExchange, message: Message, receive: Receive) -> AsyncIterator[bytes]:
    """The chunks of an upload; only their digest is kept."""
    digest = BodyDigest(exchange.request_type)
    while True:
        if message["type"] != "http.request":
            raise ClientLeft
        chunk: bytes = message.get("body", b"")
        digest.write(chunk)
        if chunk:
            yield chunk
        if not message.get("more_body", False):
            break
        message = await receive()
    exchange.digest, exchange.request_size = digest.result(), digest.size


async def _client_left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _until(left: asyncio.Task[None] | None, chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The chunks, until the program has left."""
    if left is None:
        async for chunk in chunks:
            yield chunk
        return
    while True:
        coming = asyncio.ensure_future(anext(chunks, None))
        await asyncio.wait({coming, left}, return_when=asyncio.FIRST_COMPLETED)
        if not coming.done():
            coming.cancel()
            await asyncio.gather(coming, return_exceptions=True)
            return
        if (found := coming.result()) is None:
            return
        yield found


async def _chunks(exchange: LiveExchange, first: int, length: int) -> AsyncIterator[bytes]:
    for chunk in exchange.response.chunks(first, length):
        yield chunk
