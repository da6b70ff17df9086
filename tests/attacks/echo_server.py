"""A server whose responses name their request: `python -m tests.attacks.echo_server [tls]`.

It prints its ports. Connections are kept alive. `/log` lists the senders seen on each connection.
With `websocket` it is a websocket server that sends back each message.
"""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit
from urllib.request import urlopen

from tests.certificates import server_context
from tests.socket_server import SocketServer, read_request

PIECE = 64 * 1024
TOGETHER = 3


def stored(name: str) -> bytes:
    """The content of a stored file: long enough for many reads, and unlike that of other files."""
    return (name.encode() + b"\n") * 20_000


@dataclass
class EchoServer:
    """The server in its own process. `url` is where clients reach it."""

    url: str
    log_url: str

    def senders(self) -> list[set[str]]:
        """The senders of the requests on each connection. More than one shared it."""
        with urlopen(self.log_url, timeout=30) as response:
            return [set(senders) for senders in json.load(response)]


@contextmanager
def echo_server(*modes: str) -> Iterator[EchoServer]:
    """Run the server, with "tls", "websocket", or both."""
    arguments = [sys.executable, "-m", "tests.attacks.echo_server", *modes]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        port, log_port = map(int, process.stdout.readline().split())
        scheme = "https" if "tls" in modes else "http"
        try:
            yield EchoServer(f"{scheme}://127.0.0.1:{port}", f"http://127.0.0.1:{log_port}/log")
        finally:
            process.kill()


class _Connections:
    def __init__(self) -> None:
        self.senders: list[set[str]] = []
        self.all_here = threading.Barrier(TOGETHER)

    def serve(self, connection: socket.socket) -> None:
        mine: set[str] = set()
        self.senders.append(mine)
        with connection, connection.makefile("rb") as lines:
            while True:
                request = read_request(lines)
                self.respond(connection, mine, request.target, request.headers)

    def respond(
        self, connection: socket.socket, mine: set[str], target: str, headers: dict[str, str]
    ) -> None:
        parts = urlsplit(target)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if parts.path == "/log":
            body = json.dumps([sorted(senders) for senders in self.senders if senders]).encode()
            return _send(connection, "200 OK", body)
        if parts.path == "/api/view":
            name = query["filename"]
            mine.add(name.partition("-")[0])
            # Where the server has a name, its files are at another one.
            host = headers.get("host", "")
            origin = f"https://files.{host}" if host.startswith("comfy.test") else ""
            return _send(connection, "302 Found", b"", location=f"{origin}/stored/{name}")
        if parts.path.startswith("/stored/"):
            name = parts.path.rpartition("/")[2]
            mine.add(name.partition("-")[0])
            return _send_file(connection, name, headers.get("range"))
        mine.add(query["who"].partition("-")[0])
        if "together" in query:  # so that there are as many connections
            self.all_here.wait(30)
        _send(connection, "200 OK", query["who"].encode(), content_type="text/plain")
        return None


def _send_file(connection: socket.socket, name: str, wanted: str | None) -> None:
    content = stored(name)
    first = int(wanted.removeprefix("bytes=").partition("-")[0]) if wanted else 0
    fields: dict[str, Any] = {"etag": f'"{name}"', "content_type": "image/png"}
    if wanted:
        fields["content_range"] = f"bytes {first}-{len(content) - 1}/{len(content)}"
    _send(connection, "206 Partial Content" if wanted else "200 OK", content[first:], **fields)


def _send(connection: socket.socket, status: str, body: bytes, **fields: Any) -> None:
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in fields.items()]
    head = "\r\n".join([f"HTTP/1.1 {status}", f"content-length: {len(body)}", *lines, "", ""])
    connection.sendall(head.encode())
    for start in range(0, len(body), PIECE):
        connection.sendall(body[start : start + PIECE])


class _Server(SocketServer):
    def __init__(self, connections: _Connections, *, is_tls: bool = False) -> None:
        super().__init__(is_tls=is_tls)
        self._connections = connections

    def _serve(self, connection: socket.socket) -> None:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._connections.serve(connection)


def _serve_websockets(is_tls: bool) -> None:
    from websockets.sync.server import ServerConnection, serve

    def send_back(connection: ServerConnection) -> None:
        for message in connection:
            connection.send(message)

    with serve(send_back, "127.0.0.1", 0, ssl=server_context() if is_tls else None) as server:
        print(server.socket.getsockname()[1], 0, flush=True)
        server.serve_forever()


if __name__ == "__main__":
    if "websocket" in sys.argv:
        _serve_websockets("tls" in sys.argv)
    seen = _Connections()
    api = _Server(seen, is_tls="tls" in sys.argv)
    with _Server(seen) as log:
        print(api.port, log.port, flush=True)
        api.accept()
