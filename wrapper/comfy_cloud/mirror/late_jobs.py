"""Jobs that end long after newer ones: they come into the middle of the list, which no sync reads.

So each sync notes which jobs have not ended, and the next one asks for those that ended since. A
job that was created after that look at them is not noted: so the next sync reads the list as far
back as that. I/O.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select

from .._jobs.states import JobStatus
from .facts.graph import short_key
from .job_writing import known_jobs, write_records
from .records import JobRecord
from .schema import JOBS
from .store import Store, read_meta, write_meta
from .sync_state import SyncResult

_WATCHED = "unfinished"
_LOOKED = "looked_ms"
_OPEN = tuple(status.value for status in JobStatus if not status.is_terminal)
# A job that is neither unfinished nor in the history is asked for so many times.
_MOST_MISSES = 3
MOST_AT_ONCE = 64
"""How many jobs one sync asks for; the others wait for the next one."""


@dataclass(frozen=True)
class Reach:
    """How far back a sync reads the list at least: to jobs that were created at `looked_ms`.

    None for a mirror that never looked: then what is known already is enough. That job had ended
    and was listed before the look, so no job that was created after the look has the same time.
    """

    looked_ms: int | None = None

    def is_passed(self, created_ms: Sequence[int]) -> bool:
        """Whether a page with jobs of these times reaches so far. One without times does."""
        return self.looked_ms is None or not created_ms or min(created_ms) <= self.looked_ms


class LateJobs:
    """The jobs of one mirror whose ends are awaited. Each method is one transaction."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def is_awaited(self) -> bool:
        """Whether the end of any job is awaited."""
        with self._store.reading() as connection:
            return bool(_watched(connection) or _open_rows(connection))

    def reach(self) -> Reach:
        """How far back the next sync has to read."""
        with self._store.reading() as connection:
            found = read_meta(connection).get(_LOOKED, "")
        return Reach(int(found)) if found.lstrip("-").isdigit() else Reach()

    def watch(self, unfinished: Sequence[str]) -> None:
        """Note the unfinished jobs at once: a sync that is killed must not forget them."""
        with self._store.writing() as connection:
            watched = _watched(connection)
            if not watched.keys() >= set(unfinished):
                write_meta(connection, {_WATCHED: json.dumps(watched | dict.fromkeys(unfinished, 0))})

    def ended(self, unfinished: Iterable[str]) -> list[str]:
        """The ids of jobs that were unfinished, are not any more, and whose ends are not known."""
        with self._store.reading() as connection:
            waiting = [*_watched(connection), *_open_rows(connection)]
            known = known_jobs(connection, map(short_key, waiting))
        left = dict.fromkeys(waiting).keys() - set(unfinished)
        return [
            job_id
            for job_id in dict.fromkeys(waiting)
            if job_id in left and (short_key(job_id) not in known or known[short_key(job_id)].status in _OPEN)
        ][:MOST_AT_ONCE]

    def write(
        self,
        unfinished: Sequence[str],
        asked: Iterable[str],
        records: Sequence[JobRecord],
        now_ms: int,
        result: SyncResult,
        looked_ms: int,
    ) -> None:
        """Write the jobs that ended, and which ones to look at in the next sync.

        Jobs that are neither unfinished nor in the list were created after `looked_ms`.
        """
        ends = {record.id for record in records if record.status not in _OPEN}
        with self._store.writing() as connection:
            misses = _watched(connection)
            written = write_records(connection, records, now_ms)
            watched = {job_id: count for job_id, count in misses.items() if short_key(job_id) not in ends}
            for job_id in asked:
                if short_key(job_id) not in ends:
                    # The whole list does not have it either.
                    watched[job_id] = _MOST_MISSES if result.is_full else misses.get(job_id, 0) + 1
            lost = [job_id for job_id, count in watched.items() if count >= _MOST_MISSES]
            if lost:
                connection.execute(
                    JOBS.update()
                    .where(JOBS.c.id.in_(list(map(short_key, lost))))
                    .values(details_missing_ms=now_ms)
                )
            known = known_jobs(connection, map(short_key, watched))
            kept = {
                job_id: count
                for job_id, count in watched.items()
                if count < _MOST_MISSES
                and (short_key(job_id) not in known or known[short_key(job_id)].status in _OPEN)
            }
            found = kept | dict.fromkeys(unfinished, 0)
            if found != misses:
                write_meta(connection, {_WATCHED: json.dumps(found)})
            if read_meta(connection).get(_LOOKED) != str(looked_ms):
                write_meta(connection, {_LOOKED: str(looked_ms)})
        result.added += len(written.added)
        result.changed += len(written.changed)
        result.details += len(records)


def _watched(connection: Connection) -> dict[str, int]:
    """The ids of jobs that had not ended, and how often each was asked for in vain."""
    try:
        found = json.loads(read_meta(connection).get(_WATCHED, "{}"))
        return {str(job_id): int(count) for job_id, count in found.items()}
    except (ValueError, TypeError, AttributeError):
        return {}


def _open_rows(connection: Connection) -> list[str]:
    query = (
        select(JOBS.c.id)
        .where(JOBS.c.status.in_(_OPEN), JOBS.c.deleted_ms.is_(None), JOBS.c.details_missing_ms.is_(None))
        .limit(MOST_AT_ONCE)
    )
    return [str(job_id) for job_id in connection.scalars(query)]
