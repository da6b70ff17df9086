"""Reading in large pieces, with the releases of httpx and httpx-aiohttp that are installed."""

from __future__ import annotations

import asyncio
import socket
from typing import Any

import httpx
import pytest

from comfy_cloud._http import clients as http_clients
from comfy_cloud._http.large_reads import _AsyncLargeReadBackend, use_large_reads
from tests.raw_server import http_response, raw_server

LOCAL = "http://127.0.0.1:8188"
READ = 256 * 1024


class Stream:
    """A connection that notes what it is asked for."""

    def __init__(self) -> None:
        self.asked: list[int] = []
        self.looked_up: list[str] = []
        self.socket: socket.socket | None = None

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        self.asked.append(max_bytes)
        return b""

    def get_extra_info(self, info: str) -> Any:
        self.looked_up.append(info)
        return self.socket if info == "socket" else None

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


def test_every_client_reads_in_large_pieces() -> None:
    clients = [http_clients.new_http_client(LOCAL, 5), http_clients.new_storage_client(LOCAL, 5, 5.0)]
    for client in clients:
        backend = backend_of(client)
        backend._inner = Backend()
        stream = backend.connect_tcp("host", 80, timeout=1)
        stream.read(10)
        stream.read(2 * READ, timeout=1)
        assert stream._inner.asked == [READ, 2 * READ]
        assert stream.close() == "closed"
        client.close()


async def test_every_asynchronous_client_reads_in_large_pieces(transport: str | None) -> None:
    with raw_server() as server:
        server.script("/", http_response(200, b"x"))
        for client in (
            http_clients.new_async_http_client(server.url, 5),
            http_clients.new_async_storage_client(server.url, 5, 5.0),
        ):
            async with client, client.stream("GET", server.url) as response:
                if transport == "aiohttp":
                    stream: Any = response.stream
                    assert stream._stream.CHUNK_SIZE == READ
                    continue
                backend = backend_of(client)
                backend._inner = AsyncBackend()
                wide = await backend.connect_tcp("host", 80)
                wide.read(10)
                assert wide._inner.asked == [READ]


def test_whether_the_server_has_closed_a_connection_is_asked_of_its_socket_alone() -> None:
    asyncio.run(_ask_a_connection_of_httpcore())


async def _ask_a_connection_of_httpcore() -> None:
    inner = AsyncBackend()
    here, there = socket.socketpair()
    with here, there:
        inner.stream.socket = here
        stream = await _AsyncLargeReadBackend(inner).connect_tcp("host", 80)
        inner.stream.looked_up.clear()
        assert stream.get_extra_info("is_readable") is False
        there.close()
        assert stream.get_extra_info("is_readable") is True
        assert inner.stream.looked_up == []
        assert stream.get_extra_info("server_addr") is None
        assert inner.stream.looked_up == ["server_addr"]
    assert stream.get_extra_info("is_readable") is True


@pytest.mark.parametrize("kind", [httpx.Client, httpx.AsyncClient])
def test_a_client_that_is_built_otherwise_stays_as_it_is(kind: Any) -> None:
    client = kind(transport=httpx.MockTransport(lambda request: httpx.Response(200)))
    use_large_reads(client)
    use_large_reads(object())  # type: ignore[arg-type]
