"""A store of idempotency keys in a file of SQLite, for all processes of one machine. I/O."""

from __future__ import annotations

import os
import sqlite3
import tempfile
import time
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from urllib.parse import quote

from .._settings.private_files import make_private_folder, refuse_foreign_owner, refuse_open_folder
from .._settings.user_folders import data_path
from ..errors import ConfigurationError
from .key_records import RecordDamaged

_FILE = "idempotency-keys.sqlite"
# Marks the files of these stores (in SQLite's header), and their version.
_APPLICATION = 0x436F_4B79
_VERSION = 1
_BUSY_SECONDS = 10.0
_OTHER = "Give another path as idempotency_store"


class SQLiteIdempotencyStore:
    """A store of idempotency keys in a file of SQLite.

    A transaction locks it for each change, so two processes never hold the same key. Only its owner
    can read the file.

    Args:
        path: The file, on a local disk; by default `idempotency-keys.sqlite` in the platform's
            data folder, or in COMFY_CLOUD_DATA_DIR.
        is_shared: Whether every process that uses the same keys uses this file. Then the lists of
            the server are not searched for a key that is new to it.
        clock: Returns the time in seconds since 1970.

    Raises:
        ConfigurationError: At the first use: the file cannot be opened, is damaged, or is not such
            a store. It is not changed then, and nothing is sent.
    """

    def __init__(
        self,
        path: str | os.PathLike[str] | None = None,
        *,
        is_shared: bool = False,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.path = Path(data_path()) / _FILE if path is None else Path(os.fspath(path)).expanduser()
        self._is_shared = is_shared
        self._clock = clock

    @property
    def is_shared(self) -> bool:
        """Whether every process that uses the same keys uses this file."""
        return self._is_shared

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.path}>"

    def update(self, name: str, change: Callable[[bytes | None, float], bytes | None]) -> None:
        """Replace a record, as `IdempotencyStore.update` describes."""
        self._check_file()
        try:
            # Opened each time: a connection must be shared neither with threads nor with a fork.
            with closing(self._connected()) as connection:
                connection.execute("BEGIN IMMEDIATE")
                self._check_version(connection)
                row = connection.execute("SELECT record FROM keys WHERE name = ?", (name,)).fetchone()
                before = None if row is None else row[0]
                if not isinstance(before, bytes | None):
                    raise RecordDamaged("a record in it is damaged")
                after = change(before, self._clock())
                if after == before:
                    return
                if after is None:
                    connection.execute("DELETE FROM keys WHERE name = ?", (name,))
                else:
                    connection.execute("INSERT OR REPLACE INTO keys VALUES (?, ?)", (name, after))
                connection.execute("COMMIT")
        except sqlite3.Error as error:
            raise self._unusable(error) from error

    def _check_file(self) -> None:
        """Create a missing file for this user alone; refuse one that others could have written."""
        try:
            folder = self.path.absolute().parent
            make_private_folder(folder)
            refuse_open_folder(self.path)
            if not self.path.exists():
                self._create(folder)
            refuse_foreign_owner(self.path, self.path.stat().st_uid)
            # SQLite would write what is in these into the file.
            for suffix in ("-journal", "-wal"):
                with suppress(FileNotFoundError):
                    beside = Path(f"{os.path.realpath(self.path)}{suffix}")
                    refuse_foreign_owner(beside, beside.lstat().st_uid)
        except (OSError, ValueError) as error:  # a null character, or half of one
            reason = getattr(error, "strerror", None) or error
            raise ConfigurationError(
                f"The store of idempotency keys {self.path} cannot be opened: {reason}. "
                f"Nothing was sent. {_OTHER} (a file in a folder that you can write to), redis://HOST, or "
                "'none' to rely on the server's lists alone"
            ) from None

    def _create(self, folder: Path) -> None:
        # Not opened under its own name: closing it would end the locks that SQLite has on it in
        # another thread.
        descriptor, temporary = tempfile.mkstemp(prefix=f".{self.path.name}-", dir=folder)
        os.close(descriptor)
        try:
            with suppress(FileExistsError):
                os.link(temporary, self.path)
        finally:
            os.unlink(temporary)

    def _connected(self) -> sqlite3.Connection:
        place = quote(str(self.path.absolute()).replace(os.sep, "/"))
        uri = f"file://{place if place.startswith('/') else f'/{place}'}?mode=rw"
        connection = sqlite3.connect(uri, uri=True, timeout=_BUSY_SECONDS, isolation_level=None)
        try:
            # A key that was recorded survives a loss of power, before anything is sent.
            connection.execute("PRAGMA synchronous = FULL")
        except BaseException:  # such as of a file that is no database
            connection.close()
            raise
        return connection

    def _check_version(self, connection: sqlite3.Connection) -> None:
        """Make the table in a new file. Raises ConfigurationError for a file of something else."""
        application, version = (
            connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("application_id", "user_version")
        )
        if (application, version) == (_APPLICATION, _VERSION):
            return
        if application == _APPLICATION:
            raise ConfigurationError(
                f"The store of idempotency keys {self.path} has version {version}, and this release reads "
                f"version {_VERSION}. It was not changed, and nothing was sent. Use the release that wrote "
                "it, or name another store"
            )
        if connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
            raise ConfigurationError(
                f"{self.path} is another database; it was not changed, and nothing was sent. {_OTHER}"
            )
        connection.execute("CREATE TABLE keys (name TEXT PRIMARY KEY, record BLOB NOT NULL) WITHOUT ROWID")
        connection.execute(f"PRAGMA application_id = {_APPLICATION}")
        connection.execute(f"PRAGMA user_version = {_VERSION}")

    def _unusable(self, error: sqlite3.Error) -> ConfigurationError:
        name = getattr(error, "sqlite_errorname", "")
        fix = f"{_OTHER}, or redis://HOST"
        if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
            reason = f"another program has locked it for more than {_BUSY_SECONDS:g} s"
            fix = "End that program, and try again"
        elif name.startswith("SQLITE_NOTADB"):
            reason = "it is not a database, or damaged"
            fix = _OTHER
        elif name.startswith("SQLITE_CORRUPT"):
            reason = "the file is damaged"
            fix = "Restore a copy of it, or name another store; then only the server's lists know older keys"
        elif name.startswith(("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM")):
            reason = "it cannot be written"
            fix = "Make the file and its folder writable, or give another path as idempotency_store"
        else:
            reason = str(error)
        return ConfigurationError(
            f"The store of idempotency keys {self.path} cannot be used: {reason}. It was not changed, and "
            f"nothing more was sent. {fix}"
        )
