"""Waiting until somebody else calls, or for a number of seconds, sync and async. I/O."""

from __future__ import annotations

from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import anyio


class Wakeup:
    """What one thread waits for and others call. A call that nobody waits for is kept, once.

    The queue is written in C, so Ctrl-C cannot interrupt it with a lock taken.
    """

    def __init__(self) -> None:
        self._calls: SimpleQueue[None] = SimpleQueue()

    def call(self) -> None:
        """Wake the thread that waits, or the next one that does."""
        if self._calls.empty():
            self._calls.put(None)

    def wait(self, seconds: float) -> bool:
        """Wait for a call; False if none came for so many seconds."""
        try:
            self._calls.get(timeout=max(0.0, seconds))
        except Empty:
            return False
        return True


class AsyncWakeup:
    """What one task waits for and others of its event loop call. One call is kept until then."""

    def __init__(self) -> None:
        self._is_called = False
        self._waited_for: anyio.Event | None = None

    def call(self) -> None:
        """Wake the task that waits, or the next one that does."""
        self._is_called = True
        if self._waited_for is not None:
            self._waited_for.set()

    async def wait(self, seconds: float) -> bool:
        """Wait for a call; False if none came for so many seconds."""
        import anyio  # works under asyncio and trio alike

        if not self._is_called:
            self._waited_for = anyio.Event()
            try:
                with anyio.move_on_after(max(0.0, seconds)):
                    await self._waited_for.wait()
            finally:
                self._waited_for = None
        is_called, self._is_called = self._is_called, False
        return is_called
