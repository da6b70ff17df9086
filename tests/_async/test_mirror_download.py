"""`mirror.download`: what it saves, records, skips and copies, and a sync after it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from comfy_cloud import ConfigurationError, Forbidden
from comfy_cloud._async._mirror import sync as sync_module
from comfy_cloud.hashing import hash_bytes
from comfy_cloud.mirror import Mirror
from comfy_cloud_emulator import Emulator, Fault
from tests.clock import FakeTime

from .clients import client, image_graph, keyless

RECORDED = "SELECT filename, local_path, size, hash FROM outputs WHERE local_path IS NOT NULL"


def rows(mirror: Mirror, sql: str) -> list[tuple[Any, ...]]:
    with mirror.connect() as connection:
        return [tuple(row) for row in connection.exec_driver_sql(sql)]


def views(emulator: Emulator) -> int:
    return sum(request.path == "/api/view" for request in emulator.requests)


async def test_files_are_saved_and_recorded(emulator: Emulator, time: FakeTime, tmp_path: Path) -> None:
    async with client(emulator, time) as cloud:
        mirror = await cloud.mirror(tmp_path / "m.sqlite")
        await mirror.sync(details=False)
        noted: list[Path | str] = []
        done = await mirror.download(tmp_path / "out", limit=12, on_file=lambda file: noted.append(file.path))
        assert done.jobs == 12
        assert len(done.files) >= 8
        assert noted == done.paths
        assert {file.outcome for file in done.files} == {"saved"}
        found = {Path(path): (size, digest) for _, path, size, digest in rows(mirror, RECORDED)}
        assert found == {
            path: (len(content), hash_bytes(content))
            for path in map(Path, done.paths)
            for content in [path.read_bytes()]
        }
        mirror.close()


async def test_nothing_is_downloaded_twice(emulator: Emulator, time: FakeTime, tmp_path: Path) -> None:
    async with client(emulator, time) as cloud:
        mirror = await cloud.mirror(tmp_path / "m.sqlite")
        first = await mirror.download(tmp_path / "out", limit=6)
        sent, before = views(emulator), rows(mirror, "SELECT * FROM outputs")
        again = await mirror.download(tmp_path / "out", limit=6)
        assert {file.outcome for file in again.files} == {"skipped"}
        assert again.paths == first.paths
        elsewhere = await mirror.download(tmp_path / "b", limit=6, name="{name}_{job}{ext}")
        assert {file.outcome for file in elsewhere.files} == {"copied"}
        assert views(emulator) == sent
        assert sorted(Path(path).read_bytes() for path in elsewhere.paths) == sorted(
            Path(path).read_bytes() for path in first.paths
        )
        assert len(rows(mirror, "SELECT * FROM outputs")) == len(before)
        mirror.close()


async def test_files_that_were_moved_deleted_or_changed(
    emulator: Emulator, time: FakeTime, tmp_path: Path
) -> None:
    async with client(emulator, time) as cloud:
        mirror = await cloud.mirror(tmp_path / "m.sqlite")
        first = await mirror.download(tmp_path / "out", limit=4)
        moved, deleted, changed = map(Path, first.paths[:3])
        moved.rename(tmp_path / "moved")
        deleted.unlink()
        changed.write_bytes(changed.read_bytes()[:-1] + b"x")
        with pytest.raises(FileExistsError, match="has other content"):
            await mirror.download(tmp_path / "out", limit=4)
        again = await mirror.download(tmp_path / "out", limit=4, if_exists="rename")
        outcomes = [file.outcome for file in again.files]
        assert set(outcomes[:2]) <= {"saved", "skipped"}
        assert outcomes[2] == "renamed"
        assert Path(again.paths[2]).name == changed.with_stem(f"{changed.stem}_2").name
        assert moved.exists()
        assert deleted.exists()
        mirror.close()
        # Now the new name is what the mirror knows.
        sent = views(emulator)
        mirror = await cloud.mirror(tmp_path / "m.sqlite")
        third = await mirror.download(tmp_path / "out", limit=4, if_exists="rename")
        assert {file.outcome for file in third.files} == {"skipped"}
        assert third.paths == again.paths
        assert views(emulator) == sent
        mirror.close()


async def test_the_same_content_of_another_job_is_copied(
    empty_emulator: Emulator, time: FakeTime, tmp_path: Path
) -> None:
    async with client(empty_emulator, time) as cloud:
        await cloud.run(image_graph(1))
        mirror = await cloud.mirror(tmp_path / "m.sqlite")
        await mirror.download(tmp_path / "out")
        await cloud.run(image_graph(1))
        sent = views(empty_emulator)
        done = await mirror.download(tmp_path / "out")
        assert sorted(file.outcome for file in done.files) == ["copied", "skipped"]
        assert views(empty_emulator) == sent
        mirror.close()


async def test_a_sync_after_a_download_misses_nothing(
    empty_emulator: Emulator, time: FakeTime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    emulator = empty_emulator
    async with client(emulator, time) as cloud:
        await cloud.run(image_graph(100))
        mirror = await cloud.mirror(tmp_path / "m.sqlite")
        await mirror.sync(details=False)
        for number in range(8):
            await cloud.run(image_graph(number))
        monkeypatch.setattr(sync_module, "_PAGE", 3)
        done = await mirror.download(tmp_path / "out", limit=4)
        result = await mirror.sync()
        assert result.added == 4
        assert not result.is_full
        listed = {entry.id async for entry in cloud.history.iter()}
        assert {job_id for (job_id,) in rows(mirror, "SELECT id FROM jobs")} == listed
        # The details were written over what the list had, and the paths are still known.
        assert len(rows(mirror, RECORDED)) == len(done.files)
        sent = len(emulator.requests)
        await mirror.sync()
        assert len(emulator.requests) <= sent + 2
        mirror.close()


async def test_what_was_saved_is_recorded_even_when_a_later_file_fails(
    emulator: Emulator, time: FakeTime, tmp_path: Path
) -> None:
    async with client(emulator, time, retry=1) as cloud:
        mirror = await cloud.mirror(tmp_path / "m.sqlite")
        emulator.faults.add(Fault.status_burst(403, path="/api/view", after=3, times=None))
        with pytest.raises(Forbidden):
            await mirror.download(tmp_path / "out", limit=6, concurrency=1)
        emulator.faults.clear()
        assert len(rows(mirror, RECORDED)) == 3
        done = await mirror.download(tmp_path / "out", limit=6)
        assert sum(file.outcome == "skipped" for file in done.files) == 3
        mirror.close()


async def test_files_that_the_server_has_lost_do_not_stop_the_others(
    emulator: Emulator, time: FakeTime, tmp_path: Path
) -> None:
    async with client(emulator, time, retry=1) as cloud:
        mirror = await cloud.mirror(tmp_path / "m.sqlite")
        (lost,) = [entry async for entry in cloud.history.iter(status="completed", limit=1)]
        name = lost.outputs[0].filename
        emulator.faults.add(Fault.status_burst(404, path="/api/view"))
        done = await mirror.download(tmp_path / "out", limit=5, concurrency=1)
        assert (lost.id, name) in done.missing
        assert done.jobs == 5
        assert len(done.files) >= 3
        mirror.close()


@pytest.mark.filterwarnings("ignore::comfy_cloud.ComfyCloudWarning")
async def test_a_self_hosted_server_whose_names_are_no_hashes(
    comfyui: Emulator, time: FakeTime, tmp_path: Path
) -> None:
    async with keyless(comfyui, time) as cloud:
        await cloud.run(image_graph(7))
        mirror = await cloud.mirror(tmp_path / "m.sqlite")
        done = await mirror.download(tmp_path / "out")
        ((_, path, size, digest),) = rows(mirror, RECORDED)
        content = Path(path).read_bytes()
        assert (size, digest) == (len(content), hash_bytes(content))
        sent = views(comfyui)
        again = await mirror.download(tmp_path / "out")
        assert ([file.outcome for file in again.files], again.paths) == (["skipped"], done.paths)
        copied = await mirror.download(tmp_path / "b")
        assert [file.outcome for file in copied.files] == ["copied"]
        assert views(comfyui) == sent
        mirror.close()


async def test_bad_arguments(empty_emulator: Emulator, time: FakeTime, tmp_path: Path) -> None:
    async with client(empty_emulator, time) as cloud:
        mirror = await cloud.mirror(tmp_path / "m.sqlite")
        with pytest.raises(ConfigurationError, match="concurrency must be 1 or more"):
            await mirror.download(tmp_path, concurrency=0)
        with pytest.raises(ConfigurationError, match="limit"):
            await mirror.download(tmp_path, limit=-1)
        with pytest.raises(ConfigurationError, match="since"):
            await mirror.download(tmp_path, since="no time at all")
        assert (await mirror.download(tmp_path / "out")).files == []
        assert not (tmp_path / "out").exists()
        mirror.close()
