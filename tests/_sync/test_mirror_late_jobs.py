# Made from tests/_async/test_mirror_late_jobs.py by `make unasync`. Do not edit.
"""What a sync of the mirror asks for when jobs end long after newer ones, or nothing is new."""

from __future__ import annotations

from pathlib import Path

import pytest

from comfy_cloud._sync._mirror import sync as sync_module
from comfy_cloud_emulator import Emulator, Fault
from tests.clock import FakeTime

from .clients import client, image_graph, sampler_graph
from .test_mirror import everything, rows


def test_a_job_that_ends_long_after_newer_ones_is_in_the_next_sync(
    empty_emulator: Emulator, time: FakeTime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    emulator = empty_emulator
    monkeypatch.setattr(sync_module, "_PAGE", 4)
    monkeypatch.setattr(sync_module, "_SHORT_LIST", 3)
    with client(emulator, time) as cloud:
        late = cloud.submit(sampler_graph(seed=1, steps=200))
        emulator.faults.add(Fault.drift(insert=12, path="/api/history_v2", times=1))
        mirror = cloud.mirror(tmp_path / "m.sqlite")
        first = mirror.sync()
        assert late.id not in {job_id for (job_id,) in rows(mirror, "SELECT id FROM jobs")}
        sent = len(emulator.requests)
        assert (mirror.sync()).added == 0
        assert len(emulator.requests) <= sent + 2
        late.wait()
        result = mirror.sync()
        assert (result.added, result.details, result.is_full) == (1, 1, False)
        assert result.total == first.total + 1
        assert rows(mirror, f"SELECT status, has_details FROM jobs WHERE id = '{late.id}'") == [
            ("completed", 1)
        ]
        before, sent = everything(mirror), len(emulator.requests)
        mirror.sync()
        assert len(emulator.requests) <= sent + 2
        mirror.sync(full=True)
        assert everything(mirror) == before
        mirror.close()


def test_a_job_that_ends_late_is_in_the_next_sync_by_api_v2(
    empty_emulator: Emulator, time: FakeTime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sync_module, "_PAGE", 4)
    monkeypatch.setattr(sync_module, "_SHORT_LIST", 3)
    with client(empty_emulator, time, api="v2") as cloud:
        late = cloud.submit(sampler_graph(seed=1, steps=200))
        empty_emulator.faults.add(Fault.drift(insert=12, path="/api/v2/jobs", times=1))
        with cloud.mirror(tmp_path / "m.sqlite") as mirror:
            mirror.sync()
            assert rows(mirror, f"SELECT id FROM jobs WHERE id = '{late.id}'") == []
            late.wait()
            result = mirror.sync()
            assert (result.added, result.details, result.is_full) == (1, 1, False)
            assert rows(mirror, f"SELECT status, has_details FROM jobs WHERE id = '{late.id}'") == [
                ("completed", 1)
            ]


def test_new_jobs_make_a_sync_ask_for_unfinished_ones(
    empty_emulator: Emulator, time: FakeTime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    emulator = empty_emulator
    monkeypatch.setattr(sync_module, "_PAGE", 4)
    monkeypatch.setattr(sync_module, "_SHORT_LIST", 3)
    with client(emulator, time) as cloud:
        for color in range(5):
            cloud.run(image_graph(color))
        with cloud.mirror(tmp_path / "m.sqlite") as mirror:
            mirror.sync()  # nothing is unfinished yet
            late = cloud.submit(sampler_graph(seed=1, steps=200))
            emulator.faults.add(Fault.drift(insert=12, path="/api/history_v2", times=1))
            mirror.sync()
            late.wait()
            mirror.sync()
            assert rows(mirror, f"SELECT status FROM jobs WHERE id = '{late.id}'") == [("completed",)]


def test_a_sync_with_nothing_new_reads_one_page(
    empty_emulator: Emulator, time: FakeTime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Opening the mirror asks for the account, which makes two requests in all."""
    monkeypatch.setattr(sync_module, "_PAGE", 4)
    monkeypatch.setattr(sync_module, "_SHORT_LIST", 3)
    with client(empty_emulator, time) as cloud:
        for color in range(6):
            cloud.run(image_graph(color))
        with cloud.mirror(tmp_path / "m.sqlite") as mirror:
            mirror.sync()
        empty_emulator.clear_requests()
        with cloud.mirror(tmp_path / "m.sqlite") as mirror:
            assert (mirror.sync()).added == 0
            paths = [request.path for request in empty_emulator.requests]
            assert paths == ["/api/user", "/api/history_v2"]
            cloud.run(image_graph(9))
            assert (mirror.sync()).added == 1


def test_a_job_that_is_neither_unfinished_nor_in_the_history_is_given_up(
    empty_emulator: Emulator, time: FakeTime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    emulator = empty_emulator
    monkeypatch.setattr(sync_module, "_SHORT_LIST", 0)
    with client(emulator, time) as cloud:
        late = cloud.submit(sampler_graph(seed=1, steps=200))
        mirror = cloud.mirror(tmp_path / "m.sqlite")
        mirror.sync()
        late.cancel()
        cloud.history.clear()
        for _ in range(3):
            mirror.sync()
        sent = len(emulator.requests)
        mirror.sync()
        assert len(emulator.requests) <= sent + 2
        assert rows(mirror, "SELECT value FROM meta WHERE name = 'unfinished'") == [("{}",)]
        mirror.close()
