"""The indexes of `jobs` while an empty mirror is filled: dropped before, and made at the end. I/O.

Sorting all jobs once takes a fraction of the time of adding them to each index one by one. Without
the indexes every question has the same answer, only later. A sync that is interrupted leaves them
out until the next one has read the list to its end. One stays: each new job is looked up in it.
"""

from __future__ import annotations

from sqlalchemy import Connection, Index
from sqlalchemy.schema import CreateIndex, DropIndex

from .schema import JOBS, JOBS_BY_SEARCH_ROWID


def drop_indexes(connection: Connection) -> None:
    """Drop those of a SQLite file; PostgreSQL would keep readers waiting for it."""
    if connection.dialect.name == "sqlite":
        for index in _indexes():
            connection.execute(DropIndex(index, if_exists=True))


def create_indexes(connection: Connection) -> None:
    """Create those that are missing."""
    if connection.dialect.name == "sqlite":
        for index in _indexes():
            connection.execute(CreateIndex(index, if_not_exists=True))


def _indexes() -> list[Index]:
    found = JOBS.indexes - {JOBS_BY_SEARCH_ROWID}
    return sorted(found, key=lambda index: str(index.name))
