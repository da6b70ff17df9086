"""Write rows of the full-text index. I/O."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection

from .exact_text import stored_text
from .index_tokens import index_tokens
from .name_words import with_name_words
from .search_index import COLUMNS, NAME_COLUMNS, fts5_words
from .writing import insert_values

_ASCII_WORD = re.compile("[a-z0-9]+")


class SearchRow(NamedTuple):
    """A job in the index: what `filter_words` makes of it, and its texts by kind."""

    rowid: int
    job_id: str
    filters: str
    prompts: str
    texts: str
    titles: str
    models: str
    files: str


# The rowid, id and filters of a job, and its texts in the order of `COLUMNS`.
IndexedRow = tuple[Any, ...]
_BEFORE_TEXTS = 3


def insert_search_rows(connection: Connection, rows: Sequence[SearchRow]) -> None:
    """Insert rows; the words inside names are added to them."""
    insert_indexed_rows(connection, [indexed_row(row) for row in rows])


def indexed_row(row: SearchRow) -> IndexedRow:
    """A row as it stands in the index."""
    rowid, job_id, filters, *texts = row
    return rowid, stored_text(job_id), filters, *indexed_texts(texts)


def insert_indexed_rows(connection: Connection, rows: Sequence[IndexedRow]) -> None:
    """Insert rows as they stand in the index."""
    if not rows:
        return
    # FTS5 collects rows in memory while their rowids rise.
    rows = sorted(rows)
    if connection.dialect.name != "sqlite":
        _insert_tsvectors(connection, rows)
        return
    insert_values(connection, f"INSERT INTO search (rowid, job_id, filters, {', '.join(COLUMNS)})", rows)
    columns = list(zip(*rows, strict=True))[_BEFORE_TEXTS:]
    words = [
        (name, word) for name, column in zip(COLUMNS, columns, strict=True) for word in sorted(_words(column))
    ]
    insert_values(connection, "INSERT OR IGNORE INTO search_words (kind, word)", words)


def delete_search_rows(connection: Connection, jobs: Sequence[tuple[int, str]]) -> None:
    """Delete the rows of jobs, given by rowid and id."""
    if not jobs:
        return
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(
            "DELETE FROM search WHERE rowid = ?", [(rowid,) for rowid, _ in sorted(jobs)]
        )
    else:
        connection.exec_driver_sql("DELETE FROM search WHERE job_id = %s", [(job_id,) for _, job_id in jobs])


def indexed_texts(texts: Sequence[str]) -> tuple[str, ...]:
    """The texts of a job, in the order of `COLUMNS`, as they stand in the index."""
    return tuple([form(text) if text else "" for form, text in zip(_FORMS, texts, strict=True)])


def indexed_name(text: str) -> str:
    """Names as they stand in the index, with the words inside them."""
    return stored_text(with_name_words(text))


_FORMS = [indexed_name if name in NAME_COLUMNS else stored_text for name in COLUMNS]


def _words(texts: Sequence[str]) -> set[str]:
    plain: list[str] = []
    others: list[str] = []
    for text in set(texts):
        (plain if text.isascii() else others).append(text)
    found = set(_ASCII_WORD.findall("\n".join(plain).lower()))
    return found | fts5_words(others) if others else found


# PostgreSQL refuses a tsvector of more than a megabyte, and words of more than two kilobytes. It
# knows no places of words beyond this one, which are all there.
_MOST_WORDS = 30_000
_LONGEST_WORD = 500
_LAST_PLACE = 16_383
_WEIGHTS = {"prompts": "A", "texts": "B", "titles": "C", "models": "D", "files": "D"}


def _insert_tsvectors(connection: Connection, indexed: Sequence[IndexedRow]) -> None:
    rows = []
    for _, job_id, _, *each in indexed:
        words = {name: index_tokens(text) for name, text in zip(COLUMNS, each, strict=True)}
        vectors = (_tsvector(words), _tsvector({"": words["models"]}), _tsvector({"": words["files"]}))
        rows.append((job_id, *each, *vectors))
    names = ", ".join(("job_id", *COLUMNS, "document", "model_words", "file_words"))
    changes = ", ".join(f"{name} = excluded.{name}" for name in names.split(", ")[1:])
    marks = ", ".join(["%s"] * (1 + len(COLUMNS)) + ["%s::tsvector"] * 3)
    connection.exec_driver_sql(
        f"INSERT INTO search ({names}) VALUES ({marks}) ON CONFLICT (job_id) DO UPDATE SET {changes}",  # noqa: S608
        rows,
    )


def _tsvector(words: dict[str, list[str]]) -> str:
    """Words by column as PostgreSQL writes a tsvector. No phrase goes on in the next column."""
    places: dict[str, list[str]] = {}
    place = count = 0
    for column, found in words.items():
        weight = _WEIGHTS.get(column, "D")
        for word in found[: max(0, _MOST_WORDS - count)]:
            place += 1
            if len(word) <= _LONGEST_WORD:
                places.setdefault(word, []).append(f"{min(place, _LAST_PLACE)}{weight}")
        count += len(found)
        place += 1
    return " ".join(f"'{word}':{','.join(found)}" for word, found in places.items())
