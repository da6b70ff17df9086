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
from typing import Any

from . import snapshots
from .opening import naming_problems, open_database


class Database:
    """A database in a file, or in memory when `path` is None. Safe to use from any thread.

    A file that has tables, but not the one named `table`, is of another program. Raises OSError
    when the file cannot be used.
    """

    def __init__(self, path: Path | None, table: str = "") -> None:
        self.lock = threading.RLock()
        self._in_memory = path is None
        self._path = path
        self._connection = open_database(path, "", table)

    def create(self, schema: str) -> None:
        """Create tables where they are missing. Raises OSError."""
        with self.lock, naming_problems(self._path):
            self._connection.executescript(schema)

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
            return self._in_memory and not self._connection.total_changes

    def snapshot(self) -> bytes:
        """Its content as bytes, for `load`."""
        with self.lock:
            return snapshots.take(self._connection)

    def load(self, snapshot: bytes) -> None:
        """Take the content of a snapshot. Only for an untouched database."""
        with self.lock:
            snapshots.restore(snapshot, self._connection)

    def close(self) -> None:
        """Close it. A database in memory is gone afterwards."""
        with self.lock:
            self._connection.close()
