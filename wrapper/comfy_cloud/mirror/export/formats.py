"""The formats of an export: each writes a table to a binary file while it reads it. I/O."""

from __future__ import annotations

import csv
import io
import json
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import Any, BinaryIO, cast

import orjson

from ..._files.spreadsheet_cells import harmless_cell
from ...errors import ConfigurationError
from ...notices import warn
from ..arrow_reader import arrow_schema
from ..table_reader import ColumnType, original_columns

Batch = Sequence[Sequence[Any]]
# Of batches, or of pyarrow's RecordBatches; see ARROW_FORMATS.
Writer = Callable[[BinaryIO, Sequence[ColumnType], Iterable[Any]], int]

# Excel's own bounds: rows of a sheet, and characters of a cell.
_SHEET_ROWS = 1_048_576
_CELL_CHARACTERS = 32_767
_ROW_GROUP = 131_072
_SAMPLE = 4096


def write_csv(file: BinaryIO, columns: Sequence[ColumnType], batches: Iterable[Batch]) -> int:
    """CSV in UTF-8. Text that a spreadsheet would run as a formula gets a leading apostrophe."""
    text = io.TextIOWrapper(file, "utf-8", errors="replace", newline="", write_through=True)
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([column.name for column in columns])
    count = 0
    for batch in batches:
        cells = [
            [harmless_cell(value) if type(value) is str else value for value in values]
            for values in _plain(columns, batch)
        ]
        writer.writerows(zip(*cells, strict=True))
        count += len(cells[0])
    text.detach()
    return count


def write_jsonl(file: BinaryIO, columns: Sequence[ColumnType], batches: Iterable[Batch]) -> int:
    """JSON Lines: an object for each row."""
    names = [column.name for column in columns]
    count = 0
    for batch in batches:
        for row in zip(*_plain(columns, batch), strict=True):
            record = dict(zip(names, row, strict=True))
            try:
                line = orjson.dumps(record)
            except TypeError:  # a lone surrogate, which json writes as an escape
                line = json.dumps(record).encode()
            file.write(line + b"\n")
            count += 1
    return count


def write_parquet(file: BinaryIO, columns: Sequence[ColumnType], batches: Iterable[Any]) -> int:
    """Parquet, compressed by zstd. Raises ConfigurationError without the package pyarrow."""
    try:
        import pyarrow
        import pyarrow.parquet
    except ModuleNotFoundError:
        raise missing_package("Parquet", "pyarrow", "parquet") from None
    schema = arrow_schema(columns)
    remaining = iter(batches)
    first = next(remaining, None)
    settings = {"compression": "zstd", "use_dictionary": _repeated(first)}
    count = 0
    with (
        pyarrow.parquet.ParquetWriter(file, schema, **settings) as writer,
        ThreadPoolExecutor(1, "comfy-cloud-parquet") as behind,
    ):
        # Each batch is compressed, without the GIL, while the next one is read.
        written: Future[None] | None = None
        for batch in chain(() if first is None else (first,), remaining):
            count += batch.num_rows
            if written is not None:
                written.result()
            written = behind.submit(writer.write_batch, batch, row_group_size=_ROW_GROUP)
        if written is not None:
            written.result()
    return count


def _repeated(batch: Any) -> list[str]:
    """The columns of a batch whose values come again: a dictionary makes them shorter."""
    if batch is None:
        return []
    some = batch.slice(0, _SAMPLE)
    return [
        name
        for name, values in zip(some.schema.names, some.columns, strict=True)
        if len(values.unique()) <= len(values) // 2
    ]


def write_xlsx(file: BinaryIO, columns: Sequence[ColumnType], batches: Iterable[Batch]) -> int:
    """An Excel workbook; more than 1,048,575 rows go on in a second sheet.

    Nothing in it is a formula or a link. Text of more than 32,767 characters is cut, as Excel
    requires, with a warning. Raises ConfigurationError without the package xlsxwriter.
    """
    try:
        import xlsxwriter
    except ModuleNotFoundError:
        raise missing_package("Excel", "xlsxwriter", "xlsx") from None
    count = cut = 0
    with tempfile.TemporaryDirectory(prefix="comfy-cloud-") as folder:
        path = Path(folder) / "export.xlsx"
        settings = {
            "constant_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
            "tmpdir": folder,
        }
        with xlsxwriter.Workbook(str(path), settings) as book:
            sheet, place = None, _SHEET_ROWS
            for batch in batches:
                for row in zip(*_plain(columns, batch), strict=True):
                    if sheet is None or place == _SHEET_ROWS:
                        sheet, place = book.add_worksheet(), 1
                        sheet.write_row(0, 0, [column.name for column in columns])
                    for number, value in enumerate(row):
                        if value is not None:
                            cut += _write_cell(sheet, place, number, value)
                    place += 1
                    count += 1
            if sheet is None:
                book.add_worksheet().write_row(0, 0, [column.name for column in columns])
        _copy(path, file)
    if cut:
        warn(
            f"{cut} texts are longer than the {_CELL_CHARACTERS:,} characters that a cell of Excel can have, "
            "and were cut. The other formats have all of them"
        )
    return count


def _write_cell(sheet: Any, row: int, column: int, value: Any) -> bool:
    """Write a value; returns whether it had to be cut."""
    if isinstance(value, str):
        # Excel counts characters beyond U+FFFF twice.
        units = value.encode("utf-16-le", errors="replace")
        text = units[: 2 * _CELL_CHARACTERS].decode("utf-16-le", errors="ignore")
        sheet.write_string(row, column, text)
        return len(units) > 2 * _CELL_CHARACTERS
    elif isinstance(value, bool):
        sheet.write_boolean(row, column, value)
    elif isinstance(value, int) and abs(value) > 2**53:
        sheet.write_string(row, column, str(value))  # Excel has floats alone
    elif value == value and abs(value) != float("inf"):
        sheet.write_number(row, column, value)
    else:
        sheet.write_string(row, column, str(value))
    return False


def write_duckdb(file: BinaryIO, columns: Sequence[ColumnType], batches: Iterable[Any]) -> int:
    """A database of DuckDB with the table `history`.

    Raises ConfigurationError without the packages duckdb and pyarrow.
    """
    try:
        import duckdb
        import pyarrow
    except ModuleNotFoundError:
        raise missing_package("DuckDB", "duckdb and pyarrow", "duckdb,parquet") from None
    raised: list[BaseException] = []

    def kept() -> Iterator[Any]:
        try:
            yield from batches
        except BaseException as error:  # DuckDB would raise another, with this one's traceback as text
            raised.append(error)
            raise

    schema = arrow_schema(columns)
    reader = pyarrow.RecordBatchReader.from_batches(schema, kept())
    with tempfile.TemporaryDirectory(prefix="comfy-cloud-") as folder:
        path = Path(folder) / "export.duckdb"
        with duckdb.connect(str(path)) as connection:
            try:
                connection.from_arrow(reader).create("history")
            except duckdb.Error:
                if raised:
                    raise raised[0] from None
                raise
            found = connection.execute("SELECT count(*) FROM history").fetchone()
        _copy(path, file)
    return int(found[0]) if found is not None else 0


def _copy(path: Path, file: BinaryIO) -> None:
    with path.open("rb") as made:
        shutil.copyfileobj(made, file, 1024 * 1024)


def missing_package(what: str, package: str, extra: str) -> ConfigurationError:
    """The error for a format whose package is not installed."""
    return ConfigurationError(f"{what} needs the package {package}: pip install 'comfy-cloud[{extra}]'")


def _plain(columns: Sequence[ColumnType], batch: Batch) -> Iterator[Sequence[Any]]:
    """The columns of a batch as text formats have them: times as ISO text, bytes as hex."""
    for column, values in zip(columns, original_columns(columns, batch), strict=True):
        if column.kind == "time":
            yield [None if value is None else _iso(value) for value in values]
        elif column.kind == "boolean":
            yield [None if value is None else bool(value) for value in values]
        elif column.kind == "bytes":
            yield [None if value is None else cast("bytes", value).hex() for value in values]
        else:
            yield values


def _iso(milliseconds: int) -> str:
    try:
        instant = datetime.fromtimestamp(milliseconds // 1000, UTC)
    except (OverflowError, ValueError, OSError):
        return str(milliseconds)
    return f"{instant:%Y-%m-%dT%H:%M:%S}.{milliseconds % 1000:03d}Z"


WRITERS: dict[str, Writer] = {
    ".csv": write_csv,
    ".jsonl": write_jsonl,
    ".parquet": write_parquet,
    ".xlsx": write_xlsx,
    ".duckdb": write_duckdb,
}

ARROW_FORMATS = frozenset((".parquet", ".duckdb"))
"""Those that take RecordBatches of pyarrow."""
