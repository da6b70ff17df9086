"""Has a process of its own read a long table of a SQLite file into Arrow. I/O.

ADBC's driver reads SQLite into Arrow without a Python object for each value. It has a SQLite of
its own, and two of them in one process undo each other's locks when they close a file, which can
damage it. So it runs in a process that has no other, and sends the batches through a pipe. Where
that is not possible, the caller reads the table itself.
"""

# pyright: reportAttributeAccessIssue=false
from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, cast

from .._errors.redaction import one_line
from ..errors import ConfigurationError
from .job_conditions import JobConditions
from .query_process import environment, is_possible
from .sqlite_file import reading_uri
from .table_reader import ColumnType, table_statement

if TYPE_CHECKING:
    from .open_mirror import OpenMirror

# With fewer jobs, starting a process takes longer than it saves; with longer rows, it would hold
# too many bytes at a time.
FEWEST = 100_000
MOST_BYTES_OF_A_JOB = 64 * 1024
_PROGRAM = Path(__file__).with_name("reading_program.py")
_PIPE = 1024 * 1024
_LONGEST = 300
_PARAMETER = re.compile(r":(\w+)")
# What shows the driver the type of each column, in a row that is left out.
_TYPICAL = {"text": "''", "number": "0.5", "bytes": "x''"}


def batches_of_a_process(
    mirror: OpenMirror, table: str, columns: Sequence[ColumnType], conditions: JobConditions | None
) -> Iterator[Any] | None:
    """The rows of a table as RecordBatches; None if a process is not worth it, or not possible."""
    values = conditions.values if conditions is not None else {}
    is_plain = all(type(value) is int for value in values.values())
    if (
        mirror.path is None
        or not is_plain
        or not _has_driver()
        or not _is_long(mirror, mirror.path, conditions)
    ):
        return None
    return _started(mirror.path, _statement(table, columns, conditions))


def _has_driver() -> bool:
    return is_possible() and all(
        importlib.util.find_spec(name) for name in ("adbc_driver_sqlite", "adbc_driver_manager")
    )


def _is_long(mirror: OpenMirror, path: Path, conditions: JobConditions | None) -> bool:
    from sqlalchemy import text

    where, values = (conditions.sql, conditions.values) if conditions is not None else ("1 = 1", {})
    statement = f"SELECT count(*) FROM (SELECT 1 FROM jobs WHERE {where} LIMIT {FEWEST})"  # noqa: S608
    with mirror.connect() as connection:
        numbered = connection.execute(text("SELECT coalesce(max(number), 0) FROM jobs")).scalar_one()
        if numbered < FEWEST or os.path.getsize(path) > numbered * MOST_BYTES_OF_A_JOB:
            return False
        return bool(connection.execute(text(statement), values).scalar_one() == FEWEST)


def _statement(table: str, columns: Sequence[ColumnType], conditions: JobConditions | None) -> str:
    typical = ", ".join(f'{_TYPICAL.get(column.kind, "0")} AS "{column.name}"' for column in columns)
    values = conditions.values if conditions is not None else {}
    rows = table_statement("sqlite", table, columns, conditions)
    rows = _PARAMETER.sub(lambda found: str(values[found[1]]), rows)
    return f"SELECT {typical} UNION ALL {rows}"


def _started(path: Path, statement: str) -> Iterator[Any] | None:
    """The batches that a new process sends; None if it cannot even begin."""
    import pyarrow

    try:
        process = subprocess.Popen(  # noqa: S603 - a program of this package
            [sys.executable, "-P", str(_PROGRAM)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=_PIPE,
            env=environment(),
        )
    except OSError:
        return None
    _widen(process.stdout)
    try:
        with cast("IO[bytes]", process.stdin) as given:
            given.write(json.dumps({"uri": reading_uri(path), "statement": statement}).encode())
        reader = pyarrow.ipc.open_stream(process.stdout)
    except (OSError, pyarrow.ArrowInvalid):
        _end(process)
        return None
    except BaseException:
        _end(process)
        raise
    return _batches(process, reader)


def _widen(pipe: IO[bytes] | None) -> None:
    """Let a pipe hold a whole batch, so that neither side waits for the other."""
    if sys.platform == "linux" and pipe is not None:
        import fcntl

        with contextlib.suppress(OSError):  # more than this user may have
            fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _PIPE)


def _batches(process: subprocess.Popen[bytes], reader: Any) -> Iterator[Any]:
    """Its batches without the first row. Raises ConfigurationError if it fails meanwhile."""
    import pyarrow

    skipped = 1
    try:
        try:
            for batch in reader:
                yield batch.slice(skipped)
                skipped = 0
        except (OSError, pyarrow.ArrowInvalid):
            process.kill()
        reason = cast("IO[bytes]", process.stderr).read().decode(errors="replace").strip()
        if process.wait():
            last = reason.splitlines()[-1] if reason else "the process that reads it was ended"
            raise ConfigurationError(f"The mirror cannot be read: {one_line(last, _LONGEST)}")
    finally:
        _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    for stream in (process.stdin, process.stdout, process.stderr):
        if stream is not None:
            with contextlib.suppress(OSError):
                stream.close()
    process.wait()
