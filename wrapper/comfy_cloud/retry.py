"""Whether and when a failed request is sent again: a pure decision.

This module does not send, sleep, read a clock or draw random numbers: the caller passes the time that has gone by and a
source of randomness. It knows nothing of operations either; the caller says whether a request may be repeated.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from ._errors.types import BUSY_TYPES, RATE_LIMIT_TYPES
from .errors import ConfigurationError

FailureKind = Literal["status", "connect", "timeout", "reset", "cut"]

# 520 to 529 are what edge servers answer when the origin fails: kin of 502.
TRANSIENT_STATUSES = frozenset((408, 500, 502, 503, 504, *range(520, 530)))

# 2 ** 63 seconds is beyond any cap; larger exponents would only overflow.
_LARGEST_EXPONENT = 63


@dataclass(frozen=True, slots=True)
class Retry:
    """How a client repeats requests that failed.

    `attempts` counts every try, the first included. `budget` is the time in seconds within which the last try must
    begin, counted from the start of the first. The delay before try n + 1 is drawn between 0 and
    min(`cap`, `base` * 2 ** (n - 1)) seconds. A `Retry-After` longer than `max_retry_after` seconds is not waited for:
    the error is raised and tells when to return. Raises ConfigurationError for values that make no sense.
    """

    attempts: int = 5
    budget: float = 60.0
    base: float = 0.5
    cap: float = 20.0
    max_retry_after: float = 60.0

    def __post_init__(self) -> None:
        """Refuse values that make no sense."""
        if isinstance(self.attempts, bool) or not isinstance(self.attempts, int) or self.attempts < 1:
            raise ConfigurationError(
                f"Retry(attempts={self.attempts!r}): use a whole number of tries, at least 1 (1 means no repeats)"
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


# What a self-hosted ComfyUI says of operations that its owner does not want.
SWITCHED_OFF = "SERVICE_DISABLED"


@dataclass(frozen=True, slots=True)
class Failure:
    """What is known about one failed try.

    `kind` is "status" for an answer with an error status, "connect" when no connection was made, "timeout", "reset",
    or "cut" for an answer that broke off. `retry_after` is in seconds. `error_type` is the type or code of the error
    body. `sent` says whether the request may have reached the server; a "connect" failure counts as not sent.
    """

    kind: FailureKind
    status: int | None = None
    retry_after: float | None = None
    error_type: str | None = None
    sent: bool = True


def next_delay(
    policy: Retry,
    failure: Failure,
    attempt: int,
    elapsed: float,
    repeatable: bool,
    random: Callable[[], float],
) -> float | None:
    """The seconds to wait before the next try, or None when there must not be one.

    `attempt` is the number of tries made so far (1 after the first), `elapsed` the seconds since the first began,
    `repeatable` whether doing the request twice does no harm, and `random` draws from [0, 1).
    """
    if attempt >= policy.attempts:
        return None
    if not (is_transient(failure) and (repeatable or was_surely_not_accepted(failure))):
        return None
    ceiling = min(policy.cap, policy.base * 2.0 ** min(max(attempt - 1, 0), _LARGEST_EXPONENT))
    delay = random() * ceiling
    if failure.retry_after is not None:
        if failure.retry_after > policy.max_retry_after:
            return None
        delay = max(delay, failure.retry_after)
    return None if elapsed + delay > policy.budget else delay


def is_transient(failure: Failure) -> bool:
    """Whether the same request may succeed later.

    True for every network failure, for 408, 500, 502, 503, 504 and 520 to 529, and for a 402 or 429 that says the queue
    is full or the service busy. Not for a 503 that says the service is switched off. A 429 without a type, or with one for its rate, counts as busy; any other type may
    mean billing and is not repeated, FREE_TIER_UNAVAILABLE among them: nothing promises that waiting helps there.
    """
    if failure.kind != "status":
        return True
    if failure.status in (402, 429):
        if _is_busy(failure.error_type):
            return True
        return failure.status == 429 and (
            not failure.error_type or _word(failure.error_type) in RATE_LIMIT_TYPES
        )
    return failure.status in TRANSIENT_STATUSES and _word(failure.error_type) != SWITCHED_OFF


def was_surely_not_accepted(failure: Failure) -> bool:
    """Whether a request that must not be done twice was certainly not done.

    True when it was never sent, and when the server refused it as too many or too busy. Any other answer leaves the
    outcome open: 408 and 503 too, also with Retry-After, since something between client and service may have given
    them; only a type that says "busy" makes them a refusal.
    """
    if failure.kind == "connect" or not failure.sent:
        return True
    return failure.kind == "status" and (failure.status in (402, 429) or _is_busy(failure.error_type))


def _is_busy(error_type: str | None) -> bool:
    return _word(error_type) in BUSY_TYPES


def _word(error_type: str | None) -> str:
    return (error_type or "").strip().upper().replace("-", "_").replace(" ", "_")
