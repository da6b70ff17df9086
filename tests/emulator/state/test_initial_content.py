"""What clouds begin with is made once in a process and copied; no cloud sees what another did."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from comfy_cloud_emulator import Emulator, Store
from comfy_cloud_emulator.seeds import initial_content
from comfy_cloud_emulator.state import snapshots
from comfy_cloud_emulator.state.assets.models import public_assets
from comfy_cloud_emulator.state.database import Database

from ..workflows import plain, submit

INSTANT = 1_780_000_000.0
SEEDS = [None, "none", "demo", 3, ("bench", 2)]


@pytest.fixture(autouse=True)
def _nothing_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(initial_content, "_kept", {})


def begun(seed_data: Any, seed: int = 0, instant: float = INSTANT) -> tuple[list[Any], int]:
    """Everything in the two databases and the files of a new cloud, and its next job number."""
    store = Store(None, lambda: instant)
    try:
        initial_content.begin(store, seed_data, seed)
        assert not store.is_untouched
        held: list[Any] = []
        for read, tables in (
            (store.read, ("jobs", "sources", "runs", "life")),
            (store.library.read, ("files", "assets", "tasks", "userdata")),
        ):
            held += [sorted(read(f"SELECT * FROM {table}"), key=repr) for table in tables]
        return [*held, store.files.contents_in_memory()], store.reserve_numbers()
    finally:
        store.close()


@pytest.mark.parametrize("seed_data", SEEDS, ids=str)
def test_a_copy_is_the_same(seed_data: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    made = begun(seed_data)
    assert [begun(seed_data) for _ in range(3)] == [made] * 3
    assert any(initial_content._kept.values())
    monkeypatch.setattr(snapshots, "SUPPORTED", False)
    assert begun(seed_data) == made


def test_each_seed_and_instant_has_its_own() -> None:
    kinds = [(2, 0, INSTANT), (3, 0, INSTANT), (3, 1, INSTANT), (3, 1, INSTANT + 1)]
    found = [begun(*each) for each in kinds for _ in range(3)]
    assert [found[index] == found[index - 1] for index in range(1, 12)] == [
        index % 3 != 0 for index in range(1, 12)
    ]


def test_only_a_few_small_ones_are_kept() -> None:
    for count in range(initial_content.MOST_KEPT + 3):
        begun(count + 1)
    assert len(initial_content._kept) == initial_content.MOST_KEPT
    for _ in range(2):
        begun(initial_content.LARGEST_KEPT + 1)
    assert not any(initial_content._kept.values())


def test_what_equals_a_kept_seed_but_is_none_is_refused() -> None:
    begun(1)
    begun(1)
    with pytest.raises(ValueError, match="seed_data"):
        begun(True)


@pytest.fixture
def two(start_emulator: Callable[..., Emulator]) -> Iterator[list[httpx.Client]]:
    """Clients of two clouds that are copies of the same one."""
    emulators = [start_emulator(time="virtual", seed_data=2) for _ in range(3)][1:]
    clients = [
        httpx.Client(base_url=emulator.url, headers={"X-API-Key": emulator.key}) for emulator in emulators
    ]
    yield clients
    for client in clients:
        client.close()


def test_two_clouds_share_nothing_that_changes(two: list[httpx.Client]) -> None:
    mine, other = two
    before = [other.get(path).json() for path in ("/api/history_v2", "/api/assets", "/api/queue")]
    id = submit(mine, plain())
    assert id in mine.get("/api/jobs").text
    mine.post("/api/upload/image", files={"image": ("mine.png", b"mine")})
    mine.put("/api/userdata/note", content=b"mine")
    mine.post("/api/history", json={"clear": True})
    assert [other.get(path).json() for path in ("/api/history_v2", "/api/assets", "/api/queue")] == before
    assert other.get("/api/userdata/note").status_code == 404


@pytest.mark.parametrize("seed_data", [None, 2, "demo"])
def test_the_first_job_after_a_reset_has_the_next_number(
    start_emulator: Callable[..., Emulator], seed_data: Any
) -> None:
    emulator = start_emulator(time="virtual", seed_data=seed_data)
    numbers: list[int] = []
    for _ in range(3):
        with httpx.Client(base_url=emulator.url, headers={"X-API-Key": emulator.key}) as client:
            numbers.append(client.post("/api/prompt", json={"prompt": plain()}).json()["number"])
            submit(client, plain())
        seeded = {None: 0, 2: 2, "demo": 300}[seed_data]
        assert emulator.store.reserve_numbers() == seeded + 3
        emulator.reset()
    assert len(set(numbers)) == 1


def test_the_public_models_keep_their_dates(start_emulator: Callable[..., Emulator]) -> None:
    emulator = start_emulator(seed_data="demo")
    for _ in range(3):
        found = emulator.store.assets.select("is_public ORDER BY number")
        assert [(each.id, each.created_at) for each in found] == [
            (each.id, each.created_at) for each in public_assets()
        ]
        emulator.reset()


def test_a_database_in_memory_begins_with_empty_tables() -> None:
    tables = "CREATE TABLE IF NOT EXISTS begins (one INTEGER)"
    for _ in range(3):
        database = Database(None)
        database.create(tables)
        assert database.is_untouched
        assert database.read("SELECT * FROM begins") == []
        with database.write() as connection:
            connection.execute("INSERT INTO begins VALUES (1)")
        assert not database.is_untouched
        database.close()
