"""How often to poll a job, and when to stop: pure rules for everything that waits.

`PollState` is the memory of one wait. It is given the result of each poll, and returns when to
poll again, when an outage has lasted too long, and when to warn. `SubmissionBackoff` is the
memory of one submission that is not accepted for now. All instants are in seconds of one
monotonic clock, which the caller reads.
"""

from __future__ import annotations

from collections.abc import Callable

from .._errors.codes import is_queue_full
from ..errors import (
    ComfyCloudError,
    ConnectionFailed,
    NotFound,
    RateLimited,
    RequestTimeout,
    ServerError,
    UnexpectedResponse,
)
from ..retry import doubled_delay
from .states import JobStatus

# (seconds since the wait began, seconds between two polls from then on)
_PACE = ((0.0, 0.5), (5.0, 1.0), (20.0, 2.0), (60.0, 4.0), (300.0, 8.0), (1800.0, 15.0))
# A job that is only seen in lists is read by itself so often: a list may be stale.
ALONE_AFTER = 300.0
# While a websocket or stream is live, polls only guard against its silence.
_LIVE_AT_LEAST = 5.0
_LIVE_FACTOR = 3.0
# A websocket or stream that has been silent for so many seconds does not count as live.
SILENT_AFTER = 20.0
# After a message about its end a job takes about so many seconds to reach the API.
_RECORDED_AFTER = 0.03
# Seconds between polls after a live connection reported an end, until the API agrees: they double.
_AFTER_ENDING_FIRST = 0.03
_AFTER_ENDING = 0.25
_ENDING_COUNTS_FOR = 5.0
# If the API still does not agree after so many seconds, another such message counts again.
_ENDING_AGAIN_AFTER = 20.0

# A stream of API v2 reports changes of the status, but causes at most one poll in so many seconds.
_BETWEEN_HINTS = 0.5

# Seconds that a server may say 404 for a job that it listed or accepted before: its lists may lag.
MISSING_FOR = 30.0
# Seconds without change after which a status that this version does not know is worth a warning.
STALLED_AFTER = 300.0
# A service may be down for this many times the retry budget while something is waited for, and
# for at least so many seconds.
_BUDGETS = 10.0
_DOWN_AT_LEAST = 60.0

# A submission that is not accepted for now is repeated after so many seconds, then after twice as
# many, up to a limit. A delay that the server asks for has a limit of its own.
_BACKOFF_FIRST = 1.0
_BACKOFF_MOST = 30.0
_BACKOFF_MOST_ASKED = 300.0

_RECONNECT_FIRST = 0.5
_RECONNECT_MOST = 30.0

_OUTAGES = (ServerError, ConnectionFailed, RequestTimeout, UnexpectedResponse, RateLimited)


def next_interval(
    elapsed: float, status: JobStatus | None, is_live: bool, random: Callable[[], float]
) -> float:
    """The seconds until the next poll of a job.

    `elapsed` is in seconds since the wait began. `is_live` says whether a websocket or stream
    reports events meanwhile. `random` draws from [0, 1), so that many waiting programs do not ask
    at the same instants.
    """
    interval = _pace(elapsed)
    if status is JobStatus.PENDING:
        interval *= 1.5
    if is_live:
        interval = max(_LIVE_AT_LEAST, interval * _LIVE_FACTOR)
    return interval * (0.8 + 0.4 * random())


def _pace(elapsed: float) -> float:
    return next(pace for since, pace in reversed(_PACE) if elapsed >= since or since == 0.0)


def reconnect_delay(failures: int, random: Callable[[], float]) -> float:
    """The seconds until a live connection is reopened, after so many failures in a row (from 1)."""
    return _backoff(failures, _RECONNECT_FIRST, _RECONNECT_MOST, random)


def _backoff(attempt: int, first: float, most: float, random: Callable[[], float]) -> float:
    """A delay that doubles with each attempt (from 1) up to `most`. Half of it is random."""
    return doubled_delay(attempt, first, most) * (0.5 + 0.5 * random())


def outage_limit(retry_budget: float) -> float:
    """For how many seconds a service may be down while something is waited for."""
    return max(_DOWN_AT_LEAST, _BUDGETS * retry_budget)


def is_outage(error: ComfyCloudError) -> bool:
    """Whether an error comes from the service or the network, and may pass without our doing."""
    return isinstance(error, _OUTAGES)


class SubmissionBackoff:
    """The memory of one submission that is not accepted for now: when to repeat it or give up.

    `began` is when it was first sent. `retry_budget` is the same as for `PollState`.
    """

    def __init__(self, began: float, retry_budget: float) -> None:
        self._began = began
        self._down_for = outage_limit(retry_budget)
        self._attempts = 0

    def next_delay(self, now: float, error: ComfyCloudError, random: Callable[[], float]) -> float | None:
        """The seconds until it is sent again after this error; None when it was tried for too long.

        A full queue empties as jobs end, so it is waited for without limit.
        """
        is_full = isinstance(error, RateLimited) and is_queue_full(error.code)
        if not is_full and now - self._began >= self._down_for:
            return None
        self._attempts += 1
        asked = error.retry_after if isinstance(error, RateLimited) and error.retry_after else 0.0
        delay = _backoff(self._attempts, _BACKOFF_FIRST, _BACKOFF_MOST, random)
        return max(min(asked, _BACKOFF_MOST_ASKED), delay)


class PollState:
    """The memory of one wait for one job.

    `retry_budget` is the number of seconds that the client spends on retries of a single call.
    `missing_for` is the number of seconds that the server may not know the job.
    """

    def __init__(self, began: float, retry_budget: float, missing_for: float = MISSING_FOR) -> None:
        self._began = began
        self._missing_for = missing_for
        self._down_for = outage_limit(retry_budget)
        self._status: JobStatus | None = None
        self._word: object = None
        self._since = began
        self._outage_since: float | None = None
        self._missing_since: float | None = None
        self._has_warned = False
        self._ending_at: float | None = None
        self._polls_since_ending = 0
        self._next_hint = float("-inf")

    @property
    def status(self) -> JobStatus | None:
        """The last status seen; None before the first poll."""
        return self._status

    def saw(self, now: float, status: JobStatus, word: object = None) -> bool:
        """Take the result of a poll.

        `word` is the server's own status. True when it is time to warn.
        """
        self._outage_since = self._missing_since = None
        if (status, word) != (self._status, self._word):
            self._status, self._word, self._since = status, word, now
        if status is JobStatus.UNKNOWN and not self._has_warned and now - self._since >= STALLED_AFTER:
            self._has_warned = True
            return True
        return False

    def failed(self, now: float, error: ComfyCloudError) -> bool:
        """Take a poll that failed.

        True when it must be raised: it cannot pass, or has lasted too long.
        """
        if isinstance(error, NotFound):
            self._outage_since = None
            self._missing_since = now if self._missing_since is None else self._missing_since
            return now - self._missing_since >= self._missing_for
        if not is_outage(error):
            return True
        self._missing_since = None
        self._outage_since = now if self._outage_since is None else self._outage_since
        return now - self._outage_since >= self._down_for

    def ended(self, now: float) -> float:
        """An event reported the end: returns when to poll, then at short intervals.

        The API may not know of it yet. Many servers send another event once it does. It counts
        once in a while, so that a server that repeats it is not polled more often.
        """
        if self._ending_at is not None and now - self._ending_at < _ENDING_AGAIN_AFTER:
            return float("inf")
        self._ending_at, self._polls_since_ending = now, 0
        return now + _RECORDED_AFTER

    def idle(self, now: float) -> float:
        """No node of the job is running any more: returns when to poll.

        It comes after the event about the end, which may have been lost.
        """
        self.ended(now)
        return self._hint_due(now)

    def hinted(self, now: float, status: JobStatus) -> float:
        """A stream reported this status, which no poll has found yet: returns when to poll."""
        if status.is_terminal:
            self.ended(now)
            return now
        return self._hint_due(now)

    def _hint_due(self, now: float) -> float:
        if now >= self._next_hint:
            self._next_hint = now + _BETWEEN_HINTS
            return now
        return self._next_hint

    def tolerates(self, now: float) -> float:
        """How many seconds old the state of the job may be that a poll finds; 0 near its end."""
        if self._ending_at is not None and now - self._ending_at < _ENDING_COUNTS_FOR:
            return 0.0
        return 0.5 * _pace(now - self._began)

    def interval(self, now: float, is_live: bool, random: Callable[[], float]) -> float:
        """The seconds until the next poll."""
        if self._ending_at is not None and now - self._ending_at < _ENDING_COUNTS_FOR:
            self._polls_since_ending += 1
            return doubled_delay(self._polls_since_ending, _AFTER_ENDING_FIRST, _AFTER_ENDING)
        if self._outage_since is not None or self._missing_since is not None:
            # The client retried before this failed: no hurry, and no websocket to rely on.
            return max(1.0, next_interval(now - self._began, self._status, False, random))
        return next_interval(now - self._began, self._status, is_live, random)
