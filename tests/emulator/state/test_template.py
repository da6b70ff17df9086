"""The demo is made once in a process and added at any instant; clouds do not affect each other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from comfy_cloud_emulator import Emulator, Store
from comfy_cloud_emulator.seeds import demo, demo_assets
from comfy_cloud_emulator.seeds.seed_data import fill
from comfy_cloud_emulator.seeds.template import BASE, REACH
from comfy_cloud_emulator.state import snapshots

TABLES = {"jobs": "number", "sources": "digest"}
LIBRARY_TABLES = {"files": "filename", "assets": "id"}


@contextmanager
def store_at(instant: float, folder: Path | None = None) -> Iterator[Store]:
    store = Store(folder, lambda: instant)
    try:
        yield store
    finally:
        store.close()


def held(store: Store) -> dict[str, Any]:
    """Everything in a store, row by row, and the content of its files."""
    found: dict[str, Any] = {
        table: store.read(f"SELECT * FROM {table} ORDER BY {key}") for table, key in TABLES.items()
    }
    for table, key in LIBRARY_TABLES.items():
        found[table] = store.library.read(f"SELECT * FROM {table} ORDER BY {key}")
    found["contents"] = {row[0]: store.files.get(row[0]) for row in found["files"]}
    return found


def seeded_rows(instant: float, seed: int, folder: Path | None = None) -> dict[str, Any]:
    with store_at(instant, folder) as store:
        fill(store, "demo", seed)
        return held(store)


def made_for_the_instant(instant: float, seed: int) -> dict[str, Any]:
    """The demo without a template: each part made, encoded and added for this very instant."""
    with store_at(instant) as store:
        jobs, files = demo.make_with_files(seed, store.now(), store.reserve_numbers(300))
        store.add(jobs)
        assets = list(demo_assets.listed(jobs, files))
        for asset in assets:
            file = files[asset.filename]
            assert store.files.put(file.content, file.suffix, file.display_name, file.kind) == asset.filename
        store.assets.add_all(assets)
        return held(store)


@pytest.mark.parametrize("seed", [0, 1, 7])
@pytest.mark.parametrize("instant", [1_780_000_000.0, 1_600_000_000.123])
def test_the_template_gives_the_same_as_direct_insertion(seed: int, instant: float) -> None:
    found = seeded_rows(instant, seed)
    assert found == made_for_the_instant(instant, seed)
    assert len(found["jobs"]) == 300
    assert len(found["contents"]) > 400


def test_it_is_the_same_in_a_folder_and_without_snapshots(
    now: float, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = seeded_rows(now, 0)
    assert seeded_rows(now, 0, tmp_path) == found
    demo._template.cache_clear()
    monkeypatch.setattr(snapshots, "SUPPORTED", False)
    assert seeded_rows(now, 0) == found
    demo._template.cache_clear()


def test_a_store_keeps_what_it_contains(now: float) -> None:
    with store_at(now) as store:
        name = store.files.put(b"mine", "txt", "mine.txt", "input")
        fill(store, "demo", 0)
        assert store.files.get(name) == b"mine"
        assert len(held(store)["jobs"]) == 300


def test_no_instant_is_left_at_the_base(now: float) -> None:
    found = seeded_rows(now, 3)
    assert str(BASE)[:6].encode() not in b"".join(row[-2] + row[-1] for row in found["jobs"])
    instants = [value for row in found["jobs"] for value in row if isinstance(value, int)]
    assert max(instants) <= now * 1000
    demo_jobs = demo.make(3, BASE, 1)
    assert all(abs(job.create_time - BASE) < REACH for job in demo_jobs)


def test_changes_of_one_demo_do_not_affect_the_next(
    start_emulator: Callable[..., Emulator],
) -> None:
    emulator = start_emulator(time="virtual")
    emulator.reset(seed_data="demo", seed=5)
    first = held(emulator.store)
    store = emulator.store
    with httpx.Client(base_url=emulator.url, headers={"X-API-Key": emulator.key}) as client:
        assert client.post("/api/history", json={"clear": True}).status_code == 200
        asset = client.get("/api/assets?limit=1").json()["assets"][0]
        assert client.put(f"/api/assets/{asset['id']}", json={"name": "renamed.png"}).status_code == 200
    store.files.put(b"new", "txt")
    name = next(iter(first["contents"]))
    store.files._contents[name] = b"overwritten"
    assert held(store)["jobs"] != first["jobs"]

    emulator.reset(seed_data="demo", seed=5)
    assert held(emulator.store) == first
    emulator.reset(seed_data="demo", seed=6)
    other = held(emulator.store)
    assert not {row[0] for row in other["files"]} & {row[0] for row in first["files"]}
    emulator.reset(seed_data="demo", seed=5)
    assert held(emulator.store) == first


def test_a_new_store_in_memory_takes_a_snapshot() -> None:
    """Otherwise every reset to the demo would insert row by row."""
    store = Store(None, lambda: 1_780_000_000.0)
    assert store.is_untouched
    store.add_job()
    assert not store.is_untouched
    store.close()
