"""A server for small requests, in a separate process.

It responds to every GET of one page of the history with the same entry, and supports only as much
HTTP as that needs, so that what is measured is the client. A server that takes as long as the
client would hide half of any difference.
`python -m benchmarks.small_server` prints its URL and waits.
"""

from __future__ import annotations

import selectors
import socket
import sys
import threading
from contextlib import AbstractContextManager, suppress
from email.utils import formatdate

from .samples import history_page
from .server_process import KEY, module_running

_PAGE = b"GET /api/history_v2?max_items=1 HTTP/1.1\r\n"
_HAS_KEY = f"\r\nx-api-key: {KEY}\r\n".encode()
_END = b"\r\n\r\n"


def small_server_running() -> AbstractContextManager[str]:
    """Run the server until the block ends. Yields its URL."""
    return module_running("benchmarks.small_server")


def response(status: str, body: bytes) -> bytes:
    """A whole response, with the headers that the emulator sends."""
    head = (
        f"HTTP/1.1 {status}\r\ndate: {formatdate(usegmt=True)}\r\ncontent-length: {len(body)}\r\n"
        "content-type: application/json\r\n\r\n"
    )
    return head.encode() + body


class Server:
    """All connections in one thread. A client sends its next request after the response."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._listener, selectors.EVENT_READ)
        self._received: dict[socket.socket, bytes] = {}
        self._page = response("200 OK", history_page(1))
        self._refusal = response("404 Not Found", b"{}")
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def serve(self) -> None:
        """Respond for ever."""
        while True:
            for key, _ in self._selector.select():
                if key.fileobj is self._listener:
                    self._accept()
                elif isinstance(key.fileobj, socket.socket):
                    with suppress(BlockingIOError):
                        self._read(key.fileobj)

    def _accept(self) -> None:
        connection, _ = self._listener.accept()
        connection.setblocking(False)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._received[connection] = b""
        self._selector.register(connection, selectors.EVENT_READ)

    def _read(self, connection: socket.socket) -> None:
        try:
            piece = connection.recv(65_536)
            request = self._received[connection] + piece
            if piece and request.endswith(_END):
                connection.sendall(self._response_to(request))
                request = b""
        except ConnectionError:
            piece = b""
        if piece:
            self._received[connection] = request
        else:
            self._selector.unregister(connection)
            del self._received[connection]
            connection.close()

    def _response_to(self, request: bytes) -> bytes:
        is_known = request.startswith(_PAGE) and _HAS_KEY in request.replace(b"X-API-Key", b"x-api-key")
        return self._page if is_known else self._refusal


def main() -> None:
    server = Server()
    threading.Thread(target=server.serve, daemon=True).start()
    print(server.url, flush=True)
    sys.stdin.read()  # until the parent closes it


if __name__ == "__main__":
    main()
