"""Time limits in total, beside the seconds of silence that the setting `timeout` counts. I/O.

A server that sends a little now and then is never silent, so each request has a limit as a whole.
A call with a timeout of its own, such as `job.wait`, opens a `Deadline`; every request and retry
inside it ends by then. `limited_streams` applies a limit to the connections of a sync client.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from contextvars import ContextVar, Token
from types import TracebackType
from typing import Any, Self

# An API response must be complete within this many times the setting `timeout`.
TIMES_THE_TIMEOUT = 10.0
# Seconds that one request may take even if the deadline of its call is nearer, or over.
LAST_REQUEST_SECONDS = 1.0

_deadline: ContextVar[Deadline | None] = ContextVar("comfy_cloud_deadline", default=None)
_limit: ContextVar[TimeLimit | None] = ContextVar("comfy_cloud_time_limit", default=None)


class Deadline:
    """The time by which the requests of a `with` block end. It can be entered again and again.

    `clock` is the client's monotonic clock and `at` a time of it, or None for no limit. Inside an
    earlier deadline that one counts. No block may contain a `yield`, since the deadline would then
    apply to the caller as well.

    Attributes:
        is_over: Whether a request was cut short, or not sent, because of it.
    """

    __slots__ = ("_at", "_clock", "_token", "is_over")

    def __init__(self, clock: Callable[[], float], at: float | None) -> None:
        self._clock = clock
        self._at = math.inf if at is None else at
        self._token: Token[Deadline | None] | None = None
        self.is_over = False

    @classmethod
    def for_request(cls, clock: Callable[[], float], at: float | None) -> Deadline:
        """A deadline for the next request alone, which always has a second to succeed."""
        return cls(clock, None if at is None else max(at, clock() + LAST_REQUEST_SECONDS))

    @property
    def seconds_left(self) -> float:
        """The seconds until it is over; infinite without a limit, and never negative."""
        return max(0.0, self._at - self._clock())

    def __enter__(self) -> Self:
        outer = _deadline.get()
        if outer is not None and outer._at < self._at:
            self._at = outer._at
        self._token = _deadline.set(self)
        return self

    def __exit__(self, *details: object) -> None:
        if self._token is not None:
            _deadline.reset(self._token)


def current_deadline() -> Deadline | None:
    """The deadline of the block that is being run, if any."""
    return _deadline.get()


class _Limit:
    """The time that one request may take: `total` seconds, or less where a deadline is nearer.

    With `is_upload` the `total` counts from `start`, when the body has been sent.

    Attributes:
        seconds: How long the request may take in all.
        is_over: Whether it took longer, or was not sent since there is no time left.
    """

    __slots__ = ("_deadline", "_ends", "_total", "is_over", "seconds")

    def __init__(self, total: float, *, is_upload: bool = False) -> None:
        self._total = total
        self._deadline: Deadline | None = None  # where it is nearer
        self.seconds = math.inf if is_upload else total
        deadline = _deadline.get()
        if deadline is not None and deadline.seconds_left < self.seconds:
            self.seconds = deadline.seconds_left
            self._deadline = deadline
        self._ends = time.monotonic() + self.seconds
        self.is_over = False
        if self.seconds <= 0:
            self._end()

    def timeouts(self, usual: dict[str, Any], longest: float) -> dict[str, Any]:
        """The extensions of a request: the usual ones, unless the limit is below their timeout."""
        if self.seconds >= longest:
            return usual
        return {**usual, "timeout": dict.fromkeys(("connect", "read", "write", "pool"), self.seconds)}

    def start(self) -> None:
        """The body of an upload has been sent: the response has to be complete in time."""
        ends = time.monotonic() + self._total
        if ends < self._ends:
            self.seconds, self._ends, self._deadline = self._total, ends, None

    def _end(self) -> None:
        self.is_over = True
        if self._deadline is not None:
            self._deadline.is_over = True


class TimeLimit(_Limit):
    """The limit of one request of a sync client. The connections ask it for their timeouts."""

    __slots__ = ("_token",)

    def __enter__(self) -> Self:
        self._token = _limit.set(self)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        _limit.reset(self._token)
        # A socket may report its timeout a moment before this clock reaches the end.
        if error is not None and time.monotonic() >= self._ends - 0.01:
            self._end()

    @property
    def seconds_left(self) -> float:
        """The seconds until the request must be complete; negative afterwards."""
        return self._ends - time.monotonic()


class AsyncTimeLimit(_Limit):
    """The limit of one request of an async client, under asyncio and trio. Raises TimeoutError."""

    __slots__ = ("_loop", "_scope")

    async def __aenter__(self) -> Self:
        import asyncio

        seconds = self._ends - time.monotonic()
        try:
            self._loop: asyncio.AbstractEventLoop | None = asyncio.get_running_loop()
        except RuntimeError:
            import anyio

            self._loop = None
            self._scope: Any = anyio.CancelScope(deadline=anyio.current_time() + seconds)
            self._scope.__enter__()
        else:
            self._scope = asyncio.timeout(None if seconds == math.inf else seconds)
            await self._scope.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._loop is not None:
            try:
                await self._scope.__aexit__(kind, error, trace)
            finally:
                if self._scope.expired():
                    self._end()
            return
        self._scope.__exit__(kind, error, trace)
        if self._scope.cancelled_caught:
            self._end()
            raise TimeoutError

    def start(self) -> None:
        super().start()
        seconds = self._ends - time.monotonic()
        if self._loop is not None:
            self._scope.reschedule(self._loop.time() + seconds)
        else:
            import anyio

            self._scope.deadline = anyio.current_time() + seconds


def current_limit() -> TimeLimit | None:
    """The limit of the request that is being sent in this thread, if any."""
    return _limit.get()
