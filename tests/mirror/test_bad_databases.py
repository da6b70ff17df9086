"""Files and disks that go wrong: the message says what to do, and what was there is kept."""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from comfy_cloud import ConfigurationError
from comfy_cloud.mirror import Mirror
from comfy_cloud.mirror.locks import lock_file

from .sample import fill

NOBODY = 65_534
LIMITED = """
import resource, sys
from comfy_cloud import ConfigurationError
from comfy_cloud.mirror import Mirror
from tests.mirror.sample import fill
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), int(sys.argv[2])))
try:
    with Mirror.open(sys.argv[1]) as mirror:
        fill(mirror, 1000, seed=5)
except ConfigurationError as error:
    print(error)
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    found = tmp_path / "m.sqlite"
    with Mirror.open(found) as mirror:
        fill(mirror, 20)
    return found


def count(path: Path) -> Any:
    with Mirror.open(path) as mirror, mirror.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
        return connection.exec_driver_sql("SELECT count(*) FROM jobs").scalar()


@contextmanager
def nobody() -> Iterator[None]:
    """Act as a user without rights: root may write anywhere."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def read_only(path: Path) -> Iterator[Path]:
    """The mirror in a folder that cannot be written."""
    folder = Path(tempfile.mkdtemp())
    shutil.copy(path, folder)
    (folder / path.name).chmod(0o444)
    folder.chmod(0o555)
    yield folder / path.name
    folder.chmod(0o755)
    shutil.rmtree(folder)


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="needs users")
def test_a_folder_that_cannot_be_written(read_only: Path) -> None:
    before = read_only.read_bytes()
    with nobody():
        with Mirror.open(read_only, read_only=True) as mirror:
            assert len(mirror.search("")) == 20
            assert mirror.query("SELECT count(*) AS n FROM jobs").to_dicts() == [{"n": 20}]
        with pytest.raises(
            ConfigurationError, match=r"cannot be written\. Allow writing to it and to its folder"
        ):
            Mirror.open(read_only)
        with pytest.raises(ConfigurationError, match=r"cannot be created: .*a folder that you can write to"):
            Mirror.open(read_only.with_name("new.sqlite"))
        with pytest.raises(ConfigurationError, match=r"cannot be written: .*Allow writing to its folder"):
            lock_file(read_only)
    assert read_only.read_bytes() == before
    assert list(read_only.parent.iterdir()) == [read_only]


def with_log(path: Path, copy: Path) -> None:
    """A copy of a mirror as a crash leaves it: with jobs in the log that are not in the file."""
    with Mirror.open(path) as mirror:
        fill(mirror, 30, seed=5)
        shutil.copy(path, copy)
        shutil.copy(f"{path}-wal", f"{copy}-wal")


def test_a_crash_that_left_a_log(path: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.sqlite"
    with_log(path, copy)
    assert count(copy) == 50


@pytest.mark.parametrize("part", [0.0, 0.5, 0.99])
def test_a_log_that_is_missing_or_cut_off_loses_only_what_was_in_it(
    path: Path, tmp_path: Path, part: float
) -> None:
    copy = tmp_path / "copy.sqlite"
    with_log(path, copy)
    log = Path(f"{copy}-wal")
    os.truncate(log, int(log.stat().st_size * part))
    assert count(copy) in (20, 50)


def test_a_file_whose_end_was_in_a_log_that_is_gone(path: Path) -> None:
    page = 4096
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size - page)
    before = path.read_bytes()
    with pytest.raises(ConfigurationError, match=r"its end is missing\. It was not changed"):
        Mirror.open(path)
    assert path.read_bytes() == before


def test_a_drive_without_locks(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fcntl = pytest.importorskip("fcntl")

    def flock(descriptor: int, how: int) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", flock)
    with Mirror.open(path) as mirror, pytest.raises(ConfigurationError, match=r"No locks .* on a local disk"):
        mirror.store.lock()


def test_what_sqlite_says_of_a_drive_without_locks(path: Path) -> None:
    with Mirror.open(path) as mirror, pytest.raises(ConfigurationError, match="on a local disk"):
        with mirror.store.reading():
            raise sqlite3.OperationalError("locking protocol")


@pytest.mark.skipif(sys.platform == "win32", reason="needs a limit on the size of files")
def test_a_file_that_may_not_grow(path: Path) -> None:
    limit = str(path.stat().st_size + 100_000)
    command = [sys.executable, "-c", LIMITED, str(path), limit]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "What was in it is still there" in done.stdout
    assert count(path) == 20


def test_a_connection_that_cannot_be_set_up_is_closed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, usual = tmp_path / "m.sqlite", sqlite3.connect
    made: list[sqlite3.Connection] = []

    def connect(*arguments: Any, **named: Any) -> sqlite3.Connection:
        made.append(usual(*arguments, **named))
        return made[-1]

    path.write_bytes(b"SQLite format 3\0" + b"\1" * 10 + bytes(5000))
    monkeypatch.setattr(sqlite3, "connect", connect)
    for read_only in (False, True):
        with pytest.raises(ConfigurationError, match="is not a database"):
            Mirror.open(path, read_only=read_only)
    assert len(made) >= 1
    for connection in made:
        with pytest.raises(sqlite3.ProgrammingError, match="closed"):
            connection.execute("SELECT 1")
