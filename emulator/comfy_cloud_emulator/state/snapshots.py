"""A whole SQLite database as bytes, restored into databases in memory much faster than made anew.

Knows no table. Needs a SQLite with serialisation, as nearly all since 2021 have; see `SUPPORTED`.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from functools import lru_cache
from typing import Final

SUPPORTED: Final = hasattr(sqlite3.Connection, "serialize")
"""Whether snapshots can be taken and restored."""


def take(database: sqlite3.Connection) -> bytes:
    """The snapshot of a database."""
    return database.serialize()


@lru_cache(maxsize=32)
def blank(*schemas: str) -> bytes:
    """The snapshot of a new database after these scripts. Each is made once in a process."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as database:
        for schema in schemas:
            database.executescript(schema)
        return take(database)


def restore(snapshot: bytes, database: sqlite3.Connection) -> None:
    """Replace the content of a database in memory by the snapshot."""
    # Not directly: a deserialised database would have another journal mode than one in memory.
    with closing(sqlite3.connect(":memory:")) as between:
        between.deserialize(snapshot)
        between.backup(database)
