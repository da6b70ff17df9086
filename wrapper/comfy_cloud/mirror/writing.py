"""Write rows into tables, many at once. I/O.

Rows are tuples in the order of the table's columns. They go to the driver as they are: building
statements for each of them would take several times as long.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from functools import cache, lru_cache
from itertools import chain, islice
from typing import Any

from sqlalchemy import Connection, Table

from .exact_text import ExactText, is_storable, stored_text

Row = tuple[Any, ...]

_MOST_AT_ONCE = 10_000
_MOST_IDS = 500
_MOST_VALUES_OF_POSTGRESQL = 65_535
# Few different numbers, so that SQLite has compiled each statement already.
_ROWS_OF_A_STATEMENT = (2000, 500, 100, 20, 5, 1)


def insert_rows(connection: Connection, table: Table, rows: Iterable[Row], *, replace: bool = False) -> None:
    """Insert rows; with `replace`, one with the same key is replaced."""
    into, on_conflict = _insertion(table, replace)
    remaining = iter(rows)
    while batch := list(islice(remaining, _MOST_AT_ONCE)):
        insert_values(connection, into, _storable(table, batch), on_conflict)


def insert_values(
    connection: Connection,
    into: str,
    rows: Sequence[Row],
    on_conflict: str = "",
    *,
    constants: Sequence[str] = (),
) -> None:
    """Insert rows of one length by `INTO ... VALUES ...`; `constants` are literals behind each row.

    SQLite gets many in one statement. While it runs, Python goes on in other threads; after each
    statement they would make this one wait.
    """
    if not rows:
        return
    width = len(rows[0])
    end = tuple(constants)
    if connection.dialect.name != "sqlite":
        connection.exec_driver_sql(f"{into} VALUES {_marks('%s', width, 1, end)}{on_conflict}", rows)
        return
    most = max(1, most_values(connection) // width)
    start = 0
    for count in _ROWS_OF_A_STATEMENT:
        count = min(count, most)
        statement = f"{into} VALUES {_marks('?', width, count, end)}{on_conflict}"
        while start + count <= len(rows):
            values = tuple(chain.from_iterable(rows[start : start + count]))
            connection.exec_driver_sql(statement, values)
            start += count


@lru_cache(maxsize=100)
def _marks(mark: str, width: int, count: int, constants: tuple[str, ...]) -> str:
    return ", ".join([f"({', '.join([*[mark] * width, *constants])})"] * count)


def most_values(connection: Connection) -> int:
    """How many values one statement may have."""
    if connection.dialect.name != "sqlite":
        return _MOST_VALUES_OF_POSTGRESQL
    driver: Any = connection.connection.driver_connection
    return int(driver.getlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER))


def next_number(connection: Connection) -> int:
    """The number of the next new job."""
    return int(connection.exec_driver_sql("SELECT coalesce(max(number), 0) + 1 FROM jobs").scalar_one())


def delete_rows_of(connection: Connection, table: Table, job_ids: Iterable[str]) -> None:
    """Delete the rows of jobs from a table that has a `job_id`."""
    remaining = iter(job_ids)
    while batch := list(islice(remaining, _MOST_IDS)):
        connection.execute(table.delete().where(table.c.job_id.in_(batch)))


@cache
def _insertion(table: Table, replace: bool) -> tuple[str, str]:
    """What stands before the values, and after them."""
    names = [f'"{column.name}"' for column in table.columns]
    into = f"INSERT INTO {table.name} ({', '.join(names)})"
    if not replace:
        return into, ""
    key = [f'"{column.name}"' for column in table.primary_key.columns]
    changes = ", ".join(f"{name} = excluded.{name}" for name in names if name not in key)
    return into, f" ON CONFLICT ({', '.join(key)}) DO UPDATE SET {changes}"


def _storable(table: Table, rows: Sequence[Row]) -> Sequence[Row]:
    """The rows with every text in a form that the database stores. Nearly all are in it already."""
    columns = list(zip(*rows, strict=True))
    if all(is_storable("".join(filter(None, columns[place]))) for place in _text_places(table)):
        return rows
    return [tuple(stored_text(value) if type(value) is str else value for value in row) for row in rows]


@cache
def _text_places(table: Table) -> list[int]:
    return [place for place, column in enumerate(table.columns) if isinstance(column.type, ExactText)]
