"""SQL over a mirror reads, and does nothing else."""

from __future__ import annotations

import hashlib
import io
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from time import monotonic as time_since_start
from types import ModuleType
from typing import Literal
from uuid import UUID

import pyarrow
import pytest

from comfy_cloud import ConfigurationError
from comfy_cloud.mirror import Mirror, query_process, sql_query

from .sample import fill

ENGINES: list[Literal["sqlite", "duckdb"]] = ["sqlite", "duckdb"]


@pytest.fixture(scope="module")
def mirror(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mirror]:
    with Mirror.open(tmp_path_factory.mktemp("mirror") / "history.sqlite") as made:
        fill(made, 300)
        yield made


@pytest.mark.parametrize("engine", ENGINES)
def test_a_query_reads_tables_and_views(mirror: Mirror, engine: Literal["sqlite", "duckdb"]) -> None:
    sql = "SELECT status, count(*) AS jobs FROM overview GROUP BY status ORDER BY status"
    assert mirror.query(sql, engine=engine) == mirror.query(sql.replace("overview", "jobs"), engine=engine)
    assert sum(mirror.query(sql, engine=engine).column("jobs")) == 300
    joined = (
        "WITH f AS (SELECT * FROM jobs WHERE status = ?) SELECT count(*) FROM f JOIN seeds ON job_id = id"
    )
    assert mirror.query(joined, ["failed"], engine=engine).tuples[0][0] > 0


def test_full_text_descriptions_and_json_can_be_read(mirror: Mirror) -> None:
    assert mirror.query("SELECT count(*) FROM search WHERE search MATCH 'fox'").tuples[0][0] > 0
    assert "created_ms" in mirror.query("SELECT name FROM pragma_table_info('jobs')").column("name")
    assert mirror.query("SELECT value FROM json_each('[1, 2]')").column("value") == [1, 2]


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM jobs",
        "UPDATE jobs SET status = 'x'",
        "INSERT INTO meta VALUES ('a', 'b')",
        "WITH x AS (SELECT 1) DELETE FROM jobs",
        "CREATE TABLE mine AS SELECT 1",
        "CREATE TEMP TABLE mine AS SELECT 1",
        "DROP TABLE jobs",
        "ATTACH 'other.sqlite' AS other",
        "DETACH main",
        "PRAGMA user_version = 7",
        "BEGIN",
        "COMMIT",
        "VACUUM INTO 'copy.sqlite'",
        "SELECT load_extension('x')",
        "INSTALL httpfs",
        "COPY (SELECT 1) TO 'out.csv'",
        "SELECT * FROM read_csv('/etc/hosts')",
        "SELECT * FROM '/etc/hosts'",
        "SELECT * FROM glob('/*')",
        "SELECT 1; DELETE FROM jobs",
        "SELEC 1",
        "",
        "-- nothing",
    ],
)
def test_what_does_not_only_read_is_refused(
    mirror: Mirror,
    engine: Literal["sqlite", "duckdb"],
    sql: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    before = state(mirror)
    with pytest.raises(ConfigurationError):
        mirror.query(sql, engine=engine)
    assert state(mirror) == before
    assert list(tmp_path.iterdir()) == []


def state(mirror: Mirror) -> str:
    """A digest of what the mirror holds."""
    assert mirror.path is not None
    with mirror.connect() as connection:
        connection.exec_driver_sql("SELECT 1")
    return hashlib.sha256(mirror.path.read_bytes()).hexdigest()


@pytest.mark.parametrize("engine", ENGINES)
def test_a_query_that_runs_too_long_is_stopped(mirror: Mirror, engine: Literal["sqlite", "duckdb"]) -> None:
    endless = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) FROM c"
    with pytest.raises(ConfigurationError, match=r"more than 0\.2 seconds"):
        mirror.query(endless, engine=engine, timeout=0.2)


def test_the_time_of_a_query_is_also_that_of_its_tables(mirror: Mirror) -> None:
    batch = pyarrow.record_batch({"x": [1]})

    def endless() -> Iterator[pyarrow.RecordBatch]:
        while True:
            yield batch

    tables = pyarrow.RecordBatchReader.from_batches(batch.schema, endless())
    request = {"engine": "duckdb", "sql": "SELECT 1", "parameters": (), "timeout": 0.2, "max_rows": 1}
    request["tables"] = ["endless"]
    assert query_process.run(request, [tables])[0] == "late"
    with pytest.raises(ConfigurationError, match="more than 1e-09 seconds"):
        mirror.query("SELECT count(*) FROM jobs", engine="duckdb", timeout=1e-9)


def test_no_more_of_a_table_is_sent_once_the_time_is_over() -> None:
    table = pyarrow.table({"x": [1, 2, 3]})
    unread = iter(table.to_batches(max_chunksize=1))
    reader = pyarrow.RecordBatchReader.from_batches(table.schema, unread)
    assert not query_process._send(reader, io.BytesIO(), time_since_start() - 1)
    assert len(list(unread)) == 2
    assert query_process._send(table.to_reader(max_chunksize=1), io.BytesIO(), time_since_start() + 60)


@pytest.mark.parametrize("engine", ENGINES)
def test_rows_have_a_limit(mirror: Mirror, engine: Literal["sqlite", "duckdb"]) -> None:
    found = mirror.query("SELECT id FROM jobs ORDER BY id", engine=engine, max_rows=10)
    assert (len(found), found.is_cut) == (10, True)
    all_of_them = mirror.query("SELECT id FROM jobs ORDER BY id", engine=engine, max_rows=300)
    assert (len(all_of_them), all_of_them.is_cut) == (300, False)
    assert found == all_of_them[:10]


LONG = "hex(zeroblob(8000000))"


@pytest.mark.parametrize(
    ("engine", "sql", "words"),
    [
        ("sqlite", "SELECT hex(zeroblob(500000000))", "too big"),
        ("sqlite", f"SELECT {LONG} LIKE '%' || hex(zeroblob(20000)) || '1'", r"more than 0\.2 seconds"),
        ("sqlite", f"SELECT instr({LONG}, hex(zeroblob(2000000)) || '1')", r"more than 0\.2 seconds"),
        ("sqlite", f"SELECT replace({LONG}, hex(zeroblob(2000000)) || '1', 'x')", r"more than 0\.2 seconds"),
        ("duckdb", "SELECT length(repeat('x', 2000000000))", "more than 1536 MB of memory|more than 0"),
        ("duckdb", "SELECT list_sum(range(3000000000))", "more than 1536 MB of memory|more than 0"),
    ],
)
def test_one_step_without_end_is_ended(
    mirror: Mirror,
    engine: Literal["sqlite", "duckdb"],
    sql: str,
    words: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if "more than" in words:
        monkeypatch.setattr(query_process, "GRACE_SECONDS", 0.1)
    with pytest.raises(ConfigurationError, match=words):
        mirror.query(sql, engine=engine, timeout=0.2)


def test_many_long_values_in_one_row_are_too_much_memory(
    mirror: Mirror, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = {"memory": "MB of memory and was stopped", "large": "more than 512 MB after 7 rows"}
    for kind, words in answers.items():
        monkeypatch.setattr(sql_query, "run", lambda request, kind=kind: (kind, "7"))
        with pytest.raises(ConfigurationError, match=words):
            mirror.query("SELECT hex('a')")
    with pytest.raises(ConfigurationError, match="too many columns"):
        mirror.query(f"SELECT {', '.join(['id'] * 201)} FROM jobs")


def test_quick_queries_need_no_process(mirror: Mirror, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sql_query, "run", None)
    sql = "SELECT status, count(*), max(length(prompt)) FROM jobs WHERE id <> ? GROUP BY 1"
    assert len(mirror.query(sql, ["x"])) == 3
    monkeypatch.setattr(sql_query, "is_possible", lambda: False)
    assert mirror.query("SELECT 'a' || 'b' LIKE 'a%'").tuples == [(1,)]


def test_every_type_of_duckdb_comes_back(mirror: Mirror) -> None:
    values = (
        "1.5::decimal(5, 2), uuid '12345678-1234-5678-1234-567812345678', [1, 2], {'a': interval 3 day}, "
        "date '2026-01-02', time '01:02:03', '\\xff'::blob, 9223372036854775808::hugeint, "
        "timestamptz '2026-01-02 00:00:00+00', map {'a': NULL}, 'x'"
    )
    [row] = mirror.query(f"SELECT {values}", engine="duckdb").tuples
    assert row[:8] == (
        Decimal("1.50"),
        UUID("12345678-1234-5678-1234-567812345678"),
        [1, 2],
        {"a": timedelta(days=3)},
        date(2026, 1, 2),
        time(1, 2, 3),
        b"\xff",
        2**63,
    )
    assert row[8] == datetime(2026, 1, 2, tzinfo=UTC)
    assert row[9:] == ({"a": None}, "x")


def test_an_answer_is_not_run(mirror: Mirror, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "program.py"
    program.write_text(
        "import os, pickle, sys\n"
        "class Run:\n"
        f"    def __reduce__(self): return os.mkdir, ({str(tmp_path / 'made')!r},)\n"
        "sys.stdout.buffer.write(pickle.dumps(Run()))\n"
    )
    monkeypatch.setattr(query_process, "_PROGRAM", program)
    with pytest.raises(ConfigurationError, match="Cast it to text"):
        mirror.query("SELECT hex('a')")
    assert not (tmp_path / "made").exists()


def test_a_query_gets_no_key(mirror: Mirror, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMFY_CLOUD_API_KEY", "secret")
    assert "secret" not in query_process.environment().values()


def test_the_words_say_why(mirror: Mirror) -> None:
    with pytest.raises(ConfigurationError, match="it would delete rows"):
        mirror.query("DELETE FROM jobs")
    with pytest.raises(ConfigurationError, match="it would open another file"):
        mirror.query("ATTACH 'x' AS y")


def test_printf_works_but_not_with_widths_that_never_end(mirror: Mirror) -> None:
    values = "SELECT printf('%05.1f|%-4s|%d%%', 2.25, 'a', 7), format('%s %Q', 'x', 'it''s'), printf(NULL)"
    assert mirror.query(values).tuples == [("002.3|a   |7%", "x 'it''s'", None)]
    assert mirror.query("SELECT printf('%s 12345 %10d', 'a', 5)").tuples == [("a 12345          5",)]
    for attack in (
        "printf('%.*c', 900000000, 'x')",
        "format('%9000000d', 1)",
        "printf('a %d %.99999f', 1, 2)",
    ):
        with pytest.raises(ConfigurationError, match="refused: a width or precision in printf"):
            mirror.query(f"SELECT {attack}")


@pytest.mark.parametrize(
    ("engine", "value", "reason"),
    [
        ("sqlite", 10**30, "too large"),
        ("duckdb", lambda: None, query_process.NOT_PLAIN),
    ],
)
def test_parameters_that_cannot_be_sent(
    mirror: Mirror, engine: Literal["sqlite", "duckdb"], value: object, reason: str
) -> None:
    with pytest.raises(ConfigurationError, match=reason):
        mirror.query("SELECT ?", [value], engine=engine)


def test_a_parameter_of_a_class_that_the_other_process_does_not_have(
    mirror: Mirror, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = ModuleType("only_here")
    exec("class Mine: pass", module.__dict__)
    monkeypatch.setitem(sys.modules, "only_here", module)
    with pytest.raises(ConfigurationError, match=query_process.NOT_PLAIN):
        mirror.query("SELECT ?", [module.Mine()], engine="duckdb")


def test_a_process_that_was_ended_in_the_middle_of_its_answer(
    mirror: Mirror, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    program = tmp_path / "program.py"
    program.write_text("import pickle, sys; sys.stdout.buffer.write(pickle.dumps(('rows', 'x' * 99))[:-9])")
    monkeypatch.setattr(query_process, "_PROGRAM", program)
    with pytest.raises(ConfigurationError, match="memory"):
        mirror.query("SELECT replace('a', 'b', 'c')")
