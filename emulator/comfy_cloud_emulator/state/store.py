"""The store: every job of one account in one SQLite database, everything else in a second one.

Safe to use from any thread: the server reads it on its event loop while a test changes it. Paging
the jobs list is in `jobs.listing`, the JSON of jobs in `jobs.documents`; the store never runs jobs.

A process may be killed between any two writes. What one response promises is one transaction, or
begins with a part that is found and completed when the store is opened again.
"""

from __future__ import annotations

import sqlite3
import threading
import uuid
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any, Final, NamedTuple

import orjson

from . import snapshots
from .assets.asset_store import AssetStore
from .assets.search import AssetSearch
from .assets.tasks import TaskStore
from .database import Database, DatabaseSnapshot
from .files.file_store import FileStore
from .files.masks import MaskStore
from .files.named_files import Folders
from .files.saved_workflows import SavedWorkflows
from .files.userdata import UserData
from .jobs import rows, timeline
from .jobs.hidden import HiddenJobs
from .jobs.job import Job
from .jobs.statuses import JobStatus
from .opening import naming_problems, open_database, refuse_missing

DATABASE_NAME: Final = "emulator.sqlite3"
LIBRARY_NAME: Final = "library.sqlite3"
"""The second database: files, assets, tasks and user data."""
FILES_NAME: Final = "files"
_DOOMED: Final = "CREATE TABLE IF NOT EXISTS doomed_jobs (job_id TEXT PRIMARY KEY) WITHOUT ROWID"
"""Jobs that are being deleted together with their assets, which are in the other database."""
_NO_LIMIT: Final = 2**62
_BATCH: Final = 2_000
MOST_AT_ONCE: Final = 1_000
"""History entries that are read at once."""


class StoreSnapshot(NamedTuple):
    """The content of a store, as immutable values."""

    jobs: bytes
    library: DatabaseSnapshot
    contents: Mapping[str, bytes]
    next_number: int


class Store:
    """Jobs by id, newest first by create time.

    `folder` is where the databases are; None keeps them in memory. `clock` returns seconds since
    1970. Raises OSError when what is in the folder cannot be used.
    """

    def __init__(self, folder: Path | None, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._lock = threading.RLock()
        self._in_memory = folder is None
        self.hidden = HiddenJobs()
        if folder is not None:
            _prepare(folder)
        path = None if folder is None else folder / DATABASE_NAME
        self._database = open_database(path, rows.SCHEMA, "life")
        with ExitStack() as opened:
            opened.callback(self._database.close)
            with naming_problems(path):
                self._changes_of_schema = self._database.total_changes  # the schema inserts a row
                self._next_number: int = self._value("SELECT coalesce(max(number), 0) + 1 FROM jobs")
                is_used = bool(self._value("SELECT begun FROM life"))
            library = None if folder is None else folder / LIBRARY_NAME
            if library is not None and is_used:
                refuse_missing(library, used=f"{DATABASE_NAME} beside it has been used")
            self.library: Final = Database(library, "doomed_jobs")
            opened.callback(self.library.close)
            with naming_problems(library):
                self._open_parts(folder)
            opened.pop_all()

    def _open_parts(self, folder: Path | None) -> None:
        self.library.create(_DOOMED)
        self.files = FileStore(None if folder is None else folder / FILES_NAME, self.library)
        self.folders = Folders(self.library, self.now)
        self.assets = AssetStore(self.library, self.files, self.now)
        self.asset_search = AssetSearch(self.library, self.assets)
        self.tasks = TaskStore(self.library, self.files, self.assets, self.now)
        self.masks = MaskStore(self.library)
        self.userdata = UserData(self.library, self.now)
        self.workflows = SavedWorkflows(self.library, self.now)
        for (id,) in self.library.read("SELECT job_id FROM doomed_jobs"):
            self.delete_with_files(id)

    def __repr__(self) -> str:
        return f"<Store of {len(self)} jobs>"

    def __len__(self) -> int:
        count: int = self._value("SELECT count(*) FROM jobs")
        return count

    def close(self) -> None:
        """Close the databases. A store in memory is gone afterwards."""
        with self._lock:
            self.library.close()
            self.files.close()
            self._database.close()

    # Time and numbers

    def now(self) -> int:
        """The emulated instant, in Unix milliseconds."""
        return int(self._clock() * 1000)

    def reserve_numbers(self, count: int = 1) -> int:
        """Reserve the next `count` numbers in the order of submission. Returns the first."""
        with self._lock:
            first = self._next_number
            self._next_number += count
        return first

    # Writing

    def add_job(self, status: JobStatus = "completed", *, id: str | None = None, **fields: Any) -> Job:
        """Add one job and return it.

        Fields left out are made up to fit; see `factory.make_job` for their names.

        Without `create_time` the job is created now. Raises ValueError when the id is taken or a
        field is not valid.
        """
        # Imported on demand: many stores never need it.
        from .jobs.factory import make_job

        fields.setdefault("create_time", self.now())
        job = make_job(
            status, id=str(uuid.uuid4()) if id is None else id, number=self.reserve_numbers(), **fields
        )
        self.add([job])
        return job

    def accept(self, *, id: str, targets: Sequence[str] | None, **fields: Any) -> Job:
        """Add a waiting job that has to be finished, even if the process ends before. Returns it.

        `targets` are its output nodes, None for all. The other fields are those of `add_job`.
        """
        with self._transaction() as database:
            job = self.add_job("pending", id=id, **fields)
            kept = None if targets is None else orjson.dumps(list(targets))
            database.execute("INSERT INTO runs (number, targets) VALUES (?, ?)", (job.number, kept))
        return job

    def unfinished(self) -> list[tuple[Job, tuple[str, ...] | None]]:
        """The accepted jobs that are not over, with their targets, oldest first."""
        found = self.read(
            f"{rows.SELECT_JOB} JOIN runs USING (number) WHERE NOT jobs.terminal ORDER BY number"
        )
        targets = dict(self.read("SELECT number, targets FROM runs"))
        jobs = [rows.decode(row) for row in found]
        return [
            (job, None if targets[job.number] is None else tuple(orjson.loads(targets[job.number])))
            for job in jobs
        ]

    @property
    def spent(self) -> float:
        """Credits that all runs have cost so far."""
        credits: float = self._value("SELECT spent FROM life")
        return credits

    @contextmanager
    def first_use(self) -> Generator[bool]:
        """Whether the store has never been used.

        It counts as used after the block; all or nothing is kept.
        """
        if self._in_memory:  # it cannot have been used before
            yield True
            return
        with self._transaction() as database:
            is_new = not self._value("SELECT begun FROM life")
            if is_new:
                # A process that ended during this left assets of jobs that do not exist.
                self.assets.clear()
                database.execute("UPDATE life SET begun = 1")
            yield is_new

    def latest(self) -> int:
        """The latest instant in the store, in Unix milliseconds; 0 when it is empty."""
        jobs: int = self._value("SELECT coalesce(max(update_time), 0) FROM jobs")
        others = self.library.read(
            "SELECT max(updated_at) FROM assets UNION ALL SELECT max(modified) FROM userdata"
            " UNION ALL SELECT max(update_time) FROM tasks"
            " UNION ALL SELECT max(updated_at) FROM saved_workflows"
        )
        return max(jobs, *(instant or 0 for (instant,) in others))

    def add_newest(self, count: int) -> list[Job]:
        """Add completed jobs newer than all others, as if they ended while a client is paging."""
        with self._lock:
            newest: int = self._value("SELECT coalesce(max(create_time), 0) FROM jobs")
            first = max(self.now(), newest + 1)
            return [self.add_job(create_time=first + step) for step in range(count)]

    def add(self, jobs: Iterable[Job]) -> None:
        """Add jobs, all or none. Raises ValueError when an id or number is taken."""
        encoded = [rows.encode(job) for job in jobs]
        self.add_rows((row for row, _ in encoded), {source for _, source in encoded})

    def add_rows(self, job_rows: Iterable[rows.JobRow], sources: Iterable[rows.Source]) -> None:
        """Add encoded rows, all or none; for large numbers of generated jobs."""
        job_rows = iter(job_rows)
        with self._transaction() as database:
            database.executemany(rows.INSERT_SOURCE, sources)
            try:
                while batch := list(islice(job_rows, _BATCH)):
                    database.executemany(rows.INSERT_JOB, batch)
            except sqlite3.IntegrityError as error:
                raise ValueError(f"a job with that id or number exists already ({error})") from error
            self._next_number = max(
                self._next_number, self._value("SELECT coalesce(max(number), 0) + 1 FROM jobs")
            )

    def update(self, job: Job, *, cost: float = 0.0) -> None:
        """Replace the stored job with the same number, and record what it cost."""
        row, source = rows.encode(job)
        with self._transaction() as database:
            database.execute(rows.INSERT_SOURCE, source)
            database.execute(rows.REPLACE_JOB, row)
            if cost:
                database.execute("UPDATE life SET spent = spent + ?", (cost,))
            if job.terminal:
                database.execute("DELETE FROM runs WHERE number = ?", (job.number,))

    def delete(self, *ids: str) -> list[str]:
        """Remove jobs of any status. Returns the ids that existed."""
        with self._transaction() as database:
            gone = [id for id in ids if database.execute("DELETE FROM jobs WHERE id = ?", (id,)).rowcount]
            database.execute("DELETE FROM runs WHERE number NOT IN (SELECT number FROM jobs)")
        return gone

    def delete_with_files(self, id: str) -> None:
        """Remove a job and every asset that it made."""
        with self.library.write() as library:
            self.assets.delete_of_job(id)
            library.execute("INSERT OR IGNORE INTO doomed_jobs (job_id) VALUES (?)", (id,))
        self.delete(id)
        with self.library.write() as library:
            library.execute("DELETE FROM doomed_jobs WHERE job_id = ?", (id,))

    def delete_newest(self, count: int) -> list[str]:
        """Remove the newest entries of the history. Returns their ids, newest first."""
        with self._lock:
            newest = self._column(
                "SELECT id FROM jobs WHERE terminal = 1 ORDER BY create_time DESC, number DESC LIMIT ?",
                (count,),
            )
            return self.delete(*newest)

    def delete_from_history(self, ids: Iterable[str]) -> None:
        """Remove finished jobs; unknown ids and unfinished jobs are left alone."""
        with self._transaction() as database:
            database.executemany("DELETE FROM jobs WHERE id = ? AND terminal = 1", ((id,) for id in ids))

    def clear_history(self) -> None:
        """Remove every finished job."""
        with self._transaction() as database:
            database.execute("DELETE FROM jobs WHERE terminal = 1")

    def cancel(self, ids: Iterable[str]) -> list[str]:
        """Cancel waiting and running jobs.

        Returns the ids that were cancelled; others are left alone.
        """
        cancelled: list[str] = []
        with self._lock:
            for id in dict.fromkeys(ids):
                job = self.get(id)
                if job is not None and not job.terminal:
                    self.update(self._cancelled(job))
                    cancelled.append(id)
        return cancelled

    def cancel_pending(self) -> list[str]:
        """Cancel every waiting job. Returns their ids, oldest first."""
        with self._lock:
            return self.cancel(job.id for job in reversed(self.jobs("pending")))

    def _cancelled(self, job: Job) -> Job:
        end = max(self.now(), job.update_time)
        if job.start_time is None:
            messages = timeline.interrupted(job.id, None, end)
        else:
            node_id, node = next(iter(job.graph.items()), ("", {"class_type": ""}))
            messages = timeline.interrupted(
                job.id, job.start_time, end, node_id=node_id, node_type=node["class_type"]
            )
        return replace(
            job, status="cancelled", state="cancelled", update_time=end, end_time=end, messages=messages
        )

    # Reading

    def get(self, id: str) -> Job | None:
        """The job with this id, or None."""
        found = self.read(f"{rows.SELECT_JOB} WHERE jobs.id = ?", (id,))
        return rows.decode(found[0]) if found else None

    def has(self, id: str) -> bool:
        """Whether there is a job with this id."""
        return bool(self.read("SELECT 1 FROM jobs WHERE id = ?", (id,)))

    def jobs(self, *statuses: JobStatus) -> list[Job]:
        """Every job, or those of the given statuses, newest first."""
        condition = f"WHERE jobs.status IN ({', '.join('?' * len(statuses))})" if statuses else ""
        order = "ORDER BY jobs.create_time DESC, jobs.number DESC"
        return [rows.decode(row) for row in self.read(f"{rows.SELECT_JOB} {condition} {order}", statuses)]

    def count(self, *statuses: JobStatus) -> int:
        """How many jobs have one of these statuses."""
        marks = ", ".join("?" * len(statuses))
        count: int = self._value(f"SELECT count(*) FROM jobs WHERE status IN ({marks})", statuses)  # noqa: S608
        return count

    def history_page(self, max_items: int | None = None, offset: int = 0) -> list[bytes]:
        """History entries as JSON bytes, newest first. None or a negative number means no limit."""
        limit = _NO_LIMIT if max_items is None or max_items < 0 else max_items
        if limit > MOST_AT_ONCE:
            return self._long_history_page(limit, max(0, offset))
        hidden = self.hidden.ids(self.now())
        shown = f"terminal = 1 AND id NOT IN ({', '.join('?' * len(hidden))})" if hidden else "terminal = 1"
        return self._column(
            f"SELECT entry FROM jobs WHERE {shown} ORDER BY create_time DESC, number DESC LIMIT ? OFFSET ?",  # noqa: S608
            (*hidden, limit, max(0, offset)),
        )

    def _long_history_page(self, limit: int, offset: int) -> list[bytes]:
        """Read in portions, so that others get their turn; skips entries deleted meanwhile."""
        numbers = self._column(
            "SELECT number FROM jobs WHERE terminal = 1"
            " ORDER BY create_time DESC, number DESC LIMIT ? OFFSET ?",
            (limit, offset),
        )
        hidden = set(self.hidden.ids(self.now()))
        entries: list[bytes] = []
        for begin in range(0, len(numbers), MOST_AT_ONCE):
            portion = numbers[begin : begin + MOST_AT_ONCE]
            marks = ", ".join("?" * len(portion))
            found = self.read(f"SELECT number, id, entry FROM jobs WHERE number IN ({marks})", portion)  # noqa: S608
            by_number = {number: entry for number, id, entry in found if id not in hidden}
            entries += [by_number[number] for number in portion if number in by_number]
        return entries

    def history_jobs(self) -> list[Job]:
        """Every job that is over, oldest first."""
        order = "ORDER BY jobs.create_time, jobs.number"
        found = [rows.decode(row) for row in self.read(f"{rows.SELECT_JOB} WHERE jobs.terminal = 1 {order}")]
        hidden = self.hidden.ids(self.now())
        return [job for job in found if job.id not in hidden]

    # Copies

    @property
    def is_untouched(self) -> bool:
        """Whether it is in memory and nothing was written to it."""
        with self._lock:
            return self.library.is_untouched and self._database.total_changes == self._changes_of_schema

    def snapshot(self) -> StoreSnapshot | None:
        """Its content, for `load`; None where SQLite does not support it."""
        if not snapshots.SUPPORTED:
            return None
        with self._lock:
            return StoreSnapshot(
                snapshots.take(self._database),
                self.library.snapshot(),
                self.files.contents_in_memory(),
                self._next_number,
            )

    def load(self, snapshot: StoreSnapshot) -> None:
        """Take the content of another store. Only for an untouched store."""
        with self._lock:
            snapshots.restore(snapshot.jobs, self._database)
            self.library.load(snapshot.library)
            self.files.load_contents(snapshot.contents)
            self._next_number = max(self._next_number, snapshot.next_number)

    # Access for other modules of `state`

    @property
    def changes(self) -> int:
        """A number that changes with every change of the jobs."""
        with self._lock:
            return self._database.total_changes

    def read(self, statement: str, parameters: Iterable[object] = ()) -> list[tuple[Any, ...]]:
        """Run a SELECT and return all its rows."""
        with self._lock:
            return self._database.execute(statement, tuple(parameters)).fetchall()

    def _column(self, statement: str, parameters: Iterable[object] = ()) -> list[Any]:
        return [row[0] for row in self.read(statement, parameters)]

    def _value(self, statement: str, parameters: Iterable[object] = ()) -> Any:
        return self.read(statement, parameters)[0][0]

    @contextmanager
    def _transaction(self) -> Generator[sqlite3.Connection]:
        """Committed at the end of the block, rolled back by exceptions. Nested ones join it."""
        with self._lock:
            if self._database.in_transaction:
                yield self._database
                return
            self._database.execute("BEGIN IMMEDIATE")
            try:
                yield self._database
            except BaseException:
                self._database.execute("ROLLBACK")
                raise
            self._database.execute("COMMIT")


def _prepare(folder: Path) -> None:
    """Make the folder; raise OSError when its jobs are gone although other state is there."""
    folder.mkdir(parents=True, exist_ok=True)
    library, files = folder / LIBRARY_NAME, folder / FILES_NAME
    if files.exists() and not files.is_dir():
        raise OSError(f"{files} is not a folder; remove it, or keep the state in another folder")
    # Half-written ones, which have a dot, may be left by a first start that was killed.
    has_files = files.is_dir() and any(not each.name.startswith(".") for each in files.iterdir())
    if has_files or (library.exists() and library.stat().st_size):
        refuse_missing(folder / DATABASE_NAME, used="there are files and assets beside it")
