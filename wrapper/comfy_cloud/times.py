"""Instants and durations from what servers send and people type, as aware UTC datetimes.

Servers mix epoch seconds, epoch milliseconds, numeric text and ISO text with nanoseconds. Numbers
are read by their magnitude: 1e11 and above are milliseconds (1e11 seconds would be the year 5138,
1e11 milliseconds are 1973).

Pure: it reads no clock and does not know the local zone; callers pass `now` and `tz`. It formats
nothing for display.
"""

from __future__ import annotations

import math
import re
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECONDS_FROM = 1e11
_WHOLE_MILLISECONDS_FROM = 10**11  # two ints are compared faster
# Whole milliseconds below this, in 2109, are exact as a float of seconds, which is fastest to read.
_EXACT_BELOW = 2**42
from_timestamp = datetime.fromtimestamp

# The ceiling for Retry-After, in seconds: 31 years, far above any use and still safe for
# arithmetic.
LONGEST_RETRY_AFTER = 1e9

# No instant needs more characters, and the parsers take time quadratic in the length.
_LONGEST_TEXT = 200
_LONGEST_QUOTE = 60

_RFC_3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)", re.ASCII)
_NUMBER = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?")
_AGO_PART = re.compile(r"(\d+(?:\.\d+)?|an?)\s*([a-z]+)(?:\s*,\s*|\s+and\s+|\s*)")
_DAY_WORD = re.compile(r"(today|yesterday)(?:\s+(?:at\s+)?(\d{1,2}:\d{2}(?::\d{2})?))?")
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

_UNIT_SECONDS = {
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds"), 1),
    **dict.fromkeys(("m", "min", "mins", "minute", "minutes"), 60),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours"), 3600),
    **dict.fromkeys(("d", "day", "days"), 86_400),
    **dict.fromkeys(("w", "wk", "wks", "week", "weeks"), 604_800),
}
_UNIT_MONTHS = {
    **dict.fromkeys(("mo", "month", "months"), 1),
    **dict.fromkeys(("y", "yr", "yrs", "year", "years"), 12),
}

# dateutil is lenient by design; odd text makes it raise any of these.
_DATEUTIL_FAILURES = (ValueError, OverflowError, TypeError, AttributeError, IndexError, ArithmeticError)


def from_epoch(number: float) -> datetime:
    """The aware UTC datetime of an epoch number: milliseconds from 1e11 on, else seconds.

    Raises ValueError for a bool, NaN, an infinity, or an instant outside the years 1 to 9999.
    """
    if isinstance(number, bool) or not isinstance(number, (int, float)):
        raise ValueError(f"an epoch time must be an int or a float, not {type(number).__name__}")
    try:
        if isinstance(number, float) and not math.isfinite(number):
            raise ValueError(f"an epoch time must be finite, not {number}")
        if abs(number) >= MILLISECONDS_FROM:
            return EPOCH + timedelta(milliseconds=number)
        return EPOCH + timedelta(seconds=number)
    except OverflowError:
        raise ValueError("an epoch time must lie within the years 1 to 9999") from None


def is_rfc_3339(text: str) -> bool:
    """Whether text is an instant as contracts write it: RFC 3339, section 5.6.

    Narrower than ISO 8601, and than what `parse_instant` reads.
    """
    if not _RFC_3339.fullmatch(text):
        return False
    try:
        datetime.fromisoformat(text.upper())
    except ValueError:
        return False
    return True


def epoch_ms(value: object) -> float | None:
    """An instant as epoch milliseconds, from any form that `parse_instant` reads; else None."""
    instant = parse_instant(value)
    return None if instant is None else instant.timestamp() * 1000


def parse_instant(value: object) -> datetime | None:
    """The instant that a server sent, as an aware UTC datetime; None when it cannot be read.

    Reads epoch numbers (as text, too), ISO 8601 text of any precision and offset, datetimes, and
    every complete date that python-dateutil understands. Text without an offset is UTC. Text of
    more than 200 characters is not an instant. Never raises.
    """
    if type(value) is int and _WHOLE_MILLISECONDS_FROM <= value < _EXACT_BELOW:  # nearly always
        return from_timestamp(value / 1000, UTC)
    if value is None or value == "":
        return None
    try:
        if isinstance(value, (int, float)):
            return from_epoch(value)
        if isinstance(value, datetime):
            return _to_utc(value, UTC)
        if not isinstance(value, str):
            return None
        text = value.strip()
        if len(text) > _LONGEST_TEXT:
            return None
        if _NUMBER.fullmatch(text):
            return from_epoch(float(text) if "." in text else int(text))
        try:
            return _to_utc(datetime.fromisoformat(text), UTC)
        except ValueError:
            return _to_utc(_complete_date(text), UTC)
    except _DATEUTIL_FAILURES:
        return None


def duration_between(start: object, end: object) -> timedelta | None:
    """The time from `start` to `end`, each in any form that `parse_instant` reads.

    None when either is missing or cannot be read, or when the end is before the start (the clocks
    of two servers differ).
    """
    started, ended = parse_instant(start), parse_instant(end)
    if started is None or ended is None or ended < started:
        return None
    return ended - started


def parse_when(text: str, now: datetime, tz: tzinfo) -> datetime:
    """The instant that a person types after an option such as `--since`, as an aware UTC datetime.

    `now` is the current time (aware). `tz` is the person's zone, used for everything without an
    offset. Accepted are:

    - ISO dates and times;
    - "now", and "today" and "yesterday" (midnight, or with a time: "yesterday 14:30");
    - weekday names (the latest one, midnight);
    - spans before now such as "90m", "3d", "1h30m", "2 hours ago", "2 months ago";
    - epoch numbers of nine or more digits, and a year;
    - other dates that python-dateutil reads, where 01/02/2026 is the second of January.

    Raises ValueError with the accepted forms for anything else, and for more than 200 characters.
    """
    words = " ".join(text.split()).lower()
    shown = text if len(text) <= _LONGEST_QUOTE else f"{text[:_LONGEST_QUOTE]}..."
    try:
        if len(words) > _LONGEST_TEXT:
            raise ValueError("too long")
        found = _named(words, now, tz) or _ago(words, now, tz) or _numeric(words, tz)
        return found or _written_date(" ".join(text.split()), now, tz)
    except _DATEUTIL_FAILURES:
        raise ValueError(
            f"cannot read {shown!r} as a time; use an ISO date or time (2026-11-23, 2026-11-23T14:30+01:00), "
            'a span before now (90m, 3d, 1w, "2 hours ago"), now, today, yesterday, a weekday, '
            "or an epoch number in seconds or milliseconds"
        ) from None


def retry_after_seconds(value: str | None, now: datetime | None) -> float | None:
    """The seconds that a Retry-After header asks for, as a number or as an HTTP date.

    `now` is the instant that a date counts from; without it a date cannot be used. Past dates and
    negative numbers are 0, huge ones LONGEST_RETRY_AFTER. None when the header is missing or
    cannot be read. Never raises.
    """
    if value is None:
        return None
    text = value.strip()
    if _NUMBER.fullmatch(text):
        return min(max(float(text), 0.0), LONGEST_RETRY_AFTER)
    if now is None or not text or len(text) > _LONGEST_TEXT:
        return None
    from email.utils import parsedate_to_datetime  # only for dates, which are rare

    try:
        seconds = (_to_utc(parsedate_to_datetime(text), UTC) - _to_utc(now, UTC)).total_seconds()
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
    return min(max(seconds, 0.0), LONGEST_RETRY_AFTER)


def _to_utc(instant: datetime, zone_if_naive: tzinfo) -> datetime:
    if instant.tzinfo is None:
        instant = instant.replace(tzinfo=zone_if_naive)
    return instant.astimezone(UTC)


def _midnight(day: date, tz: tzinfo) -> datetime:
    return _to_utc(datetime(day.year, day.month, day.day), tz)


def _named(words: str, now: datetime, tz: tzinfo) -> datetime | None:
    if words == "now":
        return _to_utc(now, tz)
    local_day = _to_utc(now, tz).astimezone(tz).date()
    for number, name in enumerate(_WEEKDAYS):
        if words in (name, name[:3]):
            return _midnight(local_day - timedelta(days=(local_day.weekday() - number) % 7), tz)
    match = _DAY_WORD.fullmatch(words)
    if match is None:
        return None
    day = local_day - timedelta(days=1 if match[1] == "yesterday" else 0)
    if match[2] is None:
        return _midnight(day, tz)
    return _to_utc(datetime.fromisoformat(f"{day.isoformat()}T{match[2].zfill(len('00:00'))}"), tz)


def _ago(words: str, now: datetime, tz: tzinfo) -> datetime | None:
    span = words.removesuffix(" ago").strip()
    seconds, months, position = 0.0, 0.0, 0
    while position < len(span):
        match = _AGO_PART.match(span, position)
        if match is None:
            return None
        amount = 1.0 if match[1].startswith("a") else float(match[1])
        if match[2] in _UNIT_SECONDS:
            seconds += amount * _UNIT_SECONDS[match[2]]
        elif match[2] in _UNIT_MONTHS and amount == int(amount):
            months += amount * _UNIT_MONTHS[match[2]]
        else:
            return None
        position = match.end()
    if position == 0:
        return None
    start = _to_utc(now, tz).astimezone(tz)
    if months:
        from dateutil.relativedelta import relativedelta  # costs import time

        start -= relativedelta(months=int(months))
    return start.astimezone(UTC) - timedelta(seconds=seconds)


def _numeric(words: str, tz: tzinfo) -> datetime | None:
    if not _NUMBER.fullmatch(words):
        return None
    digits = words.split(".")[0].lstrip("+-")
    if len(digits) >= len("999999999"):
        return from_epoch(float(words))
    # Shorter numbers would be instants from 1970 to 1973; people mean a year or a compact date.
    if words.isdigit() and len(words) == len("2026"):
        return _midnight(date(int(words), 1, 1), tz)
    if words.isdigit() and len(words) == len("20261123"):
        return _midnight(date.fromisoformat(words), tz)
    raise ValueError("too short for an epoch number")


def _written_date(text: str, now: datetime, tz: tzinfo) -> datetime:
    try:
        return _to_utc(datetime.fromisoformat(text), tz)
    except ValueError:
        today = (
            _to_utc(now, tz).astimezone(tz).replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
        )
        return _to_utc(_by_dateutil(text, today), tz)


def _complete_date(text: str) -> datetime:
    """Read text with a whole date. dateutil fills in missing parts from the default."""
    first = _by_dateutil(text, datetime(2000, 1, 1))
    second = _by_dateutil(text, datetime(2003, 2, 2))
    if first != second:
        raise ValueError("not a complete date")
    return first


def _by_dateutil(text: str, default: datetime) -> datetime:
    from dateutil import parser  # costs import time, and most text is ISO

    return parser.parse(text, default=default, tzinfos=_zone)


def _zone(name: str | None, offset: int | None) -> tzinfo | None:
    """The zone for dateutil.

    Names are ambiguous (CST is four zones): only UTC and offsets are accepted.
    """
    if offset is not None:
        return timezone(timedelta(seconds=offset))
    if name is None or name.upper() in ("UTC", "GMT", "Z"):
        return None if name is None else UTC
    raise ValueError(f"unknown time zone {name}")
