"""What every store of idempotency keys keeps to, whether in a file or in a Redis.

The Redis is an imitation in this process, which knows transactions and expiry.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Protocol

import fakeredis
import pytest

from comfy_cloud import ComfyCloud, ConfigurationError, IdempotencyConflict, IdempotencyStore
from comfy_cloud._submission.key_records import KeyRecord, claimed, decoded, extended, finished, released
from comfy_cloud._submission.key_store import KeyStoreError, updated
from comfy_cloud._submission.redis_store import RedisIdempotencyStore
from comfy_cloud._submission.sqlite_store import SQLiteIdempotencyStore
from comfy_cloud_emulator import Emulator
from tests.clock import FakeTime

GRAPH: dict[str, Any] = {
    "1": {"class_type": "EmptyImage", "inputs": {"width": 8, "height": 8, "batch_size": 1, "color": 0}},
    "2": {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": "x"}},
}
URL = "redis://:secret@keys.example:6379/3"


class NewStore(Protocol):
    """Opens the same store once more, as another process would."""

    def __call__(self, **options: Any) -> IdempotencyStore: ...


@pytest.fixture
def redis_server(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A Redis in memory, which every client of this test reaches."""
    server = fakeredis.FakeServer()

    def from_url(url: str, **options: Any) -> Any:
        return fakeredis.FakeRedis(server=server)

    monkeypatch.setattr("redis.Redis.from_url", from_url)
    return server


@pytest.fixture(params=["sqlite", "redis"])
def new_store(request: pytest.FixtureRequest, tmp_path: Path) -> NewStore:
    if request.param == "redis":
        request.getfixturevalue("redis_server")
        return lambda **options: RedisIdempotencyStore(URL, **options)
    return lambda **options: SQLiteIdempotencyStore(tmp_path / "keys.sqlite", **options)


def put(store: IdempotencyStore, name: str, value: bytes | None) -> None:
    store.update(name, lambda content, now: value)


def got(store: IdempotencyStore, name: str) -> bytes | None:
    found: list[bytes | None] = []

    def look(content: bytes | None, now: float) -> bytes | None:
        found.append(content)
        return content

    store.update(name, look)
    return found[-1]


def test_a_store_remembers_and_forgets_each_name(new_store: NewStore) -> None:
    store = new_store()
    assert isinstance(store, IdempotencyStore)
    assert got(store, "a") is None
    put(store, "a", b"1")
    put(store, "b", b"\x00\xff")
    assert (got(new_store(), "a"), got(store, "b")) == (b"1", b"\x00\xff")
    put(new_store(), "a", None)
    assert (got(store, "a"), got(store, "b")) == (None, b"\x00\xff")
    put(store, "missing", None)


def test_whether_it_is_shared_is_what_was_said(new_store: NewStore) -> None:
    assert new_store(is_shared=True).is_shared
    assert not new_store(is_shared=False).is_shared


def test_a_change_that_fails_changes_nothing_and_harms_nothing(new_store: NewStore) -> None:
    store = new_store()
    put(store, "a", b"1")

    def fail(content: bytes | None, now: float) -> bytes | None:
        raise ZeroDivisionError

    for _ in range(3):
        with pytest.raises(ZeroDivisionError):
            store.update("a", fail)
    assert got(store, "a") == b"1"
    put(store, "a", b"2")
    assert got(new_store(), "a") == b"2"


def test_the_time_is_in_seconds_and_does_not_go_back(new_store: NewStore) -> None:
    times: list[float] = []
    for store in (new_store(), new_store()):
        store.update("a", lambda content, now: times.append(now))
    assert times == sorted(times)
    assert all(1.7e9 < each < 1e10 for each in times)


def test_no_change_is_lost_between_threads_and_connections(new_store: NewStore) -> None:
    stores = [new_store(), new_store()]

    def add(number: int) -> None:
        stores[number % 2].update("count", lambda content, now: str(int(content or b"0") + 1).encode())

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(add, range(40)))
    assert got(stores[0], "count") == b"40"


def test_a_change_that_somebody_else_interrupts_is_made_from_the_new_record(redis_server: Any) -> None:
    store, other = RedisIdempotencyStore(URL), RedisIdempotencyStore(URL)
    seen: list[bytes | None] = []

    def add(content: bytes | None, now: float) -> bytes | None:
        seen.append(content)
        if len(seen) == 1:
            put(other, "a", b"theirs")
        return (content or b"") + b", ours"

    store.update("a", add)
    assert seen == [None, b"theirs"]
    assert got(store, "a") == b"theirs, ours"


def test_one_caller_of_many_gets_hold_of_a_key(new_store: NewStore) -> None:
    def claim(owner: int) -> str:
        def change(content: bytes | None, now: float) -> tuple[bytes, Any]:
            return claimed(content, now, owner=str(owner), request="r", seconds=600)

        return updated(new_store(), "key", change).kind

    with ThreadPoolExecutor(4) as pool:
        kinds = sorted(pool.map(claim, range(12)))
    assert kinds == ["busy"] * 11 + ["held"]


def test_the_life_of_a_key(new_store: NewStore) -> None:
    store = new_store()

    def claim(owner: str, request: str = "r", seconds: float = 600) -> Any:
        def change(content: bytes | None, now: float) -> tuple[bytes, Any]:
            return claimed(content, now, owner=owner, request=request, seconds=seconds)

        return updated(store, "key", change)

    def is_held(record: KeyRecord) -> bool:
        return updated(
            store, "key", lambda content, now: extended(content, now, claim=record, seconds=600, attempt=None)
        )

    first = claim("a", seconds=-1).record  # its lease is over at once
    second = claim("b").record
    assert (is_held(first), is_held(second)) == (False, True)
    assert claim("c").kind == "busy"
    assert claim("c", request="other").kind == "conflict"
    updated(store, "key", lambda content, now: (released(content, claim=first, is_open=False), None))
    assert claim("c").kind == "busy"  # only its holder lets go of it
    updated(store, "key", lambda content, now: (released(content, claim=second, is_open=False), None))
    assert got(store, "key") is None
    third = claim("c").record
    assert updated(store, "key", lambda content, now: finished(content, claim=third, job_id="j")) == "j"
    assert updated(store, "key", lambda content, now: finished(content, claim=second, job_id="k")) == "j"
    done = claim("d")
    assert (done.kind, done.record.job_id) == ("done", "j")


def test_a_record_that_cannot_be_read_is_left_as_it_is(new_store: NewStore) -> None:
    store = new_store()
    put(store, "key", b"nonsense")
    with pytest.raises(KeyStoreError, match="a record in it is damaged"):
        updated(store, "key", lambda content, now: claimed(content, now, owner="a", request="r", seconds=9))
    assert got(store, "key") == b"nonsense"


def test_two_clients_with_one_store_make_one_job(
    new_store: NewStore, empty_emulator: Emulator, time: FakeTime
) -> None:
    def client(timeout: float) -> ComfyCloud:
        return ComfyCloud(
            api_key=empty_emulator.key, base_url=empty_emulator.url, runtime=time.runtime(),
            idempotency_store=new_store(is_shared=True), timeout=timeout,
        )  # fmt: skip

    with client(5) as one, client(500) as other:
        ids = {cloud.submit(GRAPH, idempotency_key="order-17").id for cloud in (one, other, one)}
        with pytest.raises(IdempotencyConflict):
            other.submit(GRAPH, {"1.color": 7}, idempotency_key="order-17")
    assert len(ids) == len(empty_emulator.submissions) == 1


# What only a Redis has


def test_a_redis_forgets_a_key_when_it_was_told_to(redis_server: Any) -> None:
    store = RedisIdempotencyStore(URL, keep=7200, prefix="mine:")
    put(store, "key", b"1")
    assert 7_100_000 < fakeredis.FakeRedis(server=redis_server).pttl("mine:key") <= 7_200_000
    put(RedisIdempotencyStore(URL), "other", b"1")
    assert fakeredis.FakeRedis(server=redis_server).pttl("comfy-cloud:key:other") == -1


def test_a_redis_that_cannot_be_reached_stops_the_submission(
    redis_server: Any, empty_emulator: Emulator, time: FakeTime
) -> None:
    store = RedisIdempotencyStore(URL)
    redis_server.connected = False
    options = {"api_key": empty_emulator.key, "base_url": empty_emulator.url, "runtime": time.runtime()}
    with ComfyCloud(**options, idempotency_store=store) as cloud:
        with pytest.raises(ConfigurationError, match="cannot be used") as caught:
            cloud.submit(GRAPH, idempotency_key="order-17")
    assert "redis://keys.example:6379/3" in str(caught.value)
    assert "secret" not in f"{caught.value}{store!r}"
    assert empty_emulator.submissions == []


@pytest.mark.parametrize("change", [b"", None])
def test_a_change_to_nothing_and_to_an_empty_record_are_told_apart(
    new_store: NewStore, change: bytes | None
) -> None:
    store = new_store()
    put(store, "a", b"1")
    put(store, "a", change)
    assert got(store, "a") == change


def test_records_are_those_of_the_rules(new_store: NewStore) -> None:
    """Another store of the same kind reads what this one has written."""
    store = new_store()
    updated(store, "key", lambda content, now: claimed(content, now, owner="a", request="r", seconds=9))
    content = got(new_store(), "key")
    assert content is not None
    record = decoded(content)
    assert (record.owner, record.request, record.holder) == ("a", "r", 1)
    assert record.until == pytest.approx(record.given_at + 9)
