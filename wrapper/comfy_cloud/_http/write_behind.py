"""Make calls in a thread while the caller goes on, one after the other, sync and async.

Whoever leaves the block has waited for the last call, also after an interruption.
"""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

from .thread_steps import ThreadStep, async_end, end


class WriteBehind:
    """Use it in a `with` block:

    with WriteBehind() as behind:
        for page in pages:
            behind.start(write, page)

    The error of a call is raised by the next `start` or `finish`, or at the end of the block.
    """

    def __init__(self) -> None:
        self._step: ThreadStep[Any] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        if error is None:
            self.finish()
        else:
            self._wait()

    def start(self, function: Callable[..., object], *arguments: Any) -> None:
        """Wait for the call before, and start this one."""
        self.finish()
        self._step = ThreadStep(function, arguments)
        _start(self._step)

    def finish(self) -> Any:
        """The result of the call that runs, or None if none does. Raises its error."""
        step = self._wait()
        return None if step is None else step.result()

    @property
    def is_busy(self) -> bool:
        """Whether a call is running."""
        return self._step is not None and not self._step.has_ended

    def _wait(self) -> ThreadStep[Any] | None:
        step = self._step
        interruption = None if step is None else end(step)
        self._step = None
        if interruption is not None:
            raise interruption
        return step


class AsyncWriteBehind:
    """The same for tasks, in an `async with` block."""

    def __init__(self) -> None:
        self._step: ThreadStep[Any] | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        if error is None:
            await self.finish()
        else:
            await self._wait()

    async def start(self, function: Callable[..., object], *arguments: Any) -> None:
        """Wait for the call before, and start this one."""
        await self.finish()
        self._step = ThreadStep(function, arguments)
        _start(self._step)

    async def finish(self) -> Any:
        """The result of the call that runs, or None if none does. Raises its error."""
        step = await self._wait()
        return None if step is None else step.result()

    @property
    def is_busy(self) -> bool:
        """Whether a call is running."""
        return self._step is not None and not self._step.has_ended

    async def _wait(self) -> ThreadStep[Any] | None:
        step = self._step
        interruption = None if step is None else await async_end(step)
        self._step = None
        if interruption is not None:
            raise interruption
        return step


def _start(step: ThreadStep[Any]) -> None:
    try:
        step.start()
    except RuntimeError:  # there is no thread left
        step.run()
