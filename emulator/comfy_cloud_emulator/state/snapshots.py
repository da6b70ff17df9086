"""A whole SQLite database as bytes: taken once and laid into new databases in memory, many times faster than row by row.

Knows no table. Needs a SQLite that can write itself into bytes, as nearly every one can since 2021; `SUPPORTED` says whether.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import Final

SUPPORTED: Final = hasattr(sqlite3.Connection, "serialize")
"""Whether images can be taken and laid."""


def take(database: sqlite3.Connection) -> bytes:
    """The snapshot of a database."""
    return database.serialize()


def restore(snapshot: bytes, database: sqlite3.Connection) -> None:
    """Let a database in memory hold what the snapshot holds, and nothing else."""
    # Not straight into it: a deserialised database would keep another kind of journal than one in memory.
    with closing(sqlite3.connect(":memory:")) as between:
        between.deserialize(snapshot)
        between.backup(database)
