"""A folder whose state cannot be used: the message says what to do, and nothing is overwritten."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from comfy_cloud_emulator import Account, Emulator
from comfy_cloud_emulator.state import opening
from comfy_cloud_emulator.state.store import Store

JOBS, LIBRARY = "emulator.sqlite3", "library.sqlite3"


@pytest.fixture
def used(tmp_path: Path) -> Path:
    """A folder that was used, with state in both databases and in `files`."""
    folder = tmp_path / "used"
    with Emulator(data=folder, seed_data=3) as emulator:
        emulator.store.files.put(b"kept", "png")
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.endswith(("-wal", "-shm"))
    }


def as_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def as_file(path: Path) -> None:
    shutil.rmtree(path)
    path.write_bytes(b"")


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:6_000])


def scrambled(path: Path) -> None:
    content = bytearray(path.read_bytes())
    for begin in range(4_096 + 8, len(content), 4_096):
        content[begin : begin + 2_000] = b"\xaa" * 2_000
    path.write_bytes(content)


def foreign(path: Path) -> None:
    path.unlink()
    with closing(sqlite3.connect(path)) as database:
        for table in ("jobs", "files"):
            database.execute(f"CREATE TABLE {table} (a)")


def newer(path: Path) -> None:
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA user_version = 2")


DAMAGE: dict[str, tuple[Callable[[Path], object], str]] = {
    "empty": (lambda path: path.write_bytes(b""), "is empty, but .* restore a copy of it"),
    "missing": (Path.unlink, "is missing, but .* restore a copy of it"),
    "a folder": (as_folder, "is a folder, not a database; remove it"),
    "other bytes": (lambda path: path.write_bytes(b"no database" * 900), "damaged, or not a database"),
    "cut": (cut, "cannot be used: it is damaged; restore a copy of it"),
    "scrambled": (scrambled, "cannot be used: it is damaged; restore a copy of it"),
    "of another program": (foreign, "is a database of another program; remove it"),
    "newer": (newer, "written by a newer version of the emulator; use that version"),
}


@pytest.mark.parametrize("name", [JOBS, LIBRARY])
@pytest.mark.parametrize("kind", DAMAGE)
def test_it_is_refused_and_stays_as_it_is(used: Path, kind: str, name: str) -> None:
    damage, message = DAMAGE[kind]
    damage(used / name)
    before = contents(used)
    for _ in range(2):
        with pytest.raises(OSError, match=message) as caught:
            Emulator(data=used, seed_data="demo").start()
        assert name in str(caught.value)
        assert "in another folder" in str(caught.value)
    assert contents(used) == before


def test_a_database_that_another_program_has_locked(used: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "LOCK_SECONDS", 0.01)
    with closing(sqlite3.connect(used / JOBS, isolation_level=None)) as other:
        other.execute("PRAGMA locking_mode = EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(OSError, match="another program is using it; end that program"):
            Emulator(data=used).start()
    with Emulator(data=used) as emulator:
        assert len(emulator.store) == 3


def test_a_file_in_the_place_of_the_folder_of_files(used: Path) -> None:
    as_file(used / "files")
    with pytest.raises(OSError, match="files is not a folder; remove it"):
        Emulator(data=used).start()


@pytest.mark.parametrize("inside", ["", "emulator.lock"])
def test_something_else_in_the_place_of_the_folder(tmp_path: Path, inside: str) -> None:
    if inside:
        (tmp_path / inside).mkdir()
    else:
        (tmp_path / "file").write_text("")
    folder = tmp_path if inside else tmp_path / "file"
    with pytest.raises(OSError, match=r"the state cannot be kept in .*; choose another folder"):
        Emulator(data=folder).start()


def test_the_state_of_another_account_is_checked_too(used: Path) -> None:
    accounts = {"second-key": Account(name="second")}
    with Emulator(data=used, accounts=accounts):
        pass
    (used / "accounts" / "second" / LIBRARY).write_bytes(b"")
    with pytest.raises(OSError, match="is empty, but"):
        Emulator(data=used, accounts=accounts).start()
    with Emulator(data=used) as emulator:  # the others are free
        assert len(emulator.store) == 3


def test_a_first_start_that_was_killed_is_begun_again(tmp_path: Path) -> None:
    (tmp_path / JOBS).write_bytes(b"")
    with Emulator(data=tmp_path, seed_data=3) as emulator:
        assert len(emulator.store) == 3


def test_state_from_before_versions_were_kept_is_read(used: Path) -> None:
    for name in (JOBS, LIBRARY):
        with closing(sqlite3.connect(used / name)) as database:
            assert database.execute("PRAGMA user_version").fetchone() == (1,)
            database.execute("PRAGMA user_version = 0")
    with Emulator(data=used) as emulator:
        assert len(emulator.store) == 3


def sqlite_error(code: int) -> sqlite3.OperationalError:
    error = sqlite3.OperationalError("an error")
    error.sqlite_errorcode = code
    return error


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (sqlite_error(sqlite3.SQLITE_FULL), "the disk is full; free some space"),
        (sqlite_error(sqlite3.SQLITE_READONLY_DBMOVED), "it cannot be written; change its permissions"),
        (sqlite_error(sqlite3.SQLITE_PERM), "access is not permitted"),
        (sqlite_error(sqlite3.SQLITE_CANTOPEN_ISDIR), "it cannot be opened"),
        (sqlite_error(sqlite3.SQLITE_IOERR_WRITE), "the disk reports an error"),
        (OSError(28, "No space left on device"), "no space left on device"),
    ],
)
@pytest.mark.beyond_contract
def test_a_disk_that_fails_later_is_named(
    emulator: Emulator, client: httpx.Client, monkeypatch: pytest.MonkeyPatch, error: Exception, words: str
) -> None:
    def fail(*given: object, **fields: object) -> None:
        raise error

    monkeypatch.setattr(Store, "accept", fail)
    response = client.post("/api/prompt", json={"prompt": {"1": {"class_type": "A"}}})
    assert response.status_code == 500
    assert response.json()["message"].startswith(f"the emulator cannot keep its state: {words}")
