"""Full-text search over the mirror, with filters: `Mirror.search` and `Mirror.jobs`.

Matches are read from the newest to the oldest, and reading stops after enough of them. The newest
are then ranked by relevance; to rank all matches of a frequent word among a million jobs would take
more than half a second.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import Connection, text

from .._jobs.history_filter import When
from ..errors import ConfigurationError
from .fts5_query import fts5_match
from .job_conditions import JobConditions, status_words, time_bounds
from .query_language import SearchQuery, Term, read_query, term_of
from .relevance import WEIGHTS, scores
from .results import Rows
from .search_rowids import end_rowid, first_rowid
from .tsvector_query import tsvector_conditions
from .views import OVERVIEW_COLUMNS

if TYPE_CHECKING:
    from .open_mirror import OpenMirror

RANKED = 300
"""How many of the newest matches are ranked by relevance."""

_MOST_WORDS = 500
_AT_ONCE = 500


class _Asked(NamedTuple):
    """What is searched for; times in epoch milliseconds."""

    query: SearchQuery
    statuses: Sequence[str] | None
    since_ms: int | None
    until_ms: int | None
    most: int | None


def search(
    mirror: OpenMirror,
    query: str = "",
    *,
    status: str | Iterable[str] | None = None,
    since: When | None = None,
    until: When | None = None,
    model: str | None = None,
    workflow_id: str | None = None,
    limit: int | None = 100,
) -> Rows:
    """Find jobs; see `Mirror.search`."""
    found = read_query(query)
    if model is not None:
        term = term_of(model, "models")
        if term is None:
            raise ConfigurationError('model must contain a letter or a digit, such as "flux"')
        found.wanted.append(term)
    if workflow_id is not None:
        found.exact.append(("workflow", workflow_id))
    if limit is not None and (isinstance(limit, bool) or limit < 0):
        raise ConfigurationError(f"limit must be 0 or more, or None for all, not {limit!r}")
    # One more than is asked for shows whether there are others.
    most = None if limit is None else max(RANKED, limit + 1) if found.wanted else limit + 1
    asked = _Asked(found, status_words(status), *time_bounds(since, until), most)
    with mirror.connect() as connection:
        is_sqlite = connection.dialect.name == "sqlite"
        rows = (_from_sqlite if is_sqlite else _from_postgres)(connection, asked)
        rowids = _ranked(rows, found.wanted) if found.wanted else [int(row[0]) for row in rows]
        is_cut = limit is not None and len(rowids) > limit
        return _overview(connection, rowids[:limit], is_cut)


def _ranked(rows: Sequence[Sequence[Any]], terms: Sequence[Term]) -> list[int]:
    """The best first; of equal ones, the newest."""
    found = scores([row[1:] for row in rows], terms)
    return [int(rows[place][0]) for place in sorted(range(len(found)), key=lambda place: -found[place])]


def _from_sqlite(connection: Connection, asked: _Asked) -> Sequence[Sequence[Any]]:
    match = fts5_match(asked.query, asked.statuses, lambda start, kinds: _words(connection, start, kinds))
    conditions, source = JobConditions(), "jobs"
    rowid, columns, order = "jobs.search_rowid", "jobs.search_rowid", "jobs.search_rowid DESC"
    if match is not None:
        rowid, order = "search.rowid", "search.rowid DESC"
        columns = ", ".join([rowid, *_texts(asked)])
        conditions.add("search MATCH {}", match)
        source = "search"
        if asked.since_ms is not None or asked.until_ms is not None:
            # The left side of a CROSS JOIN is the outer loop.
            source = "search CROSS JOIN jobs ON jobs.search_rowid = search.rowid"
    _add_times(conditions, asked, rowid)
    return _read(connection, columns, source, conditions, order, -1 if asked.most is None else asked.most)


def _from_postgres(connection: Connection, asked: _Asked) -> Sequence[Sequence[Any]]:
    conditions = tsvector_conditions(asked.query, asked.statuses)
    _add_times(conditions, asked, "jobs.search_rowid")
    columns = ", ".join(["jobs.search_rowid", *_texts(asked)])
    source = "jobs JOIN search ON search.job_id = jobs.id"
    return _read(connection, columns, source, conditions, "jobs.search_rowid DESC", asked.most)


def _texts(asked: _Asked) -> list[str]:
    return [f"search.{name}" for name in WEIGHTS] if asked.query.wanted else []


def _add_times(conditions: JobConditions, asked: _Asked, rowid: str) -> None:
    if asked.since_ms is not None:
        conditions.add(f"{rowid} >= {{}}", first_rowid(asked.since_ms))
        conditions.add("jobs.created_ms >= {}", asked.since_ms)
    if asked.until_ms is not None:
        conditions.add(f"{rowid} < {{}}", end_rowid(asked.until_ms))
        conditions.add("jobs.created_ms < {}", asked.until_ms)


def _read(
    connection: Connection, columns: str, source: str, conditions: JobConditions, order: str, most: int | None
) -> Sequence[Sequence[Any]]:
    statement = text(
        f"SELECT {columns} FROM {source} WHERE {conditions.sql} ORDER BY {order} LIMIT :most"  # noqa: S608
    )
    return connection.execute(statement, {**conditions.values, "most": most}).all()


def _words(connection: Connection, start: str, kinds: Sequence[str]) -> list[str] | None:
    """The words of these columns that begin so; None if there are too many to search for."""
    marks = ", ".join("?" for _ in kinds)
    query = (
        f"SELECT DISTINCT word FROM search_words WHERE kind IN ({marks}) "  # noqa: S608 - marks
        "AND word >= ? AND word < ? LIMIT ?"
    )
    values = (*kinds, start, f"{start}\U0010ffff", _MOST_WORDS + 1)
    found = list(connection.exec_driver_sql(query, values).scalars())
    return found if len(found) <= _MOST_WORDS else None


def _overview(connection: Connection, rowids: Sequence[int], is_cut: bool) -> Rows:
    """What the view `overview` has of these jobs, in their order."""
    columns = ", ".join(OVERVIEW_COLUMNS)
    mark = "?" if connection.dialect.name == "sqlite" else "%s"
    rows: dict[int, Sequence[Any]] = {}
    for start in range(0, len(rowids), _AT_ONCE):
        some = tuple(rowids[start : start + _AT_ONCE])
        marks = ", ".join(mark for _ in some)
        query = f"SELECT search_rowid, {columns} FROM jobs WHERE search_rowid IN ({marks})"  # noqa: S608
        rows.update((row[0], row[1:]) for row in connection.exec_driver_sql(query, some))
    return Rows(OVERVIEW_COLUMNS, [rows[rowid] for rowid in rowids if rowid in rows], is_cut=is_cut)
