"""The full-text index: FTS5 in SQLite, tsvectors in PostgreSQL. It has one row for each job.

Its texts are those of the job, with the words inside names below them (`name_words`). In SQLite the
column `filters` holds a word for the status, the workflow and each seed, so that FTS5 intersects
them with the words that are searched for; PostgreSQL has its other indexes for that.

`search_words` has every word of the index, by column (`kind`). A prefix is replaced by the words
that begin so: FTS5 would read all matches of a prefix before it gives the first.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from functools import lru_cache
from hashlib import blake2b

from sqlalchemy import Connection

from ..errors import ConfigurationError

COLUMNS = ("prompts", "texts", "titles", "models", "files")
NAME_COLUMNS = ("titles", "models", "files")

NO_FTS5 = (
    "This Python's SQLite was built without FTS5, which the mirror searches by. Install a Python whose "
    "sqlite3 has it, such as that of python.org or uv, or use PostgreSQL"
)
_TOKENIZE = "tokenize = 'unicode61 remove_diacritics 2'"

_FTS5 = (
    f"CREATE VIRTUAL TABLE search USING fts5(job_id UNINDEXED, {', '.join(COLUMNS)}, filters, {_TOKENIZE})",
    "CREATE TABLE search_words (kind TEXT, word TEXT, PRIMARY KEY (kind, word)) WITHOUT ROWID",
)
# The parts of `document` have the weights A for prompts, B for texts, C for titles, and D.
_TSVECTOR = (
    f"CREATE TABLE search (job_id TEXT PRIMARY KEY, {', '.join(f'{name} TEXT NOT NULL' for name in COLUMNS)}"
    ", document tsvector NOT NULL, model_words tsvector NOT NULL, file_words tsvector NOT NULL)",
    "CREATE INDEX search_by_document ON search USING gin (document)",
    "CREATE INDEX search_by_model_words ON search USING gin (model_words)",
    "CREATE INDEX search_by_file_words ON search USING gin (file_words)",
)


def create_search_index(connection: Connection) -> None:
    """Create the index. Raises ConfigurationError without FTS5."""
    is_sqlite = connection.dialect.name == "sqlite"
    if is_sqlite:
        check_fts5()
    for statement in _FTS5 if is_sqlite else _TSVECTOR:
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


def filter_word(field: str, value: str) -> str:
    """The word that stands in `filters` for a `status`, a `workflow` or a `seed`."""
    return field[0] + blake2b(value.encode(errors="surrogatepass"), digest_size=8).hexdigest()


def filter_words(status: str, workflow_id: str | None, seeds: Iterable[str]) -> str:
    """The text of `filters` for a job."""
    words = [filter_word("seed", seed) for seed in dict.fromkeys(seeds)]
    return " ".join([_common_word("status", status), _common_word("workflow", workflow_id or ""), *words])


# Many jobs have the same ones.
_common_word = lru_cache(maxsize=1024)(filter_word)


def fts5_words(texts: Iterable[str]) -> set[str]:
    """The words of texts, as FTS5 itself divides them."""
    memory = sqlite3.connect(":memory:")
    try:
        memory.execute(
            f"CREATE VIRTUAL TABLE texts USING fts5(text, content = '', detail = none, {_TOKENIZE})"
        )
        memory.executemany("INSERT INTO texts (rowid, text) VALUES (?, ?)", enumerate(texts))
        memory.execute("CREATE VIRTUAL TABLE words USING fts5vocab(texts, row)")
        return {row[0] for row in memory.execute("SELECT term FROM words")}
    finally:
        memory.close()
