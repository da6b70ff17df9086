"""What a sync of the mirror asks for when jobs end long after newer ones, or nothing is new."""

from __future__ import annotations

from pathlib import Path

import pytest

from comfy_cloud._async._mirror import sync as sync_module
from comfy_cloud_emulator import Emulator, Fault
from tests.clock import FakeTime

from .clients import client, image_graph, sampler_graph
from .test_mirror import everything, rows

ONE_TRANSPORT = True  # the mirror reads above the transport


async def test_a_job_that_ends_long_after_newer_ones_is_in_the_next_sync(
    empty_emulator: Emulator, time: FakeTime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    emulator = empty_emulator
    monkeypatch.setattr(sync_module, "_PAGE", 4)
    monkeypatch.setattr(sync_module, "_SHORT_LIST", 3)
    async with client(emulator, time) as cloud:
        late = await cloud.submit(sampler_graph(seed=1, steps=200))
        emulator.faults.add(Fault.drift(insert=12, path="/api/history_v2", times=1))
        mirror = await cloud.mirror(tmp_path / "m.sqlite")
        first = await mirror.sync()
        assert late.id not in {job_id for (job_id,) in rows(mirror, "SELECT id FROM jobs")}
        sent = len(emulator.requests)
        assert (await mirror.sync()).added == 0
        assert len(emulator.requests) <= sent + 2
        await late.wait()
        result = await mirror.sync()
        assert (result.added, result.details, result.is_full) == (1, 1, False)
        assert result.total == first.total + 1
        assert rows(mirror, f"SELECT status, has_details FROM jobs WHERE id = '{late.id}'") == [
            ("completed", 1)
        ]
        before, sent = everything(mirror), len(emulator.requests)
        await mirror.sync()
        assert len(emulator.requests) <= sent + 2
        await mirror.sync(full=True)
        assert everything(mirror) == before
        mirror.close()


async def test_a_job_that_ends_late_is_in_the_next_sync_by_api_v2(
    empty_emulator: Emulator, time: FakeTime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sync_module, "_PAGE", 4)
    monkeypatch.setattr(sync_module, "_SHORT_LIST", 3)
    async with client(empty_emulator, time, api="v2") as cloud:
        late = await cloud.submit(sampler_graph(seed=1, steps=200))
        empty_emulator.faults.add(Fault.drift(insert=12, path="/api/v2/jobs", times=1))
        with await cloud.mirror(tmp_path / "m.sqlite") as mirror:
            await mirror.sync()
            assert rows(mirror, f"SELECT id FROM jobs WHERE id = '{late.id}'") == []
            await late.wait()
            result = await mirror.sync()
            assert (result.added, result.details, result.is_full) == (1, 1, False)
            assert rows(mirror, f"SELECT status, has_details FROM jobs WHERE id = '{late.id}'") == [
                ("completed", 1)
            ]


async def test_new_jobs_make_a_sync_ask_for_unfinished_ones(
    empty_emulator: Emulator, time: FakeTime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    emulator = empty_emulator
    monkeypatch.setattr(sync_module, "_PAGE", 4)
    monkeypatch.setattr(sync_module, "_SHORT_LIST", 3)
    async with client(emulator, time) as cloud:
        for color in range(5):
            await cloud.run(image_graph(color))
        with await cloud.mirror(tmp_path / "m.sqlite") as mirror:
            await mirror.sync()  # nothing is unfinished yet
            late = await cloud.submit(sampler_graph(seed=1, steps=200))
            emulator.faults.add(Fault.drift(insert=12, path="/api/history_v2", times=1))
            await mirror.sync()
            await late.wait()
            await mirror.sync()
            assert rows(mirror, f"SELECT status FROM jobs WHERE id = '{late.id}'") == [("completed",)]


async def test_a_sync_with_nothing_new_reads_one_page(
    empty_emulator: Emulator, time: FakeTime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Opening the mirror asks for the account, which makes two requests in all."""
    monkeypatch.setattr(sync_module, "_PAGE", 4)
    monkeypatch.setattr(sync_module, "_SHORT_LIST", 3)
    async with client(empty_emulator, time) as cloud:
        for color in range(6):
            await cloud.run(image_graph(color))
        with await cloud.mirror(tmp_path / "m.sqlite") as mirror:
            await mirror.sync()
        empty_emulator.clear_requests()
        with await cloud.mirror(tmp_path / "m.sqlite") as mirror:
            assert (await mirror.sync()).added == 0
            paths = [request.path for request in empty_emulator.requests]
            assert paths == ["/api/user", "/api/history_v2"]
            await cloud.run(image_graph(9))
            assert (await mirror.sync()).added == 1


async def test_a_job_that_is_neither_unfinished_nor_in_the_history_is_given_up(
    empty_emulator: Emulator, time: FakeTime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    emulator = empty_emulator
    monkeypatch.setattr(sync_module, "_SHORT_LIST", 0)
    async with client(emulator, time) as cloud:
        late = await cloud.submit(sampler_graph(seed=1, steps=200))
        mirror = await cloud.mirror(tmp_path / "m.sqlite")
        await mirror.sync()
        await late.cancel()
        await cloud.history.clear()
        for _ in range(3):
            await mirror.sync()
        sent = len(emulator.requests)
        await mirror.sync()
        assert len(emulator.requests) <= sent + 2
        assert rows(mirror, "SELECT value FROM meta WHERE name = 'unfinished'") == [("{}",)]
        mirror.close()
