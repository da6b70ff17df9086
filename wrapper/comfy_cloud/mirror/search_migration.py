"""From schema 1 to 2: an index in the order of time, with filters and words of names. I/O.

Nothing of the other tables changes. In SQLite the texts are those of the old index; PostgreSQL had
none of them in its index, so they are read from the other tables.
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, select

from .exact_text import original_text
from .migration_progress import migration_goes_on
from .schema import INPUTS, JOBS, JOBS_BY_SEARCH_ROWID, MODELS, NODES, OUTPUT_TEXTS, OUTPUTS, PROMPTS, SEEDS
from .search_index import COLUMNS, create_search_index, filter_words
from .search_rowids import ordered_rowids
from .search_writing import SearchRow, insert_search_rows

_AT_ONCE = 500
_UPDATED_AT_ONCE = 10_000
_OLD = "search_1"


def order_search_by_time(connection: Connection) -> None:
    """Give each job its rowid in the index, and make the index anew."""
    is_sqlite = connection.dialect.name == "sqlite"
    connection.exec_driver_sql("ALTER TABLE jobs ADD COLUMN search_rowid BIGINT")
    _number_jobs(connection, "?" if is_sqlite else "%s")
    JOBS_BY_SEARCH_ROWID.create(connection)
    if is_sqlite:
        connection.exec_driver_sql(f"ALTER TABLE search RENAME TO {_OLD}")
    else:
        connection.exec_driver_sql("DROP TABLE search")
    create_search_index(connection)
    total, done = connection.exec_driver_sql("SELECT count(*) FROM jobs").scalar_one(), 0
    for jobs in _batches(connection):
        ids = [job[1] for job in jobs]
        texts = _old_texts(connection, jobs) if is_sqlite else texts_of(connection, ids)
        seeds = _lists(connection, SEEDS.c.seed, SEEDS.c.job_id, ids)
        rows = [
            SearchRow(rowid, job_id, filter_words(status, workflow_id, seeds[job_id]), *texts[job_id])
            for rowid, job_id, _, status, workflow_id in jobs
        ]
        insert_search_rows(connection, rows)
        done += len(rows)
        migration_goes_on(2, 2, done, total)
    if is_sqlite:
        connection.exec_driver_sql(f"DROP TABLE {_OLD}")


def _number_jobs(connection: Connection, mark: str) -> None:
    query = select(JOBS.c.number, JOBS.c.created_ms)
    rows = connection.execute(query.order_by(JOBS.c.created_ms.nulls_first(), JOBS.c.number.desc()))
    numbers, times = array("q"), []
    for number, created_ms in rows:
        numbers.append(number)
        times.append(created_ms)
    statement = f"UPDATE jobs SET search_rowid = {mark} WHERE number = {mark}"  # noqa: S608 - a mark
    pairs = list(zip(ordered_rowids(times), numbers, strict=True))
    for start in range(0, len(pairs), _UPDATED_AT_ONCE):
        connection.exec_driver_sql(statement, pairs[start : start + _UPDATED_AT_ONCE])
        migration_goes_on(1, 2, min(len(pairs), start + _UPDATED_AT_ONCE), len(pairs))


def _batches(connection: Connection) -> Iterator[Sequence[Any]]:
    jobs = JOBS.c
    query = select(jobs.search_rowid, jobs.id, jobs.number, jobs.status, jobs.workflow_id)
    query = query.order_by(jobs.search_rowid).limit(_AT_ONCE)
    found = connection.execute(query).all()
    while found:
        yield found
        found = connection.execute(query.where(jobs.search_rowid > found[-1][0])).all()


def _old_texts(connection: Connection, jobs: Sequence[Any]) -> dict[str, tuple[str, ...]]:
    """The texts of jobs in the index of schema 1."""
    marks = ", ".join("?" * len(jobs))
    found = connection.exec_driver_sql(
        f"SELECT rowid, {', '.join(COLUMNS)} FROM {_OLD} WHERE rowid IN ({marks})",  # noqa: S608
        tuple(job[2] for job in jobs),
    )
    rows = {row[0]: tuple(original_text(each or "") for each in row[1:]) for row in found}
    return {job[1]: rows.get(job[2], ("",) * len(COLUMNS)) for job in jobs}


def texts_of(connection: Connection, ids: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """The texts of jobs, from the tables of their parts."""
    prompts = _lists(connection, PROMPTS.c.text, PROMPTS.c.job_id, ids)
    made = _lists(connection, OUTPUT_TEXTS.c.text, OUTPUT_TEXTS.c.job_id, ids)
    values = _lists(connection, INPUTS.c.value, INPUTS.c.job_id, ids, INPUTS.c.type == "text")
    titles = _lists(connection, NODES.c.title, NODES.c.job_id, ids)
    classes = _lists(connection, NODES.c["class"], NODES.c.job_id, ids)
    models = _lists(connection, MODELS.c.model, MODELS.c.job_id, ids)
    shown = _lists(connection, OUTPUTS.c.display_name, OUTPUTS.c.job_id, ids)
    stored = _lists(connection, OUTPUTS.c.filename, OUTPUTS.c.job_id, ids)
    return {
        job_id: (
            "\n".join(prompts[job_id]),
            "\n".join([*made[job_id], *_phrases(values[job_id], prompts[job_id])]),
            "\n".join(
                f"{title or ''} {kind}" for title, kind in zip(titles[job_id], classes[job_id], strict=True)
            ),
            "\n".join(models[job_id]),
            " ".join(name or other for name, other in zip(shown[job_id], stored[job_id], strict=True)),
        )
        for job_id in ids
    }


def _phrases(values: Sequence[str], prompts: Sequence[str]) -> list[str]:
    return [value for value in values if " " in value and value not in prompts]


def _lists(
    connection: Connection, column: Any, owner: Any, ids: Sequence[str], *conditions: Any
) -> dict[str, list[Any]]:
    """The values of a column, by job, in the order of the table's key."""
    found: dict[str, list[Any]] = defaultdict(list)
    query = select(owner, column).where(owner.in_(ids), *conditions).order_by(*owner.table.primary_key)
    for job_id, value in connection.execute(query):
        found[job_id].append(value)
    return found
