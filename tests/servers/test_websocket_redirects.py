"""A websocket follows no redirect: only the settings say which server is connected to."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from starlette.responses import RedirectResponse
from starlette.types import Receive, Scope, Send

from comfy_cloud._http.websocket import SocketAddress, SocketFailed, open_async_socket, open_socket
from comfy_cloud._settings.fields import Secret
from comfy_cloud_emulator.server.server_thread import ServerThread


class Leading:
    """A server that leads to itself under the name of another path, and notes who comes."""

    def __init__(self) -> None:
        self.reached: list[str] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.reached.append(scope["path"])
        await receive()
        await RedirectResponse("/elsewhere", 302)(scope, receive, send)


@pytest.fixture
def leading() -> Iterator[tuple[Leading, SocketAddress]]:
    server = Leading()
    thread = ServerThread(server, 0)
    thread.start()
    yield server, SocketAddress(f"http://127.0.0.1:{thread.port}", "me", Secret("a-key-of-nobody"))
    thread.stop()


def test_a_sync_websocket(leading: tuple[Leading, SocketAddress]) -> None:
    server, address = leading
    with pytest.raises(SocketFailed, match="refused the upgrade with 302") as failed:
        open_socket(address, None)
    assert failed.value.is_final
    assert server.reached == ["/ws"]


async def test_an_async_websocket(leading: tuple[Leading, SocketAddress]) -> None:
    server, address = leading
    with pytest.raises(SocketFailed, match="refused the upgrade with 302") as failed:
        await open_async_socket(address, None)
    assert failed.value.is_final
    assert server.reached == ["/ws"]
