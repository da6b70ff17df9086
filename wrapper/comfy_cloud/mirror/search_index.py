"""The full-text index: FTS5 in SQLite, a tsvector in PostgreSQL. It has one row for each job."""

from __future__ import annotations

import sqlite3

from sqlalchemy import Connection

from ..errors import ConfigurationError

COLUMNS = ("prompts", "texts", "titles", "models", "files")

NO_FTS5 = (
    "This Python's SQLite was built without FTS5, which the mirror searches by. Install a Python whose "
    "sqlite3 has it, such as that of python.org or uv, or use PostgreSQL"
)

_FTS5 = f"""CREATE VIRTUAL TABLE IF NOT EXISTS search USING fts5(
    job_id UNINDEXED, {", ".join(COLUMNS)}, tokenize = 'unicode61 remove_diacritics 2')"""
_TSVECTOR = (
    "CREATE TABLE IF NOT EXISTS search (job_id TEXT PRIMARY KEY, document tsvector NOT NULL)",
    "CREATE INDEX IF NOT EXISTS search_by_document ON search USING gin (document)",
)


def create_search_index(connection: Connection) -> None:
    """Create the index. Raises ConfigurationError without FTS5."""
    if connection.dialect.name == "sqlite":
        check_fts5()
        connection.exec_driver_sql(_FTS5)
        return
    for statement in _TSVECTOR:
        connection.exec_driver_sql(statement)


def check_fts5() -> None:
    """Raise ConfigurationError if SQLite has no full-text search."""
    memory = sqlite3.connect(":memory:")
    try:
        memory.execute("CREATE VIRTUAL TABLE probe USING fts5(text)")
    except sqlite3.OperationalError:
        raise ConfigurationError(NO_FTS5) from None
    finally:
        memory.close()
