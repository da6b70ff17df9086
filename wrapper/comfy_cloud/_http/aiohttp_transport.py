"""The transport of the extra `fast`: httpx over aiohttp, without cookies, and with bodies in large pieces.

Imported only where httpx-aiohttp is installed. It decides nothing about requests.
"""

from __future__ import annotations

import ssl

import aiohttp
import httpx
from httpx_aiohttp import AiohttpTransport

from .wide_reads import READ, widen_response


def transport(verify: ssl.SSLContext, limits: httpx.Limits) -> httpx.AsyncBaseTransport:
    """A transport for one client. aiohttp would keep cookies by itself, beside httpx; it is told not to."""

    def session() -> aiohttp.ClientSession:
        connector = aiohttp.TCPConnector(
            ssl=verify, limit=limits.max_connections or 0, keepalive_timeout=limits.keepalive_expiry or 15.0
        )
        return aiohttp.ClientSession(
            connector=connector, cookie_jar=aiohttp.DummyCookieJar(), read_bufsize=2 * READ
        )

    return _Transport(verify=verify, limits=limits, client=session)


class _Transport(AiohttpTransport):
    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request."""
        if not ({"content-length", "transfer-encoding"} & request.headers.keys()):
            # After a redirect httpx leaves an empty stream, which would go out as a body in chunks.
            await request.aread()
        response = await super().handle_async_request(request)
        widen_response(response)
        return response
