"""One writer of a mirror at a time, in this and in other processes. I/O.

The lock of a file is beside it (`NAME.lock`), that of PostgreSQL is an advisory lock of a
connection of its own. Both end with the process.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import Connection, Engine

from ..errors import ConfigurationError

_ADVISORY_LOCK = 0x636F6D6679  # any numbers that other programs are unlikely to use
_WRITER_LOCK = _ADVISORY_LOCK + 1


def lock_file(path: Path) -> Callable[[], None] | None:
    """Take the lock of a file; returns what releases it, or None while another process has it."""
    beside = path.with_name(f"{path.name}.lock")
    try:
        descriptor = os.open(beside, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise ConfigurationError(
            f"The mirror {path} cannot be written: {error.strerror or error} ({beside}). Allow writing to "
            "its folder, or give another file"
        ) from None
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        os.close(descriptor)
        return None
    except OSError as error:
        os.close(descriptor)
        raise ConfigurationError(
            f"The mirror {path} cannot be locked: {error.strerror or error} ({beside}). Some network drives "
            "have no locks: give the path of a file on a local disk"
        ) from None
    except BaseException:
        os.close(descriptor)
        raise
    return lambda: os.close(descriptor)


def lock_database(engine: Engine) -> Callable[[], None] | None:
    """Take the advisory lock of a PostgreSQL database; None while another process has it."""
    connection = engine.connect().execution_options(isolation_level="AUTOCOMMIT")
    is_taken = False
    try:
        is_taken = bool(connection.exec_driver_sql(f"SELECT pg_try_advisory_lock({_ADVISORY_LOCK})").scalar())
    finally:
        if not is_taken:
            connection.close()
    if not is_taken:
        return None

    def release() -> None:
        connection.exec_driver_sql(f"SELECT pg_advisory_unlock({_ADVISORY_LOCK})")
        connection.close()

    return release


def one_writer(connection: Connection) -> None:
    """Let the transactions of PostgreSQL that write follow one another, as those of SQLite do.

    A download writes while a sync runs, and both number new jobs.
    """
    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_WRITER_LOCK})")
