"""Instants and durations: reading what people type, and showing them in text and in data."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from .exits import CommandError


def time_option(option: str, text: str | None, *, utc: bool) -> datetime | None:
    """The instant given to an option, in local time unless `utc`. Raises CommandError."""
    if text is None:
        return None
    from dateutil.tz import tzlocal

    from comfy_cloud.times import parse_when

    try:
        return parse_when(text, datetime.now(UTC), UTC if utc else tzlocal())
    except ValueError as error:
        raise CommandError(f"{option}: {error}") from None


def from_milliseconds(number: int | None) -> datetime | None:
    """The instant of epoch milliseconds; None for one outside of the years 1 to 9999."""
    try:
        return None if number is None else datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=number)
    except OverflowError:
        return None


def iso_text(instant: datetime | None) -> str | None:
    """An instant in UTC as ISO text: `2026-11-18T11:06:40Z`."""
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z") if instant is not None else None


def wall_time(instant: datetime | None, *, utc: bool) -> str:
    """An instant as local time (or UTC) to the second, without its zone."""
    return _in_zone(instant, utc).strftime("%Y-%m-%d %H:%M:%S") if instant is not None else ""


def zone_name(instant: datetime, *, utc: bool) -> str:
    """The short name of the zone that `wall_time` uses at that instant."""
    return _in_zone(instant, utc).tzname() or "local"


def _in_zone(instant: datetime, utc: bool) -> datetime:
    return instant.astimezone(UTC if utc else None)


def duration_text(duration: timedelta | None) -> str:
    """A duration to read: 2.0 s, 1m 05s, 3h 20m."""
    return "" if duration is None else seconds_text(duration.total_seconds())


def seconds_text(seconds: float) -> str:
    """The same for a number of seconds."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes}m {rest:02d}s"
    return f"{minutes // 60}h {minutes % 60:02d}m"


def age_text(instant: datetime | None, now: datetime | None = None) -> str:
    """How long ago an instant was, to read: now, 40 s ago, 5 min ago, 3 h ago, 12 d ago, 2 y ago.

    An instant in the future is `in 5 min`. `now` is the present by default.
    """
    if instant is None:
        return ""
    seconds = ((now or datetime.now(UTC)) - instant).total_seconds()
    size = abs(seconds)
    if size < 1:
        return "now"
    for unit, length, limit in _AGES:
        if size < limit:
            amount = f"{int(size // length)} {unit}"
            return f"{amount} ago" if seconds > 0 else f"in {amount}"
    raise AssertionError("the last unit has no limit")


_MINUTE, _HOUR, _DAY, _YEAR = 60.0, 3_600.0, 86_400.0, 31_557_600.0
# Each unit, its length in seconds, and from how many seconds on the next one reads better.
_AGES = (
    ("s", 1.0, 60.0),
    ("min", _MINUTE, _HOUR),
    ("h", _HOUR, 2 * _DAY),
    ("d", _DAY, 2 * _YEAR),
    ("y", _YEAR, float("inf")),
)
