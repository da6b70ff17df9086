"""The recorder sends the key to the recorded server only, whatever anybody says."""

from __future__ import annotations

import socket
from pathlib import Path

import httpx
import pytest
from starlette.responses import RedirectResponse, Response
from starlette.types import Receive, Scope, Send
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect as open_socket

from comfy_cloud_emulator import Recorder, Replay

from .conftest import KEY, serving

UPGRADE = (
    "Connection: Upgrade\r\nUpgrade: websocket\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
)


class Noting:
    """A server that notes who comes, and leads everybody elsewhere."""

    def __init__(self) -> None:
        self.reached: list[str] = []
        self.elsewhere = ""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.reached.append(scope["path"])
        await receive()
        reply = RedirectResponse(f"{self.elsewhere}/stolen") if self.elsewhere else Response("here")
        await reply(scope, receive, send)


def status_of(recorder: Recorder, method: str, target: str, *, upgrade: bool) -> str:
    port = int(recorder.url.rpartition(":")[2])
    head = f"{method} {target} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nX-API-Key: {recorder.key}\r\n"
    with socket.create_connection(("127.0.0.1", port), timeout=10) as wire:
        wire.sendall(f"{head}{UPGRADE if upgrade else ''}\r\n".encode())
        return wire.recv(1000).decode("latin-1").split(" ")[1]


@pytest.mark.parametrize("target", ["@{other}/ws", "\\@{other}/ws", "http://{other}/ws", ".{other}/ws", "*"])
@pytest.mark.parametrize("upgrade", [False, True])
def test_a_target_that_is_no_path_goes_nowhere(target: str, upgrade: bool, path: Path) -> None:
    here, other = Noting(), Noting()
    with serving(here) as url, serving(other) as elsewhere:
        with Recorder(path, base_url=url, api_key=KEY) as recorder:
            wanted = target.format(other=elsewhere.partition("://")[2])
            assert status_of(recorder, "GET", wanted, upgrade=upgrade) == "400"
    assert not here.reached + other.reached


@pytest.mark.parametrize("method", ["get", "M-SEARCH", "CONNECT"])
def test_what_could_not_be_read_again_is_not_recorded(method: str, path: Path) -> None:
    here = Noting()
    with serving(here) as url, Recorder(path, base_url=url, api_key=KEY) as recorder:
        target = "127.0.0.1:80" if method == "CONNECT" else "/"
        assert status_of(recorder, method, target, upgrade=False) == "400"
    assert not here.reached
    Replay(path).stop()


def test_a_websocket_follows_no_redirect(path: Path) -> None:
    here, other = Noting(), Noting()
    with serving(here) as url, serving(other) as elsewhere:
        here.elsewhere = elsewhere.replace("http", "ws")
        with Recorder(path, base_url=url, api_key=KEY) as recorder:
            with pytest.raises(InvalidStatus, match="307"):
                with open_socket(
                    f"{recorder.url.replace('http', 'ws')}/ws",
                    additional_headers={"X-API-Key": recorder.key or ""},
                ):
                    pass
            with pytest.raises(InvalidStatus, match="307"):
                with open_socket(f"{recorder.url.replace('http', 'ws')}/ws?token={recorder.key}"):
                    pass
    assert here.reached == ["/ws", "/ws"]
    assert not other.reached


def test_a_part_of_a_file_needs_the_key_as_well(path: Path) -> None:
    async def private(scope: Scope, receive: Receive, send: Send) -> None:
        is_known = (b"x-api-key", KEY.encode()) in scope["headers"]
        await Response("0123456789", 200 if is_known else 401)(scope, receive, send)

    with serving(private) as url, Recorder(path, base_url=url, api_key=KEY) as recorder:
        part = {"range": "bytes=2-4"}
        with httpx.Client(base_url=recorder.url, trust_env=False, headers=part) as client:
            assert client.get("/a", headers={"x-api-key": recorder.key or ""}).text == "234"
            assert client.get("/a", headers={"x-api-key": recorder.key or ""}).status_code == 206
            assert client.get("/a").status_code == 401
