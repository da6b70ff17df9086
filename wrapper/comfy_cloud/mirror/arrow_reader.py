"""Reads tables of the mirror into record batches of Arrow. Memory stays flat.

The jobs of a SQLite file are read by whole columns: SQLite joins the values of a column into one
text, which becomes an Arrow array without a Python object for each value. That takes less time and
memory, and other threads run meanwhile. Everything else is read row by row.

Drivers that read SQLite into Arrow, such as ADBC's, have a SQLite of their own. Two of them in one
process undo each other's locks when they close a file, which can damage it.
"""

# pyright: reportAttributeAccessIssue=false
from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import orjson

from .exact_text import original_text
from .job_conditions import JobConditions
from .table_reader import BATCH, HISTORY, ColumnType, column_batches, table_columns

if TYPE_CHECKING:
    from .open_mirror import OpenMirror

_FIRST = 4096
_LARGE = 32 * 1024 * 1024  # bytes of a batch; a larger one is followed by one of fewer rows
_FEW = 64
# What stored text never has: between texts, and for NULL. See `exact_text`.
_BETWEEN = b"\x00"
_NULL = b"\x1a-"

_Values = dict[str, Any]


def arrow_schema(columns: Sequence[ColumnType]) -> Any:
    """The columns as a schema of pyarrow."""
    import pyarrow

    types = {
        "text": pyarrow.string(),
        "integer": pyarrow.int64(),
        "number": pyarrow.float64(),
        "boolean": pyarrow.bool_(),
        "bytes": pyarrow.binary(),
        "time": pyarrow.timestamp("ms", tz="UTC"),
    }
    return pyarrow.schema([(column.name, types[column.kind]) for column in columns])


def arrow_batches(mirror: OpenMirror, table: str, conditions: JobConditions | None = None) -> Any:
    """A table as a RecordBatchReader of pyarrow, which reads while it is read."""
    import pyarrow

    schema = arrow_schema(table_columns(mirror, table))
    return pyarrow.RecordBatchReader.from_batches(schema, record_batches(mirror, table, conditions))


def record_batches(mirror: OpenMirror, table: str, conditions: JobConditions | None = None) -> Iterator[Any]:
    """The rows of a table as RecordBatches of pyarrow; `conditions` choose jobs."""
    columns = table_columns(mirror, table)
    schema = arrow_schema(columns)
    if mirror.path is not None and table in (HISTORY, "jobs"):
        yield from _job_batches(mirror, columns, schema, conditions or JobConditions())
        return
    for batch in column_batches(mirror, table, conditions, encoded=True):
        yield _batch(columns, schema, batch)


def _batch(columns: Sequence[ColumnType], schema: Any, batch: Sequence[Sequence[Any]]) -> Any:
    """A batch of rows that were read one by one."""
    import pyarrow

    arrays = [
        _values_array(column, values, field.type)
        for column, values, field in zip(columns, batch, schema, strict=True)
    ]
    return pyarrow.RecordBatch.from_arrays(arrays, schema=schema)


def _values_array(column: ColumnType, values: Sequence[Any], kind: Any) -> Any:
    import pyarrow
    import pyarrow.compute

    if column.kind == "boolean":
        return pyarrow.array([None if value is None else bool(value) for value in values], kind)
    array = pyarrow.array(values, kind)
    if column.kind == "text" and pyarrow.compute.any(pyarrow.compute.match_substring(array, "\x1a")).as_py():
        return _original_array(array, kind)
    return array


def _original_array(array: Any, kind: Any) -> Any:
    """The texts as they were before they were stored; see `exact_text`."""
    import pyarrow

    # Arrow's text is UTF-8, which has no lone surrogates.
    originals = (None if value is None else original_text(value) for value in array.to_pylist())
    texts = [None if each is None else each.encode(errors="replace").decode() for each in originals]
    return pyarrow.array(texts, kind)


# By columns


def _job_batches(
    mirror: OpenMirror, columns: Sequence[ColumnType], schema: Any, conditions: JobConditions
) -> Iterator[Any]:
    names = [column.sql or f'jobs."{column.name}"' for column in columns]
    with mirror.connect() as connection, connection.begin():
        driver: Any = connection.connection.driver_connection
        usual = driver.text_factory
        driver.text_factory = bytes
        try:
            jobs = _Jobs(driver, columns, names, schema, conditions)
            while (batch := jobs.next_batch()) is not None:
                yield batch
        finally:
            driver.text_factory = usual


class _Jobs:
    """Reads jobs in the order of their numbers, some thousands at a time."""

    def __init__(
        self,
        driver: sqlite3.Connection,
        columns: Sequence[ColumnType],
        names: Sequence[str],
        schema: Any,
        conditions: JobConditions,
    ) -> None:
        self._driver = driver
        self._columns = columns
        self._schema = schema
        self._names = names
        self._size = _FIRST
        # A range of the table is read in any case; with an index, each batch would be sorted.
        self._source = (
            f"FROM jobs NOT INDEXED WHERE number > :after AND number <= :last AND ({conditions.sql}) "
            "ORDER BY number LIMIT :most"
        )
        edges = f"SELECT min(number), max(number) FROM jobs WHERE {conditions.sql}"  # noqa: S608
        first, last = driver.execute(edges, conditions.values).fetchone()
        self._is_empty = first is None
        self._values: _Values = dict(conditions.values)
        if not self._is_empty:
            self._values |= {"after": first - 1, "last": last}
        self._numbers = [place for place, column in enumerate(columns) if column.kind == "number"]

    def next_batch(self) -> Any:
        """The next batch; None at the end."""
        while not self._is_empty:
            values = {**self._values, "most": self._size}
            try:
                batch = self._by_columns(values) if self._size > _FEW else self._by_rows(values)
            except (sqlite3.DataError, sqlite3.OperationalError, MemoryError):
                # SQLite joins at most a gigabyte.
                if self._size <= _FEW:
                    raise
                self._size = max(_FEW, self._size // 8)
                continue
            if batch is None:
                self._is_empty = True
                return None
            if batch.nbytes > _LARGE:
                self._size = max(_FEW, self._size // 2)
            elif batch.nbytes < _LARGE // 2:
                self._size = min(BATCH, self._size * 2)
            return batch
        return None

    def _by_columns(self, values: _Values) -> Any:
        import pyarrow

        # SQLite's decimal form of a double is not always exact.
        count, last, *parts = self._joined(values)
        if not count:
            return None
        rows = self._rows([self._names[place] for place in self._numbers], values)
        doubles = zip(*rows, strict=True)
        joined = iter(parts)
        arrays: dict[int, Any] = dict(zip(self._numbers, doubles, strict=True))
        for place, (column, field) in enumerate(zip(self._columns, self._schema, strict=True)):
            if place in arrays:
                arrays[place] = pyarrow.array(arrays[place], field.type)
            elif column.kind == "text":
                arrays[place] = _text_array(next(joined), field.type)
            else:
                arrays[place] = pyarrow.array(_integers(next(joined)), pyarrow.int64()).cast(field.type)
        if any(len(array) != count for array in arrays.values()):
            raise sqlite3.DataError("the columns of a batch differ in length")
        self._values["after"] = last
        made = [arrays[place] for place in range(len(self._columns))]
        return pyarrow.RecordBatch.from_arrays(made, schema=self._schema)

    def _joined(self, values: _Values) -> Sequence[Any]:
        """How many jobs there are, the number of the last one, and each column as one text."""
        parts = ["count(*)", "max(number)"]
        chosen = ["number"]
        for place, (column, name) in enumerate(zip(self._columns, self._names, strict=True)):
            if column.kind == "number":
                continue
            chosen.append(f"{name} AS c{place}")
            if column.kind == "text":
                parts.append(f"group_concat(coalesce(c{place}, :null), :between)")
            else:
                parts.append(f"group_concat(coalesce(c{place}, 'null'))")
        inner = f"SELECT {', '.join(chosen)} {self._source}"
        found: Sequence[Any] = self._driver.execute(
            f"SELECT {', '.join(parts)} FROM ({inner})",  # noqa: S608
            {**values, "null": _NULL.decode(), "between": _BETWEEN.decode()},
        ).fetchone()
        return found

    def _by_rows(self, values: _Values) -> Any:
        rows = self._rows(["number", *self._names], values)
        if not rows:
            return None
        numbers, *batch = zip(*rows, strict=True)
        self._values["after"] = numbers[-1]
        return _batch(self._columns, self._schema, batch)

    def _rows(self, names: Sequence[str], values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        statement = f"SELECT {', '.join(names)} {self._source}"
        return self._driver.execute(statement, values).fetchall()


def _integers(joined: bytes) -> list[int | None]:
    found: list[int | None] = orjson.loads(b"[%b]" % joined)
    return found


def _text_array(data: bytes, kind: Any) -> Any:
    """The texts that are joined in `data`."""
    import pyarrow
    import pyarrow.compute

    edges = pyarrow.array([0, len(data)], pyarrow.int32()).buffers()[1]
    whole = pyarrow.StringArray.from_buffers(1, edges, pyarrow.py_buffer(data))
    whole.validate(full=True)
    texts = pyarrow.compute.split_pattern(whole, _BETWEEN.decode()).values
    marks = data.count(b"\x1a")
    if not marks:
        return texts
    is_known = pyarrow.compute.not_equal(texts, _NULL.decode())
    _, offsets, characters = texts.buffers()
    nulls = len(texts) - (pyarrow.compute.sum(is_known).as_py() or 0)
    array = pyarrow.StringArray.from_buffers(len(texts), offsets, characters, is_known.buffers()[1], nulls)
    return array if marks == nulls else _original_array(array, kind)
