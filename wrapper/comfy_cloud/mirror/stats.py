"""Counts by day, status, workflow and model, and how long jobs waited and ran: `Mirror.stats`.

Over a whole mirror each answer comes from an index: a million jobs take less than a second. Days
are those of UTC.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, text

from .._jobs.history_filter import When
from .job_conditions import JobConditions
from .results import Rows

if TYPE_CHECKING:
    from .open_mirror import OpenMirror

PERCENTILES = (50, 90, 99)
_DAY_MS = 86_400_000
# More days than this are grouped instead of being looked up one by one.
_MOST_DAYS = 20_000


@dataclass(frozen=True, slots=True)
class Stats:
    """What the mirror knows of many jobs.

    Attributes:
        jobs: How many there are.
        credits: What they cost, as far as the service says so; None if it says so of none.
        first_ms, last_ms: When the first and the last was created, in epoch milliseconds.
        by_status: Columns `status` and `jobs`.
        by_day: Columns `day` (ISO, UTC), `jobs`, and one for each status. Days without jobs are
            left out; so are jobs without a time.
        by_workflow: Columns `workflow_id`, `jobs` and `failed`, most jobs first.
        by_model: Columns `model` and `uses`: how many nodes loaded it, most uses first.
        times: Columns `what` ("queue" or "run"), `jobs`, `p50`, `p90`, `p99` and `longest`, in
            seconds.
    """

    jobs: int
    credits: float | None
    first_ms: int | None
    last_ms: int | None
    by_status: Rows
    by_day: Rows
    by_workflow: Rows
    by_model: Rows
    times: Rows

    def to_dict(self) -> dict[str, Any]:
        """All of it as plain values, as JSON has it."""
        tables = ("by_status", "by_day", "by_workflow", "by_model", "times")
        plain = {name: getattr(self, name) for name in ("jobs", "credits", "first_ms", "last_ms")}
        return {**plain, **{name: getattr(self, name).to_dicts() for name in tables}}


def stats(
    mirror: OpenMirror,
    *,
    status: str | Iterable[str] | None = None,
    since: When | None = None,
    until: When | None = None,
    model: str | None = None,
    workflow_id: str | None = None,
) -> Stats:
    """Count jobs; see `Mirror.stats`."""
    conditions = JobConditions()
    conditions.statuses(status)
    conditions.times(since, until)
    conditions.model(model)
    conditions.workflow(workflow_id)
    with mirror.connect() as connection:
        asked = _Asked(connection, conditions)
        # Two questions, since an index has the least and the greatest, but not both at once.
        first, last = asked.one("min(created_ms)")[0], asked.one("max(created_ms)")[0]
        # One pass over an index that has all three columns.
        groups = asked.rows(
            "workflow_id, status, count(*), sum(credits)", "GROUP BY workflow_id, status"
        ).tuples
        credits = [row[3] for row in groups if row[3] is not None]
        by_status = _by_status(groups)
        return Stats(
            jobs=sum(by_status.column("jobs")),
            credits=round(math.fsum(credits), 6) if credits else None,
            first_ms=first,
            last_ms=last,
            by_status=by_status,
            by_day=_by_day(asked, by_status.column("status"), first, last),
            by_workflow=_by_workflow(groups),
            by_model=_by_model(asked),
            times=_times(asked),
        )


def _by_status(groups: Sequence[Sequence[Any]]) -> Rows:
    counts: dict[str, int] = {}
    for _, status, jobs, _ in groups:
        counts[status] = counts.get(status, 0) + jobs
    return Rows(("status", "jobs"), sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def _by_workflow(groups: Sequence[Sequence[Any]]) -> Rows:
    found: dict[str | None, tuple[int, int]] = {}
    for workflow_id, status, jobs, _ in groups:
        known, failed = found.get(workflow_id, (0, 0))
        found[workflow_id] = (known + jobs, failed + (jobs if status == "failed" else 0))
    order = sorted(found.items(), key=lambda item: (-item[1][0], item[0] or ""))
    return Rows(("workflow_id", "jobs", "failed"), [(name, *counts) for name, counts in order])


class _Asked:
    """Questions about the jobs that conditions leave."""

    def __init__(self, connection: Connection, conditions: JobConditions) -> None:
        self.connection = connection
        self.conditions = conditions
        self.is_filtered = bool(conditions.texts)

    def rows(self, columns: str, rest: str = "", **values: Any) -> Rows:
        where = f" WHERE {self.conditions.sql}" if self.is_filtered else ""
        result = self.connection.execute(
            text(f"SELECT {columns} FROM jobs{where} {rest}"),  # noqa: S608 - texts of ours
            {**self.conditions.values, **values},
        )
        return Rows(result.keys(), result)

    def one(self, columns: str) -> tuple[Any, ...]:
        return self.rows(columns).tuples[0]


def _by_day(asked: _Asked, statuses: Sequence[str], first: int | None, last: int | None) -> Rows:
    columns = ["day", "jobs", *statuses]
    if first is None or last is None:
        return Rows(columns, [])
    days: dict[int, dict[str, int]] = {}
    for day, status, jobs in _daily_counts(asked, statuses, first // _DAY_MS, last // _DAY_MS):
        if jobs:
            days.setdefault(day, {})[status] = jobs
    rows = (
        (_day_text(day), sum(counts.values()), *(counts.get(status, 0) for status in statuses))
        for day, counts in sorted(days.items())
    )
    return Rows(columns, rows)


def _daily_counts(
    asked: _Asked, statuses: Sequence[str], first: int, last: int
) -> Iterable[tuple[int, str, int]]:
    if asked.is_filtered or last - first > _MOST_DAYS:
        day = f"floor(created_ms / {_DAY_MS}.0)"
        if asked.connection.dialect.name == "sqlite":  # which may be built without floor()
            day = f"(created_ms - ((created_ms % {_DAY_MS}) + {_DAY_MS}) % {_DAY_MS}) / {_DAY_MS}"
        found = asked.rows(f"CAST({day} AS INTEGER) AS day, status, count(*) AS jobs", "GROUP BY 1, 2")
        return ((day, status, jobs) for day, status, jobs in found.tuples if day is not None)
    # One look into the index for each day and status, instead of sorting all jobs.
    result = asked.connection.execute(
        text(
            "WITH RECURSIVE days(day) AS (SELECT CAST(:first AS BIGINT) UNION ALL "  # noqa: S608
            "SELECT day + 1 FROM days WHERE day < :last) "
            "SELECT day, kinds.status, (SELECT count(*) FROM jobs WHERE jobs.status = kinds.status "
            f"AND created_ms >= day * {_DAY_MS} AND created_ms < (day + 1) * {_DAY_MS}) FROM days "
            "CROSS JOIN (SELECT DISTINCT status FROM jobs) AS kinds"
        ),
        {"first": first, "last": last},
    )
    return [(row[0], row[1], row[2]) for row in result]


def _day_text(day: int) -> str:
    try:
        return datetime.fromtimestamp(day * _DAY_MS // 1000, UTC).date().isoformat()
    except (OverflowError, ValueError, OSError):
        return f"day {day}"


def _by_model(asked: _Asked) -> Rows:
    jobs = f" WHERE job_id IN (SELECT jobs.id FROM jobs WHERE {asked.conditions.sql})"  # noqa: S608
    result = asked.connection.execute(
        text(
            f"SELECT model, count(*) AS uses FROM models{jobs if asked.is_filtered else ''} "  # noqa: S608
            "GROUP BY model ORDER BY 2 DESC, 1"
        ),
        asked.conditions.values,
    )
    return Rows(result.keys(), result)


def _times(asked: _Asked) -> Rows:
    columns = ["what", "jobs", *(f"p{each}" for each in PERCENTILES), "longest"]
    return Rows(columns, [_time_row(asked, what) for what in ("queue", "run")])


def _time_row(asked: _Asked, what: str) -> tuple[Any, ...]:
    column = f"{what}_seconds"
    if asked.is_filtered:
        known = f"{column} IS NOT NULL ORDER BY {column}"
        where = asked.conditions.sql
        result = asked.connection.execute(
            text(f"SELECT {column} FROM jobs WHERE {where} AND {known}"),  # noqa: S608 - as above
            asked.conditions.values,
        )
        values: Sequence[float] = result.scalars().all()
        return (what, len(values), *_spread(values))
    count = asked.one(f"count({column})")[0]
    if not count:
        return (what, 0, *_spread([]))
    places = (*(nearest_rank(count, each) for each in PERCENTILES), count - 1)
    return (what, count, *(_value_at(asked, column, place, count) for place in places))


def _value_at(asked: _Asked, column: str, place: int, count: int) -> Any:
    """A value by its place in the index, which is walked from the nearer end."""
    is_late = place > count // 2
    order, steps = ("DESC", count - 1 - place) if is_late else ("ASC", place)
    rest = f"{column} IS NOT NULL ORDER BY {column} {order} LIMIT 1 OFFSET :steps"
    query = text(f"SELECT {column} FROM jobs WHERE {rest}")  # noqa: S608 - as above
    return asked.connection.execute(query, {"steps": steps}).scalar_one()


def _spread(values: Sequence[float]) -> tuple[float | None, ...]:
    if not values:
        return (None,) * (len(PERCENTILES) + 1)
    return (*(values[nearest_rank(len(values), each)] for each in PERCENTILES), values[-1])


def nearest_rank(count: int, percentile: int) -> int:
    """The place of a percentile among so many sorted values, by the nearest rank."""
    return max(0, -(-count * percentile // 100) - 1)
