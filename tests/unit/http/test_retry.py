"""Which failures are repeated, and after how long."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comfy_cloud.errors import ConfigurationError
from comfy_cloud.retry import Failure, FailureKind, Retry, is_transient, next_delay, was_surely_not_accepted

KINDS: tuple[FailureKind, ...] = ("status", "connect", "timeout", "reset", "cut")


def status(code: int, error_code: str | None = None, retry_after: float | None = None) -> Failure:
    return Failure("status", code, retry_after, error_code)


def delay(
    failure: Failure,
    *,
    attempt: int = 1,
    elapsed: float = 0.0,
    repeatable: bool = True,
    chance: float = 0.5,
    **policy: Any,
) -> float | None:
    return next_delay(Retry(**policy), failure, attempt, elapsed, repeatable, lambda: chance)


@pytest.mark.parametrize("code", [408, 500, 502, 503, 504, 520, 521, 524, 529])
def test_transient_statuses_are_repeated_only_if_that_is_harmless(code: int) -> None:
    assert delay(status(code)) == 0.25
    assert delay(status(code), repeatable=False) is None
    assert delay(status(code, retry_after=1.0), repeatable=False) is None


@pytest.mark.parametrize(
    "code", [200, 302, 400, 401, 402, 403, 404, 409, 410, 413, 422, 501, 505, 519, 530, 600]
)
def test_other_statuses_are_not_repeated(code: int) -> None:
    assert delay(status(code)) is None


@pytest.mark.parametrize(
    "error_code", ["QUEUE_LIMIT", "BILLING_UNAVAILABLE", "PLATFORM_REFUSED", "queue-limit"]
)
def test_a_busy_service_is_retried_whatever_the_method(error_code: str) -> None:
    for code in (402, 429, 503):
        assert delay(status(code, error_code)) == 0.25
        assert delay(status(code, error_code), repeatable=False) == 0.25


@pytest.mark.parametrize(
    "error_code", [None, "", "RATE_LIMITED", "rate_limit_exceeded", "TOO_MANY_REQUESTS", "429"]
)
def test_a_429_about_the_rate_is_retried_whatever_the_method(error_code: str | None) -> None:
    assert delay(status(429, error_code)) == 0.25
    assert delay(status(429, error_code), repeatable=False) == 0.25


@pytest.mark.parametrize(
    "error_code",
    [
        "PAYMENT_REQUIRED",
        "CLOUD_SUBSCRIPTION_REQUIRED",
        "FREE_TIER_EXHAUSTED",
        "FREE_TIER_UNAVAILABLE",
        "PARTNER_NODE_PAYMENT_REQUIRED",
        "MODEL_PAYMENT_REQUIRED",
        "INSUFFICIENT_CREDITS",
        "subscription_inactive",
        "SOMETHING_NEW",
    ],
)
def test_billing_is_never_retried(error_code: str) -> None:
    for code in (402, 429):
        assert delay(status(code, error_code, retry_after=1.0)) is None
    assert delay(status(402)) is None


@pytest.mark.parametrize("kind", KINDS[1:])
def test_network_failures_are_repeated_only_if_that_is_harmless(kind: FailureKind) -> None:
    assert delay(Failure(kind)) == 0.25
    assert delay(Failure(kind, sent=False), repeatable=False) == 0.25
    assert delay(Failure(kind, sent=True), repeatable=False) == (0.25 if kind == "connect" else None)


def test_the_ceiling_doubles_up_to_the_cap() -> None:
    delays = [delay(status(500), attempt=n, chance=1.0, attempts=10, budget=1e9) for n in range(1, 9)]
    assert delays == [0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 20.0, 20.0]
    assert delay(status(500), attempt=10_000, chance=1.0, attempts=20_000) == 20.0
    assert delay(status(500), chance=0.0) == 0.0


def test_attempts_include_the_first() -> None:
    assert delay(status(500), attempt=4) is not None
    assert delay(status(500), attempt=5) is None
    assert delay(status(500), attempt=1, attempts=1) is None
    assert next_delay(Retry.none(), status(500), 1, 0.0, True, lambda: 0.0) is None


def test_the_budget_covers_the_delay() -> None:
    assert delay(status(500), elapsed=59.75, chance=0.5) == 0.25
    assert delay(status(500), elapsed=59.76, chance=0.5) is None
    assert delay(status(500, retry_after=5.0), budget=4.0) is None
    assert delay(status(500), elapsed=1e9, budget=math.inf) == 0.25


def test_retry_after_is_the_least_delay() -> None:
    assert delay(status(503, retry_after=3.0)) == 3.0
    assert delay(status(503, retry_after=0.1), chance=0.5) == 0.25
    assert delay(status(429, "QUEUE_LIMIT", retry_after=0.0), chance=0.0) == 0.0


def test_a_longer_retry_after_than_allowed_gives_up() -> None:
    assert delay(status(429, retry_after=60.0), budget=100.0) == 60.0
    assert delay(status(429, retry_after=60.1), budget=100.0) is None
    assert delay(status(429, retry_after=2.0), max_retry_after=1.0) is None


@pytest.mark.parametrize("attempts", [0, -1, 1.5, True, "3", None])
def test_attempts_are_checked(attempts: Any) -> None:
    with pytest.raises(ConfigurationError, match=r"attempts=.*at least 1"):
        Retry(attempts=attempts)


@pytest.mark.parametrize("name", ["budget", "base", "cap", "max_retry_after"])
@pytest.mark.parametrize("value", [-1, math.nan, True, "3", None])
def test_seconds_are_checked(name: str, value: Any) -> None:
    with pytest.raises(ConfigurationError, match=rf"{name}=.*number of seconds"):
        Retry(**{name: value})


def test_policies_are_values() -> None:
    assert Retry(attempts=5, budget=60) == Retry()
    assert hash(Retry()) == hash(Retry(budget=60.0))
    with pytest.raises(AttributeError):
        Retry().attempts = 3  # type: ignore[misc]


failures = st.builds(
    Failure,
    kind=st.sampled_from(KINDS),
    status=st.one_of(st.none(), st.integers(100, 999)),
    retry_after=st.one_of(st.none(), st.floats(0, 1e9)),
    error_code=st.one_of(
        st.none(), st.text(max_size=5), st.sampled_from(("QUEUE_LIMIT", "PAYMENT_REQUIRED"))
    ),
    sent=st.booleans(),
)
policies = st.builds(
    Retry,
    attempts=st.integers(1, 2000),
    budget=st.floats(0, 1e9),
    base=st.floats(0, 1e300),
    cap=st.floats(0, 1e300),
    max_retry_after=st.floats(0, 1e9),
)


@given(
    policies,
    failures,
    st.integers(1, 2000),
    st.floats(0, 1e9),
    st.booleans(),
    st.floats(0, 1, exclude_max=True),
)
def test_a_delay_keeps_every_limit(
    policy: Retry, failure: Failure, attempt: int, elapsed: float, repeatable: bool, chance: float
) -> None:
    seconds = next_delay(policy, failure, attempt, elapsed, repeatable, lambda: chance)
    if seconds is None:
        return
    assert attempt < policy.attempts
    assert 0 <= elapsed + seconds <= policy.budget
    assert is_transient(failure)
    assert repeatable or was_surely_not_accepted(failure)
    assert (failure.retry_after or 0.0) <= seconds
    assert seconds <= max(policy.cap, policy.max_retry_after)
