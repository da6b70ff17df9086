"""The store alone: adding, changing, deleting, and use by many threads."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest

from comfy_cloud_emulator import Store
from comfy_cloud_emulator.state.jobs import documents, statuses


@pytest.fixture
def store(now: float) -> Iterator[Store]:
    store = Store(None, lambda: now)
    yield store
    store.close()


@pytest.mark.parametrize(
    ("status", "state", "terminal"),
    [
        ("pending", "queued_waiting", False),
        ("in_progress", "executing", False),
        ("completed", "success", True),
        ("failed", "error", True),
        ("cancelled", "cancelled", True),
    ],
)
def test_jobs_are_read_as_they_were_added(store: Store, status: Any, state: str, terminal: bool) -> None:
    job = store.add_job(status, workflow_id="w", extra_data={"a": [1, {"b": None}]})
    assert store.get(job.id) == job
    assert (job.status, job.state, job.terminal) == (status, state, terminal)


def test_the_default_job_is_created_now_and_numbered(store: Store, now: float) -> None:
    first, second = store.add_job(), store.add_job()
    assert first.create_time == second.create_time == int(now * 1000)
    assert (first.number, second.number) == (1, 2)
    assert first.id != second.id
    assert (first.start_time, first.end_time) == (first.create_time + 400, first.create_time + 2_400)
    assert repr(store) == "<Store of 2 jobs>"


def test_secrets_are_not_even_kept(store: Store) -> None:
    job = store.add_job(extra_data={"api_key_comfy_org": "comfyui-secret"})
    kept = store.get(job.id)
    assert kept is not None
    assert kept.extra_data == {"api_key_comfy_org": "[REDACTED]"}


@pytest.mark.parametrize(
    ("fields", "hint"),
    [
        ({"status": "done"}, "pending, in_progress"),
        ({"status": "failed", "state": "success"}, "use one of: error, "),
    ],
)
def test_invalid_fields_are_refused(store: Store, fields: dict[str, Any], hint: str) -> None:
    with pytest.raises(ValueError, match=hint):
        store.add_job(**fields)
    assert len(store) == 0


def test_an_id_is_taken_once(store: Store) -> None:
    store.add_job(id="x")
    with pytest.raises(ValueError, match="exists already"):
        store.add_job(id="x")
    fresh = store.add_job(id="y")
    with pytest.raises(ValueError, match="exists already"):
        store.add([fresh])
    assert len(store) == 2


def test_unknown_raw_states_are_refused() -> None:
    with pytest.raises(ValueError, match="unknown raw state 'done'"):
        statuses.status_of("done")


def test_deleting_returns_the_existing_ids(store: Store) -> None:
    one, two = store.add_job().id, store.add_job("pending").id
    assert store.delete(two, "unknown", one) == [two, one]
    assert store.jobs() == []
    assert store.get(one) is None


def test_new_jobs_are_newer_than_any(store: Store) -> None:
    future = store.add_job(create_time=store.now() + 10_000)
    added = store.add_newest(3)
    assert [job.id for job in store.jobs()] == [job.id for job in reversed([future, *added])]
    assert len({job.create_time for job in added}) == 3


def test_an_update_replaces(store: Store) -> None:
    job = store.add_job("pending")
    assert store.cancel([job.id, job.id, "unknown"]) == [job.id]
    assert store.cancel([job.id]) == []
    (changed,) = store.jobs()
    assert (changed.status, changed.state, changed.number) == ("cancelled", "cancelled", job.number)
    assert len(store) == 1


def test_many_threads_may_use_it(store: Store) -> None:
    def work() -> None:
        for _ in range(50):
            job = store.add_job()
            assert store.get(job.id) == job
            store.history_page(10)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(job.number for job in store.jobs()) == list(range(1, 401))


@pytest.mark.parametrize(
    ("milliseconds", "text"),
    [
        (0, "1970-01-01T00:00:00Z"),
        (1_780_000_000_001, "2026-05-28T20:26:40.001Z"),
        (1_780_000_000_500, "2026-05-28T20:26:40.5Z"),
    ],
)
def test_instants_as_text(milliseconds: int, text: str) -> None:
    assert documents.rfc3339(milliseconds) == text
