"""Reads tables of the mirror in batches, column by column: for exports and for DuckDB.

`history` is made for exports: one row for each job, with its prompts, models, seeds, sizes and
files. The others are the tables of the schema, and its views. Memory stays flat.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, Boolean, Double, Integer, LargeBinary, text

from ..errors import ConfigurationError
from .exact_text import original_text
from .job_conditions import JobConditions
from .schema import METADATA

if TYPE_CHECKING:
    from .open_mirror import OpenMirror

_MOST_ROWS = 512  # see `arrow_reader`
_LARGE = 1024 * 1024
_ROWS_OF_A_SERVER = 4096
HISTORY = "history"
UNKNOWN_MONTH = "unknown"


@dataclass(frozen=True, slots=True)
class ColumnType:
    """A column of a table.

    Attributes:
        kind: "text", "integer", "number", "boolean", "bytes" or "time" (epoch milliseconds).
        sql: How it is selected, for a column of `history`.
    """

    name: str
    kind: str
    sql: str = ""


class Pace:
    """How many rows to read at a time: fewer while they are large."""

    def __init__(self) -> None:
        self.rows = _MOST_ROWS

    def read(self, size: int) -> None:
        """The last rows had so many bytes."""
        self.rows = max(1, self.rows // 4) if size > _LARGE else min(_MOST_ROWS, self.rows * 2)


_HISTORY = (
    ColumnType("id", "text", "jobs.id"),
    ColumnType("status", "text", "jobs.status"),
    ColumnType("created", "time", "jobs.created_ms"),
    ColumnType("started", "time", "jobs.started_ms"),
    ColumnType("finished", "time", "jobs.finished_ms"),
    ColumnType("queue_seconds", "number", "jobs.queue_seconds"),
    ColumnType("run_seconds", "number", "jobs.run_seconds"),
    ColumnType("credits", "number", "jobs.credits"),
    ColumnType("workflow_id", "text", "jobs.workflow_id"),
    ColumnType("graph_digest", "text", "jobs.graph_digest"),
    ColumnType("prompt", "text", "jobs.prompt"),
    ColumnType("negative", "text", "jobs.negative"),
    ColumnType("models", "text", "jobs.models"),
    ColumnType("seed", "text", "jobs.seed"),
    ColumnType("width", "integer", "jobs.width"),
    ColumnType("height", "integer", "jobs.height"),
    ColumnType("outputs_count", "integer", "jobs.outputs_count"),
    ColumnType("files", "text", "jobs.files"),
    ColumnType("error_class", "text", "jobs.error_class"),
    ColumnType("error_node_class", "text", "jobs.error_node_class"),
    ColumnType("error_message", "text", "jobs.error_message"),
    ColumnType("deleted", "time", "jobs.deleted_ms"),
)
_KINDS: tuple[tuple[type, str], ...] = (
    (Boolean, "boolean"),
    (Integer, "integer"),
    (BigInteger, "integer"),
    (Double, "number"),
    (LargeBinary, "bytes"),
)


def readable_tables(mirror: OpenMirror) -> set[str]:
    """The tables and views that can be read, by name."""
    return {HISTORY, *METADATA.tables, *_views(mirror)}


def table_columns(mirror: OpenMirror, table: str) -> list[ColumnType]:
    """The columns of a table. Raises ConfigurationError, with all tables, for another name."""
    if table == HISTORY:
        return list(_HISTORY)
    if table in METADATA.tables:
        return [ColumnType(column.name, _kind(column)) for column in METADATA.tables[table].columns]
    views = _views(mirror)
    if table not in views:
        names = ", ".join(sorted({HISTORY, *METADATA.tables, *views}))
        raise ConfigurationError(f"The mirror has no table {table!r}; choose from {names}")
    known = {column.name: _kind(column) for each in METADATA.tables.values() for column in each.columns}
    return [ColumnType(name, known.get(name, _view_kind(name))) for name in views[table]]


def _kind(column: Any) -> str:
    return next((kind for type_, kind in _KINDS if isinstance(column.type, type_)), "text")


def _view_kind(name: str) -> str:
    """The kind of a column that only a view has."""
    if name.endswith("_ms") or name in ("jobs", "failed", "outputs"):
        return "integer"
    return "number" if name.endswith("_seconds") else "text"


def _views(mirror: OpenMirror) -> dict[str, list[str]]:
    from sqlalchemy import inspect

    with mirror.connect() as connection:
        found = inspect(connection)
        return {
            name: [str(column["name"]) for column in found.get_columns(name)]
            for name in found.get_view_names()
        }


def column_batches(
    mirror: OpenMirror,
    table: str,
    conditions: JobConditions | None = None,
    *,
    pace: Pace | None = None,
    encoded: bool = False,
) -> Iterator[list[Sequence[Any]]]:
    """The values of each column, in batches of some rows.

    `conditions` choose jobs: rows of other tables follow them by `job_id`. Text is as it is stored
    (`exact_text`); with `encoded` it may be UTF-8 in bytes, which is quicker to read.
    """
    pace = pace or Pace()
    columns = table_columns(mirror, table)
    with mirror.connect() as connection:
        statement = table_statement(connection.dialect.name, table, columns, conditions)
        values = conditions.values if conditions is not None else {}
        if connection.dialect.name == "sqlite":
            # The driver's own cursor: SQLAlchemy's rows cost as much again.
            driver: Any = connection.connection.driver_connection
            usual = driver.text_factory
            if encoded:
                driver.text_factory = bytes
            try:
                cursor = driver.execute(statement, values)
                while rows := cursor.fetchmany(pace.rows):
                    yield list(zip(*rows, strict=True))
            finally:
                driver.text_factory = usual
            return
        streamed = connection.execution_options(stream_results=True, max_row_buffer=_ROWS_OF_A_SERVER)
        for some in streamed.execute(text(statement), values).partitions(_ROWS_OF_A_SERVER):
            yield list(zip(*some, strict=True))


def table_statement(
    dialect: str, table: str, columns: Sequence[ColumnType], conditions: JobConditions | None
) -> str:
    """The query for the rows of a table."""
    chosen = ", ".join(
        f"{column.sql} AS {column.name}" if column.sql else f'"{column.name}"' for column in columns
    )
    if table in (HISTORY, "jobs"):
        return f"SELECT {chosen} FROM {_chosen_jobs(dialect, conditions)}"  # noqa: S608
    if conditions is None or not conditions.texts:
        return f'SELECT {chosen} FROM "{table}"'  # noqa: S608 - a table that there is
    names = [column.name for column in columns]
    key = "job_id" if "job_id" in names else "id"
    if key not in names:
        raise ConfigurationError(f"{table} has no rows of single jobs; leave out the conditions")
    jobs = f"SELECT jobs.id FROM jobs WHERE {conditions.sql}"  # noqa: S608
    return f'SELECT {chosen} FROM "{table}" WHERE {key} IN ({jobs})'  # noqa: S608


def _chosen_jobs(dialect: str, conditions: JobConditions | None) -> str:
    where = conditions.sql if conditions is not None and conditions.texts else ""
    if dialect != "sqlite":
        return f"jobs WHERE {where}" if where else "jobs"
    if not where:
        return "jobs NOT INDEXED"
    # With the index of a condition, SQLite would look for each job on its own. They are near each
    # other in the file, so it reads the part of the file where they are.
    return (
        f"jobs NOT INDEXED WHERE number >= (SELECT min(number) FROM jobs WHERE {where}) "  # noqa: S608
        f"AND number <= (SELECT max(number) FROM jobs WHERE {where}) AND ({where})"
    )


def original_columns(columns: Sequence[ColumnType], batch: Sequence[Sequence[Any]]) -> list[Sequence[Any]]:
    """The batch with texts as they were."""
    return [
        [value if value is None else original_text(value) for value in values]
        if column.kind == "text"
        else values
        for column, values in zip(columns, batch, strict=True)
    ]
