"""A server that keeps its callers waiting, in several ways."""

from __future__ import annotations

import base64
import hashlib
import json
import socket
import threading
from typing import Literal

from tests.raw_server import http_response
from tests.socket_server import RecordedRequest, SocketServer, read_request

Kind = Literal["silent", "slow head", "slow body", "no TLS", "no connection", "pings"]

JOB = "11111111-2222-4333-8444-555555555555"
_ACCEPTED = json.dumps({"prompt_id": JOB, "number": 1, "node_errors": {}}).encode()
# Seconds between two pieces: far below the timeout of a client.
_PAUSE = 0.02
_PING = b"\x89\x7d" + bytes(125)


class SlowServer(SocketServer):
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
        super().__init__(backlog=0 if kind == "no connection" else 64)
        if kind == "no TLS":
            self.url = self.url.replace("http:", "https:")
        self.requests: list[RecordedRequest] = []
        self._arrived = threading.Condition()
        self._waiting: list[socket.socket] = []

    def wait_for_requests(self, count: int) -> None:
        """Wait until so many requests have arrived."""
        with self._arrived:
            assert self._arrived.wait_for(lambda: len(self.requests) >= count, timeout=30)

    def close(self) -> None:
        self._is_over.set()
        for waiting in self._waiting:
            waiting.close()
        super().close()

    def accept(self) -> None:
        if self._kind != "no connection":
            super().accept()

    def __enter__(self) -> SlowServer:
        # Fill the queue of the listener; further attempts get no response.
        for _ in range(4 if self._kind == "no connection" else 0):
            waiting = socket.socket()
            waiting.setblocking(False)
            waiting.connect_ex(("127.0.0.1", self.port))
            self._waiting.append(waiting)
        return super().__enter__()

    def _serve(self, connection: socket.socket) -> None:
        if self._kind == "no TLS":
            self._is_over.wait()
            return
        with connection.makefile("rb") as lines:
            request = read_request(lines)
        with self._arrived:
            self.requests.append(request)
            self._arrived.notify_all()
        if request.target.startswith("/ws"):
            self._serve_websocket(connection, request.headers["sec-websocket-key"])
        elif self._accepts_jobs and (request.method, request.target) == ("POST", "/api/prompt"):
            connection.sendall(http_response(200, _ACCEPTED, content_type="application/json"))
        elif self._redirects and request.target.startswith("/api/view"):
            connection.sendall(http_response(302, location=f"{self.url}/stored"))
        else:
            self._keep_waiting(connection)

    def _keep_waiting(self, connection: socket.socket) -> None:
        if self._kind in ("silent", "pings"):
            self._is_over.wait()
            return
        connection.sendall(b"HTTP/1.1 200 OK\r\n")
        if self._kind == "slow body":
            connection.sendall(b"Content-Type: application/json\r\nContent-Length: 1000000\r\n\r\n")
        while not self._is_over.wait(_PAUSE):
            connection.sendall(b" " if self._kind == "slow body" else b"X-A: a\r\n")

    def _serve_websocket(self, connection: socket.socket, key: str) -> None:
        if self._kind != "pings":
            connection.sendall(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
            return
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


def slow_server(kind: Kind, *, accepts_jobs: bool = False, redirects: bool = False) -> SlowServer:
    return SlowServer(kind, accepts_jobs=accepts_jobs, redirects=redirects)
