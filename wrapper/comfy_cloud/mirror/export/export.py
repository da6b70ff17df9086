"""Exports a table of the mirror to a file, a folder with a file for each month, or Delta Lake. I/O.

Every file appears when it is complete. A month that is exported again replaces its file, so nothing
is there twice.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import PurePath, PurePosixPath
from typing import TYPE_CHECKING, Any

from ..._files.destinations import destination_for, destinations_below
from ..._jobs.history_filter import When, instant_argument
from ...errors import ConfigurationError
from ..arrow_reader import record_batches
from ..job_conditions import JobConditions
from ..table_reader import HISTORY, column_batches, table_columns
from .formats import ARROW_FORMATS, WRITERS
from .months import months
from .partial_stream import whole_file

if TYPE_CHECKING:
    from ..._files.destinations import Destination
    from ..._files.download_options import SavePath
    from ..open_mirror import OpenMirror


@dataclass(frozen=True, slots=True)
class Exported:
    """What an export wrote.

    Attributes:
        rows: How many rows.
        files: The paths or URLs of its files.
    """

    rows: int
    files: list[str]


def export(
    mirror: OpenMirror,
    to: SavePath,
    *,
    table: str = HISTORY,
    form: str | None = None,
    partition: str | None = None,
    delta: bool = False,
    since: When | None = None,
    overwrite: bool = False,
    filesystem: Any = None,
    progress: Callable[[int], object] | None = None,
) -> Exported:
    """Export a table; see `Mirror.export`."""
    if partition not in (None, "month"):
        raise ConfigurationError(f'partition must be "month" or None, not {partition!r}')
    table_columns(mirror, table)  # refuses a table that there is not
    instant = instant_argument("since", since, datetime.now(UTC))
    since_ms = None if instant is None else int(instant.timestamp() * 1000)
    if delta:
        from .delta import write_delta

        if filesystem is not None or form is not None:
            raise ConfigurationError("Delta Lake takes a folder or URL; leave out filesystem and form")
        return Exported(write_delta(mirror, os.fspath(to), table, since_ms), [os.fspath(to)])
    suffix = _suffix(to, form, is_folder=partition is not None)
    if partition is None:
        conditions = JobConditions()
        conditions.times(instant, None)
        destination = destination_for(to, f"{table}{suffix}", filesystem)
        rows = _write(mirror, destination, suffix, table, conditions, overwrite, progress)
        return Exported(rows, [str(destination.saved_path)])
    if table != HISTORY and table != "jobs":
        raise ConfigurationError("partitions by month are for the tables history and jobs")
    total, files = 0, []
    for month, conditions in months(mirror, since_ms):
        path: PurePath = PurePosixPath(f"month={month}", f"{table}{suffix}")
        [destination] = destinations_below(to, [path], filesystem)
        done = total
        total += _write(
            mirror,
            destination,
            suffix,
            table,
            conditions,
            True,
            None if progress is None else _after(progress, done),
        )
        files.append(str(destination.saved_path))
    return Exported(total, files)


def _after(progress: Callable[[int], object], done: int) -> Callable[[int], object]:
    return lambda count: progress(done + count)


def _write(
    mirror: OpenMirror,
    destination: Destination,
    suffix: str,
    table: str,
    conditions: JobConditions,
    overwrite: bool,
    progress: Callable[[int], object] | None,
) -> int:
    def batches() -> Any:
        read = record_batches if suffix in ARROW_FORMATS else column_batches
        count = 0
        for batch in read(mirror, table, conditions):
            yield batch
            count += len(batch[0])
            if progress is not None:
                progress(count)

    with whole_file(destination, overwrite=overwrite) as file:
        return WRITERS[suffix](file, table_columns(mirror, table), batches())


def _suffix(to: SavePath, form: str | None, *, is_folder: bool) -> str:
    if form is None:
        form = "parquet" if is_folder else PurePosixPath(os.fspath(to).replace(os.sep, "/")).suffix
    suffix = f".{form.lower().lstrip('.')}"
    if suffix not in WRITERS:
        names = ", ".join(WRITERS)
        raise ConfigurationError(
            f"{os.fspath(to)!r} does not say which format to write. Give a name that ends in one of {names}"
        )
    return suffix
