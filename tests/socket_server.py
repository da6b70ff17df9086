"""What the raw servers of the tests share: accepting connections, and reading requests."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from dataclasses import dataclass
from typing import IO, Self

from tests.certificates import server_context


class SocketServer:
    """A server on loopback, with a thread for each connection. A context manager.

    A subclass has `_serve`, after which the connection is closed.
    """

    def __init__(self, *, is_tls: bool = False, backlog: int = 64) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=backlog)
        self._context = server_context() if is_tls else None
        self.port: int = self._listener.getsockname()[1]
        self.url = f"{'https' if is_tls else 'http'}://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self.accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)  # ends the waiting of `accept`
        self._listener.close()

    def accept(self) -> None:
        with suppress(OSError):  # closed
            while True:
                connection, _ = self._listener.accept()
                threading.Thread(target=self._handle, args=(connection,), daemon=True).start()

    def _handle(self, connection: socket.socket) -> None:
        with connection, suppress(OSError):
            if self._context is None:
                return self._serve(connection)
            with self._context.wrap_socket(connection, server_side=True) as secure:
                return self._serve(secure)

    def _serve(self, connection: socket.socket) -> None:
        raise NotImplementedError


@dataclass(frozen=True)
class RecordedRequest:
    """One request: its target as sent, and its headers by lower-case name."""

    method: str
    target: str
    headers: dict[str, str]


def read_request(lines: IO[bytes]) -> RecordedRequest:
    """Read a request. Raises OSError if the connection was closed.

    The body is read too: an unread one would reset the connection, and the response could be lost.
    """
    first = lines.readline().decode("latin-1")
    if first.count(" ") != 2:
        raise ConnectionError("closed")  # or it is not HTTP
    method, target, _ = first.split(" ")
    headers = {}
    while line := lines.readline().decode("latin-1").strip():
        name, _, value = line.partition(":")
        headers[name.lower()] = value.strip()
    lines.read(int(headers.get("content-length", "0")))
    return RecordedRequest(method, target, headers)
