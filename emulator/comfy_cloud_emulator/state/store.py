"""The store: every job of the emulated cloud, in one SQLite database.

Safe to use from any thread: the server reads it on its event loop while a test changes it from outside. It keeps jobs
and answers for them; paging the jobs list is in `listing`, what jobs look like in `documents`, and it never runs one.
"""

from __future__ import annotations

import sqlite3
import threading
import uuid
from collections.abc import Callable, Generator, Iterable, Mapping
from contextlib import contextmanager
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any, Final, NamedTuple

from . import images, rows, timeline
from .asset_search import AssetSearch
from .assets import AssetStore
from .database import Database
from .files import FileStore
from .hidden import HiddenJobs
from .jobs import Job
from .masks import MaskStore
from .states import JobStatus
from .tasks import TaskStore
from .userdata import UserData

DATABASE_NAME: Final = "emulator.sqlite3"
LIBRARY_NAME: Final = "library.sqlite3"
"""The second database: files, assets, tasks and user data."""
_NO_LIMIT: Final = 2**62
_BATCH: Final = 2_000


class StoreImage(NamedTuple):
    """What a store holds, as values that nobody can change."""

    jobs: bytes
    library: bytes
    contents: Mapping[str, bytes]


class Store:
    """Jobs by id, newest first by create time.

    `folder` is where the database lies; None keeps it in memory. `clock` gives seconds since 1970.
    """

    def __init__(self, folder: Path | None, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._lock = threading.RLock()
        self.hidden = HiddenJobs()
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
        self._database = sqlite3.connect(
            ":memory:" if folder is None else folder / DATABASE_NAME,
            check_same_thread=False,
            isolation_level=None,
        )
        # Losing the last writes in a power cut is fine for an emulator; waiting for the disk is not.
        self._database.execute("PRAGMA synchronous = OFF")
        if folder is not None:
            self._database.execute("PRAGMA journal_mode = WAL")
        self._database.executescript(rows.SCHEMA)
        self._next_number: int = self._value("SELECT coalesce(max(number), 0) + 1 FROM jobs")
        self._library = Database(None if folder is None else folder / LIBRARY_NAME)
        self.files = FileStore(None if folder is None else folder / "files", self._library)
        self.assets = AssetStore(self._library, self.files, self.now)
        self.asset_search = AssetSearch(self._library, self.assets)
        self.tasks = TaskStore(self._library, self.files, self.assets, self.now)
        self.masks = MaskStore(self._library)
        self.userdata = UserData(self._library, self.now)

    def __repr__(self) -> str:
        return f"<Store of {len(self)} jobs>"

    def __len__(self) -> int:
        count: int = self._value("SELECT count(*) FROM jobs")
        return count

    def close(self) -> None:
        """Close the database. A store in memory is gone afterwards."""
        with self._lock:
            self._library.close()
            self._database.close()

    # Time and numbers

    def now(self) -> int:
        """The emulated instant, in Unix milliseconds."""
        return int(self._clock() * 1000)

    def reserve_numbers(self, count: int = 1) -> int:
        """Take the next `count` places in the order of submission and return the first."""
        with self._lock:
            first = self._next_number
            self._next_number += count
        return first

    # Writing

    def add_job(self, status: JobStatus = "completed", *, id: str | None = None, **wishes: Any) -> Job:
        """Add one job and return it. What is not given is made up to fit; see `making.make_job` for the names.

        Without `create_time` the job is created now. Raises ValueError when the id is taken or a wish makes no sense.
        """
        # Imported where it is needed, which is not in every life of a store.
        from .making import make_job

        wishes.setdefault("create_time", self.now())
        job = make_job(
            status, id=str(uuid.uuid4()) if id is None else id, number=self.reserve_numbers(), **wishes
        )
        self.add([job])
        return job

    def add_newest(self, count: int) -> list[Job]:
        """Add completed jobs that are newer than every other, as when work lands while a client is paging."""
        with self._lock:
            newest: int = self._value("SELECT coalesce(max(create_time), 0) FROM jobs")
            first = max(self.now(), newest + 1)
            return [self.add_job(create_time=first + step) for step in range(count)]

    def add(self, jobs: Iterable[Job]) -> None:
        """Add finished job values, all or none. Raises ValueError when an id or number is taken."""
        encoded = [rows.encode(job) for job in jobs]
        self.add_rows((row for row, _ in encoded), {source for _, source in encoded})

    def add_rows(self, job_rows: Iterable[rows.JobRow], sources: Iterable[rows.Source]) -> None:
        """Add rows that are encoded already, all or none: the way for great numbers of generated jobs."""
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

    def update(self, job: Job) -> None:
        """Replace the stored job of the same number."""
        row, source = rows.encode(job)
        with self._transaction() as database:
            database.execute(rows.INSERT_SOURCE, source)
            database.execute(rows.REPLACE_JOB, row)

    def delete(self, *ids: str) -> list[str]:
        """Remove jobs of any status for good. Returns the ids that were there."""
        with self._transaction() as database:
            return [id for id in ids if database.execute("DELETE FROM jobs WHERE id = ?", (id,)).rowcount]

    def delete_newest(self, count: int) -> list[str]:
        """Remove the newest entries of the history. Returns their ids, newest first."""
        with self._lock:
            newest = self._column(
                "SELECT id FROM jobs WHERE terminal = 1 ORDER BY create_time DESC, number DESC LIMIT ?",
                (count,),
            )
            return self.delete(*newest)

    def delete_from_history(self, ids: Iterable[str]) -> None:
        """Remove those jobs that are over; unknown ids and jobs that still run are left alone."""
        with self._transaction() as database:
            database.executemany("DELETE FROM jobs WHERE id = ? AND terminal = 1", ((id,) for id in ids))

    def clear_history(self) -> None:
        """Remove every job that is over."""
        with self._transaction() as database:
            database.execute("DELETE FROM jobs WHERE terminal = 1")

    def cancel(self, ids: Iterable[str]) -> list[str]:
        """Cancel waiting and running jobs. Returns the ids that were cancelled; others are left alone."""
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
        """History entries as JSON bytes, newest first. None means no limit; so does a negative number."""
        limit = _NO_LIMIT if max_items is None or max_items < 0 else max_items
        hidden = self.hidden.ids(self.now())
        shown = f"terminal = 1 AND id NOT IN ({', '.join('?' * len(hidden))})" if hidden else "terminal = 1"
        return self._column(
            f"SELECT entry FROM jobs WHERE {shown} ORDER BY create_time DESC, number DESC LIMIT ? OFFSET ?",  # noqa: S608
            (*hidden, limit, max(0, offset)),
        )

    def history_jobs(self) -> list[Job]:
        """Every job that is over, oldest first."""
        order = "ORDER BY jobs.create_time, jobs.number"
        found = [rows.decode(row) for row in self.read(f"{rows.SELECT_JOB} WHERE jobs.terminal = 1 {order}")]
        hidden = self.hidden.ids(self.now())
        return [job for job in found if job.id not in hidden]

    # Copies

    @property
    def is_untouched(self) -> bool:
        """Whether it lies in memory and nothing was written to it."""
        with self._lock:
            return self._library.is_untouched and not self._database.total_changes

    def image(self) -> StoreImage | None:
        """What it holds, for `load`; None where SQLite cannot give that."""
        if not images.CAN:
            return None
        with self._lock:
            return StoreImage(
                images.take(self._database), self._library.image(), self.files.contents_in_memory()
            )

    def load(self, image: StoreImage) -> None:
        """Hold what another store held, but for the numbers that it gave out. For an untouched store only."""
        with self._lock:
            images.lay(image.jobs, self._database)
            self._library.load(image.library)
            self.files.load_contents(image.contents)

    # Access for the modules of this package

    @property
    def changes(self) -> int:
        """A number that is another one after each change of the jobs."""
        with self._lock:
            return self._database.total_changes

    def read(self, statement: str, parameters: Iterable[object] = ()) -> list[tuple[Any, ...]]:
        """Run one reading statement and return all its rows."""
        with self._lock:
            return self._database.execute(statement, tuple(parameters)).fetchall()

    def _column(self, statement: str, parameters: Iterable[object] = ()) -> list[Any]:
        return [row[0] for row in self.read(statement, parameters)]

    def _value(self, statement: str, parameters: Iterable[object] = ()) -> Any:
        return self.read(statement, parameters)[0][0]

    @contextmanager
    def _transaction(self) -> Generator[sqlite3.Connection]:
        with self._lock:
            self._database.execute("BEGIN IMMEDIATE")
            try:
                yield self._database
            except BaseException:
                self._database.execute("ROLLBACK")
                raise
            self._database.execute("COMMIT")
