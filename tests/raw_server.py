"""A server that sends exactly the bytes that a test sets, for responses of a broken server."""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import TypeAlias

from tests.socket_server import RecordedRequest, SocketServer, read_request

# The bytes to send, or a function that makes them from the request.
ScriptedResponse: TypeAlias = "bytes | Callable[[RecordedRequest], bytes]"


class RawServer(SocketServer):
    """Sends the scripted responses of each path and repeats the last. Closes each connection.

    `other` is sent for a path that has no script.
    """

    def __init__(self, *, is_tls: bool = False) -> None:
        super().__init__(is_tls=is_tls)
        self.other: ScriptedResponse = http_response(404)
        self._scripts: dict[str, list[ScriptedResponse]] = {}
        self.requests: list[RecordedRequest] = []

    def script(self, path: str, *responses: ScriptedResponse) -> None:
        self._scripts[path] = list(responses)

    def _serve(self, connection: socket.socket) -> None:
        with connection.makefile("rb") as lines:
            request = read_request(lines)
            self.requests.append(request)
            script = self._scripts.get(request.target.partition("?")[0], [self.other])
            response = script.pop(0) if len(script) > 1 else script[0]
            connection.sendall(response if isinstance(response, bytes) else response(request))


def raw_server(*, is_tls: bool = False) -> RawServer:
    return RawServer(is_tls=is_tls)


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
