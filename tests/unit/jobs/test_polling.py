"""How often a job is polled, and when a wait gives up."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comfy_cloud import (
    ComfyCloudError,
    ConnectionFailed,
    Forbidden,
    JobStatus,
    NotFound,
    RateLimited,
    RequestTimeout,
    ServerError,
    Unauthorized,
    UnexpectedResponse,
)
from comfy_cloud._jobs.polling import (
    MISSING_FOR,
    SILENT_AFTER,
    PollState,
    SubmissionBackoff,
    is_outage,
    next_interval,
    outage_limit,
    reconnect_delay,
)

NO_LUCK = float  # a "random" that always draws 0.0
DOWN = ServerError("down", status=503)
GONE = NotFound("gone", status=404)


@given(
    elapsed=st.floats(0, 1e7),
    status=st.sampled_from([None, *JobStatus]),
    is_live=st.booleans(),
    chance=st.floats(0, 1, exclude_max=True),
)
def test_the_interval_stays_within_limits(
    elapsed: float, status: JobStatus | None, is_live: bool, chance: float
) -> None:
    interval = next_interval(elapsed, status, is_live, lambda: chance)
    assert 0.4 <= interval <= 90
    later = next_interval(elapsed * 2, status, is_live, lambda: chance)
    assert later >= interval
    assert next_interval(elapsed, status, True, lambda: chance) >= interval


def test_polls_are_frequent_at_first_and_random() -> None:
    quick = next_interval(0, JobStatus.IN_PROGRESS, False, NO_LUCK)
    slow = next_interval(3600, JobStatus.IN_PROGRESS, False, NO_LUCK)
    assert quick < 1 < 10 < slow
    assert next_interval(0, JobStatus.IN_PROGRESS, False, lambda: 0.9) > quick
    assert next_interval(0, JobStatus.PENDING, False, NO_LUCK) > quick
    assert next_interval(0, JobStatus.IN_PROGRESS, True, NO_LUCK) >= 4


@pytest.mark.parametrize(
    ("elapsed", "seconds"),
    [
        (0, 0.5), (4.9, 0.5), (5, 1), (19.9, 1), (20, 2), (59.9, 2), (60, 4), (299, 4), (300, 8), (1799, 8),
        (1800, 15), (1e6, 15),
    ],
)  # fmt: skip
def test_the_pace_of_polling(elapsed: float, seconds: float) -> None:
    """At the middle of the random range."""
    middle = lambda: 0.5  # noqa: E731
    assert next_interval(elapsed, JobStatus.IN_PROGRESS, False, middle) == pytest.approx(seconds)
    assert next_interval(elapsed, JobStatus.PENDING, False, middle) == pytest.approx(1.5 * seconds)
    live = max(5.0, 3 * seconds)
    assert next_interval(elapsed, JobStatus.IN_PROGRESS, True, middle) == pytest.approx(live)
    assert next_interval(elapsed, None, False, NO_LUCK) == pytest.approx(0.8 * seconds)


def test_delays_double_and_half_of_each_is_random() -> None:
    assert [reconnect_delay(failures, NO_LUCK) for failures in range(8)] == [
        0.25, 0.25, 0.5, 1, 2, 4, 8, 15
    ]  # fmt: skip
    assert reconnect_delay(1, lambda: 0.5) == 0.375
    backoff = SubmissionBackoff(0.0, 60)
    assert [backoff.next_delay(0, FULL, NO_LUCK) for _ in range(7)] == [0.5, 1, 2, 4, 8, 15, 15]


def test_how_long_things_are_waited_for() -> None:
    assert (MISSING_FOR, SILENT_AFTER) == (30, 20)


def test_reconnecting_slows_down_but_never_stops() -> None:
    delays = [reconnect_delay(failures, NO_LUCK) for failures in range(1, 2000)]
    assert delays == sorted(delays)
    assert delays[0] < 0.5
    assert 10 <= delays[-1] <= 30


@pytest.mark.parametrize(
    "error",
    [Unauthorized("no", status=401), Forbidden("no", status=403), ComfyCloudError("odd")],
)
def test_errors_that_cannot_pass_are_raised_at_once(error: ComfyCloudError) -> None:
    assert PollState(0, 60).failed(0, error)


@pytest.mark.parametrize(
    "error", [DOWN, ConnectionFailed("no"), RequestTimeout("no"), UnexpectedResponse("html", status=200)]
)
def test_a_service_may_be_down_for_ten_times_the_retry_budget(error: ComfyCloudError) -> None:
    state = PollState(0, 30)
    assert not state.failed(100, error)
    assert not state.failed(399, error)
    assert state.failed(400, error)
    state.saw(401, JobStatus.PENDING)
    assert not state.failed(402, error)
    assert not PollState(0, 0).failed(0, error)


def test_an_outage_counts_from_its_start() -> None:
    state = PollState(0, 30)
    state.failed(0, DOWN)
    state.saw(200, JobStatus.PENDING)
    state.failed(300, DOWN)
    assert not state.failed(599, DOWN)
    assert state.failed(600, DOWN)


def test_a_job_may_be_missing_for_a_while() -> None:
    state = PollState(0, 30)
    assert not state.failed(5, GONE)
    assert not state.failed(34.9, GONE)
    assert state.failed(35, GONE)
    state.saw(50, JobStatus.PENDING)
    assert not state.failed(51, GONE)


def test_an_unknown_status_without_change_is_worth_one_warning() -> None:
    state = PollState(0, 30)
    assert not state.saw(0, JobStatus.UNKNOWN, "levitating")
    assert not state.saw(299, JobStatus.UNKNOWN, "levitating")
    assert not state.saw(300, JobStatus.UNKNOWN, "landing")
    assert state.saw(600, JobStatus.UNKNOWN, "landing")
    assert not state.saw(900, JobStatus.UNKNOWN, "landing")
    assert state.status is JobStatus.UNKNOWN


def test_a_known_status_may_last() -> None:
    state = PollState(0, 30)
    assert not any(state.saw(at, JobStatus.IN_PROGRESS, "in_progress") for at in (0.0, 1e3, 1e6))


def test_after_a_reported_end_polls_are_frequent_for_a_while() -> None:
    state = PollState(0, 30)
    state.saw(0, JobStatus.IN_PROGRESS)
    before = state.interval(100, True, NO_LUCK)
    assert 100 < state.ended(100) < 100.1
    intervals = [state.interval(100, True, NO_LUCK) for _ in range(6)]
    assert intervals == [0.03, 0.06, 0.12, 0.24, 0.25, 0.25]
    assert state.interval(104.9, True, NO_LUCK) == 0.25 < before
    assert state.ended(105) == float("inf")  # the same message again
    assert state.interval(106, True, NO_LUCK) == before


def test_a_server_that_says_too_early_that_a_job_has_ended_may_say_it_again() -> None:
    state = PollState(0, 30)
    assert state.ended(100) < 101
    assert [state.interval(100.1, True, NO_LUCK) for _ in range(4)] == [0.03, 0.06, 0.12, 0.24]
    assert state.ended(110) == float("inf")
    assert state.ended(130) < 131
    assert state.interval(131, True, NO_LUCK) == 0.03


def test_a_job_of_which_no_node_runs_is_polled_at_once_and_then_now_and_then() -> None:
    """Also when the message about its end was lost, and however often this one comes."""
    state = PollState(0, 30)
    assert [state.idle(100), state.idle(100.1), state.idle(100.2)] == [100, 100.5, 100.5]
    assert state.interval(100.2, True, NO_LUCK) == 0.03
    assert state.idle(100.6) == 100.6


def test_a_response_in_between_ends_an_outage() -> None:
    """A server that does not know the job is there: the next outage counts from its own start."""
    state = PollState(0.0, retry_budget=6, missing_for=1000)
    assert not state.failed(0.0, DOWN)
    assert not state.failed(59.0, GONE)
    assert not state.failed(61.0, DOWN)
    assert not state.failed(120.0, DOWN)
    assert state.failed(121.0, DOWN)


def test_in_an_outage_a_websocket_does_not_slow_the_polls() -> None:
    state = PollState(0, 30)
    state.failed(0, DOWN)
    assert state.interval(1, True, NO_LUCK) == 1.0


# Submissions that are not accepted for now

FULL = RateLimited("full", status=429, code="QUEUE_LIMIT")
BUSY = RateLimited("busy", status=429, code="BILLING_UNAVAILABLE")


def test_a_full_queue_is_waited_for_without_limit() -> None:
    backoff = SubmissionBackoff(0.0, 60)
    delays = [backoff.next_delay(at * 1000.0, FULL, NO_LUCK) for at in range(2000)]
    known = [delay for delay in delays if delay is not None]
    assert len(known) == 2000
    assert known == sorted(known)
    assert known[0] < 1
    assert known[-1] == 15
    assert backoff.next_delay(0, FULL, lambda: 0.999) == pytest.approx(30, abs=0.1)


@pytest.mark.parametrize("error", [BUSY, ConnectionFailed("refused"), RequestTimeout("late")])
def test_other_errors_are_retried_as_long_as_a_service_may_be_down(error: ComfyCloudError) -> None:
    backoff = SubmissionBackoff(100.0, 60)
    assert outage_limit(60) == 600
    assert outage_limit(1) == 60
    assert backoff.next_delay(699.9, error, NO_LUCK) is not None
    assert backoff.next_delay(700, error, NO_LUCK) is None
    assert backoff.next_delay(700, FULL, NO_LUCK) is not None


def test_the_delay_that_the_server_asks_for_has_a_limit() -> None:
    backoff = SubmissionBackoff(0.0, 60)
    assert (
        backoff.next_delay(0, RateLimited("", status=429, code="queue_limit", retry_after=40), NO_LUCK) == 40
    )
    assert (
        backoff.next_delay(0, RateLimited("", status=429, code="QUEUE_LIMIT", retry_after=1e6), NO_LUCK)
        == 300
    )


def test_which_errors_are_outages() -> None:
    assert all(is_outage(error) for error in (DOWN, BUSY, ConnectionFailed("x"), RequestTimeout("x")))
    assert not any(is_outage(error) for error in (GONE, Unauthorized("x", status=401)))


def test_a_job_that_must_exist_may_not_be_missing() -> None:
    assert PollState(0.0, 60, missing_for=0.0).failed(0.0, GONE)
