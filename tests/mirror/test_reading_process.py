"""Long tables that a process of its own reads: the same batches, and errors that are not lost."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow
import pytest

from comfy_cloud import ConfigurationError
from comfy_cloud.mirror import Mirror, arrow_reader, reading_process
from comfy_cloud.mirror.job_conditions import JobConditions

from .sample import NEWEST_MS, fill


@pytest.fixture
def mirror(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Mirror]:
    """A file with a name that URIs would misread, and odd values; any number of jobs is long."""
    monkeypatch.setattr(reading_process, "FEWEST", 1)
    with Mirror.open(tmp_path / "a b?#%.sqlite") as made:
        fill(made, 40)
        with made.store.writing() as connection:
            connection.exec_driver_sql(
                "UPDATE jobs SET prompt = ?, error_message = NULL, credits = ?, started_ms = NULL "
                "WHERE number < 30",
                ("a\n\x1a0000\x1ad800é", -0.0),
            )
        yield made


def table_of(mirror: Mirror, table: str, conditions: JobConditions | None = None) -> Any:
    return pyarrow.Table.from_batches(arrow_reader.record_batches(mirror, table, conditions))


@pytest.fixture
def programs(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Every process that is started."""
    started: list[Any] = []
    usual = reading_process.subprocess.Popen

    def start(*arguments: Any, **options: Any) -> Any:
        started.append(usual(*arguments, **options))
        return started[-1]

    monkeypatch.setattr(reading_process.subprocess, "Popen", start)
    return started


def test_a_process_reads_the_same(
    mirror: Mirror, programs: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    conditions = JobConditions()
    conditions.add("jobs.created_ms >= {}", NEWEST_MS - 1_500_000)
    conditions.add("jobs.created_ms < {}", NEWEST_MS - 100_000)
    wanted = [("history", None), ("inputs", None), ("history", conditions)]
    found = [table_of(mirror, *each) for each in wanted]
    assert [program.returncode for program in programs] == [0, 0, 0]
    monkeypatch.setattr(reading_process, "FEWEST", 1000)
    assert found == [table_of(mirror, *each) for each in wanted]
    assert len(programs) == 3
    assert "a\n\x00?é" in found[0]["prompt"].to_pylist()


@pytest.mark.parametrize("what", ["frozen", "no driver", "no program", "text"])
def test_where_no_process_can_read_this_one_does(
    mirror: Mirror, programs: list[Any], monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    conditions = None
    if what == "frozen":
        monkeypatch.setattr(sys, "frozen", True, raising=False)
    elif what == "no driver":
        monkeypatch.setattr(reading_process.importlib.util, "find_spec", lambda name: None)
    elif what == "no program":
        monkeypatch.setattr(reading_process, "_PROGRAM", Path("missing.py"))
    else:
        conditions = JobConditions()
        conditions.add("jobs.status = {}", "completed'; x")
    expected = 0 if what == "text" else 40
    batches = arrow_reader.record_batches(mirror, "history", conditions)
    assert sum(batch.num_rows for batch in batches) == expected
    assert len(programs) == (1 if what == "no program" else 0)


def test_a_process_that_ends_early_is_an_error(
    mirror: Mirror, programs: list[Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    program = tmp_path / "program.py"
    program.write_text(
        "import sys, pyarrow as pa\n"
        "schema = pa.schema([('id', pa.string())])\n"
        "with pa.ipc.new_stream(sys.stdout.buffer, schema) as writer:\n"
        "    writer.write_batch(pa.record_batch([pa.array(['x', 'y'])], schema=schema))\n"
        "sys.exit('disk I/O error')\n"
    )
    monkeypatch.setattr(reading_process, "_PROGRAM", program)
    with pytest.raises(ConfigurationError, match="cannot be read: disk I/O error"):
        mirror.export(tmp_path / "out" / "x.parquet")
    assert not (tmp_path / "out").exists() or not any((tmp_path / "out").iterdir())
    assert programs[0].returncode == 1


def test_a_reader_that_stops_ends_the_process(mirror: Mirror, programs: list[Any]) -> None:
    batches = arrow_reader.record_batches(mirror, "inputs")
    next(batches)
    batches.close()  # type: ignore[attr-defined]
    assert programs[0].returncode is not None


def test_the_process_gets_no_key(mirror: Mirror, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMFY_CLOUD_API_KEY", "secret")
    given: dict[str, str] = {}

    def start(*arguments: Any, env: dict[str, str], **options: Any) -> Any:
        given.update(env)
        raise OSError("no memory")

    monkeypatch.setattr(reading_process.subprocess, "Popen", start)
    assert table_of(mirror, "history").num_rows == 40
    assert given["PATH"] == os.environ["PATH"]
    assert "secret" not in given.values()
