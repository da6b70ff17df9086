"""A server that keeps its callers waiting, in several ways."""

from __future__ import annotations

import base64
import hashlib
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Literal

Kind = Literal["silent", "slow head", "slow body", "no TLS", "no connection", "pings"]

JOB = "11111111-2222-4333-8444-555555555555"
_ACCEPTED = json.dumps({"prompt_id": JOB, "number": 1, "node_errors": {}}).encode()
# Seconds between two pieces: far below the timeout of a client.
_PAUSE = 0.02
_PING = b"\x89\x7d" + bytes(125)


class SlowServer:
    """Never gets a response done.

    Kinds: "silent", "slow head" and "slow body" send nothing, or a byte now and then, "no TLS"
    accepts connections and never speaks TLS, "no connection" does not even accept them. "pings" is
    silent, but opens websockets and floods them with pings without ever reading. With
    `accepts_jobs` a submission gets its response, with `redirects` a request for a file.
    """

    def __init__(self, kind: Kind, *, accepts_jobs: bool = False, redirects: bool = False) -> None:
        self._kind = kind
        self._redirects = redirects
        self._accepts_jobs = accepts_jobs
        self._is_over = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=0 if kind == "no connection" else 64)
        address = self._listener.getsockname()
        self.url = f"{'https' if kind == 'no TLS' else 'http'}://127.0.0.1:{address[1]}"
        self.requests: list[str] = []
        self._arrived = threading.Condition()
        self._waiting: list[socket.socket] = []
        if kind == "no connection":  # fill the queue of the listener; further attempts get no response
            for _ in range(4):
                waiting = socket.socket()
                waiting.setblocking(False)
                waiting.connect_ex(address)
                self._waiting.append(waiting)
        else:
            threading.Thread(target=self._accept, daemon=True).start()

    def wait_for_requests(self, count: int) -> None:
        """Wait until so many requests have arrived."""
        with self._arrived:
            assert self._arrived.wait_for(lambda: len(self.requests) >= count, timeout=30)

    def close(self) -> None:
        self._is_over.set()
        for each in (self._listener, *self._waiting):
            each.close()

    def _accept(self) -> None:
        with suppress(OSError):  # closed
            while True:
                connection, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection, suppress(OSError):
            if self._kind == "no TLS":
                self._is_over.wait()
                return
            head, _, rest = self._read_head(connection)
            with self._arrived:
                self.requests.append(head.partition("\r\n")[0])
                self._arrived.notify_all()
            if head.startswith("GET /ws"):
                self._serve_websocket(connection, head)
            elif self._accepts_jobs and head.startswith("POST /api/prompt"):
                length = int(head.lower().partition("content-length: ")[2].split()[0])
                while len(rest) < length:
                    rest += connection.recv(65536)
                connection.sendall(
                    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n"
                    b"Content-Length: %d\r\n\r\n" % len(_ACCEPTED) + _ACCEPTED
                )
            elif self._redirects and head.startswith("GET /api/view"):
                location = f"Location: {self.url}/stored\r\n".encode()
                connection.sendall(
                    b"HTTP/1.1 302 Found\r\nConnection: close\r\nContent-Length: 0\r\n" + location + b"\r\n"
                )
            else:
                self._keep_waiting(connection)

    def _read_head(self, connection: socket.socket) -> tuple[str, str, bytes]:
        received = b""
        while b"\r\n\r\n" not in received:
            piece = connection.recv(65536)
            if not piece:
                raise OSError("closed")
            received += piece
        head, end, rest = received.partition(b"\r\n\r\n")
        return head.decode("latin-1"), end.decode(), rest

    def _keep_waiting(self, connection: socket.socket) -> None:
        if self._kind in ("silent", "pings"):
            self._is_over.wait()
            return
        connection.sendall(b"HTTP/1.1 200 OK\r\n")
        if self._kind == "slow body":
            connection.sendall(b"Content-Type: application/json\r\nContent-Length: 1000000\r\n\r\n")
        while not self._is_over.wait(_PAUSE):
            connection.sendall(b" " if self._kind == "slow body" else b"X-A: a\r\n")

    def _serve_websocket(self, connection: socket.socket, head: str) -> None:
        if self._kind != "pings":
            connection.sendall(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
            return
        key = next(
            line.partition(":")[2].strip()
            for line in head.split("\r\n")
            if line.lower().startswith("sec-websocket-key")
        )
        accept = base64.b64encode(
            hashlib.sha1(f"{key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11".encode()).digest()
        )
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)  # soon full of pongs
        connection.sendall(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n"
        )
        while not self._is_over.is_set():
            connection.sendall(_PING * 64)


@contextmanager
def slow_server(kind: Kind, *, accepts_jobs: bool = False, redirects: bool = False) -> Iterator[SlowServer]:
    server = SlowServer(kind, accepts_jobs=accepts_jobs, redirects=redirects)
    try:
        yield server
    finally:
        server.close()
