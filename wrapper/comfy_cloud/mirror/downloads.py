"""Which outputs were saved to this machine, and where: the columns that downloads fill. I/O.

A download may come before the sync that brings its job. Then the job is written as the list has
it, and the next sync reads the list from its newest end to where the sync before had been.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, func, select

from .._jobs.entries import HistoryEntry
from .._jobs.outputs import Output
from ..hashing import hash_file
from .facts.graph import short_key
from .job_writing import known_jobs, write_records
from .records import output_row, record_of
from .schema import JOBS, OUTPUTS
from .store import Store
from .sync_state import note_ahead

# What distinguishes an output: job, node, file name, subfolder and type.
OutputKey = tuple[str, str, str, str, str]
_KEY = (OUTPUTS.c.job_id, OUTPUTS.c.node_id, OUTPUTS.c.filename, OUTPUTS.c.subfolder, OUTPUTS.c.type)


@dataclass(frozen=True)
class DownloadedFile:
    """One output that is on this machine now.

    Attributes:
        job_id: The id of its job.
        path: Its path; for a folder given by a URL, its URL.
        outcome: What was done. "saved", "skipped" for a file that was there already, "renamed" for
            one that got a number, or "copied" from where an earlier download had saved it.
        size: Bytes; None if they are not known.
        hash: The BLAKE3 hash of the content as hex digits; None if it is not known.
    """

    job_id: str
    path: Path | str
    outcome: str
    size: int | None = None
    hash: str | None = None


@dataclass
class DownloadResult:
    """What `mirror.download` did.

    Attributes:
        files: Every file, in the order of the history.
        missing: The ids of jobs and the names of their files that the server does not have.
        jobs: How many jobs matched.
    """

    files: list[DownloadedFile] = field(default_factory=list)
    missing: list[tuple[str, str]] = field(default_factory=list)
    jobs: int = 0

    @property
    def paths(self) -> list[Path | str]:
        """The paths of all files."""
        return [file.path for file in self.files]

    def with_outcome(self, outcome: str) -> list[DownloadedFile]:
        """The files with which this was done."""
        return [file for file in self.files if file.outcome == outcome]


class KnownFile(NamedTuple):
    """A file that an earlier download saved."""

    path: str
    size: int | None
    hash: str | None
    downloaded_ms: int

    def is_intact(self, check: Callable[[], object]) -> bool:
        """Whether the file is there still, and has not changed. `check` may raise, to stop."""
        try:
            found = os.stat(self.path)
            if not stat.S_ISREG(found.st_mode) or found.st_size != self.size:
                return False
            if found.st_mtime_ns // 1_000_000 <= self.downloaded_ms:
                return True
            return self.hash is not None and file_hash(self.path, check) == self.hash
        except (OSError, ValueError):
            return False


def file_hash(path: str | Path, check: Callable[[], object]) -> str:
    """The BLAKE3 hash of a file."""
    with open(path, "rb", buffering=0) as file:
        return hash_file(file, check)


def output_key(job_id: str, output: Output) -> OutputKey:
    """What distinguishes an output in the mirror."""
    return short_key(job_id), *output.identity


class Downloads:
    """The outputs of one mirror that were downloaded. Each method is one transaction."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def known(self, job_ids: Sequence[str]) -> dict[OutputKey, KnownFile]:
        """The files of these jobs that were saved, by their outputs."""
        columns = (OUTPUTS.c.local_path, OUTPUTS.c.size, OUTPUTS.c.hash, OUTPUTS.c.downloaded_ms)
        ids = [short_key(job_id) for job_id in dict.fromkeys(job_ids)]
        query = select(*_KEY, *columns).where(OUTPUTS.c.job_id.in_(ids), OUTPUTS.c.local_path.is_not(None))
        with self._store.reading() as connection:
            return {
                (row[0], row[1], row[2], row[3], row[4]): KnownFile(*row[5:8], row[8] or 0)
                for row in connection.execute(query)
            }

    def by_hash(self) -> dict[str, str]:
        """The path of a file for each hash of a content that was saved."""
        query = select(OUTPUTS.c.hash, OUTPUTS.c.local_path).where(
            OUTPUTS.c.local_path.is_not(None), OUTPUTS.c.hash.is_not(None)
        )
        with self._store.reading() as connection:
            return {row[0]: row[1] for row in connection.execute(query)}

    def record(
        self,
        entries: Sequence[HistoryEntry],
        files: Sequence[tuple[HistoryEntry, Output, DownloadedFile]],
        now_ms: int,
    ) -> None:
        """Write which outputs are where, and the jobs among `entries` that are new."""
        with self._store.writing() as connection:
            ids = [short_key(entry.id) for entry in entries]
            known = known_jobs(connection, ids)
            new = [entry for entry, job_id in zip(entries, ids, strict=True) if job_id not in known]
            if new:
                written = write_records(connection, [record_of(entry) for entry in new], now_ms)
                note_ahead(connection, min(written.numbers.values()))
            rows = [(output_key(entry.id, output), output, file) for entry, output, file in files]
            _add_missing(connection, {key: output for key, output, _ in rows})
            values = [
                {
                    **{f"key_{place}": part for place, part in enumerate(key)},
                    "new_path": os.path.abspath(file.path) if isinstance(file.path, Path) else None,
                    "new_size": file.size,
                    "new_hash": file.hash,
                    "new_time": now_ms,
                }
                for key, _, file in rows
            ]
            if values:
                connection.execute(_UPDATE, values)
                changed = list({key[0] for key, _, _ in rows})
                connection.execute(JOBS.update().where(JOBS.c.id.in_(changed)).values(synced_ms=now_ms))


_UPDATE = (
    OUTPUTS.update()
    .where(*(column == bindparam(f"key_{place}") for place, column in enumerate(_KEY)))
    .values(
        local_path=func.coalesce(
            bindparam("new_path", type_=OUTPUTS.c.local_path.type), OUTPUTS.c.local_path
        ),
        size=func.coalesce(bindparam("new_size", type_=OUTPUTS.c.size.type), OUTPUTS.c.size),
        hash=func.coalesce(bindparam("new_hash", type_=OUTPUTS.c.hash.type), OUTPUTS.c.hash),
        downloaded_ms=bindparam("new_time", type_=OUTPUTS.c.downloaded_ms.type),
    )
)


def _add_missing(connection: Connection, outputs: Mapping[OutputKey, Output]) -> None:
    """Add the outputs that the mirror does not have yet: lists of jobs have only a preview."""
    ids = list({key[0] for key in outputs})
    query = select(*_KEY, OUTPUTS.c.position).where(OUTPUTS.c.job_id.in_(ids))
    found: set[tuple[str, ...]] = set()
    ends: dict[str, int] = {}
    for *parts, position in connection.execute(query):
        found.add(tuple(parts))
        ends[parts[0]] = max(ends.get(parts[0], 0), position + 1)
    names = [column.name for column in OUTPUTS.columns]
    for key, output in outputs.items():
        if key not in found:
            position = ends.get(key[0], 0)
            ends[key[0]] = position + 1
            row = dict(zip(names, (key[0], position, *output_row(output)), strict=True))
            connection.execute(OUTPUTS.insert().values(row))
