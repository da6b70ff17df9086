"""A server that floods its websocket with pings and never reads: nothing waits for it for long.

Left alone, `websockets` takes twenty seconds to close such a connection, or never ends.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from comfy_cloud._http.websocket import SocketAddress, open_async_socket, open_socket
from tests.attacks.slow_server import slow_server

# Seconds to receive for: by then the server's buffers are full of pongs, and ours as well.
FLOOD = 1.0
LONGEST = 8.0


@pytest.fixture
def address() -> Iterator[SocketAddress]:
    with slow_server("pings") as server:
        yield SocketAddress(server.url, "me", greeting="hello", timeout=5)


def test_a_sync_websocket_is_closed_in_time(address: SocketAddress) -> None:
    socket = open_socket(address, None)
    assert socket.receive(FLOOD) is None
    closing = threading.Thread(target=socket.close, daemon=True)
    closing.start()
    closing.join(LONGEST)
    assert not closing.is_alive()


async def test_an_async_websocket_is_closed_in_time(address: SocketAddress) -> None:
    socket = await open_async_socket(address, None)
    assert await socket.receive(FLOOD) is None
    began = time.monotonic()
    await socket.close()
    assert time.monotonic() - began < LONGEST
