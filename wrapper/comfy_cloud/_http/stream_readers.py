"""Read several endless responses in the background, and wait for whichever has news. I/O.

A sync client has a thread for each, because httpx closes a response whose read times out, so that
waiting for the next event until the next poll is due would end the stream. An async client has
tasks, for the same reason. Each reader waits until what it delivered has been taken, so a server
that sends without end costs no memory.

Ctrl-C can interrupt Python code anywhere, also between taking a lock and the block that releases
it. So there are only plain locks here, and a queue that is written in C.
"""

from __future__ import annotations

import _thread
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from .concurrency import Halt, Halted, use_halt
from .forks import leave_to_parent, renew_after_fork

if TYPE_CHECKING:
    import asyncio

# Seconds that all readers together may take to stop. What still runs then is left behind.
_STOP_SECONDS = 0.8
# So often other tasks have their turn before a client counts its readers as stopped.
_TURNS = 12

# Reads one response and delivers what it finds, piece by piece.
Read: TypeAlias = "Callable[[Callable[[Any], None]], None]"
AsyncRead: TypeAlias = "Callable[[Callable[[Any], Awaitable[None]]], Awaitable[None]]"


class ReaderEnded(NamedTuple):
    """A reader has come to its end, or failed with an error."""

    error: BaseException | None = None


class _BelongsToParent(OSError):
    """A stream was opened before this process was forked."""


_OF_PARENT = "it belongs to the parent process"


class _Reader:
    def __init__(self, key: str, items: SimpleQueue[tuple[_Reader, Any]]) -> None:
        self.key = key
        self.halt = Halt()
        self.room = _thread.allocate_lock()  # taken while something delivered waits to be received
        self.ended = _thread.allocate_lock()  # released at the end
        self.ended.acquire()
        self._items = items

    def run(self, read: Read) -> None:
        use_halt(self.halt)
        error: BaseException | None = None
        try:
            read(self._deliver)
        except Halted:
            return
        except BaseException as found:  # noqa: BLE001 - received in the caller's thread
            error = found
        finally:
            self.ended.release()
        self._items.put((self, ReaderEnded(error)))

    def stop(self) -> None:
        self.halt.set()
        self.make_room()

    def make_room(self) -> None:
        with suppress(RuntimeError):  # there is room
            self.room.release()

    def _deliver(self, item: Any) -> None:
        self.room.acquire()
        self.halt.check()
        self._items.put((self, item))


class StreamReaders:
    """The readers of a sync client, each in its thread, by a key."""

    def __init__(self) -> None:
        self._items: SimpleQueue[tuple[_Reader, Any]] = SimpleQueue()
        self._readers: dict[str, _Reader] = {}
        self._stopped: list[_Reader] = []
        renew_after_fork(self)

    def after_fork_in_child(self) -> None:
        """End all readers: their threads do not exist here, and their streams are the parent's."""
        leave_to_parent(self._items, self._stopped, *self._readers.values())
        self._items, self._stopped = SimpleQueue(), []
        for reader in self._readers.values():
            self._items.put((reader, ReaderEnded(_BelongsToParent(_OF_PARENT))))

    @property
    def is_empty(self) -> bool:
        """Whether nothing is being read."""
        return not self._readers

    def start(self, key: str, read: Read) -> None:
        """Call `read` in the background. Raises RuntimeError if there is no thread left."""
        reader = self._readers[key] = _Reader(key, self._items)
        try:
            _thread.start_new_thread(reader.run, (read,))
        except RuntimeError:
            del self._readers[key]
            raise

    def receive(self, seconds: float) -> tuple[str, Any] | None:
        """What a reader has delivered, with its key, or its end; None if nothing came in time."""
        try:
            reader, item = self._items.get(timeout=max(0.0, seconds))
        except Empty:
            return None
        reader.make_room()
        if self._readers.get(reader.key) is not reader:
            return None  # it was stopped
        if isinstance(item, ReaderEnded):
            del self._readers[reader.key]
        return reader.key, item

    def stop(self, key: str) -> None:
        """Stop a reader, without waiting for its end."""
        reader = self._readers.pop(key, None)
        if reader is not None:
            self._stopped = [each for each in self._stopped if each.ended.locked()]
            self._stopped.append(reader)
            reader.stop()

    def close(self) -> None:
        """Stop all readers. Takes less than a second."""
        for key in list(self._readers):
            self.stop(key)
        stopped, self._stopped = self._stopped, []
        ends = time.monotonic() + _STOP_SECONDS
        for reader in stopped:
            reader.ended.acquire(timeout=max(0.0, ends - time.monotonic()))


class _AsyncReader:
    def __init__(self, key: str) -> None:
        import asyncio

        import anyio

        self.key = key
        self.room = asyncio.Semaphore(1)
        # httpcore protects the closing of a response from this way of cancelling only. From the
        # other it would lose the connection, which would count as open for ever.
        self.scope = anyio.CancelScope()
        self.task: asyncio.Task[None] | None = None


class AsyncStreamReaders:
    """The readers of an async client, each in its task of asyncio, by a key."""

    def __init__(self) -> None:
        self._items: asyncio.Queue[tuple[_AsyncReader, Any]] | None = None
        self._readers: dict[str, _AsyncReader] = {}
        self._stopped: list[_AsyncReader] = []
        renew_after_fork(self)

    def after_fork_in_child(self) -> None:
        """End all readers: their tasks belong to an event loop of the parent."""
        if self._items is None:
            return
        leave_to_parent(self._items, self._stopped, *self._readers.values())
        self._items, self._stopped = type(self._items)(), []
        for reader in self._readers.values():
            self._items.put_nowait((reader, ReaderEnded(_BelongsToParent(_OF_PARENT))))

    @property
    def is_empty(self) -> bool:
        """Whether nothing is being read."""
        return not self._readers

    def start(self, key: str, read: AsyncRead) -> None:
        """Await `read` in the background. Raises RuntimeError under trio, which has no tasks."""
        import asyncio

        loop = asyncio.get_running_loop()
        items = self._items = self._items or asyncio.Queue()
        reader = self._readers[key] = _AsyncReader(key)

        async def deliver(item: Any) -> None:
            await reader.room.acquire()
            items.put_nowait((reader, item))

        async def run() -> None:
            error: Exception | None = None
            try:
                with reader.scope:
                    await read(deliver)
            except Exception as found:  # noqa: BLE001 - received by the caller
                error = found
            items.put_nowait((reader, ReaderEnded(error)))

        reader.task = loop.create_task(run())

    async def receive(self, seconds: float) -> tuple[str, Any] | None:
        """What a reader has delivered, with its key, or its end; None if nothing came in time."""
        import asyncio

        items = self._items = self._items or asyncio.Queue()
        try:
            async with asyncio.timeout(max(0.0, seconds)):
                reader, item = await items.get()
        except TimeoutError:
            return None
        if isinstance(item, ReaderEnded):
            if self._readers.get(reader.key) is reader:
                del self._readers[reader.key]
                return reader.key, item
            return None
        reader.room.release()
        return (reader.key, item) if self._readers.get(reader.key) is reader else None

    def stop(self, key: str) -> None:
        """Stop a reader, without waiting for its end."""
        reader = self._readers.pop(key, None)
        if reader is not None and reader.task is not None:
            self._stopped = [each for each in self._stopped if each.task and not each.task.done()]
            self._stopped.append(reader)
            reader.scope.cancel()

    async def close(self) -> None:
        """Stop all readers. Takes less than a second."""
        import asyncio

        for key in list(self._readers):
            self.stop(key)
        tasks = [reader.task for reader in self._stopped if reader.task is not None]
        self._stopped = []
        if tasks:
            _, running = await asyncio.wait(tasks, timeout=_STOP_SECONDS)
            for task in running:
                task.cancel()
            # asyncio closes each generator of httpx that they have left in a task of its own.
            for _ in range(_TURNS):
                await asyncio.sleep(0)
