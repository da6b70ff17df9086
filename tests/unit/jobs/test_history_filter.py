"""Which entries `history.iter` yields: times in every form that people use, and statuses."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from comfy_cloud import ConfigurationError, HistoryEntry, JobStatus
from comfy_cloud._jobs.history_filter import HistoryFilter
from comfy_cloud_api.models.history_entry import HistoryEntry as HistoryModel

MS = 1_790_000_000_000  # 21 September 2026, in milliseconds
CREATED = datetime(2026, 9, 21, 14, 13, 20, tzinfo=UTC)
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def entry(**fields: Any) -> HistoryEntry:
    """A completed entry."""
    listed = {"prompt_id": "a", "create_time": MS, "status": {"status_str": "success", "completed": True}}
    return HistoryEntry(HistoryModel.from_dict({**listed, **fields}))


# Which entries are wanted


def wanted(since: object = None, until: object = None, status: object = None) -> HistoryFilter:
    return HistoryFilter.of(since, until, status, NOW)


def test_without_a_filter_everything_matches() -> None:
    assert wanted().matches(entry())
    assert wanted().matches(entry(create_time=None, status=None))
    assert not wanted().is_before([entry()])


def test_since_is_included_and_until_is_not() -> None:
    second = timedelta(seconds=1)
    assert wanted(since=CREATED).matches(entry())
    assert not wanted(since=CREATED + second).matches(entry())
    assert not wanted(until=CREATED).matches(entry())
    assert wanted(until=CREATED + second).matches(entry())
    assert wanted(since=CREATED, until=CREATED + second).matches(entry())


def test_an_entry_without_a_time_matches_only_without_a_time_filter() -> None:
    unknown = entry(create_time=None)
    assert wanted(status="completed").matches(unknown)
    assert not wanted(since=datetime.min.replace(tzinfo=UTC)).matches(unknown)
    assert not wanted(until=NOW).matches(unknown)


def test_times_may_be_text() -> None:
    assert wanted(since="2 hours ago").since == NOW - timedelta(hours=2)
    assert wanted(until="2026-11-01T00:00:00Z").until == datetime(2026, 11, 1, tzinfo=UTC)


def test_a_span_counts_back_from_now() -> None:
    assert wanted(since=timedelta(hours=2)).since == NOW - timedelta(hours=2)
    assert wanted(until=timedelta(days=-1)).until == NOW + timedelta(days=1)
    assert wanted(since=timedelta.max).since == datetime.min.replace(tzinfo=UTC)


def test_a_date_is_its_midnight() -> None:
    for day in (date(2026, 1, 1), date(2026, 7, 1)):
        assert wanted(since=day).since == wanted(since=datetime(day.year, day.month, 1)).since
    assert wanted(since=date.min).since == datetime.min.replace(tzinfo=UTC)


@pytest.mark.parametrize("bad", ["some day", 3, time.gmtime(0), ["now"], ""])
@pytest.mark.parametrize("name", ["since", "until"])
def test_a_time_that_cannot_be_read_is_named(name: str, bad: object) -> None:
    with pytest.raises(ConfigurationError, match=name):
        wanted(**{name: bad})


@pytest.fixture
def _in_berlin(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.usefixtures("_in_berlin")
@pytest.mark.parametrize(("month", "offset"), [(1, 1), (7, 2)])
def test_a_time_without_a_zone_is_local_with_the_daylight_saving_of_its_day(month: int, offset: int) -> None:
    expected = datetime(2026, month, 1, tzinfo=UTC) - timedelta(hours=offset)
    assert wanted(since=datetime(2026, month, 1)).since == expected
    assert wanted(since=f"2026-{month:02}-01").since == expected


@pytest.mark.parametrize("instant", [datetime.min, datetime.max])
@pytest.mark.usefixtures("_in_berlin")
def test_the_first_and_last_datetimes_are_accepted(instant: datetime) -> None:
    assert wanted(since=instant).matches(entry()) is (instant == datetime.min)


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("completed", {JobStatus.COMPLETED}),
        (JobStatus.FAILED, {JobStatus.FAILED}),
        ("canceled", {JobStatus.CANCELLED}),
        (["completed", JobStatus.FAILED], {JobStatus.COMPLETED, JobStatus.FAILED}),
        ({"error"}, {JobStatus.FAILED}),
        ("unknown", {JobStatus.UNKNOWN}),
    ],
)
def test_statuses_may_be_words_of_any_vocabulary(status: object, expected: set[JobStatus]) -> None:
    found = wanted(status=status)
    assert found.statuses == frozenset(expected)
    assert found.matches(entry()) is (JobStatus.COMPLETED in expected)


@pytest.mark.parametrize("bad", ["finished", "", ["completed", "finished"], 3, [None]])
def test_an_unknown_status_is_named_with_the_known_ones(bad: object) -> None:
    with pytest.raises(ConfigurationError, match=r"There is no status .*completed, failed, cancelled"):
        wanted(status=bad)


def test_a_page_is_before_only_when_all_of_it_is() -> None:
    older, newer, unknown = entry(create_time=MS - 5000), entry(), entry(create_time=None)
    since = wanted(since=CREATED)
    assert since.is_before([older, older])
    assert not since.is_before([older, newer])
    assert not since.is_before([older, unknown])
    assert not since.is_before([])
    assert not wanted(until=CREATED).is_before([older])


@pytest.mark.parametrize("status", ["pending", JobStatus.IN_PROGRESS, ["completed", "in_progress"]])
def test_unfinished_jobs_are_not_in_the_history(status: object) -> None:
    with pytest.raises(ConfigurationError, match=r"only finished jobs.*cloud\.jobs\.iter"):
        wanted(status=status)
