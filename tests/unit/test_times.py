"""Instants from numbers, from what servers send and people type, and from Retry-After."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta, timezone
from typing import NoReturn

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comfy_cloud import times
from comfy_cloud.times import (
    duration_between,
    epoch_ms,
    from_epoch,
    is_rfc_3339,
    parse_instant,
    parse_when,
    retry_after_seconds,
)

NOW = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)  # a Monday
BERLIN = timezone(timedelta(hours=1))


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type,misc]  # mypy counts the parts


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (1_722_222_200, utc(2024, 7, 29, 3, 3, 20)),
        (1_722_222_200_123, utc(2024, 7, 29, 3, 3, 20, 123_000)),
        (1_722_222_200.5, utc(2024, 7, 29, 3, 3, 20, 500_000)),
        (0, utc(1970, 1, 1)),
        (-1, utc(1969, 12, 31, 23, 59, 59)),
        (99_999_999_999, utc(5138, 11, 16, 9, 46, 39)),
        (100_000_000_000, utc(1973, 3, 3, 9, 46, 40)),
        (-100_000_000_000, utc(1966, 10, 31, 14, 13, 20)),
    ],
)
def test_epoch_numbers_are_read_by_magnitude(number: float, expected: datetime) -> None:
    assert from_epoch(number) == expected
    assert from_epoch(number).tzinfo is UTC


@pytest.mark.parametrize("number", [True, False, math.nan, math.inf, -math.inf, 10**30, -(10**400), 1e300])
def test_numbers_that_are_not_instants_are_refused(number: float) -> None:
    with pytest.raises(ValueError, match="epoch time"):
        from_epoch(number)


@given(st.datetimes(min_value=datetime(1974, 1, 1), max_value=datetime(5000, 1, 1)))
def test_milliseconds_survive_the_round_trip(moment: datetime) -> None:
    moment = moment.replace(microsecond=moment.microsecond // 1000 * 1000, tzinfo=UTC)
    milliseconds = (moment - utc(1970, 1, 1)) // timedelta(milliseconds=1)
    assert from_epoch(milliseconds) == moment
    assert parse_instant(str(milliseconds)) == moment
    assert parse_instant(moment.isoformat()) == moment


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, None),
        ("", None),
        ("  ", None),
        (True, None),
        (math.nan, None),
        ([], None),
        ({"at": 1}, None),
        ("soon", None),
        ("10:00", None),
        ("Tuesday", None),
        ("May", None),
        ("2026-11-23 10:00 CST", None),
        ("0001-01-01T00:00:00+10:00", None),
        ("9" * 400, None),
        (1_722_222_200_123, utc(2024, 7, 29, 3, 3, 20, 123_000)),
        ("1722222200", utc(2024, 7, 29, 3, 3, 20)),
        (" 1722222200.25 ", utc(2024, 7, 29, 3, 3, 20, 250_000)),
        ("2026-11-23T10:00:00Z", utc(2026, 11, 23, 10)),
        ("2026-11-23t10:00:00z", utc(2026, 11, 23, 10)),
        ("2026-11-23T10:00:00.123456789Z", utc(2026, 11, 23, 10, 0, 0, 123_456)),
        ("2026-11-23T10:00:00.5+05:30", utc(2026, 11, 23, 4, 30, 0, 500_000)),
        ("2026-11-23 10:00:00-0800", utc(2026, 11, 23, 18)),
        ("2026-11-23", utc(2026, 11, 23)),
        ("Mon, 23 Nov 2026 10:00:00 GMT", utc(2026, 11, 23, 10)),
        (datetime(2026, 11, 23, 10), utc(2026, 11, 23, 10)),
        (datetime(2026, 11, 23, 10, tzinfo=BERLIN), utc(2026, 11, 23, 9)),
    ],
)
def test_instants_of_servers(value: object, expected: datetime | None) -> None:
    found = parse_instant(value)
    assert found == expected
    assert found is None or found.tzinfo is UTC


@given(st.one_of(st.text(), st.integers(), st.floats(), st.binary(), st.booleans(), st.datetimes()))
def test_instants_never_raise(value: object) -> None:
    found = parse_instant(value)
    assert found is None or found.tzinfo is UTC


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        (1_722_222_200_000, 1_722_222_205_500, timedelta(seconds=5.5)),
        ("2026-11-23T10:00:00Z", utc(2026, 11, 23, 10, 1), timedelta(minutes=1)),
        (1_722_222_200_000, 1_722_222_200_000, timedelta(0)),
        (1_722_222_200_001, 1_722_222_200_000, None),
        (None, 1_722_222_200_000, None),
        (1_722_222_200_000, None, None),
    ],
)
def test_durations(start: object, end: object, expected: timedelta | None) -> None:
    assert duration_between(start, end) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("now", NOW),
        ("NOW", NOW),
        ("today", utc(2026, 11, 22, 23)),
        ("yesterday", utc(2026, 11, 21, 23)),
        ("yesterday 14:30", utc(2026, 11, 22, 13, 30)),
        ("yesterday at 9:05", utc(2026, 11, 22, 8, 5)),
        ("monday", utc(2026, 11, 22, 23)),
        ("Tue", utc(2026, 11, 16, 23)),
        ("90m", utc(2026, 11, 23, 12, 30)),
        ("3d", utc(2026, 11, 20, 14)),
        ("1w", utc(2026, 11, 16, 14)),
        ("30 s", utc(2026, 11, 23, 13, 59, 30)),
        ("1h30m", utc(2026, 11, 23, 12, 30)),
        ("1.5h", utc(2026, 11, 23, 12, 30)),
        ("2 hours ago", utc(2026, 11, 23, 12)),
        ("an hour ago", utc(2026, 11, 23, 13)),
        ("2 days, 3 hours and 5 minutes ago", utc(2026, 11, 21, 10, 55)),
        ("2 months ago", utc(2026, 9, 23, 14)),
        ("1y", utc(2025, 11, 23, 14)),
        ("2026-11-01", utc(2026, 10, 31, 23)),
        ("20261101", utc(2026, 10, 31, 23)),
        ("2026", utc(2025, 12, 31, 23)),
        ("2026-11-01T10:00", utc(2026, 11, 1, 9)),
        ("2026-11-01 10:00:30", utc(2026, 11, 1, 9, 0, 30)),
        ("2026-11-01T10:00:00Z", utc(2026, 11, 1, 10)),
        ("2026-11-01T10:00:00-05:00", utc(2026, 11, 1, 15)),
        ("1700000000", utc(2023, 11, 14, 22, 13, 20)),
        ("1700000000123", utc(2023, 11, 14, 22, 13, 20, 123_000)),
        ("Nov 3 2026", utc(2026, 11, 2, 23)),
        ("3 Nov", utc(2026, 11, 2, 23)),
        ("10:30", utc(2026, 11, 23, 9, 30)),
        ("3 November 2026 10:00 UTC", utc(2026, 11, 3, 10)),
    ],
)
def test_what_people_type(text: str, expected: datetime) -> None:
    found = parse_when(text, NOW, BERLIN)
    assert found == expected
    assert found.tzinfo is UTC


def test_the_local_day_is_the_day_of_the_zone() -> None:
    late = utc(2026, 11, 23, 23, 30)  # half past midnight of the 24th in Berlin
    assert parse_when("today", late, BERLIN) == utc(2026, 11, 23, 23)
    assert parse_when("today", late, UTC) == utc(2026, 11, 23)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "soon",
        "ago",
        "12",
        "3 bananas",
        "1e5",
        "10 EST",
        "2026-02-30",
        "9" * 30,
        "999999999999999w",
        "1.5 months",
    ],
)
def test_unreadable_text_is_refused_with_the_accepted_forms(text: str) -> None:
    with pytest.raises(ValueError, match=r"(?s)cannot read .*ISO date.*90m.*yesterday.*epoch"):
        parse_when(text, NOW, BERLIN)


@given(st.text())
def test_typed_text_gives_an_instant_or_a_value_error(text: str) -> None:
    try:
        found = parse_when(text, NOW, BERLIN)
    except ValueError as error:
        message = str(error)
    else:
        message = "cannot read" if found.tzinfo is UTC else "not UTC"
    assert "cannot read" in message


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, None),
        ("", None),
        ("soon", None),
        ("7", 7.0),
        (" 1.5 ", 1.5),
        ("-3", 0.0),
        ("0", 0.0),
        ("9" * 400, 1e9),
        ("Mon, 23 Nov 2026 14:00:30 GMT", 30.0),
        ("Monday, 23-Nov-26 14:01:00 GMT", 60.0),
        ("Mon, 23 Nov 2026 13:00:00 GMT", 0.0),
        ("Mon, 23 Nov 2026 14:00:30 -0000", 30.0),
        ("Mon, 99 Nov 2026 14:00:30 GMT", None),
    ],
)
def test_retry_after(value: str | None, expected: float | None) -> None:
    assert retry_after_seconds(value, NOW) == expected


def test_a_retry_after_date_needs_the_current_time() -> None:
    assert retry_after_seconds("Mon, 23 Nov 2026 14:00:30 GMT", None) is None
    assert retry_after_seconds("7", None) == 7.0


@given(st.text())
def test_retry_after_never_raises(value: str) -> None:
    seconds = retry_after_seconds(value, NOW)
    assert seconds is None or 0 <= seconds <= 1e9


@pytest.mark.parametrize(
    ("words", "seconds"),
    [
        ("s sec secs second seconds", 1),
        ("m min mins minute minutes", 60),
        ("h hr hrs hour hours", 3600),
        ("d day days", 86_400),
        ("w wk wks week weeks", 604_800),
    ],
)
def test_every_unit_of_a_span(words: str, seconds: int) -> None:
    for word in words.split():
        assert parse_when(f"2{word}", NOW, BERLIN) == NOW - timedelta(seconds=2 * seconds), word


@pytest.mark.parametrize(
    ("words", "expected"),
    [("mo month months", utc(2026, 9, 23, 14)), ("y yr yrs year years", utc(2024, 11, 23, 14))],
)
def test_every_unit_of_a_calendar_span(words: str, expected: datetime) -> None:
    for word in words.split():
        assert parse_when(f"2 {word} ago", NOW, UTC) == expected, word


@pytest.mark.parametrize("day", range(7))
def test_every_weekday_is_the_latest_one(day: int) -> None:
    names = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
    found = parse_when(names[day], NOW, UTC)
    assert found.weekday() == day
    assert timedelta(0) <= NOW - found < timedelta(days=7)
    assert parse_when(names[day][:3], NOW, UTC) == found


def test_an_instant_as_epoch_milliseconds() -> None:
    assert epoch_ms(1_722_222_200) == epoch_ms("2024-07-29T03:03:20Z") == 1_722_222_200_000
    assert epoch_ms(utc(2024, 7, 29, 3, 3, 20, 123_000)) == 1_722_222_200_123
    assert epoch_ms(None) is None
    assert epoch_ms("soon") is None


LONG_TEXTS = ["1 " * 200, "2026-11-23" + "0" * 200, "x" * 300, "1/" * 200, "(" * 300, "1.0" + "0" * 300]


@pytest.mark.parametrize("text", LONG_TEXTS)
def test_text_that_is_too_long_reaches_no_parser(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*arguments: object) -> NoReturn:
        raise AssertionError("a parser was given long text")

    for parser in ("_by_dateutil", "from_epoch", "_ago", "_named"):
        monkeypatch.setattr(times, parser, refuse)
    assert parse_instant(text) is None
    with pytest.raises(ValueError, match="use an ISO date") as failure:
        parse_when(text, utc(2026, 11, 23), UTC)
    assert len(str(failure.value)) < 400


def test_a_long_retry_after_is_no_date(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(text: str) -> NoReturn:
        raise AssertionError("a parser was given long text")

    monkeypatch.setattr("email.utils.parsedate_to_datetime", refuse)
    assert retry_after_seconds("Mon, " * 100, utc(2026, 11, 23)) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-18T11:06:40Z", True),
        ("2026-11-18t11:06:40.123456789z", True),
        ("2026-11-18T11:06:40+05:30", True),
        ("20261118T110640Z", False),
        ("2026-11-18 11:06:40+00:00", False),
        ("2026-11-18T11:06:40", False),
        ("2026-11-18T11:06Z", False),
        ("2026-13-18T11:06:40Z", False),
        ("2026-02-30T11:06:40Z", False),
        ("2026-11-18T11:06:40Z\n", False),
        ("\u0662026-11-18T11:06:40Z", False),
        ("", False),
    ],
)
def test_instants_as_contracts_write_them(text: str, expected: bool) -> None:
    assert is_rfc_3339(text) is expected
