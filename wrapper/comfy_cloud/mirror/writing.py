"""Write rows into tables, many at once. I/O.

Rows are tuples in the order of the table's columns. They go to the driver as they are: building
statements for each of them would take several times as long.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Table

from .exact_text import ExactText, is_storable, stored_text

Row = tuple[Any, ...]

_MOST_AT_ONCE = 10_000
_MOST_IDS = 500


def insert_rows(connection: Connection, table: Table, rows: Iterable[Row], *, replace: bool = False) -> None:
    """Insert rows; with `replace`, one with the same key is replaced."""
    statement = _insertion(table, connection.dialect.name, replace)
    remaining = iter(rows)
    while batch := list(islice(remaining, _MOST_AT_ONCE)):
        connection.exec_driver_sql(statement, _storable(table, batch))


def next_number(connection: Connection) -> int:
    """The number of the next new job."""
    return int(connection.exec_driver_sql("SELECT coalesce(max(number), 0) + 1 FROM jobs").scalar_one())


def delete_rows_of(connection: Connection, table: Table, job_ids: Iterable[str]) -> None:
    """Delete the rows of jobs from a table that has a `job_id`."""
    remaining = iter(job_ids)
    while batch := list(islice(remaining, _MOST_IDS)):
        connection.execute(table.delete().where(table.c.job_id.in_(batch)))


@cache
def _insertion(table: Table, dialect: str, replace: bool) -> str:
    names = [f'"{column.name}"' for column in table.columns]
    mark = "?" if dialect == "sqlite" else "%s"
    values = f"({', '.join(names)}) VALUES ({', '.join([mark] * len(names))})"
    statement = f"INSERT INTO {table.name} {values}"
    if not replace:
        return statement
    key = [f'"{column.name}"' for column in table.primary_key.columns]
    changes = ", ".join(f"{name} = excluded.{name}" for name in names if name not in key)
    return f"{statement} ON CONFLICT ({', '.join(key)}) DO UPDATE SET {changes}"


def _storable(table: Table, rows: Sequence[Row]) -> Sequence[Row]:
    """The rows with every text in a form that the database stores. Nearly all are in it already."""
    columns = list(zip(*rows, strict=True))
    if all(is_storable("".join(filter(None, columns[place]))) for place in _text_places(table)):
        return rows
    return [tuple(stored_text(value) if type(value) is str else value for value in row) for row in rows]


@cache
def _text_places(table: Table) -> list[int]:
    return [place for place, column in enumerate(table.columns) if isinstance(column.type, ExactText)]
