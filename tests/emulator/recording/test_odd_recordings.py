"""A recording that anybody may have made is played as far as HTTP and websockets allow."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import httpx
import pytest
from starlette.types import Receive, Scope, Send
from websockets.exceptions import ConnectionClosedError
from websockets.sync.client import connect as open_socket

from comfy_cloud_emulator import Recorder, Replay

from .conftest import KEY, serving

GOOD = {"after": 0, "method": "GET", "path": "/a", "status": 200, "response": {"text": "hello"}}


def write(path: Path, *lines: object) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("recording.json", json.dumps({"format": "comfy-cloud recording", "version": 1}))
        archive.writestr("records.jsonl", "\n".join(map(json.dumps, lines)))
    return path


@pytest.mark.parametrize(
    "header",
    [
        ["content-length", "99"],
        ["content-length", "1"],
        ["transfer-encoding", "gzip"],
        ["content-encoding", "gzip"],
        ["connection", "upgrade"],
        ["x-odd", "\u2028"],
        ["x-odd", " a "],
    ],
)
@pytest.mark.parametrize("response", [{"text": "hello"}, {"text": "hello", "addresses": True}])
def test_headers_cannot_break_a_response(header: list[str], response: object, path: Path) -> None:
    line = {**GOOD, "headers": [header], "response": response}
    with Replay(write(path, line)) as replay:
        assert httpx.get(f"{replay.url}/a", trust_env=False).text == "hello"


@pytest.mark.parametrize("code", [1004, 1005, 1006, 1015, 1016, 2999, None])
def test_a_code_that_no_frame_has(code: int | None, path: Path) -> None:
    lines = (
        {"after": 0, "socket": 1, "path": "/ws"},
        {"after": 0, "socket": 1, "by": "server", "closed": code},
    )
    with Replay(write(path, *lines)) as replay:
        with open_socket(f"{replay.url.replace('http', 'ws')}/ws") as socket:
            with pytest.raises(ConnectionClosedError) as closed:
                socket.recv(timeout=10)
    assert closed.value.rcvd is None


def test_names_do_not_control_a_terminal(path: Path) -> None:
    with Replay(write(path, {**GOOD, "path": "/\x1b]0;a\x07"})) as replay:
        httpx.get(f"{replay.url}/%1b]0;b", trust_env=False)
        httpx.post(f"{replay.url}/%1b]0;b", json={"a": "\x9b1m"}, trust_env=False)
        with pytest.raises(AssertionError) as failed:
            replay.check()
    assert str(failed.value).isprintable()
    assert "GET /%1B]0;a%07" in str(failed.value)


def test_a_status_that_is_none_is_not_recorded(path: Path) -> None:
    async def odd(scope: Scope, receive: Receive, send: Send) -> None:
        transport = scope["state"]["connection"]._transport
        transport.write(b"HTTP/1.1 999 Odd\r\nContent-Length: 0\r\n\r\n")
        transport.close()

    with serving(odd) as url, Recorder(path, base_url=url, api_key=KEY) as recorder:
        with pytest.raises(httpx.RemoteProtocolError):
            httpx.get(recorder.url, trust_env=False)
    Replay(path).stop()
