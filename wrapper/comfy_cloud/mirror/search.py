"""Full-text search over the mirror, with filters: `Mirror.search` and `Mirror.jobs`.

In SQLite the newest matches are ranked by relevance; all matches of a frequent word among a million
jobs would take more than half a second.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, TextClause, bindparam, text

from .._jobs.history_filter import When
from ..errors import ConfigurationError
from .job_conditions import JobConditions
from .query_language import (
    SearchQuery,
    Term,
    fts5_any,
    fts5_match,
    read_query,
    term_of,
    tsquery_of,
)
from .relevance import WEIGHTS, scores
from .results import Rows

if TYPE_CHECKING:
    from .open_mirror import OpenMirror

RANKED = 300
"""How many matches are ranked by relevance: of the first in the mirror, and of the last."""


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
    conditions = JobConditions()
    conditions.fields(found.exact)
    conditions.fields(found.not_exact, "NOT ")
    conditions.times(since, until)
    conditions.statuses(status)
    with mirror.connect() as connection:
        is_sqlite = connection.dialect.name == "sqlite"
        statement = (_sqlite if is_sqlite else _postgres)(found, conditions, limit)
        # One more than is asked for shows whether there are others.
        values = {**conditions.values, "most": _most(limit, is_sqlite, is_ranked=bool(found.wanted))}
        found_rows: Sequence[Any] = connection.execute(statement, values).all()
        if is_sqlite and found.wanted:
            found_rows = _ranked(found_rows, found.wanted, limit)
        numbers = [int(row[0]) for row in found_rows]
        is_cut = limit is not None and len(numbers) > limit
        return _overview(connection, numbers[:limit], is_cut)


def _most(limit: int | None, is_sqlite: bool, *, is_ranked: bool) -> int | None:
    if limit is None:
        return -1 if is_sqlite else None
    return max(RANKED, limit + 1) if is_ranked and is_sqlite else limit + 1


def _ranked(rows: Sequence[Any], terms: Sequence[Term], limit: int | None) -> list[Any]:
    """The best first; of equal ones, the newest."""
    found = scores([row[2:] for row in rows], terms)
    order = sorted(range(len(found)), key=lambda place: (-found[place], -(rows[place][1] or 0)))
    return [rows[place] for place in order][: None if limit is None else limit + 1]


def _sqlite(query: SearchQuery, conditions: JobConditions, limit: int | None) -> TextClause:
    match = fts5_match(query)
    if match is None:
        if query.unwanted:
            excluded = "jobs.number NOT IN (SELECT rowid FROM search WHERE search MATCH {})"
            conditions.add(excluded, fts5_any(query.unwanted))
        return text(
            f"SELECT number FROM jobs WHERE {conditions.sql} "  # noqa: S608 - texts of ours
            "ORDER BY created_ms DESC, id LIMIT :most"
        )
    conditions.values["match"] = match
    # A first sync writes the newest job first, and later ones append: the newest are at both ends.
    # The left side of a CROSS JOIN is the outer loop, so that each stops after enough matches.
    texts = ", ".join(f"search.{name}" for name in WEIGHTS)
    part = (
        f"SELECT search.rowid, jobs.created_ms, {texts} "  # noqa: S608 - texts of ours
        "FROM search CROSS JOIN jobs ON jobs.number = search.rowid "
        f"WHERE search MATCH :match AND {conditions.sql} ORDER BY search.rowid"
    )
    if limit is None:
        return text(f"{part} DESC LIMIT :most")
    return text(f"SELECT * FROM ({part} DESC LIMIT :most) UNION SELECT * FROM ({part} LIMIT :most)")  # noqa: S608


def _postgres(query: SearchQuery, conditions: JobConditions, limit: int | None) -> TextClause:
    wanted = _postgres_terms(query.wanted, conditions, "")
    _postgres_terms(query.unwanted, conditions, "NOT ")
    score = "NULL"
    if wanted:
        conditions.values["match"] = " & ".join(f"({tsquery_of(term)})" for term in wanted)
        conditions.texts.append("search.document @@ to_tsquery('simple', :match)")
        score = "-ts_rank(search.document, to_tsquery('simple', :match))"
    conditions.values["ranked"] = None if limit is None else max(RANKED, limit + 1)
    return text(
        f"SELECT number, {score} AS score FROM (SELECT jobs.number, jobs.created_ms, search.document "  # noqa: S608
        f"FROM jobs LEFT JOIN search ON search.job_id = jobs.id WHERE {conditions.sql} "
        "ORDER BY jobs.created_ms DESC NULLS LAST LIMIT :ranked) AS search "
        "ORDER BY score, created_ms DESC NULLS LAST, number DESC LIMIT :most"
    )


def _postgres_terms(terms: Sequence[Term], conditions: JobConditions, sign: str) -> list[Term]:
    """Add what the index does not know: names of models. Returns the other terms, if wanted."""
    others = []
    for term in terms:
        if term.column == "models":
            pattern = f"%{'%'.join(term.words)}%"
            inside = "SELECT job_id FROM models WHERE model ILIKE {}"
            conditions.add(f"jobs.id {sign}IN ({inside})", pattern)
        elif sign:
            conditions.add(
                "NOT (coalesce(search.document, '') @@ to_tsquery('simple', {}))", tsquery_of(term)
            )
        else:
            others.append(term)
    return others


def _overview(connection: Connection, numbers: Sequence[int], is_cut: bool) -> Rows:
    """The rows of the view `overview` for these jobs, in their order."""
    statement = text(
        "SELECT jobs.number, overview.* FROM overview JOIN jobs ON jobs.id = overview.id "
        "WHERE jobs.number IN :numbers"
    ).bindparams(bindparam("numbers", expanding=True))
    rows: dict[int, Sequence[Any]] = {}
    columns: list[str] = []
    for start in range(0, max(1, len(numbers)), _AT_ONCE):
        some = numbers[start : start + _AT_ONCE]
        result = connection.execute(statement, {"numbers": some or [-1]})
        columns = list(result.keys())[1:]
        rows.update((row[0], row[1:]) for row in result)
    return Rows(columns, [rows[number] for number in numbers if number in rows], is_cut=is_cut)


_AT_ONCE = 500
