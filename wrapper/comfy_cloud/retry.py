"""Whether and when a failed request is sent again: a pure decision.

Nothing here sends, sleeps, reads a clock or draws random numbers: the caller passes the elapsed
time and a source of randomness. Whether a request may be repeated depends on its method and, for
some POSTs, on the operation; `_http/request_encoding.py` has the latter.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from ._errors.codes import is_busy, is_rate_limit, is_switched_off
from .errors import ConfigurationError

FailureKind = Literal["status", "connect", "timeout", "reset", "cut"]

# Methods that do no more when they are sent twice.
REPEATABLE_METHODS = frozenset({"GET", "HEAD", "PUT", "DELETE"})

# 520 to 529 come from edge servers when the origin fails, much like 502.
TRANSIENT_STATUSES = frozenset((408, 500, 502, 503, 504, *range(520, 530)))

# 2 ** 63 seconds is beyond any cap; larger exponents would only overflow.
_LARGEST_EXPONENT = 63


@dataclass(frozen=True, slots=True)
class Retry:
    """How a client repeats requests that failed.

    Attributes:
        attempts: The number of attempts, the first included.
        budget: The last attempt must begin within this many seconds from the start of the first.
        base: The delay before attempt n + 1 is random, between 0 and min(`cap`, `base` * 2 ** (n
            - 1)).
        cap: The largest random delay, in seconds.
        max_retry_after: The longest `Retry-After` that is waited for, in seconds. For a longer
            one the error is raised; its `retry_after` has the seconds.

    Raises:
        ConfigurationError: A value is not valid.
    """

    attempts: int = 5
    budget: float = 60.0
    base: float = 0.5
    cap: float = 20.0
    max_retry_after: float = 60.0

    def __post_init__(self) -> None:
        """Check the values."""
        if isinstance(self.attempts, bool) or not isinstance(self.attempts, int) or self.attempts < 1:
            raise ConfigurationError(
                f"Retry(attempts={self.attempts!r}): use a whole number of attempts, at least 1 "
                "(1 means no retries)"
            )
        for name in ("budget", "base", "cap", "max_retry_after"):
            value = getattr(self, name)
            if (
                isinstance(value, bool)
                or not isinstance(value, (int, float))
                or math.isnan(value)
                or value < 0
            ):
                raise ConfigurationError(f"Retry({name}={value!r}): use a number of seconds, 0 or more")

    @classmethod
    def none(cls) -> Retry:
        """The policy that never repeats a request."""
        return cls(attempts=1, budget=0.0)


@dataclass(frozen=True, slots=True)
class Failure:
    """What is known about one failed attempt.

    `kind` is "status" for a response with an error status, "connect" when no connection was made,
    "timeout", "reset", or "cut" for a response that broke off. `retry_after` is in seconds.
    `error_code` is the code in the error body. `sent` says whether the request may have reached the
    server; a "connect" failure counts as not sent.
    """

    kind: FailureKind
    status: int | None = None
    retry_after: float | None = None
    error_code: str | None = None
    sent: bool = True


def next_delay(
    policy: Retry,
    failure: Failure,
    attempt: int,
    elapsed: float,
    repeatable: bool,
    random: Callable[[], float],
) -> float | None:
    """The seconds to wait before the next attempt, or None when there must not be one.

    `attempt` is the number of attempts so far (1 after the first), `elapsed` the seconds since
    the first began. `repeatable` says whether sending the request twice does no harm. `random`
    draws from [0, 1).
    """
    if attempt >= policy.attempts:
        return None
    if not (is_transient(failure) and (repeatable or was_surely_not_accepted(failure))):
        return None
    delay = random() * doubled_delay(attempt, policy.base, policy.cap)
    if failure.retry_after is not None:
        if failure.retry_after > policy.max_retry_after:
            return None
        delay = max(delay, failure.retry_after)
    return None if elapsed + delay > policy.budget else delay


def doubled_delay(attempt: int, first: float, most: float) -> float:
    """A delay in seconds that doubles with each attempt, counted from 1, up to a limit."""
    return min(most, first * 2.0 ** min(max(attempt - 1, 0), _LARGEST_EXPONENT))


def is_transient(failure: Failure) -> bool:
    """Whether the same request may succeed later.

    True for every network failure, for 408, 500, 502, 503, 504 and 520 to 529, and for a 402 or
    429 with a code for a full queue or a busy service. False for a 503 with the code of an
    operation that is switched off. A 429 without a code, or with one about the rate, counts as
    busy. Any other code may mean billing and is not repeated. That includes
    FREE_TIER_UNAVAILABLE: no server promises that waiting helps.
    """
    if failure.kind != "status":
        return True
    if failure.status in (402, 429):
        return is_busy(failure.error_code) or (failure.status == 429 and is_rate_limit(failure.error_code))
    return failure.status in TRANSIENT_STATUSES and not is_switched_off(failure.error_code)


def was_surely_not_accepted(failure: Failure) -> bool:
    """Whether a request that must not be done twice was certainly not done.

    True when it was never sent, and when the server refused it because of the rate or because it
    is busy. Every other response leaves the outcome open. That includes 408 and 503, even with
    Retry-After: they may come from a proxy; only an error code for "busy" makes them a refusal.
    """
    if failure.kind == "connect" or not failure.sent:
        return True
    return failure.kind == "status" and (failure.status in (402, 429) or is_busy(failure.error_code))
