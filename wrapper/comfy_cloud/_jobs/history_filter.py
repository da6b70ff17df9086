"""Which entries `history.iter` yields: by time and by status. Pure rules over entries."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TypeAlias

from ..errors import ConfigurationError
from ..times import parse_when
from .entries import HistoryEntry
from .states import JobStatus, status_from_word

# A point in time as a caller gives it; `instant_argument` reads it.
When: TypeAlias = datetime | date | timedelta | str


@dataclass(frozen=True, slots=True)
class HistoryFilter:
    """Which entries `history.iter` yields."""

    since: datetime | None
    until: datetime | None
    statuses: frozenset[JobStatus] | None

    @classmethod
    def of(cls, since: object, until: object, status: object, now: datetime) -> HistoryFilter:
        """A filter from the arguments of a call.

        Raises ConfigurationError for one that cannot be read.
        """
        return cls(
            instant_argument("since", since, now), instant_argument("until", until, now), _statuses(status)
        )

    def matches(self, entry: HistoryEntry) -> bool:
        """Whether an entry matches.

        One without any time matches only when no time was asked for.
        """
        if self.statuses is not None and entry.status not in self.statuses:
            return False
        if self.since is None and self.until is None:
            return True
        created = entry.instant
        if created is None:
            return False
        return (self.since is None or created >= self.since) and (self.until is None or created < self.until)

    def is_before(self, page: Sequence[HistoryEntry]) -> bool:
        """Whether a whole page is older than `since`, so that all that follows is older still."""
        if self.since is None or not page:
            return False
        return all(
            created is not None and created < self.since for created in (entry.instant for entry in page)
        )


def instant_argument(name: str, value: object, now: datetime) -> datetime | None:
    """The instant that a caller passed as argument `name`.

    A datetime; a date, which means its midnight; a timedelta, which counts back from now; or text
    as people type it. Without an offset it is in the local zone. Raises ConfigurationError for
    anything else.
    """
    if value is None:
        return None
    if isinstance(value, timedelta):
        try:
            return now.astimezone(UTC) - value
        except OverflowError:
            return datetime.min.replace(tzinfo=UTC)
    from dateutil.tz import tzlocal  # knows daylight saving time on other days too; costs import time

    if isinstance(value, date) and not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day)
    if isinstance(value, datetime):
        try:
            return (value if value.tzinfo else value.replace(tzinfo=tzlocal())).astimezone(UTC)
        except (OverflowError, ValueError):
            return value.replace(tzinfo=UTC)  # datetime.min or max: so far away that hours do not matter
    if isinstance(value, str):
        try:
            return parse_when(value, now, tzlocal())
        except ValueError as error:
            raise ConfigurationError(f"{name}: {error}") from None
    raise ConfigurationError(
        f"{name} must be a datetime, a date, a timedelta or text, not {type(value).__name__}"
    )


def _statuses(value: object) -> frozenset[JobStatus] | None:
    if value is None:
        return None
    words = [value] if isinstance(value, str) else list(value) if isinstance(value, Iterable) else [value]
    found = [status_from_word(word) for word in words]
    for word, status in zip(words, found, strict=True):
        if status is JobStatus.UNKNOWN and word != JobStatus.UNKNOWN:
            known = ", ".join(status.value for status in JobStatus if status.is_terminal)
            raise ConfigurationError(f"There is no status {word!r}; jobs in the history are {known}")
        if status in (JobStatus.PENDING, JobStatus.IN_PROGRESS):
            raise ConfigurationError(
                f"The history has only finished jobs, none of which is {status.value}: "
                "use cloud.jobs.iter(status=...)"
            )
    return frozenset(found)
