"""Closing websockets while the caller goes on, sync and async. I/O.

A close waits for the server to agree, which takes as long as a request or more. Whoever has the
result that it was open for need not wait for that. A client that is closed waits for all of them,
so none is left open.
"""

from __future__ import annotations

import _thread
from typing import TYPE_CHECKING

from .websocket import AsyncSocket, Socket

if TYPE_CHECKING:
    import asyncio

# A close takes about a second at most.
_MOST_SECONDS = 2.0


class ClosingSockets:
    """The websockets of a sync client that are being closed."""

    def __init__(self) -> None:
        self._closing: dict[_thread.LockType, None] = {}  # each changed in one step, by any thread

    def close(self, socket: Socket) -> None:
        """Close a websocket in a thread, or here if there is no thread left.

        The caller does not wait until it runs, as `threading` would have it.
        """
        is_closing = _thread.allocate_lock()
        is_closing.acquire()

        def close() -> None:
            try:
                socket.close()
            finally:
                self._closing.pop(is_closing, None)
                is_closing.release()

        self._closing[is_closing] = None
        try:
            _thread.start_new_thread(close, ())
        except RuntimeError:  # the caller has its result, which must not be lost
            close()

    def wait(self) -> None:
        """Wait until all are closed."""
        for is_closing in list(self._closing):
            if is_closing.acquire(timeout=_MOST_SECONDS):
                is_closing.release()


class AsyncClosingSockets:
    """The websockets of an async client that are being closed."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    async def close(self, socket: AsyncSocket) -> None:
        """Close a websocket in a task, which ends with its event loop."""
        import asyncio

        task = asyncio.create_task(socket.close())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def wait(self) -> None:
        """Wait until all are closed."""
        if not self._tasks:
            return
        import asyncio

        loop = asyncio.get_running_loop()
        if closing := [task for task in self._tasks if task.get_loop() is loop]:
            await asyncio.wait(closing)
