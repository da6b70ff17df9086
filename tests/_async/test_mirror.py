"""The mirror of the history: what a sync reads, keeps, notices, and survives."""

from __future__ import annotations

import warnings
import weakref
from collections.abc import Callable
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest

from comfy_cloud import ConfigurationError
from comfy_cloud._async._mirror import sync as sync_module
from comfy_cloud._jobs.entries import HistoryEntry
from comfy_cloud.mirror import Mirror
from comfy_cloud.mirror.sync_state import SyncState
from comfy_cloud_emulator import Emulator, Fault
from tests.clock import FakeTime

from .clients import client, image_graph, keyless, sampler_graph

ONE_TRANSPORT = True  # the mirror reads above the transport


def rows(mirror: Mirror, sql: str) -> list[tuple[Any, ...]]:
    with mirror.connect() as connection:
        return [tuple(row) for row in connection.exec_driver_sql(sql)]


def everything(mirror: Mirror) -> dict[str, list[tuple[Any, ...]]]:
    """Every row, but for the times of the sync."""
    tables = [
        "outputs",
        "output_texts",
        "nodes",
        "inputs",
        "prompts",
        "models",
        "loras",
        "seeds",
        "sizes",
        "graphs",
        "search",
    ]
    found = {table: sorted(map(repr, rows(mirror, f"SELECT * FROM {table}"))) for table in tables}
    columns = "id, status, created_ms, started_ms, finished_ms, error_class, graph_digest, deleted_ms"
    return {**found, "jobs": rows(mirror, f"SELECT {columns} FROM jobs ORDER BY id")}  # type: ignore[dict-item]


def thinned(emulator: Emulator, each: int = 4) -> Emulator:
    """Leave every fourth job of the demo: jobs of every kind, and four pages of twenty."""
    ids = [job.id for job in emulator.store.history_jobs()]
    emulator.store.delete_from_history(id for place, id in enumerate(ids) if place % each)
    return emulator


@pytest.fixture
def small_demo(emulator: Emulator) -> Emulator:
    """A quarter of the demo: most of the time of these tests is that of their requests."""
    return thinned(emulator)


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sync_module, "_PAGE", 20)


async def test_a_sync_brings_every_job_with_its_graph(
    small_demo: Emulator, time: FakeTime, tmp_path: Path
) -> None:
    # More than one batch of details.
    assert len(small_demo.store.history_jobs()) > sync_module._BATCH
    async with client(small_demo, time) as cloud:
        mirror = await cloud.mirror(tmp_path / "m.sqlite")
        result = await mirror.sync()
        entries = [entry async for entry in cloud.history.iter(details=True)]
        assert (result.added, result.details, result.total) == (len(entries),) * 3
        jobs = {
            row[0]: row[1:] for row in rows(mirror, "SELECT id, status, outputs_count, created_ms FROM jobs")
        }
        assert jobs == {
            entry.id: (entry.status.value, len(entry.outputs), int(entry.created_ms or 0))
            for entry in entries
        }
        failed = next(entry for entry in entries if entry.error is not None and entry.error.node_id)
        assert failed.error is not None
        assert rows(mirror, f"SELECT error_class, error_node_id FROM jobs WHERE id = '{failed.id}'") == [
            (failed.error.exception_type, failed.error.node_id)
        ]
        known = {(entry.id, node_id) for entry in entries for node_id in entry.workflow or {}}
        assert set(rows(mirror, "SELECT job_id, node_id FROM nodes")) == known
        mirror.close()


async def test_a_second_sync_sends_one_request_and_changes_nothing(
    small_demo: Emulator, time: FakeTime, tmp_path: Path
) -> None:
    async with client(small_demo, time) as cloud:
        mirror = await cloud.mirror(tmp_path / "m.sqlite")
        await mirror.sync()
        before, sent = everything(mirror), len(small_demo.requests)
        result = await mirror.sync()
        assert len(small_demo.requests) == sent + 1
        assert (result.added, result.changed, result.details, result.is_full) == (0, 0, 0, False)
        assert everything(mirror) == before
        assert (await mirror.sync(full=True)).is_full
        assert everything(mirror) == before
        mirror.close()


async def test_new_jobs_are_added(small_demo: Emulator, time: FakeTime, tmp_path: Path) -> None:
    async with client(small_demo, time) as cloud:
        mirror = await cloud.mirror(tmp_path / "m.sqlite")
        total = (await mirror.sync()).total
        job = await cloud.run(sampler_graph(seed=2**64 - 1))
        result = await mirror.sync()
        assert (result.added, result.details, result.total) == (1, 1, total + 1)
        assert rows(mirror, f"SELECT seed FROM seeds WHERE job_id = '{job.id}'") == [(str(2**64 - 1),)]
        assert rows(mirror, f"SELECT role, text FROM prompts WHERE job_id = '{job.id}' ORDER BY role") == [
            ("negative", "a lighthouse"),
            ("positive", "a lighthouse"),
        ]
        mirror.close()


async def test_the_default_file_is_that_of_server_and_account(
    start_emulator: Callable[..., Emulator], time: FakeTime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COMFY_CLOUD_DATA_DIR", str(tmp_path / "data"))
    emulator = start_emulator()
    async with client(emulator, time) as cloud:
        mirror = await cloud.mirror()
        assert mirror.path is not None
        assert mirror.path.parent == tmp_path / "data" / "mirrors"
        assert "user_emulated" in mirror.path.name
        assert mirror.path.stat().st_mode & 0o777 == 0o600
        assert mirror.path.parent.stat().st_mode & 0o777 == 0o700
        mirror.close()
        assert emulator.key.encode() not in mirror.path.read_bytes()


async def test_the_mirror_of_another_account_is_refused(
    start_emulator: Callable[..., Emulator], time: FakeTime, tmp_path: Path
) -> None:
    path = tmp_path / "m.sqlite"
    Mirror.open(path, account="somebody").close()
    before = path.read_bytes()
    async with client(start_emulator(), time) as cloud:
        with pytest.raises(
            ConfigurationError, match=r"belongs to another account: somebody, not user_emulated"
        ):
            await cloud.mirror(path)
    assert path.read_bytes() == before


async def test_what_the_service_deletes_is_kept_and_marked(
    small_demo: Emulator, time: FakeTime, tmp_path: Path
) -> None:
    async with client(small_demo, time) as cloud:
        mirror = await cloud.mirror(tmp_path / "m.sqlite")
        total = (await mirror.sync()).total
        gone = [entry.id for entry in await cloud.history.list(limit=250)][::15]
        await cloud.history.delete(*gone)
        assert (await mirror.sync()).deleted == 0  # it did not read all of the list
        result = await mirror.sync(full=True)
        assert (result.deleted, result.total) == (len(gone), total)
        marked = rows(mirror, "SELECT id FROM jobs WHERE deleted_ms IS NOT NULL")
        assert {job_id for (job_id,) in marked} == set(gone)
        assert (await mirror.sync(full=True)).deleted == 0
        mirror.close()


async def test_the_whole_list_is_read_once_a_week(
    small_demo: Emulator, time: FakeTime, tmp_path: Path
) -> None:
    async with client(small_demo, time) as cloud:
        mirror = await cloud.mirror(tmp_path / "m.sqlite")
        assert (await mirror.sync()).is_full
        time.advance(6 * 24 * 3600)
        assert not (await mirror.sync()).is_full
        time.advance(24 * 3600)
        assert (await mirror.sync()).is_full
        mirror.close()


@pytest.mark.parametrize("quirks", [None, "comfyui"])
async def test_a_sync_keeps_few_entries_in_memory(
    quirks: str | None,
    start_emulator: Callable[..., Emulator],
    time: FakeTime,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    live: weakref.WeakSet[HistoryEntry] = weakref.WeakSet()
    most_entries = most_records = 0
    init, add_page = HistoryEntry.__init__, SyncState.add_page

    def note_entry(entry: HistoryEntry, *arguments: Any, **named: Any) -> None:
        nonlocal most_entries
        init(entry, *arguments, **named)
        live.add(entry)
        most_entries = max(most_entries, len(live))

    def note_records(state: SyncState, records: Any, *arguments: Any) -> bool:
        nonlocal most_records
        most_records = max(most_records, len(records))
        return add_page(state, records, *arguments)

    monkeypatch.setattr(HistoryEntry, "__init__", note_entry)
    monkeypatch.setattr(SyncState, "add_page", note_records)
    monkeypatch.setattr(sync_module, "_WRITTEN_AT_ONCE", 10)
    monkeypatch.setattr(sync_module, "_MOST_WAITING", 20)
    monkeypatch.setattr(sync_module, "_PAGE", 10)
    emulator = thinned(start_emulator(seed_data="demo", **({} if quirks is None else {"quirks": quirks})))
    async with client(emulator, time) if quirks is None else keyless(emulator, time) as cloud:
        mirror = await cloud.mirror(tmp_path / "m.sqlite")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            assert (await mirror.sync(details=False)).total > 65
        mirror.close()
    assert most_records <= 30
    assert most_entries <= 50


@pytest.mark.parametrize("is_busy", [False, True])
@pytest.mark.usefixtures("small_pages")
async def test_more_jobs_are_written_at_once_while_others_are_being_written(
    is_busy: bool, emulator: Emulator, time: FakeTime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[int] = []
    add_page = SyncState.add_page

    def note(state: SyncState, jobs: Any, *arguments: Any) -> bool:
        written.append(len(jobs))
        return add_page(state, jobs, *arguments)

    monkeypatch.setattr(SyncState, "add_page", note)
    monkeypatch.setattr(sync_module.AsyncWriteBehind, "is_busy", is_busy)
    monkeypatch.setattr(sync_module, "_WRITTEN_AT_ONCE", 1)
    monkeypatch.setattr(sync_module, "_MOST_WAITING", 81)
    async with client(emulator, time) as cloud:
        mirror = await cloud.mirror(tmp_path / "m.sqlite")
        await mirror.sync(details=False)
        mirror.close()
    assert {100} == {*written[:-1]} if is_busy else max(written) == 20


@pytest.mark.usefixtures("small_pages")
async def test_jobs_that_arrive_and_go_while_the_list_is_read(
    emulator: Emulator, time: FakeTime, tmp_path: Path
) -> None:
    async with client(emulator, time) as cloud:
        before = {entry.id async for entry in cloud.history.iter()}
        for after, (insert, delete) in enumerate([(0, 15), (7, 0), (30, 10), (0, 40), (25, 0)] * 3):
            fault = Fault.drift(insert=insert, delete=delete, path="/api/history_v2", after=after, times=1)
            emulator.faults.add(fault)
        mirror = await cloud.mirror(tmp_path / "m.sqlite")
        await mirror.sync(details=False)
        emulator.faults.clear()
        left = {entry.id async for entry in cloud.history.iter()}
        found = {job_id for (job_id,) in rows(mirror, "SELECT id FROM jobs")}
        assert before & left <= found
        await mirror.sync(details=False)
        found = {job_id for (job_id,) in rows(mirror, "SELECT id FROM jobs")}
        assert left <= found
        mirror.close()


@pytest.mark.parametrize("quirks", ["comfyui", "comfyui_new"])
async def test_a_self_hosted_server(
    quirks: str, start_emulator: Callable[..., Emulator], time: FakeTime, tmp_path: Path
) -> None:
    emulator = thinned(start_emulator(seed_data="demo", quirks=quirks))
    async with keyless(emulator, time) as cloud:
        mirror = await cloud.mirror(tmp_path / "m.sqlite")
        with pytest.warns(match="/api/history"):
            result = await mirror.sync()
        entries = [entry async for entry in cloud.history.iter()]
        assert result.total == len(entries) > 60
        graphs = sum(len(entry.workflow or {}) for entry in entries)
        assert rows(mirror, "SELECT count(*) FROM nodes") == [(graphs,)]
        mirror.close()


async def test_a_server_without_history_is_read_through_jobs(
    small_demo: Emulator, time: FakeTime, tmp_path: Path
) -> None:
    small_demo.faults.add(Fault.retired("/api/history_v2*"), Fault.retired("/api/history*"))
    async with client(small_demo, time) as cloud:
        mirror = await cloud.mirror(tmp_path / "m.sqlite")
        with pytest.warns(match="/api/jobs"):
            result = await mirror.sync()
        assert result.details == result.total > 60
        (outputs,) = rows(mirror, "SELECT count(*) FROM outputs")
        assert outputs[0] > 80
        mirror.close()


async def test_api_v2(small_demo: Emulator, time: FakeTime, tmp_path: Path) -> None:
    async with client(small_demo, time, api="v2") as cloud:
        mirror = await cloud.mirror(tmp_path / "m.sqlite")
        result = await mirror.sync()
        assert result.details == result.total > 60
        assert rows(mirror, "SELECT count(*) FROM prompts WHERE role = 'positive'")[0][0] > 50
        mirror.close()


async def test_a_second_sync_waits_for_the_first_or_says_so(
    empty_emulator: Emulator, time: FakeTime, tmp_path: Path
) -> None:
    async with client(empty_emulator, time) as cloud:
        mirror = await cloud.mirror(tmp_path / "m.sqlite")
        release = mirror.store.lock()
        assert release is not None
        phases: list[str] = []

        def note(progress: Any) -> None:
            phases.append(progress.phase)
            if len(phases) == 3:
                release()

        await mirror.sync(progress=note)
        assert phases[:4] == ["waiting", "waiting", "waiting", "list"]
        again = mirror.store.lock()
        assert again is not None
        with pytest.raises(ConfigurationError, match=r"Another sync of the mirror .* is running"):
            await mirror.sync(wait=2)
        again()
        mirror.close()


async def test_details_that_cannot_be_fetched_do_not_stop_the_others(
    small_demo: Emulator, time: FakeTime, tmp_path: Path
) -> None:
    async with client(small_demo, time, retry=1) as cloud:
        broken = (await cloud.history.list(limit=1))[0].id
        small_demo.faults.add(Fault.status_burst(path=f"/api/history_v2/{broken}", times=None))
        mirror = await cloud.mirror(tmp_path / "m.sqlite")
        result = await mirror.sync()
        assert (result.details, result.without_details) == (result.total - 1, 1)
        assert broken in result.failures[0]
        small_demo.faults.clear()
        assert (await mirror.sync()).details == 1
        mirror.close()


async def test_watching_syncs_when_a_job_ends(
    empty_emulator: Emulator, time: FakeTime, tmp_path: Path
) -> None:
    async with client(empty_emulator, time) as cloud, client(empty_emulator, time) as other:
        mirror = await cloud.mirror(tmp_path / "m.sqlite")
        async with aclosing(mirror.watch()) as syncs:
            job_id = ""
            async for result in syncs:
                if not job_id:
                    assert result.total == 0
                    job_id = (await other.submit(sampler_graph(seed=1))).id
                elif result.added:
                    break
            assert result.details == 1
        assert rows(mirror, "SELECT id FROM jobs") == [(job_id,)]
        mirror.close()


async def test_a_graph_of_a_megabyte(empty_emulator: Emulator, time: FakeTime, tmp_path: Path) -> None:
    words = 150_000
    graph = image_graph(1)
    graph["3"] = {"class_type": "PreviewAny", "inputs": {"source": "wörds\n" * words}}
    async with client(empty_emulator, time) as cloud:
        job = await cloud.run(graph)
        mirror = await cloud.mirror(tmp_path / "m.sqlite")
        assert (await mirror.sync()).details == 1
        assert mirror.graph(job.id) == graph
        assert rows(mirror, "SELECT length(value) FROM inputs WHERE name = 'source'") == [(6 * words,)]
        mirror.close()
