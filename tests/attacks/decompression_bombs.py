"""Send more than a client can hold: endless and compressed bodies, headers, files and messages.

Each attack has a process of its own, whose memory is measured. A call has to end in an exception of
the library, leave no file behind, and stay within its limit; a response that holds something may
also be read. `python -m tests.attacks.decompression_bombs` prints every kind and transport.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any
from unittest import mock

from comfy_cloud import ComfyCloudError, Retry
from comfy_cloud._http.websocket import SocketAddress, SocketFailed, open_async_socket, open_socket
from tests.attacks.endless_server import FILES, KINDS, EndlessServer, endless_server
from tests.attacks.trials import TRANSPORTS, call_over
from tests.live.forms import Form

LIMIT = 32 * 2**20
# What a process may take beyond its limit: a piece that is being decoded, the heap around it.
SLACK = 56 * 2**20
SECONDS = 30.0
MESSAGES = ("message: 60 MB of deflate, thirty times", "message: 1 GB of deflate", "message: 1 GB of frames")
# Five messages of 60 MiB are on their way at the same time: two that wait, one that is read, one
# that is put together, and its compressed form.
MESSAGE_SLACK = 5 * 64 * 2**20


@dataclass(frozen=True)
class Outcome:
    """What one attack led to: the name of the exception, bytes of memory, seconds, files left."""

    kind: str
    transport: str
    error: str
    is_ours: bool
    memory: int
    seconds: float
    left: list[str]

    @property
    def held(self) -> bool:
        most = MESSAGE_SLACK if self.kind in MESSAGES else LIMIT + SLACK
        return self.is_ours and self.memory <= most and self.seconds < SECONDS and not self.left


def attack(server: EndlessServer, kind: str, transport: str) -> Outcome:
    """Make one attack, in a new process."""
    server.kind = kind
    command = [sys.executable, "-m", __name__, server.url, kind, transport]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=2 * SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return Outcome(kind, transport, "it has not ended", False, 0, 2 * SECONDS, [])
    if done.returncode != 0:
        return Outcome(kind, transport, done.stderr[-200:], False, 0, 0.0, [])
    return Outcome(kind, transport, **json.loads(done.stdout))


# The attacked process


def attacked(url: str, kind: str, transport: str) -> dict[str, Any]:
    """Make the call, and report what came of it."""
    call = _message_call if kind in MESSAGES else _http_call
    with tempfile.TemporaryDirectory() as folder:
        before, started = _peak(), perf_counter()
        error: Exception | None = None
        try:
            call(url, kind, transport, Path(folder))
        except Exception as raised:  # noqa: BLE001 - whatever is raised is judged
            error = raised
        return {
            "error": f"{type(error).__name__}: {error}"[:160] if error else "",
            "is_ours": isinstance(error, (ComfyCloudError, SocketFailed)),
            "memory": _peak() - before,
            "seconds": perf_counter() - started,
            "left": [path.name for path in Path(folder).iterdir()],
        }


def _peak() -> int:
    """The most memory that this process has had, in bytes."""
    with suppress(OSError):  # Linux: unlike getrusage, it does not begin with the parent's
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def _http_call(url: str, kind: str, transport: str, folder: Path) -> None:
    options: dict[str, Any] = {
        "retry": Retry(attempts=1), "timeout": 5.0, "max_response_bytes": LIMIT
    }  # fmt: skip

    async def call(form: Form) -> str:
        if kind not in FILES:
            await form(form.cloud.jobs.list())
        elif "listed" in kind:
            await form(form.cloud.assets.download("1", folder / "a.png"))
        else:
            await form(form.cloud.files.download("a.png", folder / "a.png"))
        return ""

    call_over(transport, url, call, **options)


def _message_call(url: str, kind: str, transport: str, folder: Path) -> None:
    """Read two messages slowly, and the third; then, as a client that is interrupted, stop."""
    address = SocketAddress(url, "client")
    if transport == "sync":
        socket = open_socket(address, None)
        for _ in range(3):
            socket.receive(5.0)
            threading.Event().wait(0.7)
        socket.close()
    else:

        async def read() -> None:
            socket = await open_async_socket(address, None)
            for _ in range(3):
                await socket.receive(5.0)
                await asyncio.sleep(0.7)
            await socket.close()

        asyncio.run(read())
    raise SocketFailed("read to the end")


@contextmanager
def message_server(kind: str) -> Iterator[EndlessServer]:
    """A websocket server that sends large messages, with the interface of the other server."""
    from websockets.sync.server import serve

    content = bytes(60 * 2**20)

    def flood(connection: Any) -> None:
        with suppress(Exception):  # the client has gone
            if kind == MESSAGES[0]:
                for _ in range(30):
                    connection.send(content)
            else:
                connection.send(content[: 2**20] for _ in range(1024))

    compression = "deflate" if "deflate" in kind else None
    with serve(flood, "127.0.0.1", 0, compression=compression, max_size=None) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        found = mock.Mock(url=f"http://127.0.0.1:{server.socket.getsockname()[1]}")
        try:
            yield found
        finally:
            server.shutdown()
            thread.join()


# All of them


def outcomes(show: Callable[[Outcome], object] = lambda outcome: None) -> list[Outcome]:
    """Every kind over every transport."""
    found = []
    with endless_server() as server:
        for kind in (*KINDS, *FILES):
            for transport in TRANSPORTS:
                found.append(attack(server, kind, transport))
                show(found[-1])
    for kind in MESSAGES:
        with message_server(kind) as other:
            for transport in ("sync", "async"):
                found.append(attack(other, kind, transport))
                show(found[-1])
    return found


def main() -> None:
    """Print a row for each kind."""
    found = outcomes()
    for kind in dict.fromkeys(outcome.kind for outcome in found):
        rows = [outcome for outcome in found if outcome.kind == kind]
        memory = max(row.memory for row in rows) // 2**20
        seconds = max(row.seconds for row in rows)
        held = sum(row.held for row in rows)
        print(f"{kind} | {len(rows)} | {held} | {memory} MiB, {seconds:.1f} s")
        for row in rows:
            if not row.held:
                print(f"    {row.transport}: {row.error or 'no error'}, {row.memory // 2**20} MiB {row.left}")


if __name__ == "__main__":
    if len(sys.argv) == 4:
        print(json.dumps(attacked(*sys.argv[1:])))
    else:
        main()
