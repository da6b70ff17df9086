"""A server that sends exactly the bytes that a test sets, for responses of a broken server."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True)
class RecordedRequest:
    """One request: its target as sent, and its headers by lower-case name."""

    method: str
    target: str
    headers: dict[str, str]


# The bytes to send, or a function that makes them from the request.
ScriptedResponse: TypeAlias = "bytes | Callable[[RecordedRequest], bytes]"


class RawServer:
    """Sends the scripted responses of each path and repeats the last. Closes each connection."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._scripts: dict[str, list[ScriptedResponse]] = {}
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.requests: list[RecordedRequest] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def script(self, path: str, *responses: ScriptedResponse) -> None:
        self._scripts[path] = list(responses)

    def close(self) -> None:
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):  # closed
            while True:
                connection, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection, suppress(OSError), connection.makefile("rb") as lines:
            first = lines.readline().decode("latin-1")
            if not first:
                return  # connected, and gone
            method, target, _ = first.split(" ")
            headers = {}
            while (line := lines.readline().decode("latin-1").strip()) != "":
                name, _, value = line.partition(":")
                headers[name.lower()] = value.strip()
            # An unread body would reset the connection, and the response could be lost.
            lines.read(int(headers.get("content-length", "0")))
            request = RecordedRequest(method, target, headers)
            self.requests.append(request)
            script = self._scripts.get(target.partition("?")[0], [http_response(404)])
            response = script.pop(0) if len(script) > 1 else script[0]
            connection.sendall(response if isinstance(response, bytes) else response(request))


@contextmanager
def raw_server() -> Iterator[RawServer]:
    server = RawServer()
    try:
        yield server
    finally:
        server.close()


def http_response(status: int = 200, body: bytes = b"", length: int | None = -1, **headers: str) -> bytes:
    """A response as sent. `length` is its Content-Length (-1: the correct one, None: no header)."""
    fields = {name.replace("_", "-"): value for name, value in headers.items()}
    if length is not None:
        fields["content-length"] = str(len(body) if length < 0 else length)
    fields["connection"] = "close"
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return f"HTTP/1.1 {status} Something\r\n{head}\r\n".encode("latin-1") + body


def partial_response(
    content: bytes, start: int, end: int | None = None, total: str | None = None, **headers: str
) -> bytes:
    """A response 206 with the bytes from `start` up to, but not including, `end`."""
    end = len(content) if end is None else end
    headers["content_range"] = f"bytes {start}-{end - 1}/{total or len(content)}"
    return http_response(206, content[start:end], **headers)
