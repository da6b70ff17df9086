"""Worker threads, bounded concurrency and shields against cancellation, sync and async. I/O."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from contextvars import ContextVar, copy_context
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from .pace import Pace
from .thread_steps import ThreadStep, async_end, end

if TYPE_CHECKING:
    import anyio

A = TypeVar("A")
T = TypeVar("T")

# Seconds that concurrent work may take to stop.
_STOP_SECONDS = 0.8

_halt: ContextVar[Halt | None] = ContextVar("comfy_cloud_halt", default=None)

# Asks one source (of type A) for something (of type T).
Call: TypeAlias = "Callable[[A], T]"
AsyncCall: TypeAlias = "Callable[[A], Awaitable[T]]"


def in_thread(
    function: Callable[..., T],
    *arguments: Any,
    stop: Callable[[], object] | None = None,
    undo: Callable[[T], object] | None = None,
) -> T:
    """Call something slow. A sync caller simply waits for it in its own thread."""
    return function(*arguments)


async def async_in_thread(
    function: Callable[..., T],
    *arguments: Any,
    stop: Callable[[], object] | None = None,
    undo: Callable[[T], object] | None = None,
) -> T:
    """Call something slow in a worker thread, so that other tasks can run.

    A cancellation waits for the end of the call, since a thread cannot be cancelled. `stop` is then
    called at once, to make the function end early; `undo` is called with the result that nobody
    receives.
    """
    from anyio import to_thread

    step = ThreadStep(function, arguments)
    try:
        await to_thread.run_sync(step.run, abandon_on_cancel=True)
    except BaseException as interruption:
        step.is_abandoned = True
        if stop is not None:
            stop()
        if isinstance(interruption, GeneratorExit):  # the event loop is gone: nothing can be awaited
            step.run()
            raise
        later = await async_end(step)
        if undo is not None and step.has_result:
            later = await async_end(ThreadStep(undo, (step.result(),))) or later
        if isinstance(later, KeyboardInterrupt):
            raise later from None
        raise
    return step.result()


def shielded_in_thread(function: Callable[..., T], *arguments: Any) -> T:
    """Call something slow that must be done even after an interruption.

    It runs in a thread of its own, which Ctrl-C does not reach, and Ctrl-C waits for its end.
    """
    step = ThreadStep(function, arguments)
    interruption = end(step)
    if interruption is not None:
        raise interruption
    return step.result()


async def async_shielded_in_thread(function: Callable[..., T], *arguments: Any) -> T:
    """Call something slow in a worker thread, even when the task was cancelled.

    A cancellation meanwhile waits for its end, too.
    """
    step = ThreadStep(function, arguments)
    interruption = await async_end(step)
    if interruption is not None:
        raise interruption
    return step.result()


class Halt:
    """Asks work in other threads to stop. A thread cannot be cancelled; it has to check.

    A thread that waits for a socket is woken up: the socket is shut down.
    """

    def __init__(self) -> None:
        self._is_set = threading.Event()
        self._lock = threading.Lock()
        self._sockets: dict[int, socket.socket] = {}  # what each thread waits for
        self._parts: list[Halt] = []

    def set(self) -> None:
        """Ask the work to stop."""
        self._is_set.set()
        for part in tuple(self._parts):
            part.set()
        with self._lock:
            for waited_for in self._sockets.values():
                with suppress(OSError):
                    waited_for.shutdown(socket.SHUT_RDWR)

    def add_part(self, part: Halt) -> None:
        """Stop this, too: work that a part of the work waits for."""
        self._parts.append(part)
        if self._is_set.is_set():
            part.set()

    def remove_part(self, part: Halt) -> None:
        """That work has ended."""
        self._parts.remove(part)

    def check(self) -> None:
        """Raise `Halted` when the work was asked to stop."""
        if self._is_set.is_set():
            raise Halted

    def sleep(self, seconds: float) -> None:
        """Sleep, unless the work is asked to stop; that raises `Halted`."""
        if self._is_set.wait(seconds):
            raise Halted

    def begin_wait(self, waited_for: socket.socket) -> None:
        """Let `set` shut down a socket that this thread is going to wait for."""
        with self._lock:
            self.check()
            self._sockets[threading.get_ident()] = waited_for

    def end_wait(self) -> None:
        """This thread waits no more. Raises `Halted` when the work was asked to stop."""
        with self._lock:
            del self._sockets[threading.get_ident()]
        self.check()


class Halted(BaseException):
    """Stops work whose result is no longer needed. It never reaches a user.

    Not an Exception: nobody is to take it for a failure of the network, and try again.
    """


def new_lock() -> threading.Lock:
    """A lock of threads."""
    return threading.Lock()


def new_async_lock() -> anyio.Lock:
    """A lock of tasks."""
    import anyio

    return anyio.Lock()


def current_loop() -> object:
    """None: threads have no event loop."""
    return None


def async_current_loop() -> object:
    """The event loop that runs this task; None under trio."""
    import asyncio

    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


class Slots:
    """A number of slots that several threads share; each takes as many as are free."""

    def __init__(self, count: int) -> None:
        self._free = count
        self._lock = threading.Lock()

    def take(self) -> int:
        """Take all slots that are free; returns how many."""
        with self._lock:
            taken, self._free = self._free, 0
            return taken

    def give_back(self, count: int) -> None:
        """Let others take so many slots."""
        with self._lock:
            self._free += count


def current_halt() -> Halt | None:
    """What can stop the work of this thread; None outside of `run_concurrently`."""
    return _halt.get()


def use_halt(halt: Halt) -> None:
    """Let `halt` stop the work of this thread from now on."""
    _halt.set(halt)


def sleep(seconds: float) -> None:
    """Sleep. In work of `run_concurrently` it ends, with `Halted`, when that is stopped."""
    halt = _halt.get()
    if halt is None:
        time.sleep(seconds)
    else:
        halt.sleep(seconds)


def run_concurrently(
    functions: Sequence[Callable[[Halt], T]], limit: int, pace: Pace | None = None
) -> list[T]:
    """Call all functions in threads, at most `limit` at a time. Returns their results in order.

    Context variables have the values of the caller. With a `pace`, that decides how many run, up to
    `limit`. The first error stops the others and is raised. So is Ctrl-C. Work that does not stop
    within a moment is left behind in its thread, which does not keep the program from ending.
    """
    halt = Halt()
    results: dict[int, T] = {}
    errors: list[BaseException] = []
    waiting = iter(enumerate(functions))
    lock = threading.Lock()
    is_over = threading.Lock()  # released when it is; an Event does not survive every interruption
    is_over.acquire()
    most = max(1, min(limit, len(functions)))
    running = most if pace is None else min(most, pace.limit)
    threads: list[threading.Thread] = []
    context = copy_context()

    def finish() -> None:
        with suppress(RuntimeError):  # it has been released
            is_over.release()

    def new_thread() -> threading.Thread:
        name = f"comfy_cloud:worker-{len(threads)}"
        thread = threading.Thread(target=context.copy().run, args=(work,), name=name, daemon=True)
        threads.append(thread)
        return thread

    def keep_pace(pace: Pace) -> bool:
        """Start threads as the pace allows; False if this one is too many."""
        nonlocal running
        with lock:
            pace.ended()
            wanted = min(most, pace.limit)
            missing = [new_thread() for _ in range(min(wanted - running, len(functions) - len(results)))]
            running += len(missing)
            is_too_many = running > wanted
        for thread in missing:
            thread.start()
        return not is_too_many

    def work() -> None:
        nonlocal running
        _halt.set(halt)
        try:
            while not errors:
                with lock:
                    halt.check()
                    index, function = next(waiting, (-1, None))
                if function is None:
                    return
                results[index] = function(halt)
                if pace is not None and not keep_pace(pace):
                    return
        except BaseException as error:  # noqa: BLE001 - raised in the calling thread
            errors.append(error)
            finish()
        finally:
            with lock:
                running -= 1
                if running == 0:
                    finish()

    outer = _halt.get()
    try:
        if outer is not None:
            outer.add_part(halt)
        for thread in [new_thread() for _ in range(running)]:
            thread.start()
        is_over.acquire()
        if errors:
            raise errors[0]
    except BaseException:
        halt.set()
        ends = time.monotonic() + _STOP_SECONDS
        for thread in threads:
            if thread.ident is not None:
                thread.join(max(0.0, ends - time.monotonic()))
        raise
    finally:
        if outer is not None:
            outer.remove_part(halt)
    return [results[index] for index in range(len(functions))]


async def async_run_concurrently(
    functions: Sequence[Callable[[Halt], Awaitable[T]]], limit: int, pace: Pace | None = None
) -> list[T]:
    """Call all functions, at most `limit` at a time. Returns their results in order.

    With a `pace`, that decides how many run, up to `limit`. The first error cancels the others and
    is raised.
    """
    import anyio

    results: dict[int, T] = {}
    errors: list[Exception] = []
    halt = Halt()
    waiting = iter(enumerate(functions))
    most = max(1, min(limit, len(functions)))
    running = most if pace is None else min(most, pace.limit)

    async def work() -> None:
        nonlocal running
        for index, function in waiting:
            try:
                results[index] = await function(halt)
            except Exception as error:  # noqa: BLE001 - raised below, without the group around it
                errors.append(error)
                group.cancel_scope.cancel()
                return
            if pace is None:
                continue
            pace.ended()
            wanted = min(most, pace.limit)
            for _ in range(min(wanted - running, len(functions) - len(results))):
                running += 1
                group.start_soon(work)
            if running > wanted:
                break
        running -= 1

    async with anyio.create_task_group() as group:
        for _ in range(running):
            group.start_soon(work)
    if errors:
        raise errors[0]
    return [results[index] for index in range(len(functions))]


def shielded(function: Callable[[], object], seconds: float) -> bool:
    """Call something that must be done even after Ctrl-C.

    True when it finished within so many seconds.
    """
    thread = threading.Thread(target=function, name="comfy_cloud:shielded", daemon=True)
    thread.start()
    thread.join(seconds)
    return not thread.is_alive()


async def async_shielded(function: Callable[[], Awaitable[object]], seconds: float) -> bool:
    """Await something that must be done even after a cancellation.

    True when it finished within so many seconds.
    """
    import anyio

    with anyio.move_on_after(seconds, shield=True) as scope:
        await function()
    return not scope.cancelled_caught
