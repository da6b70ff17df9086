"""A step that runs in a worker thread, and whose end a cancellation waits for. I/O.

A thread cannot be cancelled. If a task went on without waiting for its thread, the thread could
still write, rename or publish a file that the task has already given up. So a step is either never
started or waited for, under asyncio's own cancellation, anyio's and trio's.

Ctrl-C can interrupt Python code anywhere, also between taking a lock of `threading` and the block
that releases it. So everything here is safe at any moment: it uses plain locks, which are taken and
released in one step of the interpreter, and no `threading.Thread`, `Event` or `Queue`.
"""

from __future__ import annotations

import _thread
import time
from collections.abc import Callable
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class ThreadStep(Generic[T]):
    """One call of a function, in whichever thread `run` is called first.

    Each further `run` waits for the end of the call. An error of the function is kept for `result`.
    """

    def __init__(self, function: Callable[..., T], arguments: tuple[Any, ...]) -> None:
        self._function = function
        self._arguments = arguments
        self._running = _thread.allocate_lock()
        self._waiting = _thread.allocate_lock()  # until the call has ended
        self._waiting.acquire()
        self._result: list[T] = []
        self._error: BaseException | None = None
        self.is_abandoned = False  # whether it must not be started any more
        self.has_ended = False

    def start(self) -> None:
        """Start a thread that calls the function. Raises RuntimeError if there is no thread left.

        After an interruption, it may be called again.
        """
        _thread.start_new_thread(self.run, ())

    def wait(self) -> None:
        """Wait for the end of the call, which must have been started."""
        with self._waiting:
            pass

    def abandon(self) -> None:
        """Never start the call; if it has been started, wait for its end."""
        self.is_abandoned = True
        with self._running:
            pass

    def run(self) -> None:
        """Call the function, or wait for its end if another thread has called it."""
        with self._running:
            if self.has_ended or self.is_abandoned:
                return
            try:
                self._result.append(self._function(*self._arguments))
            except BaseException as error:  # noqa: BLE001 - raised by `result`, in the caller's thread
                self._error = error
            self.has_ended = True
            self._waiting.release()

    def result(self) -> T:
        """What the function returned. Raises what it raised."""
        error, self._error = self._error, None  # an exception that refers to itself is never freed
        if error is not None:
            raise error
        return self._result[0]

    @property
    def is_over(self) -> bool:
        """Whether the function has returned, or will never be called."""
        return self.has_ended or (self.is_abandoned and not self._running.locked())

    @property
    def has_result(self) -> bool:
        """Whether the function has returned something."""
        return bool(self._result)


def end(step: ThreadStep[Any]) -> BaseException | None:
    """Make a step end in a thread of its own, which Ctrl-C does not reach, and wait for it.

    Returns the last interruption, which the caller has to raise.
    """
    interruption: BaseException | None = None
    is_started = False
    while not step.has_ended:
        try:
            if not is_started:
                step.start()
                is_started = True
            step.wait()
        except RuntimeError:  # there is no thread left: this one makes the call
            step.run()
        except BaseException as error:  # noqa: BLE001 - returned
            interruption = error
    return interruption


async def async_end(step: ThreadStep[Any]) -> BaseException | None:
    """Wait for the end of a step, however often the task is cancelled meanwhile.

    Starts the step unless it was started or abandoned. Returns the last interruption, which the
    caller has to raise.
    """
    import anyio
    from anyio import to_thread

    interruption: BaseException | None = None
    with anyio.CancelScope(shield=True):  # keeps anyio and trio from cancelling, but not asyncio
        while not step.is_over:
            try:
                await to_thread.run_sync(step.run)
            except GeneratorExit:  # the event loop is gone
                step.run()
                raise
            except Exception:  # noqa: BLE001 - there is no thread to be had
                step.run()
            except BaseException as error:  # noqa: BLE001 - returned
                interruption = error
    return interruption


def give_way() -> None:
    """Let a thread go on that waits for the interpreter.

    A call that writes does so after each statement. While the caller runs Python code, Python would
    make it wait for milliseconds each time.
    """
    time.sleep(0)
