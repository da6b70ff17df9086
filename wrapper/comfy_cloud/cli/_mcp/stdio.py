"""Lines of stdin for an event loop, which does not wait for a line when it is to end. I/O.

A thread that waits inside `sys.stdin` keeps Python from ending after Ctrl-C. This one waits in a
system call of its own, and Python ends without it.
"""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import AsyncIterator

_CHUNK = 65_536
_LONGEST_LINE = 64 * 1024 * 1024


class Lines:
    """The lines of a file descriptor, as text, until the file ends or a line is too long.

    Made inside an event loop.
    """

    def __init__(self, descriptor: int) -> None:
        self._loop = asyncio.get_running_loop()
        self._queue: asyncio.Queue[bytes] = asyncio.Queue()
        threading.Thread(target=self._read, args=(descriptor,), daemon=True, name="stdin").start()

    def _read(self, descriptor: int) -> None:
        while True:
            try:
                chunk = os.read(descriptor, _CHUNK)
            except OSError:
                chunk = b""
            try:
                self._loop.call_soon_threadsafe(self._queue.put_nowait, chunk)
            except RuntimeError:  # the loop has ended
                return
            if not chunk:
                return

    async def __aiter__(self) -> AsyncIterator[str]:
        buffer = bytearray()
        while chunk := await self._queue.get():
            buffer += chunk
            if b"\n" in chunk:
                *lines, rest = bytes(buffer).split(b"\n")
                buffer = bytearray(rest)
                for line in lines:
                    if line.strip():
                        yield line.decode(errors="replace")
            if len(buffer) > _LONGEST_LINE:
                return
        if buffer.strip():
            yield buffer.decode(errors="replace")
