"""The client of the extra `fast`: short responses without the layers of httpx in between. I/O.

httpx takes as long as aiohttp to hand a response on: through flows of authentication and
redirects, streams and hooks, which the clients of an API do not use. Here a short response is read
as a whole, and becomes an `httpx.Response` with the same content. Whatever else it is (an error, a
redirect, long, encoded, with cookies) is handed to httpx as it was received.

Sets private attributes of httpx, as httpx does. Imported only where httpx-aiohttp is installed.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from datetime import timedelta
from types import FunctionType
from typing import Any

import aiohttp
import httpx
from httpx_aiohttp.transport import map_aiohttp_exceptions

from .aiohttp_transport import RECEIVED, Transport, extensions_of

# Of the bytes of a body. One piece of the network usually has it all.
_LONGEST = 64 * 1024
_log = logging.getLogger("httpx")


class ShortResponseClient(httpx.AsyncClient):
    """An httpx client over aiohttp, without authentication and hooks of httpx."""

    def __init__(self, transport: Transport, **arguments: Any) -> None:
        super().__init__(transport=transport, **arguments)
        self._direct = transport

    async def send_short(self, request: httpx.Request, **options: Any) -> httpx.Response:
        """The same as `send` with `stream`, but a short response has been read already."""
        if (
            not isinstance(request.stream, httpx.ByteStream)  # the body is read while it is sent
            or self.is_closed
            or _log.isEnabledFor(logging.INFO)  # httpx logs its requests
            or not _is_of_httpx(httpx.AsyncClient.send)  # tools that trace programs replace it
        ):
            return await self.send(request, **options)
        begun = time.perf_counter()
        try:
            received = await self._direct.exchange(request)
            headers = received.raw_headers
            encoding = _encoding_if_short(headers) if 200 <= received.status < 300 else None
            content = None if encoding is None else await _read(received)
        except aiohttp.ClientError:
            try:
                with map_aiohttp_exceptions():
                    raise
            except httpx.RequestError as mapped:
                mapped.request = request
                raise
        taken = timedelta(seconds=time.perf_counter() - begun)
        if content is None:
            request.extensions = {**request.extensions, RECEIVED: received}
            response = await self.send(request, **options)
            stream: Any = response.stream
            stream._start = begun  # from which the time of `response.elapsed` counts
            return response
        response = httpx.Response(
            received.status,
            headers=httpx.Headers(headers, encoding),
            stream=httpx.ByteStream(content),
            request=request,
            extensions=extensions_of(received),
        )
        response._content = content
        response._num_bytes_downloaded = len(content)
        response.is_closed = response.is_stream_consumed = True
        response.elapsed = taken
        return response


def _is_of_httpx(send: object) -> bool:
    return type(send) is FunctionType and send.__globals__["__name__"] == "httpx._client"


async def _read(received: aiohttp.ClientResponse) -> bytes:
    try:
        return await received.read()
    except BaseException:
        received.close()  # also when it is cancelled after the last byte
        raise


def _encoding_if_short(headers: Sequence[tuple[bytes, bytes]]) -> str | None:
    """The encoding of the headers if the response is short and plain, else None."""
    length = 0
    for name, value in headers:
        match name.lower():
            case b"content-length" if not length and value.isdigit() and len(value) < 19:
                length = int(value)
            case b"content-length" | b"content-encoding" | b"transfer-encoding" | b"set-cookie":
                return None
        if not value.isascii():
            return None
    return "ascii" if 0 < length <= _LONGEST else None
