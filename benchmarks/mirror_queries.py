"""Search, statistics and export of a mirror of made-up jobs, each in a process of its own.

The default is 50,000 jobs; BENCH_JOBS sets another number. A million needs about 6 GB in the
temporary folder. `--database FILE` reads one that exists.

The other side of the export has all columns as lists of Python values in memory: it makes arrays of
them with pyarrow and writes the same Parquet file, with the same dictionaries. It reads no
database. Both count the fastest of three runs. The memory of an export is held to a bound: a tenth
of few jobs is less than a batch.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from comfy_cloud.mirror.mirror import Mirror
from tests.mirror.sample import fill

from .measurement import Row
from .memory import peak_of_process
from .mirror_searches import mixed, percentile, timed

JOBS = int(os.environ.get("BENCH_JOBS") or 50_000)
SEARCHES = 100
EXPORTS = 3
_BOUND = 256e6


def rows(count: int = JOBS, database: str | None = None) -> Iterator[Row]:
    """The rows of this file."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(database) if database else _filled(Path(folder, "whole.sqlite"), count)
        tenth = _filled(Path(folder, "tenth.sqlite"), max(1000, count // 10))
        for work, limit in (("search", 0.05), ("stats", 1.0)):
            taken, peak = side(work, path)
            what = "99th of 100 searches" if work == "search" else "stats"
            yield Row(f"{what}, {count:,} jobs", f"{limit} s", taken / limit, 1.0, f"{taken * 1000:.0f} ms")
            yield _memory(work, peak, side(work, tenth)[1])
        taken, peak = side("export", path)
        bare, _ = side("bare", path)
        yield Row(f"{count:,} jobs to Parquet", "pyarrow, ready columns", taken / bare, 2.0, f"{taken:.1f} s")
        yield Row("peak memory of export", "256 MB", peak / _BOUND, 1.0, f"{peak / 1e6:.0f} MB")


def _filled(path: Path, count: int) -> Path:
    with Mirror.open(path) as mirror:
        fill(mirror, count)
    return path


def _memory(work: str, peak: float, tenth: float) -> Row:
    return Row(f"peak memory of {work}", "that of a tenth", peak / tenth, 1.25, f"{peak / 1e6:.0f} MB")


def side(work: str, path: Path) -> tuple[float, float]:
    """Seconds and peak bytes of one kind of work in a new process."""
    command = [sys.executable, "-m", "benchmarks.mirror_queries", work, str(path)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    taken, peak = json.loads(done.stdout)
    return taken, peak


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def search(mirror: Mirror) -> float:
    """The 99th of 100 mixed searches; some before them warm the file."""
    rng = random.Random(1)
    timed(mirror, mixed(rng))
    clock, _ = timed(mirror, mixed(rng, SEARCHES))
    return percentile(clock, 99) / 1000


def stats(mirror: Mirror) -> float:
    """The second call: the first one also reads the file from the disk."""
    mirror.stats()
    return _seconds(mirror.stats)


def export(mirror: Mirror) -> float:
    """The table `history` to a new file."""
    import pyarrow.parquet  # noqa: F401 - loading it is not part of the work

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "history.parquet")
        return min(_seconds(lambda: mirror.export(path, overwrite=True)) for _ in range(EXPORTS))


def bare(mirror: Mirror) -> float:
    """Pyarrow alone, with the columns as lists in memory."""
    import pyarrow
    import pyarrow.parquet

    with tempfile.TemporaryDirectory() as folder:
        mirror.export(Path(folder, "history.parquet"))
        group = pyarrow.parquet.read_metadata(Path(folder, "history.parquet")).row_group(0)
        columns_of_it = [group.column(place) for place in range(group.num_columns)]
        short = [each.path_in_schema for each in columns_of_it if each.has_dictionary_page]
        table = pyarrow.parquet.read_table(Path(folder, "history.parquet"))
        schema = table.schema
        columns = [
            (column.cast(pyarrow.int64()) if pyarrow.types.is_timestamp(column.type) else column).to_pylist()
            for column in table.columns
        ]
        del table

        def write() -> None:
            arrays = [
                pyarrow.array(values, field.type) for values, field in zip(columns, schema, strict=True)
            ]
            made = pyarrow.Table.from_arrays(arrays, schema=schema)
            pyarrow.parquet.write_table(
                made, Path(folder, "bare.parquet"), compression="zstd", use_dictionary=short
            )

        return min(_seconds(write) for _ in range(EXPORTS))


def main() -> None:
    """One side in this process, or all rows for a number of jobs."""
    parser = argparse.ArgumentParser()
    parser.add_argument("work", choices=["rows", "search", "stats", "export", "bare"])
    parser.add_argument("subject")
    parser.add_argument("--database")
    given = parser.parse_args()
    if given.work == "rows":
        for row in rows(int(given.subject), given.database):
            print(f"{row.work:36} {row.against:26} {row.ratio:7.3f} <={row.target:5.2f}  {row.note}")
        return
    work = {"search": search, "stats": stats, "export": export, "bare": bare}[given.work]
    with Mirror.open(given.subject, read_only=True) as mirror:
        taken = work(mirror)
    print(json.dumps([taken, peak_of_process()]))


if __name__ == "__main__":
    main()
