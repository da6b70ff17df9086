"""A storage that gives each connection a bandwidth and a latency, in a process of its own.

It sends a file straight from the system's cache, a slice at a time, and sleeps in between, so it
takes next to nothing of the processor. `python -m benchmarks.paced_storage FOLDER SPEED LATENCY`
prints two URLs, of the API and of the storage, and waits. The speed is in bytes per second, the
latency in seconds.
"""

from __future__ import annotations

import json
import os
import re
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .bulk_server import Server
from .server_process import module_running

_SLICE_SECONDS = 0.02
_RANGE = re.compile(r"bytes=(\d+)-(\d*)")


@contextmanager
def paced(folder: Path, speed: float, latency: float) -> Iterator[tuple[str, str]]:
    """Serve the files in `folder`. Yields the URLs of the API and of the storage."""
    with module_running("benchmarks.paced_storage", str(folder), str(speed), str(latency)) as line:
        api, storage = json.loads(line)
        yield api, storage


class PacedServer(Server):
    """As `Server`, but GET /files/NAME is paced, and knows ranges and an ETag."""

    def __init__(self, folder: Path, speed: float, latency: float) -> None:
        super().__init__(folder, latency)
        self._speed = speed

    def _send_file(self, connection: socket.socket, name: str, headers: dict[str, str]) -> None:
        with open(self._folder / name, "rb") as file:
            size = os.fstat(file.fileno()).st_size
            found = _RANGE.fullmatch(headers.get("range", ""))
            if found is None:
                status, start, end, more = "200 OK", 0, size, ""
            else:
                status, start = "206 Partial Content", int(found[1])
                end = int(found[2]) + 1 if found[2] else size
                more = f"Content-Range: bytes {start}-{end - 1}/{size}\r\n"
            head = (
                f"HTTP/1.1 {status}\r\nContent-Type: application/octet-stream\r\nAccept-Ranges: bytes\r\n"
                f'ETag: "{name}"\r\n{more}Content-Length: {end - start}\r\n\r\n'
            )
            connection.sendall(head.encode())
            piece, begun, sent = int(self._speed * _SLICE_SECONDS), time.monotonic(), 0
            while start + sent < end:
                offset = start + sent
                sent += os.sendfile(connection.fileno(), file.fileno(), offset, min(piece, end - offset))
                ahead = begun + sent / self._speed - time.monotonic()
                if ahead > 0:
                    time.sleep(ahead)


def main() -> None:
    server = PacedServer(Path(sys.argv[1]), float(sys.argv[2]), float(sys.argv[3]))
    server.start()
    print(json.dumps([server.api, server.storage]), flush=True)
    sys.stdin.read()  # until the parent closes it


if __name__ == "__main__":
    main()
