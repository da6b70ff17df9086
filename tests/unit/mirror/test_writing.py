"""Rows are written many in a statement, and all of them once."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection

from comfy_cloud.mirror import schema
from comfy_cloud.mirror.mirror import Mirror
from comfy_cloud.mirror.writing import insert_rows


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[Connection]:
    with Mirror.open(tmp_path / "m.sqlite") as mirror, mirror.store.writing() as connection:
        yield connection


@pytest.mark.parametrize("count", [0, 1, 4, 5, 49, 561, 1056])
@pytest.mark.parametrize("limit", [None, 999, 2])
def test_any_number_of_rows_is_written(connection: Connection, count: int, limit: int | None) -> None:
    if limit is not None:
        driver = connection.connection.driver_connection
        assert driver is not None
        driver.setlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER, limit)
    rows = [(f"name {number}", f"\x00{number}") for number in range(count)]
    before = set(connection.exec_driver_sql("SELECT name, value FROM meta").all())
    insert_rows(connection, schema.META, iter(rows))
    insert_rows(connection, schema.META, rows[:3], replace=True)
    found = set(connection.exec_driver_sql("SELECT name, value FROM meta").all()) - before
    assert found == {(name, value.replace("\x00", "\x1a0000")) for name, value in rows}
