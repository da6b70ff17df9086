"""How often to ask how a job is, and when to stop asking: pure rules for whoever waits.

`Patience` is the memory of one wait. It is told what each look showed, and says when to look again, when a trouble has
lasted too long, and when something deserves a warning. It reads no clock and sends nothing.
"""

from __future__ import annotations

from collections.abc import Callable

from ..errors import (
    ComfyCloudError,
    ConnectionFailed,
    NotFound,
    RateLimited,
    RequestTimeout,
    ServerError,
    UnexpectedResponse,
)
from .states import JobStatus

# (seconds since the wait began, seconds between two looks from then on)
_PACE = ((0.0, 0.5), (5.0, 1.0), (20.0, 2.0), (60.0, 4.0), (300.0, 8.0), (1800.0, 15.0))
# While the websocket tells what happens, looks only guard against its silence.
_LIVE_AT_LEAST = 5.0
_LIVE_FACTOR = 3.0
# A websocket that told nothing for so many seconds does not count as live.
SILENT_AFTER = 20.0
# Seconds between looks after an ending was told over the websocket, until the API knows of it as well.
_AFTER_ENDING = 0.25
_ENDING_COUNTS_FOR = 5.0

# Seconds that a job may be unknown to a server which told of it, or was just given it: its lists may lag.
MISSING_FOR = 30.0
# Seconds without change after which a status that this version does not know is worth a warning.
STALLED_AFTER = 300.0
# A service may be down for this many times the retry budget, and for at least so many seconds, while a job is waited for.
_BUDGETS = 10.0
_DOWN_AT_LEAST = 60.0

# A submission that is not accepted for now is sent again after so many seconds, then after twice as many, up to a limit; one
# that the server asks for is kept up to another.
_HELD_FIRST = 1.0
_HELD_MOST = 30.0
_HELD_MOST_ASKED = 300.0

_RECONNECT_FIRST = 0.5
_RECONNECT_MOST = 30.0
_LARGEST_EXPONENT = 10

_TROUBLES = (ServerError, ConnectionFailed, RequestTimeout, UnexpectedResponse, RateLimited)


def next_interval(
    elapsed: float,
    status: JobStatus | None,
    is_live: bool,
    random: Callable[[], float],
) -> float:
    """The seconds until the next look at a job.

    `elapsed` is in seconds since the wait began, `is_live` whether a websocket tells what happens meanwhile, and `random`
    draws from [0, 1): many programs that wait must not ask at the same instants.
    """
    interval = next(pace for since, pace in reversed(_PACE) if elapsed >= since or since == 0.0)
    if status is JobStatus.PENDING:
        interval *= 1.5
    if is_live:
        interval = max(_LIVE_AT_LEAST, interval * _LIVE_FACTOR)
    return interval * (0.8 + 0.4 * random())


def reconnect_delay(failures: int, random: Callable[[], float]) -> float:
    """The seconds before a websocket is tried again, after so many failures in a row (1 after the first)."""
    ceiling = min(_RECONNECT_MOST, _RECONNECT_FIRST * 2.0 ** min(max(failures - 1, 0), _LARGEST_EXPONENT))
    return ceiling * (0.5 + 0.5 * random())


def outage_patience(retry_budget: float) -> float:
    """For how many seconds a service may be down while something is waited for."""
    return max(_DOWN_AT_LEAST, _BUDGETS * retry_budget)


def is_trouble(error: ComfyCloudError) -> bool:
    """Whether an error is one of the service or the way to it, and may pass by itself."""
    return isinstance(error, _TROUBLES)


class HeldBack:
    """The memory of one submission that is not accepted for now: when to send it again, and when to give up.

    `began` is on one monotonic clock, in seconds; `retry_budget` as for `Patience`.
    """

    def __init__(self, began: float, retry_budget: float) -> None:
        self._began = began
        self._down_for = outage_patience(retry_budget)
        self._times = 0

    def next_delay(self, now: float, error: ComfyCloudError, random: Callable[[], float]) -> float | None:
        """The seconds until it is sent again after this error; None when that was tried for too long.

        A full queue moves as jobs end, so it is waited for without limit.
        """
        is_full = isinstance(error, RateLimited) and (error.code or "").upper() == "QUEUE_LIMIT"
        if not is_full and now - self._began >= self._down_for:
            return None
        self._times += 1
        ceiling = min(_HELD_MOST, _HELD_FIRST * 2.0 ** min(self._times - 1, _LARGEST_EXPONENT))
        asked = error.retry_after if isinstance(error, RateLimited) and error.retry_after else 0.0
        return max(min(asked, _HELD_MOST_ASKED), ceiling * (0.5 + 0.5 * random()))


class Patience:
    """The memory of one wait for one job. All instants are in seconds of one monotonic clock.

    `retry_budget` is the number of seconds that the client spends on repeating a single call, `missing_for` for how many the
    job may be unknown to the server.
    """

    def __init__(self, began: float, retry_budget: float, missing_for: float = MISSING_FOR) -> None:
        self._began = began
        self._missing_for = missing_for
        self._down_for = outage_patience(retry_budget)
        self._status: JobStatus | None = None
        self._word: object = None
        self._since = began
        self._trouble_since: float | None = None
        self._missing_since: float | None = None
        self._has_warned = False
        self._ending_at: float | None = None

    @property
    def status(self) -> JobStatus | None:
        """The last status seen, None before the first look."""
        return self._status

    def saw(self, now: float, status: JobStatus, word: object = None) -> bool:
        """Take what a look showed; `word` is the server's own for the status. True when it is time for a warning."""
        self._trouble_since = self._missing_since = None
        if (status, word) != (self._status, self._word):
            self._status, self._word, self._since = status, word, now
        if status is JobStatus.UNKNOWN and not self._has_warned and now - self._since >= STALLED_AFTER:
            self._has_warned = True
            return True
        return False

    def failed(self, now: float, error: ComfyCloudError) -> bool:
        """Take a look that failed. True when it is to be raised: it cannot pass, or has lasted too long."""
        if isinstance(error, NotFound):
            self._trouble_since = None
            self._missing_since = now if self._missing_since is None else self._missing_since
            return now - self._missing_since >= self._missing_for
        if not isinstance(error, _TROUBLES):
            return True
        self._missing_since = None
        self._trouble_since = now if self._trouble_since is None else self._trouble_since
        return now - self._trouble_since >= self._down_for

    def ended(self, now: float) -> None:
        """An ending was told over the websocket: look at once, and soon again until the API says so too."""
        if self._ending_at is None:
            self._ending_at = now

    def interval(self, now: float, is_live: bool, random: Callable[[], float]) -> float:
        """The seconds until the next look."""
        if self._ending_at is not None and now - self._ending_at < _ENDING_COUNTS_FOR:
            return _AFTER_ENDING
        if self._trouble_since is not None or self._missing_since is not None:
            # The calls before this one were repeated by the client already: no hurry, and no websocket to rely on.
            return max(1.0, next_interval(now - self._began, self._status, False, random))
        return next_interval(now - self._began, self._status, is_live, random)
