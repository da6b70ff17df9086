"""A mirror of schema 1 is brought up to date: nothing is lost, and searched as a new one is."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest

from comfy_cloud import ComfyCloudWarning, ConfigurationError
from comfy_cloud.mirror import Mirror, migration_progress, search_migration
from comfy_cloud.mirror.migration_progress import MigrationProgress, following_migrations
from comfy_cloud.mirror.schema import METADATA, SCHEMA_VERSION
from comfy_cloud.mirror.search_migration import texts_of
from comfy_cloud.mirror.search_writing import indexed_texts

from .sample import fill

QUERIES = ["", "lighthouse", "cafe -blurry", "light*", "model:flux", "sampler", "status:failed", '"at dusk"']
SCHEMA_1 = Path(__file__).with_name("schema_1.sql")
OLD_SEARCH = (
    "INSERT INTO search (rowid, job_id, prompts, texts, titles, models, files) VALUES (?, ?, ?, ?, ?, ?, ?)"
)


def rows_of(path: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table that a migration must keep, by table."""
    connection = sqlite3.connect(path)
    found = {}
    for table in METADATA.tables.values():
        names = ", ".join(f'"{column.name}"' for column in table.columns if column.name != "search_rowid")
        rows = connection.execute(f"SELECT {names} FROM {table.name}").fetchall()
        found[table.name] = sorted(rows, key=repr)
    connection.close()
    found["meta"] = [row for row in found["meta"] if row[0] != "schema_version"]
    return found


@pytest.fixture
def new(tmp_path: Path) -> Path:
    path = tmp_path / "new.sqlite"
    with Mirror.open(path, account="a", origin="https://x:443") as mirror:
        ids = fill(mirror, 60)
        with mirror.store.writing() as connection:
            connection.exec_driver_sql("UPDATE jobs SET workflow_id = 'a\x1a0000b' WHERE id = ?", (ids[3],))
    return path


@pytest.fixture
def old(new: Path, tmp_path: Path) -> Path:
    """The same jobs in a database of schema 1."""
    path = tmp_path / "old.sqlite"
    connection = sqlite3.connect(path)
    with connection:
        connection.executescript(SCHEMA_1.read_text())
        for table, rows in rows_of(new).items():
            if rows:
                names = ", ".join(
                    f'"{each.name}"' for each in METADATA.tables[table].columns if each.name != "search_rowid"
                )
                marks = ", ".join("?" * len(rows[0]))
                connection.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", rows)
        connection.execute("INSERT INTO meta VALUES ('schema_version', '1')")
        source = sqlite3.connect(new)
        texts = source.execute(
            "SELECT jobs.number, jobs.id, prompts, texts, titles, search.models, search.files FROM search "
            "JOIN jobs ON jobs.search_rowid = search.rowid"
        ).fetchall()
        source.close()
        first_lines = [(*row[:4], *(each.split("\n")[0] for each in row[4:])) for row in texts]
        connection.executemany(OLD_SEARCH, first_lines)
    connection.close()
    return path


def test_nothing_is_lost_and_the_same_is_found(old: Path, new: Path) -> None:
    before = rows_of(old)
    with Mirror.open(old, account="a") as migrated, Mirror.open(new) as fresh:
        for query in QUERIES:
            assert migrated.search(query, limit=None) == fresh.search(query, limit=None), query
        assert len(migrated.search("sampler", limit=None)) > 50
        assert migrated.query("SELECT count(*) AS n FROM overview")[0]["n"] == 60
        assert migrated.query("SELECT value FROM meta WHERE name = 'schema_version'")[0]["value"] == str(
            SCHEMA_VERSION
        )
        fill(migrated, 5, seed=9)  # it is written to as before
        assert len(migrated.jobs(limit=None)) == 65
    after = rows_of(old)
    assert before.keys() == after.keys()
    for table, rows in before.items():
        assert set(rows) <= set(after[table]), table


def test_a_failure_leaves_the_old_database(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = rows_of(old)

    def fail(*arguments: object) -> None:
        raise OSError("no power")

    with monkeypatch.context() as patched:
        patched.setattr(search_migration, "insert_search_rows", fail)
        with pytest.raises(OSError, match="no power"):
            Mirror.open(old)
    with pytest.raises(ConfigurationError, match=r"has the older schema 1\. Run: comfy-cloud history sync"):
        Mirror.open(old, read_only=True)
    assert rows_of(old) == before
    with Mirror.open(old) as mirror:
        assert len(mirror.search("lighthouse", limit=None)) > 0


def test_the_texts_of_the_other_tables_are_those_of_the_index(new: Path) -> None:
    """PostgreSQL had no texts in its index of schema 1."""
    with Mirror.open(new) as mirror, mirror.connect() as connection:
        columns = "job_id, prompts, texts, titles, models, files"
        index = connection.exec_driver_sql(f"SELECT {columns} FROM search").all()
        found = texts_of(connection, [row[0] for row in index])
        for job_id, *texts in index:
            made = indexed_texts(found[job_id])
            assert [set(each.split()) for each in made] == [set(each.split()) for each in texts]


def test_a_migration_can_be_followed(old: Path) -> None:
    seen: list[MigrationProgress] = []
    with following_migrations(seen.append), Mirror.open(old):
        pass
    assert seen == [MigrationProgress(1, 2, 60, 60), MigrationProgress(2, 2, 60, 60)]


def test_a_long_migration_warns_who_does_not_follow_it(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(migration_progress, "MANY_JOBS", 60)
    with pytest.warns(ComfyCloudWarning, match="brought up to date now.* 60 jobs"):
        Mirror.open(old).close()


def test_the_command_reports_a_long_migration_in_lines(
    old: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from comfy_cloud.cli._history import sync_progress

    monkeypatch.setattr(migration_progress, "MANY_JOBS", 60)
    monkeypatch.setattr(search_migration, "_AT_ONCE", 25)
    with sync_progress.migration_progress():
        Mirror.open(old).close()
    assert capsys.readouterr().err.splitlines() == [
        f"bringing the mirror up to date, part {part}%"
        for part in ("1 of 2: 100", "2 of 2: 40", "2 of 2: 80", "2 of 2: 100")
    ]
