"""Large reads with the installed httpx and httpx-aiohttp, over a server that this module starts."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from comfy_cloud._http import runtime as _runtime
from comfy_cloud._http.wide_reads import widen
from tests.raw_server import http_response, raw_server

LOCAL = "http://127.0.0.1:8188"
KIB = 1024


class Stream:
    """A connection that records the requested sizes."""

    def __init__(self) -> None:
        self.sizes: list[int] = []

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        self.sizes.append(max_bytes)
        return b""

    def close(self) -> str:
        return "closed"


class Backend:
    def __init__(self) -> None:
        self.stream = Stream()

    def connect_tcp(self, host: str, port: int, timeout: float | None = None) -> Stream:
        return self.stream


class AsyncBackend(Backend):
    async def connect_tcp(self, host: str, port: int, timeout: float | None = None) -> Stream:  # type: ignore[override]
        return self.stream


def backend_of(client: Any) -> Any:
    return client._transport._pool._network_backend


def test_every_sync_client_uses_large_reads() -> None:
    clients = [_runtime.new_http_client(LOCAL, 5), _runtime.new_storage_client(LOCAL, 5, 5.0)]
    for client in clients:
        backend = backend_of(client)
        backend._inner = Backend()
        stream = backend.connect_tcp("host", 80, timeout=1)
        stream.read(10)
        stream.read(512 * KIB, timeout=1)
        assert stream._inner.sizes == [256 * KIB, 512 * KIB]
        assert stream.close() == "closed"
        client.close()


async def test_every_async_client_uses_large_reads(transport: str | None) -> None:
    with raw_server() as server:
        server.script("/", http_response(200, b"x"))
        for client in (
            _runtime.new_async_http_client(server.url, 5),
            _runtime.new_async_storage_client(server.url, 5, 5.0),
        ):
            async with client, client.stream("GET", server.url) as response:
                if transport == "aiohttp":
                    stream: Any = response.stream
                    assert stream._stream.CHUNK_SIZE == 256 * KIB
                    continue
                backend = backend_of(client)
                backend._inner = AsyncBackend()
                wide = await backend.connect_tcp("host", 80)
                wide.read(10)
                assert wide._inner.sizes == [256 * KIB]


@pytest.mark.parametrize("kind", [httpx.Client, httpx.AsyncClient])
def test_an_unknown_client_is_left_unchanged(kind: Any) -> None:
    client = kind(transport=httpx.MockTransport(lambda request: httpx.Response(200)))
    widen(client)
    widen(object())  # type: ignore[arg-type]
