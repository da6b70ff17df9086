"""A server for large transfers, in a separate process.

It sends files straight from the system's cache and discards what it receives. It supports only as
much HTTP as the measurements need, so that it is never the bottleneck.
`python -m benchmarks.bulk_server FOLDER LATENCY` prints two URLs, of the API and of the storage,
and waits.
"""

from __future__ import annotations

import base64
import hashlib
import json
import socket
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from .samples import history_page
from .server_process import module_running

HISTORY = 100_000
"""Entries of the history."""

_NEWEST = 1_795_000_000_000
_BLOCK = 1024 * 1024
_CLOSE = 0x88
_CREATED = b'{"id":"6f1c1f0e-54ad-4f63-8d0f-2f1f1c0a7d11","name":"bench","created_new":true}'


@contextmanager
def serving(folder: Path, latency: float = 0.0) -> Iterator[tuple[str, str]]:
    """Serve the files in `folder`, each response after `latency` seconds.

    Yields the URLs of the API and of the storage.
    """
    with module_running("benchmarks.bulk_server", str(folder), str(latency)) as line:
        api, storage = json.loads(line)
        yield api, storage


class Server:
    """A server with one thread per connection and these routes:

    - GET /api/view: 302 to the storage. GET /files/NAME: the file.
    - POST or PUT: discards the body and responds like the creation of an asset.
    - GET /api/history_v2: a slice of a long history, in which only ids and times differ.
    - GET /ws: a websocket that sends the file `events` (ready-made frames) and closes.
    - HEAD and everything else: 404.
    """

    def __init__(self, folder: Path, latency: float) -> None:
        self._folder = folder
        self._latency = latency
        self._listeners = [socket.create_server(("127.0.0.1", 0), backlog=256) for _ in range(2)]
        self.api, self.storage = (
            f"http://127.0.0.1:{listener.getsockname()[1]}" for listener in self._listeners
        )

    def start(self) -> None:
        """Accept connections in daemon threads."""
        for listener in self._listeners:
            threading.Thread(target=self._accept, args=(listener,), daemon=True).start()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            connection, _ = listener.accept()
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        buffer = bytearray(_BLOCK)
        received = b""
        with connection, suppress(ConnectionError):
            while True:
                while b"\r\n\r\n" not in received:
                    piece = connection.recv(65_536)
                    if not piece:
                        return
                    received += piece
                head, _, received = received.partition(b"\r\n\r\n")
                lines = head.decode("latin-1").split("\r\n")
                method, path, _ = lines[0].split(" ")
                headers = {
                    name.lower(): value.strip()
                    for name, _, value in (line.partition(":") for line in lines[1:])
                }
                left = int(headers.get("content-length", 0)) - len(received)
                if headers.get("expect"):
                    connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
                while left > 0:
                    count = connection.recv_into(buffer, min(left, _BLOCK))
                    if not count:
                        return
                    left -= count
                received = b""
                if self._latency:
                    time.sleep(self._latency)
                if not self._respond(connection, method, path, headers):
                    return

    def _respond(self, connection: socket.socket, method: str, path: str, headers: dict[str, str]) -> bool:
        """Send a response; return whether the connection stays open."""
        url = urlsplit(path)
        if method in ("POST", "PUT"):
            self._send(connection, "201 Created", _CREATED, "application/json")
        elif url.path == "/api/view":
            (name,) = parse_qs(url.query)["filename"]
            location = f"{self.storage}/files/{name}"
            head = f"HTTP/1.1 302 Found\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n"
            connection.sendall(head.encode())
        elif url.path.startswith("/files/"):
            self._send_file(connection, Path(url.path).name, headers)
        elif url.path == "/api/history_v2":
            query = {name: int(value) for name, (value,) in parse_qs(url.query).items()}
            body = history_slice(query.get("offset", 0), query["max_items"])
            self._send(connection, "200 OK", body, "application/json")
        elif url.path == "/ws":
            self._send_frames(connection, headers["sec-websocket-key"])
            return False
        else:
            self._send(connection, "404 Not Found", b"" if method == "HEAD" else b"{}", "application/json")
        return True

    def _send_file(self, connection: socket.socket, name: str, headers: dict[str, str]) -> None:
        with open(self._folder / name, "rb") as file:
            size = file.seek(0, 2)
            file.seek(0)
            connection.sendall(
                "HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\n"
                f"Content-Length: {size}\r\n\r\n".encode()
            )
            connection.sendfile(file)

    def _send(self, connection: socket.socket, status: str, body: bytes, media_type: str) -> None:
        head = f"HTTP/1.1 {status}\r\nContent-Type: {media_type}\r\nContent-Length: {len(body)}\r\n\r\n"
        connection.sendall(head.encode() + body)

    def _send_frames(self, connection: socket.socket, key: str) -> None:
        accept = hashlib.sha1(f"{key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11".encode())
        token = base64.b64encode(accept.digest()).decode()
        connection.sendall(
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Accept: {token}\r\n\r\n".encode()
        )
        with open(self._folder / "events", "rb") as file:
            connection.sendfile(file)
        with connection.makefile("rb") as frames:
            while (head := frames.read(2)) and head[0] != _CLOSE:
                length = head[1] & 0x7F
                frames.read(4 + (length if length < 126 else int.from_bytes(frames.read(2), "big")))
        connection.sendall(bytes([_CLOSE, 0]))


def history_slice(offset: int, count: int) -> bytes:
    """The body of a slice of the history."""
    numbers = range(min(offset, HISTORY), min(offset + count, HISTORY))
    entries = (
        b'{"prompt_id": "%08d-0000-4000-8000-000000000000", "create_time": %d, %b'
        % (number, _NEWEST - number * 60_000, _rest_of_an_entry())
        for number in numbers
    )
    return b'{"history": [%b]}' % b", ".join(entries)


@cache
def _rest_of_an_entry() -> bytes:
    (entry,) = json.loads(history_page(1))["history"]
    rest = {name: value for name, value in entry.items() if name not in ("prompt_id", "create_time")}
    return json.dumps(rest)[1:].encode()


def frame(text: str) -> bytes:
    """A websocket frame with a complete text message, as a server sends it."""
    payload = text.encode()
    if len(payload) < 126:
        return bytes([0x81, len(payload)]) + payload
    return bytes([0x81, 126]) + len(payload).to_bytes(2, "big") + payload


def main() -> None:
    server = Server(Path(sys.argv[1]), float(sys.argv[2]))
    server.start()
    print(json.dumps([server.api, server.storage]), flush=True)
    sys.stdin.read()  # until the parent closes it


if __name__ == "__main__":
    main()
