"""The stores of idempotency keys, and what they do with a file that is not as it should be."""

from __future__ import annotations

import os
import sqlite3
import stat
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from comfy_cloud import ConfigurationError, IdempotencyStore, SQLiteIdempotencyStore
from comfy_cloud._settings.config import load
from comfy_cloud._settings.fields import Secret
from comfy_cloud._submission import sqlite_store
from comfy_cloud._submission.idempotency_keys import key_from, nonce_of, nonce_of_variant
from comfy_cloud._submission.key_records import KeyRecord, decoded, encoded, finished
from comfy_cloud._submission.key_store import KeyStoreError, store_from, updated
from comfy_cloud._submission.redis_store import RedisIdempotencyStore


def put(store: IdempotencyStore, name: str, value: bytes | None) -> None:
    store.update(name, lambda content, now: value)


def got(store: IdempotencyStore, name: str) -> bytes | None:
    found: list[bytes | None] = []

    def look(content: bytes | None, now: float) -> bytes | None:
        found.append(content)
        return content

    store.update(name, look)
    return found[0]


def test_a_store_remembers_and_forgets(tmp_path: Path) -> None:
    path = tmp_path / "new" / "keys.sqlite"
    store = SQLiteIdempotencyStore(path)
    assert got(store, "a") is None
    put(store, "a", b"1")
    put(store, "b", b"2")
    assert (got(SQLiteIdempotencyStore(path), "a"), got(store, "b")) == (b"1", b"2")
    put(store, "a", None)
    assert got(store, "a") is None
    assert not store.is_shared
    assert isinstance(store, IdempotencyStore)
    assert [each.name for each in path.parent.iterdir()] == ["keys.sqlite"]


@pytest.mark.skipif(os.name != "posix", reason="modes are those of POSIX")
def test_only_its_owner_can_read_the_file(tmp_path: Path) -> None:
    path = tmp_path / "keys.sqlite"
    put(SQLiteIdempotencyStore(path), "a", b"1")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_change_that_fails_changes_nothing(tmp_path: Path) -> None:
    store = SQLiteIdempotencyStore(tmp_path / "keys.sqlite")
    put(store, "a", b"1")

    def fail(content: bytes | None, now: float) -> bytes | None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        store.update("a", fail)
    assert got(store, "a") == b"1"


def test_no_change_is_lost_between_threads(tmp_path: Path) -> None:
    store = SQLiteIdempotencyStore(tmp_path / "keys.sqlite")

    def add(_: int) -> None:
        store.update("count", lambda content, now: str(int(content or b"0") + 1).encode())

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(add, range(40)))
    assert got(store, "count") == b"40"


def text_file(path: Path) -> None:
    path.write_text("not a database, but long enough to look like something else" * 20)


def other_database(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE recipes (name TEXT)")


def other_version(path: Path) -> None:
    put(SQLiteIdempotencyStore(path), "a", b"1")
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 2")


def damaged(path: Path) -> None:
    store = SQLiteIdempotencyStore(path)
    put(store, "a", b"x" * 40_000)
    content = bytearray(path.read_bytes())
    content[4096:] = b"\x5a" * (len(content) - 4096)
    path.write_bytes(content)


def cut_short(path: Path) -> None:
    put(SQLiteIdempotencyStore(path), "a", b"1" * 9000)
    path.write_bytes(path.read_bytes()[:4096])


def damaged_record(path: Path) -> None:
    put(SQLiteIdempotencyStore(path), "a", b"nonsense")


def text_as_record(path: Path) -> None:
    damaged_record(path)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE keys SET record = 'text'")
        connection.commit()


def changed_record(path: Path, old: bytes, new: bytes) -> None:
    content = encoded(KeyRecord(request="r"))
    assert old in content
    put(SQLiteIdempotencyStore(path), "a", content.replace(old, new))


def infinite_seed(path: Path) -> None:
    changed_record(path, b'"seeds":{}', b'"seeds":{"3.seed":1e999}')


def nested_record(path: Path) -> None:
    put(SQLiteIdempotencyStore(path), "a", b"[" * 200_000)


def sent_at_no_time(path: Path) -> None:
    changed_record(path, b'"was_sent":false', b'"was_sent":true')


def record_of_a_newer_release(path: Path) -> None:
    record = encoded(KeyRecord(request="r")).replace(b'"comfy_cloud_key":1', b'"comfy_cloud_key":9')
    put(SQLiteIdempotencyStore(path), "a", record)


@pytest.mark.parametrize(
    ("make", "problem"),
    [
        (text_file, "is not a database"),
        (other_database, "another database"),
        (other_version, "has version 2, and this release reads version 1"),
        (damaged, "damaged"),
        (cut_short, "damaged"),
        (damaged_record, "a record in it is damaged"),
        (text_as_record, "a record in it is damaged"),
        (infinite_seed, "a record in it is damaged"),
        (nested_record, "a record in it is damaged"),
        (sent_at_no_time, "a record in it is damaged"),
        (record_of_a_newer_release, "version 9"),
    ],
)
def test_a_file_that_is_not_as_it_should_be_is_left_as_it_is(
    make: Callable[[Path], None], problem: str, tmp_path: Path
) -> None:
    from comfy_cloud._submission.key_records import claimed

    path = tmp_path / "keys.sqlite"
    make(path)
    before = path.read_bytes()

    def claim(content: bytes | None, now: float) -> tuple[bytes, Any]:
        return claimed(content, now, owner="o", request="r", seconds=30)

    with pytest.raises(KeyStoreError, match=problem) as caught:
        updated(SQLiteIdempotencyStore(path), "a", claim)
    assert str(path) in str(caught.value)
    assert "nothing was sent" in str(caught.value).lower().replace("nothing more", "nothing")
    assert path.read_bytes() == before


def test_a_store_that_another_program_has_locked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite_store, "_BUSY_SECONDS", 0.01)
    store = SQLiteIdempotencyStore(tmp_path / "keys.sqlite")
    put(store, "a", b"1")
    with closing(sqlite3.connect(store.path)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(ConfigurationError, match="another program has locked it"):
            put(store, "a", b"2")
    assert got(store, "a") == b"1"


def test_a_place_where_there_can_be_no_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for path in (tmp_path, tmp_path / "file" / "keys.sqlite", tmp_path / "a\0b"):
        with pytest.raises(ConfigurationError, match=r"othing (more )?was sent"):
            put(SQLiteIdempotencyStore(path), "a", b"1")


@pytest.mark.skipif(os.name != "posix", reason="modes are those of POSIX")
def test_a_folder_in_which_all_users_can_write(tmp_path: Path) -> None:
    folder = tmp_path / "open"
    folder.mkdir()
    folder.chmod(0o777)
    with pytest.raises(ConfigurationError, match="All users can write"):
        put(SQLiteIdempotencyStore(folder / "keys.sqlite"), "a", b"1")


@pytest.mark.skipif(os.name != "posix", reason="owners are those of POSIX")
@pytest.mark.parametrize("suffix", ["-journal", "-wal"])
def test_what_another_user_has_put_beside_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, suffix: str
) -> None:
    """SQLite would take it for what a program left that was killed, and write it into the file."""
    store = SQLiteIdempotencyStore(tmp_path / "keys.sqlite")
    put(store, "a", b"1")
    beside = tmp_path / f"keys.sqlite{suffix}"
    beside.write_bytes(b"planted")
    lstat = Path.lstat

    def foreign(path: Path) -> Any:
        found = list(lstat(path))
        found[4] = os.geteuid() + 1
        return os.stat_result(found)

    monkeypatch.setattr(Path, "lstat", lambda path: foreign(path) if path == beside else lstat(path))
    with pytest.raises(ConfigurationError, match="belongs to another user"):
        put(store, "a", b"2")
    assert beside.read_bytes() == b"planted"


def test_a_store_that_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = SQLiteIdempotencyStore(tmp_path / "keys.sqlite")
    put(store, "a", b"1")
    connect = sqlite3.connect
    monkeypatch.setattr(
        sqlite3, "connect", lambda place, **options: connect(place.replace("=rw", "=ro"), **options)
    )
    with pytest.raises(ConfigurationError, match="cannot be written"):
        put(store, "a", b"2")
    assert got(store, "a") == b"1"


# Which store a setting names


class Own:
    is_shared = True

    def update(self, name: str, change: Any) -> None:
        """Forgets to call `change`."""


def test_the_settings_of_a_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMFY_CLOUD_DATA_DIR", str(tmp_path))
    default = store_from(None)
    assert isinstance(default, SQLiteIdempotencyStore)
    assert default.path == tmp_path / "idempotency-keys.sqlite"
    assert repr(store_from(tmp_path / "x")) == f"<SQLiteIdempotencyStore {tmp_path / 'x'}>"
    assert store_from(Secret("none")) is None
    own = Own()
    assert store_from(own) is own
    for wrong in (7, "http://example.com", object()):
        with pytest.raises(ConfigurationError, match="idempotency_store must be"):
            store_from(wrong)
    with pytest.raises(KeyStoreError, match="did not call"):
        updated(own, "a", lambda content, now: (content, None))


def test_where_the_store_comes_from() -> None:
    environment = {"COMFY_CLOUD_IDEMPOTENCY_STORE": "redis://:secret@host"}
    settings = load(environment=environment)
    assert settings.idempotency_store == Secret("redis://:secret@host")
    assert "secret" not in repr(settings)
    assert settings.sources["idempotency_store"] == ("environment variable COMFY_CLOUD_IDEMPOTENCY_STORE")
    given = load(environment=environment, idempotency_store="none")
    assert given.idempotency_store == Secret("none")
    assert load(environment={}).idempotency_store is None


# Keys


def test_a_nonce_depends_on_the_key_the_server_and_the_user_and_not_on_the_api_key() -> None:
    def nonce(key: str = "order-17", **options: Any) -> str:
        return nonce_of(key, load(environment={}, **options))

    first = nonce()
    assert len(first) == 32
    assert "order" not in first
    assert nonce(api_key="comfyui-another-key") == first
    others = [
        nonce("order-18"),
        nonce(base_url="http://127.0.0.1:8188"),
        nonce(base_url="http://127.0.0.1:8188", comfy_user="anna"),
        nonce_of_variant(first, "digest", 0),
        nonce_of_variant(first, "digest", 1),
    ]
    assert len({first, *others}) == 6


@pytest.mark.parametrize("key", ["", "  ", 17, b"order", "x" * 1001])
def test_keys_that_are_not_valid(key: object) -> None:
    with pytest.raises(ConfigurationError, match="idempotency_key"):
        key_from(key)


def test_a_job_is_not_recorded_for_what_the_key_was_used_for_meanwhile() -> None:
    """Its record was forgotten while the caller stood still, and another workflow has the key."""
    claim = KeyRecord(request="ours", owner="a", holder=1)
    other = encoded(KeyRecord(request="another", owner="b", holder=1, until=9.0))
    assert finished(other, claim=claim, job_id="job") == (other, "job")
    content, job_id = finished(None, claim=claim, job_id="job")
    assert (decoded(content).job_id, job_id) == ("job", "job")


@pytest.mark.parametrize("keep", [0.0, 59.0, -1.0, float("nan")])
def test_a_key_is_not_forgotten_while_it_is_used(keep: float) -> None:
    with pytest.raises(ConfigurationError, match="keep must be 3600 seconds or more"):
        RedisIdempotencyStore("redis://host", keep=keep)


def test_a_connection_that_cannot_be_set_up_is_closed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, usual = tmp_path / "keys.sqlite", sqlite3.connect
    made: list[sqlite3.Connection] = []

    def connect(*arguments: Any, **named: Any) -> sqlite3.Connection:
        made.append(usual(*arguments, **named))
        return made[-1]

    text_file(path)
    monkeypatch.setattr(sqlite3, "connect", connect)
    with pytest.raises(ConfigurationError, match="is not a database"):
        put(SQLiteIdempotencyStore(path), "a", b"1")
    assert len(made) >= 1
    for connection in made:
        with pytest.raises(sqlite3.ProgrammingError, match="closed"):
            connection.execute("SELECT 1")
