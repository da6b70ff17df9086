"""How often a job is looked at, and when a wait gives up."""

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
    STALLED_AFTER,
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
def test_the_interval_stays_within_bounds(
    elapsed: float, status: JobStatus | None, is_live: bool, chance: float
) -> None:
    interval = next_interval(elapsed, status, is_live, lambda: chance)
    assert 0.4 <= interval <= 90
    later = next_interval(elapsed * 2, status, is_live, lambda: chance)
    assert later >= interval
    assert next_interval(elapsed, status, True, lambda: chance) >= interval


def test_looks_are_frequent_at_first_and_scattered() -> None:
    quick = next_interval(0, JobStatus.IN_PROGRESS, False, NO_LUCK)
    slow = next_interval(3600, JobStatus.IN_PROGRESS, False, NO_LUCK)
    assert quick < 1 < 10 < slow
    assert next_interval(0, JobStatus.IN_PROGRESS, False, lambda: 0.9) > quick
    assert next_interval(0, JobStatus.PENDING, False, NO_LUCK) > quick
    assert next_interval(0, JobStatus.IN_PROGRESS, True, NO_LUCK) >= 4


def test_reconnecting_slows_down_but_never_stops() -> None:
    delays = [reconnect_delay(failures, NO_LUCK) for failures in range(1, 2000)]
    assert delays == sorted(delays)
    assert delays[0] < 0.5
    assert 10 <= delays[-1] <= 30


@pytest.mark.parametrize(
    "error",
    [Unauthorized("no", status=401), Forbidden("no", status=403), ComfyCloudError("odd")],
)
def test_what_cannot_pass_is_raised_at_once(error: ComfyCloudError) -> None:
    assert PollState(0, 60).failed(0, error)


@pytest.mark.parametrize(
    "error", [DOWN, ConnectionFailed("no"), RequestTimeout("no"), UnexpectedResponse("html", status=200)]
)
def test_a_service_may_be_down_for_ten_times_the_retry_budget(error: ComfyCloudError) -> None:
    patience = PollState(0, 30)
    assert not patience.failed(100, error)
    assert not patience.failed(399, error)
    assert patience.failed(400, error)
    patience.saw(401, JobStatus.PENDING)
    assert not patience.failed(402, error)
    assert not PollState(0, 0).failed(0, error)


def test_trouble_is_counted_from_its_beginning() -> None:
    patience = PollState(0, 30)
    patience.failed(0, DOWN)
    patience.saw(200, JobStatus.PENDING)
    patience.failed(300, DOWN)
    assert not patience.failed(599, DOWN)
    assert patience.failed(600, DOWN)


def test_a_job_may_be_missing_for_a_while() -> None:
    patience = PollState(0, 30)
    assert not patience.failed(5, GONE)
    assert not patience.failed(5 + MISSING_FOR - 1, GONE)
    assert patience.failed(5 + MISSING_FOR, GONE)
    patience.saw(50, JobStatus.PENDING)
    assert not patience.failed(51, GONE)


def test_an_unknown_status_without_change_is_worth_one_warning() -> None:
    patience = PollState(0, 30)
    assert not patience.saw(0, JobStatus.UNKNOWN, "levitating")
    assert not patience.saw(STALLED_AFTER - 1, JobStatus.UNKNOWN, "levitating")
    assert not patience.saw(STALLED_AFTER, JobStatus.UNKNOWN, "landing")
    assert patience.saw(2 * STALLED_AFTER, JobStatus.UNKNOWN, "landing")
    assert not patience.saw(3 * STALLED_AFTER, JobStatus.UNKNOWN, "landing")
    assert patience.status is JobStatus.UNKNOWN


def test_a_known_status_may_last() -> None:
    patience = PollState(0, 30)
    assert not any(patience.saw(at, JobStatus.IN_PROGRESS, "in_progress") for at in (0.0, 1e3, 1e6))


def test_after_an_ending_the_api_is_asked_soon_for_a_while() -> None:
    patience = PollState(0, 30)
    patience.saw(0, JobStatus.IN_PROGRESS)
    before = patience.interval(100, True, NO_LUCK)
    patience.ended(100)
    assert patience.interval(100, True, NO_LUCK) < 0.5 < before
    assert patience.interval(104, True, NO_LUCK) < 0.5
    patience.ended(105)
    assert patience.interval(106, True, NO_LUCK) == before


def test_in_trouble_a_websocket_does_not_slow_the_looks() -> None:
    patience = PollState(0, 30)
    patience.failed(0, DOWN)
    assert patience.interval(1, True, NO_LUCK) == 1.0


# Submissions that are not accepted for now

FULL = RateLimited("full", status=429, code="QUEUE_LIMIT")
BUSY = RateLimited("busy", status=429, code="BILLING_UNAVAILABLE")


def test_a_full_queue_is_tried_for_ever_with_longer_pauses() -> None:
    held = SubmissionBackoff(0.0, 60)
    delays = [held.next_delay(at * 1000.0, FULL, NO_LUCK) for at in range(2000)]
    known = [delay for delay in delays if delay is not None]
    assert len(known) == 2000
    assert known == sorted(known)
    assert known[0] < 1
    assert known[-1] == 15
    assert held.next_delay(0, FULL, lambda: 0.999) == pytest.approx(30, abs=0.1)


@pytest.mark.parametrize("error", [BUSY, ConnectionFailed("refused"), RequestTimeout("late")])
def test_all_else_is_tried_as_long_as_a_service_may_be_down(error: ComfyCloudError) -> None:
    held = SubmissionBackoff(100.0, 60)
    assert outage_limit(60) == 600
    assert outage_limit(1) == 60
    assert held.next_delay(699.9, error, NO_LUCK) is not None
    assert held.next_delay(700, error, NO_LUCK) is None
    assert held.next_delay(700, FULL, NO_LUCK) is not None


def test_what_the_server_asks_for_is_kept_within_reason() -> None:
    held = SubmissionBackoff(0.0, 60)
    assert held.next_delay(0, RateLimited("", status=429, code="queue_limit", retry_after=40), NO_LUCK) == 40
    assert (
        held.next_delay(0, RateLimited("", status=429, code="QUEUE_LIMIT", retry_after=1e6), NO_LUCK) == 300
    )


def test_what_may_pass_by_itself() -> None:
    assert all(is_outage(error) for error in (DOWN, BUSY, ConnectionFailed("x"), RequestTimeout("x")))
    assert not any(is_outage(error) for error in (GONE, Unauthorized("x", status=401)))


def test_a_job_that_must_be_there_is_missed_at_once() -> None:
    assert PollState(0.0, 60, missing_for=0.0).failed(0.0, GONE)
