"""Opening a database of the state, and saying what is wrong when that fails.

Nothing is overwritten: a database that is damaged, empty after use, or written by a newer version
is refused as it is. The errors are `OSError`, with a message that names the file and what to do.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from . import snapshots

VERSION: Final = 1
"""Version of what the databases contain, kept in each as `user_version`. 0: before it was kept."""
LARGEST_CHECKED: Final = 256 << 20
"""Bytes of a database that is checked as a whole; larger ones would delay the start."""
LOCK_SECONDS: Final = 2.0
"""How long a database may be locked by another program."""

_OTHER_FOLDER: Final = "or keep the state in another folder"
_PROBLEMS: Final[dict[int, str]] = {
    sqlite3.SQLITE_BUSY: f"another program is using it; end that program, {_OTHER_FOLDER}",
    sqlite3.SQLITE_LOCKED: f"another program is using it; end that program, {_OTHER_FOLDER}",
    sqlite3.SQLITE_PERM: f"access is not permitted; change its permissions, {_OTHER_FOLDER}",
    sqlite3.SQLITE_READONLY: f"it cannot be written; change its permissions, {_OTHER_FOLDER}",
    sqlite3.SQLITE_CANTOPEN: f"it cannot be opened; change its permissions, {_OTHER_FOLDER}",
    sqlite3.SQLITE_FULL: "the disk is full; free some space",
    sqlite3.SQLITE_IOERR: f"the disk reports an error; check the disk, {_OTHER_FOLDER}",
    sqlite3.SQLITE_CORRUPT: f"it is damaged; restore a copy of it, {_OTHER_FOLDER}",
    sqlite3.SQLITE_NOTADB: f"it is damaged, or not a database; restore a copy of it, {_OTHER_FOLDER}",
}


def open_database(path: Path | None, schema: str, table: str) -> sqlite3.Connection:
    """A connection to the database in a file, or to a new one in memory when `path` is None.

    Creates the tables of `schema` where they are missing. One that has tables, but not the one
    named `table`, is of another program. Raises OSError.
    """
    if path is not None and path.is_dir():
        raise OSError(f"{path} is a folder, not a database; remove it, {_OTHER_FOLDER}")
    with naming_problems(path):
        connection = sqlite3.connect(
            ":memory:" if path is None else path,
            timeout=LOCK_SECONDS,
            check_same_thread=False,
            isolation_level=None,
        )
        try:
            # An emulator need not wait for the disk; a power cut may lose the last writes.
            connection.execute("PRAGMA synchronous = OFF")
            if path is not None:
                _prepare(connection, path, table)
            if path is None and schema and snapshots.SUPPORTED:
                snapshots.restore(snapshots.blank(schema), connection)
            else:
                connection.executescript(schema)
        except BaseException:
            connection.close()
            raise
    return connection


def refuse_missing(path: Path, *, used: str) -> None:
    """Raise OSError when a database is missing or empty although `used` shows that it was not."""
    if not path.is_dir() and (not path.exists() or not path.stat().st_size):
        state = "empty" if path.exists() else "missing"
        raise OSError(f"{path} is {state}, but {used}; restore a copy of it, {_OTHER_FOLDER}")


@contextmanager
def naming_problems(path: Path | None) -> Generator[None]:
    """Turn errors of SQLite into OSError with a message that says what to do."""
    try:
        yield
    except sqlite3.Error as error:
        name = "the database" if path is None else path
        raise OSError(f"{name} cannot be used: {problem(error)}") from error


def problem(error: Exception) -> str:
    """What an error of SQLite or of the operating system means, and what to do."""
    if isinstance(error, OSError):
        return (error.strerror or str(error) or type(error).__name__).lower()
    code = getattr(error, "sqlite_errorcode", None)
    text = None if code is None else _PROBLEMS.get(code & 0xFF)
    return f"it is not a database of the emulator ({error}); {_OTHER_FOLDER[3:]}" if text is None else text


def _prepare(connection: sqlite3.Connection, path: Path, table: str) -> None:
    tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    if tables and table not in tables:
        raise OSError(f"{path} is a database of another program; remove it, {_OTHER_FOLDER}")
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version > VERSION:
        raise OSError(
            f"{path} was written by a newer version of the emulator; use that version, {_OTHER_FOLDER}"
        )
    if path.stat().st_size <= LARGEST_CHECKED:
        found = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
        if found != "ok":
            raise OSError(f"{path} cannot be used: {_PROBLEMS[sqlite3.SQLITE_CORRUPT]}")
    connection.execute("PRAGMA journal_mode = WAL")
    if version < VERSION:
        connection.execute(f"PRAGMA user_version = {VERSION}")
