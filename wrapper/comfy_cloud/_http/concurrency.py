"""Worker threads, bounded concurrency and shields against cancellation, sync and async. I/O."""

from __future__ import annotations

import threading
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeAlias, TypeVar

from .thread_steps import ThreadStep, async_end, end

A = TypeVar("A")
T = TypeVar("T")

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
    """Asks work in other threads to stop. A thread cannot be cancelled; it has to check."""

    def __init__(self) -> None:
        self._is_set = threading.Event()

    def set(self) -> None:
        """Ask the work to stop."""
        self._is_set.set()

    def check(self) -> None:
        """Raise `Halted` when the work was asked to stop."""
        if self._is_set.is_set():
            raise Halted


class Halted(Exception):
    """Stops work whose result is no longer needed. It never reaches a user."""


def run_concurrently(functions: Sequence[Callable[[Halt], T]], limit: int) -> list[T]:
    """Call all functions in threads, at most `limit` at a time. Returns their results in order.

    The first error stops the others and is raised. So is Ctrl-C.
    """
    from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait

    halt = Halt()
    with ThreadPoolExecutor(max_workers=max(1, min(limit, len(functions)))) as executor:
        futures = [executor.submit(function, halt) for function in functions]
        try:
            done, _ = wait(futures, return_when=FIRST_EXCEPTION)
            errors = [error for future in done if (error := future.exception())]
            if errors:
                raise errors[0]
            return [future.result() for future in futures]
        except BaseException:
            halt.set()
            executor.shutdown(wait=False, cancel_futures=True)
            raise


async def async_run_concurrently(functions: Sequence[Callable[[Halt], Awaitable[T]]], limit: int) -> list[T]:
    """Call all functions, at most `limit` at a time. Returns their results in order.

    The first error cancels the others and is raised.
    """
    import anyio

    results: dict[int, T] = {}
    errors: list[Exception] = []
    halt = Halt()
    waiting = iter(enumerate(functions))

    async def work() -> None:
        for index, function in waiting:
            try:
                results[index] = await function(halt)
            except Exception as error:  # noqa: BLE001 - raised below, without the group around it
                errors.append(error)
                group.cancel_scope.cancel()
                return

    async with anyio.create_task_group() as group:
        for _ in range(max(1, min(limit, len(functions)))):
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
