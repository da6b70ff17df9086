"""ComfyUI's frontend and a server behind one address, as a ComfyUI serves both.

Files of the frontend are sent from its folder; every other request, and every websocket, goes to
the server byte by byte. Each connection carries one request.
"""

from __future__ import annotations

import asyncio
import mimetypes
import threading
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import unquote, urlsplit

_CHUNK = 1 << 16


class FrontendServer:
    """A context manager; `url` is the address of both."""

    def __init__(self, folder: Path, server_url: str) -> None:
        self._folder = folder.resolve()
        self._target = urlsplit(server_url).hostname, urlsplit(server_url).port
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._serving: set[asyncio.Task[Any] | None] = set()
        self.url = ""

    def __enter__(self) -> Self:
        self._thread.start()
        self.url = asyncio.run_coroutine_threadsafe(self._start(), self._loop).result(10)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        asyncio.run_coroutine_threadsafe(self._stop(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    async def _start(self) -> str:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def _stop(self) -> None:
        self._server.close()
        # A connection that was just accepted becomes a task only afterwards.
        await asyncio.sleep(0)
        while others := asyncio.all_tasks() - {asyncio.current_task()}:
            for task in others:
                task.cancel()
            await asyncio.gather(*others, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # The event loop alone would not keep it from being collected.
        task = asyncio.current_task()
        self._serving.add(task)
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            method, path = head.split(b" ", 2)[:2]
            file = self._file(urlsplit(path.decode("latin-1")).path) if method in (b"GET", b"HEAD") else None
            if file is None:
                await self._forward(head, reader, writer)
            else:
                _send(file, writer)
                await writer.drain()
        except (OSError, EOFError, asyncio.LimitOverrunError):
            pass  # the browser, or the server, has closed the connection
        finally:
            self._serving.discard(task)
            writer.close()

    def _file(self, path: str) -> Path | None:
        found = (self._folder / (unquote(path).lstrip("/") or "index.html")).resolve()
        return found if found.is_relative_to(self._folder) and found.is_file() else None

    async def _forward(self, head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        above, below = await asyncio.open_connection(*self._target)
        first, *lines = head.split(b"\r\n")[:-2]
        is_upgrade = any(line.lower().startswith(b"upgrade:") for line in lines)
        if not is_upgrade:
            lines = [line for line in lines if not line.lower().startswith(b"connection:")]
            lines.append(b"Connection: close")
        below.write(b"\r\n".join([first, *lines, b"", b""]))
        ways = [asyncio.create_task(_copy(reader, below)), asyncio.create_task(_copy(above, writer))]
        try:
            # When one side has closed the connection, the other is closed as well.
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
            below.close()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(_CHUNK):
        writer.write(data)
        await writer.drain()


def _send(file: Path, writer: asyncio.StreamWriter) -> None:
    content = file.read_bytes()
    kind = "text/javascript" if file.suffix in (".js", ".mjs") else mimetypes.guess_type(file.name)[0]
    head = [
        "HTTP/1.1 200 OK",
        f"Content-Type: {kind or 'application/octet-stream'}",
        f"Content-Length: {len(content)}",
        "Connection: close",
    ]
    writer.write("\r\n".join([*head, "", ""]).encode() + content)
