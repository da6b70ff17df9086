"""What a sync reads and writes: how far it got, what is still missing, what is gone. I/O."""

from __future__ import annotations

import json
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection, func, select

from .facts.graph import short_key
from .job_indexes import create_indexes, drop_indexes
from .job_writing import Job, known_jobs, write_records
from .records import JobRecord
from .schema import JOBS, META
from .store import Store, read_meta, write_meta
from .writing import next_number

_STATE = "sync"
_FULL = "full_sync_ms"
_LAST = "synced_ms"
_AHEAD = "ahead"
_AT_ONCE = 500


@dataclass
class SyncResult:
    """What a sync did.

    Attributes:
        added: How many jobs were new.
        changed: How many known ones changed.
        details: How many graphs were fetched.
        without_details: How many jobs the service has no details of, or could not send them.
        deleted: How many jobs the service turned out to have deleted. The mirror keeps them.
        total: How many jobs the mirror has.
        is_full: Whether the whole list was read.
        failures: The messages of errors that concerned one job each, or of what broke it off.
        is_broken: Whether the server could not be reached, in `mirror.watch`.
    """

    added: int = 0
    changed: int = 0
    details: int = 0
    without_details: int = 0
    deleted: int = 0
    total: int = 0
    is_full: bool = False
    failures: list[str] = field(default_factory=list)
    is_broken: bool = False


@dataclass
class ListState:
    """How far the list is read: jobs from number `first` on are of a pass that did not end.

    `offset` is how many entries of the list that pass has read without a gap.
    """

    first: int
    offset: int = 0
    is_full: bool = False


class SyncState:
    """The database of one sync. Each method is one transaction."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def begin(self, now_ms: int, *, full: bool, full_after_ms: int) -> ListState:
        """The state to go on with: that of an interrupted pass, or a new one.

        A pass reads the whole list when asked to, when that was never done, and now and then.
        """
        with self._store.writing() as connection:
            meta = read_meta(connection)
            state = _read_state(meta)
            last_full = meta.get(_FULL)
            is_due = last_full is None or now_ms - int(last_full) >= full_after_ms
            ahead = meta.get(_AHEAD)
            if state is None:
                state = ListState(next_number(connection), is_full=full or is_due)
                _write_state(connection, state)
                if state.first == 1 and ahead is None:
                    drop_indexes(connection)
            if ahead is not None:
                # Between the jobs that a download wrote and the others there may be some that
                # nobody has read.
                state.first, state.offset = min(state.first, int(ahead)), 0
                connection.execute(META.delete().where(META.c.name == _AHEAD))
                _write_state(connection, state)
            if full and not state.is_full:
                state.is_full, state.offset = True, 0
                _write_state(connection, state)
            return state

    def is_long_pass(self, now_ms: int, *, full_after_ms: int) -> bool:
        """Whether the next pass reads more than the newest jobs, or goes on with an earlier one."""
        with self._store.reading() as connection:
            meta = read_meta(connection)
        last_full = meta.get(_FULL)
        is_due = last_full is None or now_ms - int(last_full) >= full_after_ms
        return is_due or _AHEAD in meta or _read_state(meta) is not None

    def has_all(self, ids: Sequence[str]) -> bool:
        """Whether the mirror has each of these jobs."""
        keys = {short_key(job_id) for job_id in ids}
        with self._store.reading() as connection:
            return keys <= known_jobs(connection, keys).keys()

    def has_of_pass(self, ids: Sequence[str], state: ListState) -> bool:
        """Whether the pass that goes on has written any of these jobs."""
        with self._store.reading() as connection:
            known = known_jobs(connection, ids)
        return any(job.number >= state.first for job in known.values())

    def add_page(
        self,
        jobs: Sequence[Job],
        state: ListState,
        offset: int | None,
        now_ms: int,
        result: SyncResult,
        seen: SeenJobs | None = None,
    ) -> bool:
        """Write the jobs of a page, and that the list is read up to `offset`.

        By default that grows by the new jobs, which are above those that were read.
        Returns whether an earlier pass had written all of them.
        """
        with self._store.writing() as connection:
            written = write_records(connection, jobs, now_ms)
            is_settled = all(number < state.first for number in written.numbers.values())
            offset = state.offset + len(written.added) if offset is None else offset
            if offset != state.offset and not is_settled:
                state.offset = offset
                _write_state(connection, state)
        if seen is not None:
            for number in written.numbers.values():
                seen.add(number)
        result.added += len(written.added)
        result.changed += len(written.changed)
        return is_settled and bool(jobs)

    def finish(self, state: ListState, now_ms: int, *, is_whole: bool) -> None:
        """Record that a pass has ended; `is_whole` says that it came to the end of the list."""
        with self._store.writing() as connection:
            create_indexes(connection)
            connection.execute(META.delete().where(META.c.name == _STATE))
            write_meta(connection, {_LAST: str(now_ms)} | ({_FULL: str(now_ms)} if is_whole else {}))

    def without_details(self) -> array[int]:
        """The numbers of jobs whose details are still to be fetched, newest first."""
        query = (
            select(JOBS.c.number)
            .where(JOBS.c.has_details.is_(False), JOBS.c.details_missing_ms.is_(None))
            .where(JOBS.c.deleted_ms.is_(None))
            .order_by(JOBS.c.created_ms.desc(), JOBS.c.number)
        )
        with self._store.reading() as connection:
            return array("q", connection.scalars(query))

    def ids_of(self, numbers: Sequence[int]) -> list[str]:
        """The ids of jobs, in this order."""
        with self._store.reading() as connection:
            query = select(JOBS.c.number, JOBS.c.id).where(JOBS.c.number.in_(list(numbers)))
            found = {row[0]: row[1] for row in connection.execute(query)}
        return [found[number] for number in numbers if number in found]

    def add_details(
        self, records: Sequence[JobRecord], missing: Sequence[str], now_ms: int, result: SyncResult
    ) -> None:
        """Write the details of jobs, and which jobs turned out to have none."""
        with self._store.writing() as connection:
            write_records(connection, records, now_ms)
            if missing:
                connection.execute(
                    JOBS.update().where(JOBS.c.id.in_(list(missing))).values(details_missing_ms=now_ms)
                )
        result.details += len(records)
        result.without_details += len(missing)

    def unseen(self, seen: SeenJobs) -> list[str]:
        """The jobs that are not marked as deleted, and that the list did not have."""
        query = select(JOBS.c.number, JOBS.c.id).where(JOBS.c.deleted_ms.is_(None))
        with self._store.reading() as connection:
            rows = connection.execution_options(stream_results=True).execute(query)
            return [job_id for number, job_id in rows if number not in seen]

    def mark_deleted(self, job_ids: Sequence[str], now_ms: int) -> None:
        """Mark jobs as deleted by the service."""
        with self._store.writing() as connection:
            for some in _batches(job_ids):
                connection.execute(
                    JOBS.update().where(JOBS.c.id.in_(some)).values(deleted_ms=now_ms, synced_ms=now_ms)
                )

    def last_number(self) -> int:
        """The number of the job that was written last."""
        with self._store.reading() as connection:
            return next_number(connection) - 1

    def newest_ms(self) -> int:
        """When the newest job was created, in milliseconds; 0 if no job says so."""
        with self._store.reading() as connection:
            return connection.scalar(select(func.max(JOBS.c.created_ms))) or 0

    def total(self) -> int:
        """How many jobs the mirror has."""
        with self._store.reading() as connection:
            return connection.scalar(select(func.count()).select_from(JOBS)) or 0


def note_ahead(connection: Connection, number: int) -> None:
    """Record that jobs from this number on were written outside of a sync.

    The next one does not take them for the first that are known already.
    """
    if _AHEAD not in read_meta(connection):
        write_meta(connection, {_AHEAD: str(number)})


class SeenJobs:
    """A set of numbers of jobs: one bit for each, so that a million take little memory."""

    def __init__(self) -> None:
        self._bits = bytearray()

    def add(self, number: int) -> None:
        """Add a number."""
        place = number >> 3
        if place >= len(self._bits):
            self._bits.extend(bytes(place + 1 - len(self._bits) + 1024))
        self._bits[place] |= 1 << (number & 7)

    def __contains__(self, number: int) -> bool:
        place = number >> 3
        return place < len(self._bits) and bool(self._bits[place] & (1 << (number & 7)))


def _batches(ids: Sequence[str]) -> Iterator[list[str]]:
    for start in range(0, len(ids), _AT_ONCE):
        yield list(ids[start : start + _AT_ONCE])


def _read_state(meta: dict[str, str]) -> ListState | None:
    try:
        found = json.loads(meta[_STATE])
        return ListState(int(found["first"]), int(found["offset"]), bool(found["is_full"]))
    except (KeyError, ValueError, TypeError):
        return None


def _write_state(connection: Connection, state: ListState) -> None:
    text = json.dumps({"first": state.first, "offset": state.offset, "is_full": state.is_full})
    write_meta(connection, {_STATE: text})
