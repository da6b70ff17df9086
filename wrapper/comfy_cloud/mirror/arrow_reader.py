"""Reads tables of the mirror into record batches of Arrow. Memory stays flat.

Rows come from the driver a few hundred at a time: their values are then still in the processor's
cache when Arrow copies them, which takes half the time of thousands at a time. A long table of a
SQLite file is read by a process of its own where that is possible; see `reading_process`.
"""

# pyright: reportAttributeAccessIssue=false
from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from .exact_text import original_text
from .job_conditions import JobConditions
from .reading_process import batches_of_a_process
from .table_reader import ColumnType, Pace, column_batches, table_columns

if TYPE_CHECKING:
    from .open_mirror import OpenMirror

BATCH = 32_768
_LARGE = 32 * 1024 * 1024  # bytes of a batch, which has fewer rows then
_MARK = re.compile(b"\x1a")  # what stored text has where the original differs; see `exact_text`


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
    found = batches_of_a_process(mirror, table, columns, conditions)
    if found is not None:
        yield from (_as_declared(batch, schema) for batch in _joined(found))
    else:
        yield from _joined(_of_rows(mirror, table, columns, conditions))


def _of_rows(
    mirror: OpenMirror, table: str, columns: Sequence[ColumnType], conditions: JobConditions | None
) -> Iterator[Any]:
    schema, pace = arrow_schema(columns), Pace()
    for values in column_batches(mirror, table, conditions, pace=pace, encoded=True):
        batch = _of_values(columns, schema, values)
        pace.read(batch.nbytes)
        yield batch


def _joined(parts: Iterator[Any]) -> Iterator[Any]:
    """Some larger batches of many small ones."""
    waiting: list[Any] = []
    rows = size = 0
    for part in parts:
        waiting.append(part)
        rows += part.num_rows
        size += part.nbytes
        if rows >= BATCH or size >= _LARGE:
            yield _one_batch(waiting)
            waiting, rows, size = [], 0, 0
    if waiting:
        yield _one_batch(waiting)


def _one_batch(parts: list[Any]) -> Any:
    import pyarrow

    if len(parts) == 1:
        return parts[0]
    columns = [
        pyarrow.concat_arrays(arrays) for arrays in zip(*(part.columns for part in parts), strict=True)
    ]
    return pyarrow.RecordBatch.from_arrays(columns, schema=parts[0].schema)


def _of_values(columns: Sequence[ColumnType], schema: Any, values: Sequence[Sequence[Any]]) -> Any:
    """A batch of the values of each column; text may be UTF-8 in bytes."""
    import pyarrow

    arrays = [
        _array(column, each, field.type) for column, each, field in zip(columns, values, schema, strict=True)
    ]
    return pyarrow.RecordBatch.from_arrays(arrays, schema=schema)


def _array(column: ColumnType, values: Sequence[Any], kind: Any) -> Any:
    import pyarrow

    if column.kind == "boolean":
        return pyarrow.array([None if value is None else bool(value) for value in values], kind)
    array = pyarrow.array(values, kind)
    return _original(array, kind) if column.kind == "text" else array


def _as_declared(batch: Any, schema: Any) -> Any:
    """A batch that another process read, in the types of the schema. Raises ArrowInvalid."""
    import pyarrow

    arrays = [
        _original(array.cast(pyarrow.binary()).cast(field.type), field.type)
        if pyarrow.types.is_string(field.type)
        else array.cast(field.type)
        for array, field in zip(batch.columns, schema, strict=True)
    ]
    return pyarrow.RecordBatch.from_arrays(arrays, schema=schema)


def _original(array: Any, kind: Any) -> Any:
    """The texts as they were before they were stored; see `exact_text`."""
    import pyarrow

    characters = array.buffers()[2]
    if characters is None or _MARK.search(characters) is None:
        return array
    # Arrow's text is UTF-8, which has no lone surrogates.
    originals = (None if value is None else original_text(value) for value in array.to_pylist())
    texts = [None if each is None else each.encode(errors="replace").decode() for each in originals]
    return pyarrow.array(texts, kind)
