"""The rowids of the full-text index, which are in the order of time.

So the newest matches are read first, and a range of times is a range of rowids. A rowid is the
millisecond of creation times 32, and a count among the jobs of that millisecond. Jobs without a
time have negative ones: they are older than all others.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from sqlalchemy import Connection, func, select

from .schema import JOBS

_SLOTS = 32
_LATEST_MS = 2**50
_TIMELESS = -(2**62)
# More jobs of one millisecond than that go on in the next one.
_SPILL_MS = 60_000
_AT_ONCE = 500
_FEW = 20
_ROUNDS = 6


def first_rowid(created_ms: int) -> int:
    """The least rowid of jobs that were created in this millisecond, or later."""
    return min(max(created_ms, 0), _LATEST_MS) * _SLOTS


def end_rowid(created_ms: int) -> int:
    """A rowid above those of all jobs that were created before this millisecond."""
    return first_rowid(min(created_ms, _LATEST_MS) + _SPILL_MS)


def is_at_home(rowid: int, created_ms: int | None) -> bool:
    """Whether a rowid is that of a job of this time."""
    if created_ms is None:
        return rowid < 0
    return first_rowid(created_ms) <= rowid < end_rowid(created_ms)


def ordered_rowids(times: Iterable[int | None]) -> Iterator[int]:
    """The rowids for the times of all jobs: those without a time first, then the oldest."""
    last = _TIMELESS - 1
    for created_ms in times:
        last = max(last + 1, _TIMELESS if created_ms is None else first_rowid(created_ms))
        yield last


def free_rowids(connection: Connection, times: Sequence[int | None]) -> list[int]:
    """A rowid for each new job, that no job has; the first of one time gets the highest."""
    found = [_TIMELESS if time is None else first_rowid(time) for time in times]
    taken = set(found)
    groups: dict[int | None, list[int]] = {}
    if len(taken) == len(found) and _TIMELESS not in taken:
        # Nearly always: each job has a time of its own.
        known = _known(connection, found)
        groups = {time: [place] for place, time in enumerate(times) if found[place] in known}
        starts = {time: found[place] + 1 for time, (place,) in groups.items()}
    else:
        taken.clear()
        for place in range(len(times) - 1, -1, -1):
            groups.setdefault(times[place], []).append(place)
        starts = {time: _next_timeless(connection) if time is None else first_rowid(time) for time in groups}
    pending = list(groups)
    rounds = 0
    while pending:
        rounds += 1
        for time in pending:
            rowid = starts[time]
            for place in groups[time]:
                while rowid in taken:
                    rowid += 1
                taken.add(rowid)
                found[place] = rowid
        known = _known(connection, [found[place] for time in pending for place in groups[time]])
        pending = [time for time in pending if any(found[place] in known for place in groups[time])]
        for time in pending:
            own = {found[place] for place in groups[time]}
            taken -= own - known
            last = max(own & known)
            # Few jobs have the same time; where many do, they are skipped at once.
            starts[time] = last + 1 if rounds < _ROUNDS else _after_slot(connection, last)
    return found


def _after_slot(connection: Connection, rowid: int) -> int:
    """The first free rowid above those of the same millisecond."""
    start = rowid // _SLOTS * _SLOTS
    query = select(func.max(JOBS.c.search_rowid)).where(
        JOBS.c.search_rowid >= start, JOBS.c.search_rowid < start + _SLOTS
    )
    return int(connection.scalar(query) or rowid) + 1


def _known(connection: Connection, rowids: Sequence[int]) -> set[int]:
    """Which of these rowids jobs have."""
    found: set[int] = set()
    mark = "?" if connection.dialect.name == "sqlite" else "%s"
    if len(rowids) > _FEW:
        # A list that is read from its newest end has jobs that are all older than those before.
        query = f"SELECT 1 FROM jobs WHERE search_rowid BETWEEN {mark} AND {mark} LIMIT 1"  # noqa: S608
        if connection.exec_driver_sql(query, (min(rowids), max(rowids))).first() is None:
            return found
    for start in range(0, len(rowids), _AT_ONCE):
        some = tuple(rowids[start : start + _AT_ONCE])
        query = f"SELECT search_rowid FROM jobs WHERE search_rowid IN ({', '.join([mark] * len(some))})"  # noqa: S608
        found.update(row[0] for row in connection.exec_driver_sql(query, some).all())
    return found


def _next_timeless(connection: Connection) -> int:
    query = select(JOBS.c.search_rowid).where(JOBS.c.search_rowid < 0)
    last = connection.scalar(query.order_by(JOBS.c.search_rowid.desc()).limit(1))
    return _TIMELESS if last is None else last + 1
