"""The transport of the extra `fast`: httpx over aiohttp, with bodies in large pieces. I/O.

Imported only where httpx-aiohttp is installed.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator
from functools import lru_cache
from typing import Any

import aiohttp
import httpx
from aiohttp.abc import ResolveResult
from aiohttp.resolver import ThreadedResolver
from httpx_aiohttp import AiohttpTransport
from httpx_aiohttp.transport import AiohttpResponseStream, map_aiohttp_exceptions
from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL

from .._settings.storage_hosts import AddressPolicy
from .address_guard import allowed_addresses
from .forks import cut_off_after_fork
from .http_requests import Request
from .large_reads import READ_SIZE

# aiohttp writes bytes as a whole, and warns from a megabyte on that this blocks the event loop.
_LARGEST_WHOLE = 2**19
_NO_TYPE = ("Content-Type",)
RECEIVED = "comfy_cloud.received"
"""The extension of a request that has its response, received by aiohttp."""


def transport(verify: ssl.SSLContext, limits: httpx.Limits) -> Transport:
    """A transport for one client. aiohttp's own cookie jar is switched off; httpx has one."""

    def session() -> aiohttp.ClientSession:
        connector = _Connector(
            ssl=verify,
            resolver=result.resolver(),
            limit=limits.max_connections or 0,
            keepalive_timeout=limits.keepalive_expiry or 15.0,
        )
        return aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            read_bufsize=2 * READ_SIZE,
            request_class=_Request,
        )

    result = Transport(verify=verify, limits=limits, client=session)
    return result


class _Connector(aiohttp.TCPConnector):
    async def connect(self, *arguments: Any, **options: Any) -> Any:
        """A connection, new or from the pool."""
        connection = await super().connect(*arguments, **options)
        while _has_more_than_a_response(connection.protocol):
            connection.close()
            connection = await super().connect(*arguments, **options)
        if connection.transport is not None:
            cut_off_after_fork(connection.transport, _socket_of)
        return connection


def _has_more_than_a_response(protocol: Any) -> bool:
    """Whether the server has sent something on a connection since its last response was complete.

    aiohttp would take that for the response to the next request.
    """
    return protocol is not None and protocol.should_close and getattr(protocol, "_parser", None) is not None


def _socket_of(transport: asyncio.BaseTransport) -> Any:
    return transport.get_extra_info("socket")


class _Request(aiohttp.ClientRequest):
    @property
    def request_info(self) -> aiohttp.RequestInfo:
        """What aiohttp's exceptions, and asyncio's log of them, show of a request: no headers."""
        info = super().request_info
        none: CIMultiDictProxy[str] = CIMultiDictProxy(CIMultiDict())
        return aiohttp.RequestInfo(info.url, info.method, none, info.real_url)


class _GuardedResolver(ThreadedResolver):
    """Resolves names to those of their addresses that a policy allows."""

    def __init__(self, policy: AddressPolicy) -> None:
        super().__init__()
        self._policy = policy

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        try:
            found = await super().resolve(host, port, family)
        except UnicodeError:
            raise socket.gaierror(socket.EAI_NONAME, "not a name of a host") from None
        allowed = allowed_addresses(self._policy, host, [entry["host"] for entry in found])
        return [entry for entry in found if entry["host"] in allowed]


class Transport(AiohttpTransport):
    _policy: AddressPolicy | None = None

    def guard_addresses(self, policy: AddressPolicy) -> None:
        """Hold the connections to a policy. For addresses that are not names the URL is checked."""
        self._policy = policy

    def resolver(self) -> ThreadedResolver | None:
        """What resolves names, unless aiohttp decides."""
        return None if self._policy is None else _GuardedResolver(self._policy)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request, unless its response was received already."""
        response = request.extensions.pop(RECEIVED, None)  # else the request would keep it
        if response is None:
            with map_aiohttp_exceptions():
                response = await self.exchange(request)
        return httpx.Response(
            response.status,
            headers=response.raw_headers,
            stream=_Body(response),
            request=request,
            extensions=extensions_of(response),
        )

    async def exchange(self, request: httpx.Request) -> aiohttp.ClientResponse:
        """Send a request, and receive the head of its response, without copying headers twice.

        Raises the errors of aiohttp.
        """
        if not isinstance(self.client, aiohttp.ClientSession):
            self.client = self.get_client()
        headers = _headers_of(request)
        data = await _body_of(request, headers)
        timeouts = request.extensions.get("timeout", {})
        return await self.client.request(
            request.method,
            URL(str(request.url), encoded=True),  # else yarl would write escapes in its own way
            headers=headers,
            data=data,
            allow_redirects=False,
            auto_decompress=False,
            compress=False,
            # To a request without a body aiohttp would add a type, though not to GET.
            skip_auto_headers=_NO_TYPE if data is None and request.method != "GET" else None,
            timeout=_timeout(timeouts.get("connect"), timeouts.get("read"), timeouts.get("pool")),
            server_hostname=request.extensions.get("sni_hostname"),
        )


def extensions_of(response: aiohttp.ClientResponse) -> dict[str, Any]:
    """What httpx wants to know of a response beside its headers."""
    if not response.reason:
        return {"http_version": b"HTTP/1.1"}
    reason = response.reason.encode(errors="surrogateescape")  # the bytes as they were received
    return {"http_version": b"HTTP/1.1", "reason_phrase": reason}


def _headers_of(request: httpx.Request) -> CIMultiDict[str]:
    raw = (request.unread_headers if isinstance(request, Request) else None) or request.headers.raw
    try:
        return CIMultiDict([(name.decode("ascii"), value.decode("ascii")) for name, value in raw])
    except UnicodeDecodeError:
        encoding = request.headers.encoding
        return CIMultiDict([(name.decode(encoding), value.decode(encoding)) for name, value in raw])


@lru_cache(64)
def _timeout(connect: float | None, read: float | None, pool: float | None) -> aiohttp.ClientTimeout:
    return aiohttp.ClientTimeout(sock_connect=connect, sock_read=read, connect=pool)


class _Body(AiohttpResponseStream):
    CHUNK_SIZE = READ_SIZE

    async def read_whole(self) -> bytes:
        """All of a short body, without a generator for each layer."""
        with map_aiohttp_exceptions():
            content: bytes = await self._aiohttp_response.read()
            return content


class _Pieces(httpx.AsyncByteStream):
    def __init__(self, content: bytes) -> None:
        self._content = memoryview(content)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for start in range(0, len(self._content), _LARGEST_WHOLE):
            yield bytes(self._content[start : start + _LARGEST_WHOLE])


async def _body_of(request: httpx.Request, headers: CIMultiDict[str]) -> Any:
    """What aiohttp sends as the body: bytes, a stream, or None."""
    try:
        content = request.content
    except httpx.RequestNotRead:
        if "content-length" in headers or "transfer-encoding" in headers:
            headers.pop("transfer-encoding", None)  # aiohttp adds it
            return request.stream
        # After a redirect httpx leaves an empty stream, which would be sent as a chunked body.
        content = await request.aread()
    if len(content) <= _LARGEST_WHOLE:
        return content or None
    return _Pieces(content)
