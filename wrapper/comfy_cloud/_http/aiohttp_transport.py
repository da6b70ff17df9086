"""The transport of the extra `fast`: httpx over aiohttp, with bodies in large pieces. I/O.

Imported only where httpx-aiohttp is installed.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import httpx
from aiohttp.abc import ResolveResult
from aiohttp.resolver import ThreadedResolver
from httpx_aiohttp import AiohttpTransport
from multidict import CIMultiDict, CIMultiDictProxy

from .._settings.storage_hosts import AddressPolicy
from .address_guard import allowed_addresses
from .forks import cut_off_after_fork
from .large_reads import READ_SIZE, use_large_pieces

# aiohttp writes bytes as a whole, and warns from a megabyte on that this blocks the event loop.
_LARGEST_WHOLE = 2**19


def transport(verify: ssl.SSLContext, limits: httpx.Limits) -> httpx.AsyncBaseTransport:
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

    result = _Transport(verify=verify, limits=limits, client=session)
    return result


class _Connector(aiohttp.TCPConnector):
    async def connect(self, *arguments: Any, **options: Any) -> Any:
        """A connection, new or from the pool."""
        connection = await super().connect(*arguments, **options)
        if connection.transport is not None:
            cut_off_after_fork(connection.transport, _socket_of)
        return connection


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


class _Transport(AiohttpTransport):
    _policy: AddressPolicy | None = None

    def guard_addresses(self, policy: AddressPolicy) -> None:
        """Hold the connections to a policy. For addresses that are not names the URL is checked."""
        self._policy = policy

    def resolver(self) -> ThreadedResolver | None:
        """What resolves names, unless aiohttp decides."""
        return None if self._policy is None else _GuardedResolver(self._policy)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request."""
        if not ({"content-length", "transfer-encoding"} & request.headers.keys()):
            # After a redirect httpx leaves an empty stream, which would be sent as a chunked body.
            await request.aread()
        response = await super().handle_async_request(_in_pieces(request))
        use_large_pieces(response)
        return response


class _Pieces(httpx.AsyncByteStream):
    def __init__(self, content: bytes) -> None:
        self._content = memoryview(content)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for start in range(0, len(self._content), _LARGEST_WHOLE):
            yield bytes(self._content[start : start + _LARGEST_WHOLE])


def _in_pieces(request: httpx.Request) -> httpx.Request:
    """The request itself, or one that sends its large body in pieces."""
    try:
        content = request.content
    except httpx.RequestNotRead:
        return request
    if len(content) <= _LARGEST_WHOLE:
        return request
    return httpx.Request(
        request.method,
        request.url,
        headers=request.headers,
        stream=_Pieces(content),
        extensions=request.extensions,
    )
