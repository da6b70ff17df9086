"""One SQLite database with one lock, shared by the stores of files, assets, tasks and user data.

Reads return all their rows; writes happen inside `write`, all or none. It knows no table: each
store creates its own. The jobs have another database, see `store`.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

from . import snapshots
from .opening import naming_problems, open_database


class DatabaseSnapshot(NamedTuple):
    """The content of a database, and the scripts that made its tables."""

    content: bytes
    schemas: tuple[str, ...]


class Database:
    """A database in a file, or in memory when `path` is None. Safe to use from any thread.

    One in memory begins with the empty tables that earlier ones of the process had: creating a
    dozen tables takes far longer than copying them.

    A file that has tables, but not the one named `table`, is of another program. Raises OSError
    when the file cannot be used.
    """

    _usual: ClassVar[tuple[str, ...]] = ()

    def __init__(self, path: Path | None, table: str = "") -> None:
        self.lock = threading.RLock()
        self._in_memory = path is None
        self._path = path
        self._connection = open_database(path, "", table)
        self._is_loaded = False
        self._schemas: tuple[str, ...] = ()
        if self._in_memory and snapshots.SUPPORTED and (usual := Database._usual):
            snapshots.restore(snapshots.blank(*usual), self._connection)
            self._schemas = usual

    def create(self, schema: str) -> None:
        """Create tables where they are missing. Raises OSError."""
        with self.lock, naming_problems(self._path):
            if schema in self._schemas:
                return
            self._connection.executescript(schema)
            self._schemas = (*self._schemas, schema)
            if self._in_memory and schema not in Database._usual:
                Database._usual = (*Database._usual, schema)

    def read(self, statement: str, parameters: Iterable[object] = ()) -> list[tuple[Any, ...]]:
        """Run a SELECT and return all its rows."""
        with self.lock:
            return self._connection.execute(statement, tuple(parameters)).fetchall()

    @contextmanager
    def write(self) -> Generator[sqlite3.Connection]:
        """A transaction, committed at the end of the block and rolled back by exceptions.

        Nested ones join it.
        """
        with self.lock:
            if self._connection.in_transaction:
                yield self._connection
                return
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    @property
    def changes(self) -> int:
        """A number that changes with every change of a row."""
        with self.lock:
            return self._connection.total_changes

    @property
    def is_untouched(self) -> bool:
        """Whether it is in memory and contains no row yet."""
        with self.lock:
            return self._in_memory and not self._is_loaded and not self._connection.total_changes

    def snapshot(self) -> DatabaseSnapshot:
        """Its content, for `load`."""
        with self.lock:
            return DatabaseSnapshot(snapshots.take(self._connection), self._schemas)

    def load(self, snapshot: DatabaseSnapshot) -> None:
        """Take the content of a snapshot. Only for an untouched database."""
        with self.lock:
            snapshots.restore(snapshot.content, self._connection)
            self._schemas, self._is_loaded = snapshot.schemas, True

    def close(self) -> None:
        """Close it. A database in memory is gone afterwards."""
        with self.lock:
            self._connection.close()
