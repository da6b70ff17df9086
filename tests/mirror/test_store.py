"""Opening a mirror: what is refused, in which words, and that the file stays as it was."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

import pytest

from comfy_cloud import ConfigurationError
from comfy_cloud.mirror import Mirror, sqlite_file

from .sample import fill
from .values import check_that_every_value_survives


@pytest.fixture
def path(tmp_path: Path) -> Path:
    found = tmp_path / "m.sqlite"
    with Mirror.open(found, account="a", origin="https://x:443") as mirror:
        fill(mirror, 50)
    return found


def refused(path: Path, match: str, **options: object) -> None:
    before = path.read_bytes()
    with pytest.raises(ConfigurationError, match=match):
        Mirror.open(path, **options)  # type: ignore[arg-type]
    assert path.read_bytes() == before


def execute(path: Path, statement: str) -> None:
    connection = sqlite3.connect(path)
    with connection:
        connection.execute(statement)
    connection.close()


def test_a_newer_schema(path: Path) -> None:
    execute(path, "UPDATE meta SET value = '99' WHERE name = 'schema_version'")
    refused(path, "written by a newer comfy-cloud")


def test_another_account_or_server(path: Path) -> None:
    refused(path, "belongs to another account: a, not b", account="b")
    refused(path, "belongs to another origin", origin="https://y:443")


def test_another_database(tmp_path: Path) -> None:
    execute(tmp_path / "other.sqlite", "CREATE TABLE mine (x)")
    refused(tmp_path / "other.sqlite", "is not a mirror of a history")
    (tmp_path / "text").write_text("no database, though long enough for a header" * 10)
    refused(tmp_path / "text", "is not a database")


def test_a_truncated_file(path: Path) -> None:
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size // 2)
    refused(path, "its end is missing")


def test_a_damaged_file(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[4096:] = b"\xff" * (len(content) - 4096)
    path.write_bytes(content)
    refused(path, "is damaged|refused", account="a")


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"There is no mirror at .*history sync"):
        Mirror.open(tmp_path / "m.sqlite", create=False)
    assert list(tmp_path.iterdir()) == []


def test_a_mirror_that_another_program_has_locked(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite_file, "BUSY_SECONDS", 0.0)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with Mirror.open(path) as mirror, pytest.raises(ConfigurationError, match="is in use by another program"):
        fill(mirror, 1, seed=5)
    other.close()


def test_a_full_disk(path: Path) -> None:
    with Mirror.open(path) as mirror:
        with mirror.connect() as connection:
            before = connection.exec_driver_sql("SELECT count(*) FROM jobs").scalar()
            connection.exec_driver_sql("PRAGMA max_page_count = 1")
        with pytest.raises(ConfigurationError, match=r"the disk is full\. Nothing that was in it is lost"):
            fill(mirror, 500, seed=5)
    with Mirror.open(path) as mirror, mirror.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM jobs").scalar() == before


def test_read_only(path: Path) -> None:
    with Mirror.open(path, read_only=True) as mirror:
        with mirror.connect() as connection:
            assert connection.exec_driver_sql("SELECT count(*) FROM jobs").scalar() == 50
        with pytest.raises(ConfigurationError, match="to be read only"):
            fill(mirror, 1, seed=5)


def test_every_value_survives(tmp_path: Path) -> None:
    with Mirror.open(tmp_path / "m.sqlite") as mirror:
        check_that_every_value_survives(mirror)


def test_only_its_owner_can_read_the_file(path: Path) -> None:
    assert os.stat(path).st_mode & 0o077 == 0
