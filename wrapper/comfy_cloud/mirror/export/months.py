"""Which months there are, and the conditions for the jobs of each. Months are those of UTC."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from ..job_conditions import JobConditions
from ..sql_query import query

if TYPE_CHECKING:
    from ..open_mirror import OpenMirror

UNKNOWN = "unknown"


def months(mirror: OpenMirror, since_ms: int | None = None) -> Iterator[tuple[str, JobConditions]]:
    """Each month with jobs, such as "2026-11", and the conditions for its jobs.

    The first is the month of `since_ms`, whole. Jobs without a time are of the month "unknown".
    """
    edges = query(mirror, "SELECT min(created_ms) AS first, max(created_ms) AS last FROM jobs")[0]
    if edges["first"] is not None:
        start = _month_start(edges["first"] if since_ms is None else max(edges["first"], since_ms))
        while _milliseconds(start) <= edges["last"]:
            following = _next_month(start)
            conditions = JobConditions()
            conditions.times(start, following)
            if _has_jobs(mirror, conditions):
                yield f"{start:%Y-%m}", conditions
            start = following
    conditions = JobConditions()
    conditions.texts.append("jobs.created_ms IS NULL")
    if _has_jobs(mirror, conditions):
        yield UNKNOWN, conditions


def month_start_ms(milliseconds: int) -> int:
    """When the month of an instant began."""
    return _milliseconds(_month_start(milliseconds))


def _has_jobs(mirror: OpenMirror, conditions: JobConditions) -> bool:
    from sqlalchemy import text

    with mirror.connect() as connection:
        statement = text(f"SELECT 1 FROM jobs WHERE {conditions.sql} LIMIT 1")  # noqa: S608
        return connection.execute(statement, conditions.values).first() is not None


def _month_start(milliseconds: int) -> datetime:
    instant = datetime.fromtimestamp(milliseconds / 1000, UTC)
    return datetime(instant.year, instant.month, 1, tzinfo=UTC)


def _next_month(start: datetime) -> datetime:
    return datetime(start.year + start.month // 12, start.month % 12 + 1, 1, tzinfo=UTC)


def _milliseconds(instant: datetime) -> int:
    return int(instant.timestamp() * 1000)
