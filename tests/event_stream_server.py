"""A server with one job of API v2, whose event stream sends whatever a test sets."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterable
from typing import Any, TypeAlias

from tests.socket_server import RecordedRequest, SocketServer, read_request

JOB_ID = "3b0c1b52-0000-4000-8000-000000000001"
EVENTS = f"/api/v2/jobs/{JOB_ID}/events"
HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n"
# What one connection sends, the head included. Afterwards it is closed.
Stream: TypeAlias = "Callable[[EventStreamServer], Iterable[bytes]]"


class EventStreamServer(SocketServer):
    """Sends the streams in turn, and repeats the last. The job has the state in `job`."""

    def __init__(self, *streams: Stream) -> None:
        super().__init__()
        self._streams = list(streams)
        self.requests: list[RecordedRequest] = []
        self.sent = 0
        self.closed = threading.Event()
        self._arrived = threading.Condition()
        self.job: dict[str, Any] = {
            "id": JOB_ID,
            "status": "running",
            "created_at": "2026-11-01T10:00:00Z",
            "started_at": "2026-11-01T10:00:01Z",
            "completed_at": None,
            "expires_at": "2027-11-01T10:00:00Z",
            "queue_position": None,
            "progress": None,
            "outputs": [],
            "error": None,
            "urls": {"self": "/x", "events": "/x", "cancel": "/x"},
        }

    def close(self) -> None:
        self.closed.set()
        super().close()

    @property
    def is_closed(self) -> bool:
        return self.closed.is_set()

    def wait_for(self, target: str, times: int) -> bool:
        """Wait until a target was requested so often; False after ten seconds."""
        with self._arrived:
            return self._arrived.wait_for(lambda: self.count(target) >= times, timeout=10)

    def finish(self, status: str = "succeeded") -> None:
        """Let the API say that the job has ended."""
        self.job = {**self.job, "status": status, "completed_at": "2026-11-01T10:00:09Z"}

    def count(self, target: str) -> int:
        """The requests of a target so far."""
        return sum(request.target == target for request in self.requests)

    @property
    def polls(self) -> int:
        """The times that the job was read."""
        return self.count(EVENTS.removesuffix("/events"))

    def _serve(self, connection: socket.socket) -> None:
        with connection.makefile("rb") as lines:
            while True:
                request = read_request(lines)
                with self._arrived:
                    self.requests.append(request)
                    self._arrived.notify_all()
                if request.target == EVENTS:
                    stream = self._streams.pop(0) if len(self._streams) > 1 else self._streams[0]
                    for piece in stream(self):
                        connection.sendall(piece)
                        self.sent += len(piece)
                    return
                body = json.dumps(self.job).encode()
                head = f"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {len(body)}"
                connection.sendall(head.encode() + b"\r\n\r\n" + body)


def event(name: str, /, **data: Any) -> bytes:
    """One event as it is sent."""
    return f"event: {name}\ndata: {json.dumps(data)}\n\n".encode()


def stream(*pieces: bytes, then: str = "close") -> Stream:
    """A stream of these pieces, which then closes, falls silent, or repeats the last one."""

    def sent(server: EventStreamServer) -> Iterable[bytes]:
        yield HEAD
        yield from pieces
        while then == "repeat" and not server.is_closed:
            yield pieces[-1]
        if then == "silence":
            server.closed.wait()

    return sent


def response(sent: bytes) -> Stream:
    """A response that is no stream."""
    return lambda server: [sent]
