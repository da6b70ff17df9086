"""A mirror in a file of SQLite: create it for its owner alone, check it, connect to it. I/O."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.pool import QueuePool

from .._settings.private_files import make_private_folder
from ..errors import ConfigurationError

BUSY_SECONDS = 10.0
"""How long to wait for another program that writes."""

_MAGIC = b"SQLite format 3\x00"
_HEADER = 100
_FULL_PAGE_SIZE = 65_536


def prepare_file(path: Path, *, create: bool) -> None:
    """Create a missing file for this user alone, and refuse one that is no database or was cut off.

    Raises ConfigurationError.
    """
    try:
        with path.open("rb") as file:
            _check_header(path, file.read(_HEADER), os.fstat(file.fileno()).st_size)
        return
    except FileNotFoundError:
        if not create:
            raise ConfigurationError(
                f"There is no mirror at {path}. Make one: comfy-cloud history sync, or cloud.mirror().sync()"
            ) from None
    except OSError as error:
        raise ConfigurationError(f"The mirror {path} cannot be read: {error.strerror}") from None
    try:
        make_private_folder(path.parent)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    except OSError as error:
        raise ConfigurationError(
            f"The mirror {path} cannot be created: {error.strerror}. Give the path of a file in a folder "
            "that you can write to"
        ) from None


def _check_header(path: Path, header: bytes, size: int) -> None:
    if not size:
        return
    if not header.startswith(_MAGIC):
        raise ConfigurationError(f"{path} is not a database; it was not changed. Give another path")
    page_size = int.from_bytes(header[16:18], "big")
    page_size = _FULL_PAGE_SIZE if page_size == 1 else page_size
    pages = int.from_bytes(header[28:32], "big")
    # While there is a log beside it, its pages may be in there.
    if size < pages * page_size and not _has_log(path):
        raise ConfigurationError(
            f"The mirror {path} is damaged: its end is missing. It was not changed; restore a copy, or give "
            "another path and sync anew"
        )


def _has_log(path: Path) -> bool:
    try:
        return os.stat(f"{path}-wal").st_size > 0
    except OSError:
        return False


def sqlite_engine(path: Path, *, read_only: bool) -> Engine:
    """An engine whose transactions begin explicitly: one that reads sees one state."""
    engine = create_engine(
        "sqlite://", creator=_creator(path, read_only=read_only), poolclass=QueuePool, pool_size=4
    )

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def keep_log(engine: Engine) -> None:
    """Let a new file have a log beside it (WAL): it stays so.

    Readers go on while a sync writes, and a kill loses nothing that was committed.
    """
    connection = engine.raw_connection()
    try:
        connection.cursor().execute("PRAGMA journal_mode = WAL")
    finally:
        connection.close()


def _creator(path: Path, *, read_only: bool) -> Callable[[], sqlite3.Connection]:
    settings = ["query_only = ON"]
    if not read_only:
        # Fewer, larger moves of the log into the file.
        settings = ["synchronous = NORMAL", "cache_size = -16384", "wal_autocheckpoint = 8000"]

    def connect() -> sqlite3.Connection:
        connection = _connected(reading_uri(path) if read_only else f"{_uri(path)}?mode=rw")
        try:
            for setting in settings:
                connection.execute(f"PRAGMA {setting}")
        except BaseException:  # such as of a damaged file
            connection.close()
            raise
        return connection

    return connect


def reading_uri(path: Path) -> str:
    """The URI of SQLite by which a file is only read."""
    # Without a log, nobody writes; and a folder that cannot be written takes no index of one.
    is_effective = os.access in os.supports_effective_ids
    can_write = os.access(path.parent, os.W_OK, effective_ids=is_effective)
    is_still = not _has_log(path) and not can_write
    return f"{_uri(path)}?mode=ro{'&immutable=1' if is_still else ''}"


def _uri(path: Path) -> str:
    place = quote(str(path.absolute()).replace(os.sep, "/"))
    return f"file://{place if place.startswith('/') else f'/{place}'}"


def reading_connection(path: Path) -> sqlite3.Connection:
    """A connection that only reads, outside of any engine. Close it."""
    return _creator(path, read_only=True)()


def _connected(uri: str) -> sqlite3.Connection:
    return sqlite3.connect(uri, uri=True, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
