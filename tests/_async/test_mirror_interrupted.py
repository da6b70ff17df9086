"""A sync of the mirror that was interrupted: the next one goes on, and nothing is lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from comfy_cloud import ConnectionFailed
from comfy_cloud._async._mirror import sync as sync_module
from comfy_cloud.mirror import Mirror
from comfy_cloud.mirror.schema import JOBS
from comfy_cloud_emulator import Emulator, Fault
from tests.clock import FakeTime

from .clients import client, image_graph
from .test_mirror import everything, rows, thinned

ONE_TRANSPORT = True  # the mirror reads above the transport


@pytest.fixture
def small_demo(emulator: Emulator) -> Emulator:
    """A quarter of the demo: most of the time of these tests is that of their requests."""
    return thinned(emulator)


async def test_an_interrupted_sync_goes_on_where_it_was(
    small_demo: Emulator, time: FakeTime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sync_module, "_PAGE", 10)
    thinned(small_demo, 2)  # four pages, as above
    async with client(small_demo, time, retry=1) as cloud:
        whole = await cloud.mirror(tmp_path / "whole.sqlite")
        await whole.sync()
        mirror = await cloud.mirror(tmp_path / "m.sqlite")
        breaks = 0
        while True:
            small_demo.faults.add(Fault.reset(path="/api/history_v2*", after=6, times=None))
            try:
                await mirror.sync()
            except ConnectionFailed:
                breaks += 1
            else:
                break
            finally:
                small_demo.faults.clear()
            assert breaks < 100
        assert breaks > 5
        assert everything(mirror) == everything(whole)
        mirror.close()
        whole.close()


async def test_more_jobs_than_are_held_came_since_an_interrupted_sync(
    small_demo: Emulator, time: FakeTime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sync_module, "_PAGE", 10)
    monkeypatch.setattr(sync_module, "_MOST_HELD", 5)
    async with client(small_demo, time, retry=1) as cloud:
        mirror = await cloud.mirror(tmp_path / "m.sqlite")
        small_demo.faults.add(Fault.reset(path="/api/history_v2*", after=3, times=None))
        with pytest.raises(ConnectionFailed):
            await mirror.sync(details=False)
        small_demo.faults.clear()
        for number in range(11):
            await (await cloud.submit(image_graph(number))).wait()
        result = await mirror.sync(details=False)
        expected = {entry.id async for entry in cloud.history.iter()}
        assert {job_id for (job_id,) in rows(mirror, "SELECT id FROM jobs")} == expected
        assert result.total == len(expected)
        mirror.close()


async def test_the_first_sync_makes_the_indexes_at_its_end(
    emulator: Emulator, time: FakeTime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sync_module, "_PAGE", 20)
    monkeypatch.setattr(sync_module, "_WRITTEN_AT_ONCE", 40)
    indexes = {str(index.name) for index in JOBS.indexes}

    def found(mirror: Mirror) -> set[str]:
        names = rows(mirror, "SELECT name FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL")
        return {name for (name,) in names} & indexes

    async with client(emulator, time, retry=1) as cloud:
        mirror = await cloud.mirror(tmp_path / "m.sqlite")
        assert found(mirror) == indexes
        emulator.faults.add(Fault.reset(path="/api/history_v2*", after=5, times=None))
        with pytest.raises(ConnectionFailed):
            await mirror.sync(details=False)
        emulator.faults.clear()
        # What came before the break is written, also what was not yet enough for a transaction.
        assert rows(mirror, "SELECT count(*) FROM jobs")[0][0] > 80
        # Each new job is looked up in this one: without it, time grows with the square of the jobs.
        assert found(mirror) == {"jobs_by_search_rowid"}
        plan = rows(mirror, "EXPLAIN QUERY PLAN SELECT 1 FROM jobs WHERE search_rowid IN (1, 2)")
        assert "jobs_by_search_rowid (search_rowid=?)" in plan[0][-1]
        await mirror.sync(details=False)
        assert found(mirror) == indexes
        mirror.close()
