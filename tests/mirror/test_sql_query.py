"""SQL over a mirror reads, and does nothing else."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest

from comfy_cloud import ConfigurationError
from comfy_cloud.mirror import Mirror

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


@pytest.mark.parametrize("engine", ENGINES)
def test_rows_have_a_limit(mirror: Mirror, engine: Literal["sqlite", "duckdb"]) -> None:
    found = mirror.query("SELECT id FROM jobs ORDER BY id", engine=engine, max_rows=10)
    assert (len(found), found.is_cut) == (10, True)
    all_of_them = mirror.query("SELECT id FROM jobs ORDER BY id", engine=engine, max_rows=300)
    assert (len(all_of_them), all_of_them.is_cut) == (300, False)
    assert found == all_of_them[:10]


def test_a_huge_value_is_refused(mirror: Mirror) -> None:
    with pytest.raises(ConfigurationError, match="too big"):
        mirror.query("SELECT hex(zeroblob(500000000))")


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
