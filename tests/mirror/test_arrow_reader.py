"""Record batches read by columns: the same values as rows have, whatever is in them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow
import pytest

from comfy_cloud.mirror import Mirror, table_reader
from comfy_cloud.mirror import arrow_reader as reading
from comfy_cloud.mirror.job_conditions import JobConditions
from comfy_cloud.mirror.table_reader import table_columns

from .sample import fill

TEXTS = (None, "", "a", "a,b", "null", '"', "\n", "\x1a0000", "\x1ad800", "é\N{GRINNING FACE}", "x" * 5000)
NUMBERS = (None, 0.0, -0.0, 0.1, 1 / 3, 5e-324, 1.7976931348623157e308, -2.5)
INTEGERS = (None, 0, -1, 2**63 - 1, -(2**63), 1_796_000_000_000)


@pytest.fixture
def mirror(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Mirror]:
    """300 jobs with odd values in every column, read some tens at a time."""
    monkeypatch.setattr(table_reader, "_MOST_ROWS", 16)
    monkeypatch.setattr(reading, "BATCH", 32)
    with Mirror.open(tmp_path / "history.sqlite") as made:
        fill(made, 300)
        update = (
            "UPDATE jobs SET prompt = ?, error_message = ?, credits = ?, queue_seconds = ?, started_ms = ?, "
            "deleted_ms = ?, width = ? WHERE number = ?"
        )
        rows = [
            (
                TEXTS[number % 11],
                TEXTS[number % 7],
                NUMBERS[number % 8],
                NUMBERS[number % 5],
                INTEGERS[number % 6],
                INTEGERS[number % 5],
                INTEGERS[number % 4],
                number,
            )
            for number in range(1, 301)
        ]
        with made.store.writing() as connection:
            connection.exec_driver_sql(update, rows)
            # No number is without a gap, and some have no time.
            connection.exec_driver_sql("DELETE FROM jobs WHERE number % 7 = 3 OR number BETWEEN 100 AND 180")
            connection.exec_driver_sql("UPDATE jobs SET created_ms = NULL WHERE number % 50 = 1")
        yield made


def by_rows(mirror: Mirror, table: str, where: str = "1 = 1") -> list[tuple[Any, ...]]:
    """The values by the plain cursor."""
    columns = table_columns(mirror, table)
    names = ", ".join(column.sql or f'"{column.name}"' for column in columns)
    with mirror.connect() as connection:
        rows = connection.exec_driver_sql(f"SELECT {names} FROM jobs WHERE {where} ORDER BY number")
        return [tuple(map(_original, row, (column.kind for column in columns))) for row in rows]


def _original(value: Any, kind: str) -> Any:
    """What Arrow has for a stored value; lone surrogates, which are not UTF-8, become "?"."""
    if kind == "boolean":
        return bool(value)
    if not isinstance(value, str):
        return value
    return value.replace("\x1a0000", "\0").replace("\x1ad800", "?")


def as_rows(batches: list[Any]) -> list[tuple[Any, ...]]:
    """The rows of batches, with times as numbers."""
    rows: list[tuple[Any, ...]] = []
    for batch in batches:
        batch.validate(full=True)
        plain = [
            column.cast(pyarrow.int64()) if pyarrow.types.is_timestamp(column.type) else column
            for column in batch.columns
        ]
        rows += zip(*(column.to_pylist() for column in plain), strict=True)
    return rows


@pytest.mark.parametrize("table", ["history", "jobs"])
def test_columns_are_as_rows(mirror: Mirror, table: str) -> None:
    batches = list(reading.record_batches(mirror, table))
    assert len(batches) > 3
    assert repr(as_rows(batches)) == repr(by_rows(mirror, table))


def test_large_rows_are_read_a_few_at_a_time(mirror: Mirror, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table_reader, "_LARGE", 2000)
    monkeypatch.setattr(reading, "_LARGE", 4000)
    batches = list(reading.record_batches(mirror, "history"))
    assert min(batch.num_rows for batch in batches) <= 4
    assert max(batch.nbytes for batch in batches) < 100_000
    assert as_rows(batches) == by_rows(mirror, "history")


def test_text_that_is_not_utf_8_is_an_error(mirror: Mirror) -> None:
    with mirror.store.writing() as connection:
        connection.exec_driver_sql("UPDATE jobs SET prompt = CAST(x'ff41' AS TEXT) WHERE number = 50")
    with pytest.raises(pyarrow.ArrowInvalid, match="utf8"):
        list(reading.record_batches(mirror, "history"))


def test_conditions_choose_jobs(mirror: Mirror) -> None:
    conditions = JobConditions()
    conditions.add("jobs.status = {}", "completed")
    found = as_rows(list(reading.record_batches(mirror, "history", conditions)))
    assert found == by_rows(mirror, "history", "status = 'completed'")
    conditions.add("jobs.id = {}", "none")
    assert list(reading.record_batches(mirror, "history", conditions)) == []


def test_the_connection_gives_texts_again_afterwards(mirror: Mirror) -> None:
    batches = reading.record_batches(mirror, "history")
    next(batches)
    batches.close()  # type: ignore[attr-defined]
    with mirror.connect() as connection:
        assert isinstance(connection.exec_driver_sql("SELECT id FROM jobs LIMIT 1").scalar(), str)


def test_what_a_sync_writes_meanwhile_is_not_half_in_it(mirror: Mirror) -> None:
    expected = by_rows(mirror, "history")
    batches = reading.record_batches(mirror, "history")
    found = [next(batches)]
    with mirror.store.writing() as connection:
        connection.exec_driver_sql("UPDATE jobs SET status = 'failed'")
    assert as_rows([*found, *batches]) == expected
