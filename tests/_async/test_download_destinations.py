"""Downloads to folders, URLs and fsspec file systems, uploads from them, and their failures."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from fsspec.implementations.dirfs import DirFileSystem
from fsspec.implementations.local import LocalFileSystem
from fsspec.implementations.memory import MemoryFileSystem

from comfy_cloud import AsyncComfyCloud, ConfigurationError, UnexpectedResponse
from comfy_cloud._files.local_destination import LocalPartialFile
from comfy_cloud._http.concurrency import async_run_concurrently
from comfy_cloud._jobs.outputs import Output
from comfy_cloud.hashing import asset_hash, hash_bytes
from comfy_cloud_emulator import Emulator, Fault
from tests.clock import FakeTime

from .clients import IMAGE_GRAPH, client

CONTENT = os.urandom(5_000_000)  # more than a small file


class Interrupted(BaseException):
    """Stands in for KeyboardInterrupt, which would also end the test run."""


@pytest.fixture
def memory() -> Iterator[MemoryFileSystem]:
    def clear() -> None:
        MemoryFileSystem.store.clear()
        MemoryFileSystem.pseudo_dirs[:] = [""]

    clear()
    yield MemoryFileSystem()
    clear()


def stored(emulator: Emulator, content: bytes = CONTENT, extension: str = "mp4") -> str:
    return emulator.store.files.put(content, extension)


def outputs(emulator: Emulator, *names: str) -> list[Output]:
    return [
        Output({"filename": stored(emulator, os.urandom(1000 + number), "png"), "display_name": name}, "9")
        for number, name in enumerate(names)
    ]


def left_in(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir())


# URLs and file systems


async def test_a_job_is_saved_to_a_url(
    empty_emulator: Emulator, time: FakeTime, memory: MemoryFileSystem
) -> None:
    async with client(empty_emulator, time) as cloud:
        job = await cloud.run(IMAGE_GRAPH)
        (url,) = await job.download("memory://bucket/prefix", name="{job}/{node}_{index}{ext}")
        assert url == f"memory:///bucket/prefix/{job.id}/2_0.png"
        assert memory.cat(str(url)) == await job.outputs[0].read()
        saved: Any = job.outputs[0]
        assert await saved.save("memory://one/") == f"memory:///one/{saved.display_name}"
        assert await saved.save("one/x.png", filesystem=memory) == "memory:///one/x.png"
        with pytest.raises(FileExistsError):
            await job.download("memory://bucket/prefix", name="{job}/{node}_{index}{ext}")
    assert empty_emulator.leaks == []


async def test_one_file_and_one_asset(
    cloud: AsyncComfyCloud, empty_emulator: Emulator, memory: MemoryFileSystem
) -> None:
    seen: list[tuple[int, int | None]] = []
    created = await cloud.assets.upload(CONTENT, name="../video.mp4")
    name = stored(empty_emulator)
    empty_emulator.file_faults.add(Fault.cut(3_000_000))
    first = await cloud.files.download(
        name, "memory://a/b.mp4", progress=lambda done, total: seen.append((done, total))
    )
    second = await cloud.assets.download(created, "memory://a/c/")
    assert (first, second) == ("memory:///a/b.mp4", "memory:///a/c/.._video.mp4".replace(".._", "_"))
    assert memory.cat(str(first)) == memory.cat(str(second)) == CONTENT
    assert seen[-1] == (len(CONTENT), len(CONTENT))
    assert len(memory.find("")) == 2


async def test_wrong_content_is_not_saved(
    cloud: AsyncComfyCloud, empty_emulator: Emulator, memory: MemoryFileSystem
) -> None:
    name = stored(empty_emulator)
    wrong = Fault("status", status=200, body=CONTENT[1:], content_type="video/mp4", times=2)
    empty_emulator.file_faults.add(wrong)
    with pytest.raises(UnexpectedResponse, match=r"content of a\.mp4"):
        await cloud.files.download(name, "memory://a.mp4")
    assert memory.find("") == []
    empty_emulator.file_faults.add(Fault("status", status=200, body=b"wrong", content_type="video/mp4"))
    await cloud.files.download(name, "memory://a.mp4")
    assert memory.find("") == ["/a.mp4"]
    assert memory.cat("/a.mp4") == CONTENT


async def test_malicious_names_stay_below_the_prefix(
    cloud: AsyncComfyCloud, empty_emulator: Emulator, memory: MemoryFileSystem, tmp_path: Path
) -> None:
    evil = ["../../evil", "/etc/passwd", "a/b", "..", "memory://x", "s3://bucket/a", "\x00", "A.png", "a.png"]
    below = DirFileSystem(path=str(tmp_path / "deep" / "er"), fs=LocalFileSystem())
    wanted = outputs(empty_emulator, *evil)
    urls = await cloud.files.download_all(wanted, "memory://in/here", name="{node}/{name}{ext}")
    await cloud.files.download_all(wanted, "here", filesystem=below, name="{node}/{name}{ext}")
    assert len(set(urls)) == len(evil)
    assert all(str(url).startswith("memory:///in/here/9/") for url in urls)
    assert sorted(memory.find("")) == sorted(str(url).removeprefix("memory://") for url in urls)
    assert len(left_in(tmp_path / "deep/er/here/9")) == len(left_in(tmp_path)) == len(evil)


async def test_existing_files_are_found_before_anything_is_requested(
    cloud: AsyncComfyCloud, empty_emulator: Emulator, memory: MemoryFileSystem
) -> None:
    memory.pipe("/out/b.png", b"mine")
    wanted = outputs(empty_emulator, "a.png", "b.png")
    with pytest.raises(FileExistsError):
        await cloud.files.download_all(wanted, "memory://out")
    assert empty_emulator.requests == []
    await cloud.files.download_all(wanted, "memory://out", overwrite=True)
    assert memory.cat("/out/b.png") != b"mine"
    assert memory.find("") == ["/out/a.png", "/out/b.png"]


async def test_invalid_urls_are_rejected_before_anything_is_requested(
    cloud: AsyncComfyCloud, empty_emulator: Emulator
) -> None:
    with pytest.raises(ConfigurationError, match="no file system"):
        await cloud.files.download(stored(empty_emulator), "nosuch://bucket/")
    with pytest.raises(ConfigurationError, match="no file system"):
        await cloud.files.download_all(outputs(empty_emulator, "a"), "nosuch://bucket/")
    with pytest.raises(ConfigurationError, match="no file system"):
        await cloud.assets.upload("nosuch://bucket/a")
    assert empty_emulator.requests == []


async def test_an_upload_from_a_url(
    cloud: AsyncComfyCloud, empty_emulator: Emulator, memory: MemoryFileSystem
) -> None:
    memory.pipe("/in/video.mp4", CONTENT)
    seen: list[int] = []
    created = await cloud.assets.upload("memory://in/video.mp4", progress=lambda done, _: seen.append(done))
    again = await cloud.assets.upload("memory://in/video.mp4", name="b.mp4")
    assert asset_hash(created) == asset_hash(again) == hash_bytes(CONTENT)
    assert created.name == "video.mp4"
    assert seen == sorted(seen)
    assert seen[-1] == len(CONTENT)
    assert sum(request.path == "/api/assets" for request in empty_emulator.requests) == 1


# This machine's disk


@pytest.mark.parametrize("size", [1000, 5_000_000])
async def test_a_full_disk(
    empty_emulator: Emulator, time: FakeTime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    def full(self: LocalPartialFile, offset: int, chunk: bytes) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    name = stored(empty_emulator, CONTENT[:size])
    monkeypatch.setattr(LocalPartialFile, "write_at", full)
    async with client(empty_emulator, time) as cloud:
        with pytest.raises(OSError, match="No space left") as caught:
            await cloud.files.download(name, tmp_path)
    assert caught.value.errno == errno.ENOSPC
    assert left_in(tmp_path) == []
    assert time.sleeps == []


@pytest.mark.parametrize("target", ["folder/", "memory://folder/"])
@pytest.mark.parametrize("at", [0, 3_000_000])
async def test_an_interrupted_download_leaves_nothing(
    empty_emulator: Emulator,
    time: FakeTime,
    tmp_path: Path,
    memory: MemoryFileSystem,
    monkeypatch: pytest.MonkeyPatch,
    target: str,
    at: int,
) -> None:
    monkeypatch.chdir(tmp_path)
    name = stored(empty_emulator)

    def interrupt(done: int, _: int | None) -> None:
        if done >= at:
            raise Interrupted

    async with client(empty_emulator, time) as cloud:
        with pytest.raises(Interrupted):
            await cloud.files.download(name, target, progress=interrupt)
        assert left_in(tmp_path) == memory.find("") == []
        await cloud.files.download(name, target)
    assert len(left_in(tmp_path)) + len(memory.find("")) == 1


async def test_a_link_below_the_folder_is_not_followed_out_of_it(
    cloud: AsyncComfyCloud, empty_emulator: Emulator, tmp_path: Path
) -> None:
    folder, outside = tmp_path / "out", tmp_path / "outside"
    outside.mkdir()
    folder.mkdir()
    (folder / "9").symlink_to(outside)
    for overwrite in (False, True):
        with pytest.raises(PermissionError, match="leads out"):
            await cloud.files.download_all(
                outputs(empty_emulator, "a.png"), folder, name="{node}/{name}{ext}", overwrite=overwrite
            )
    assert left_in(outside) == []
    assert empty_emulator.file_requests == []


async def test_a_folder_that_becomes_a_link_during_the_download(
    empty_emulator: Emulator, time: FakeTime, tmp_path: Path
) -> None:
    folder, outside = tmp_path / "out", tmp_path / "outside"
    outside.mkdir()

    def swap(done: int, _: int | None) -> None:
        if not folder.is_symlink():
            folder.rename(tmp_path / "aside")
            folder.symlink_to(outside)

    async with client(empty_emulator, time) as cloud:
        with pytest.raises(PermissionError, match="nothing was saved"):
            await cloud.files.download_all(outputs(empty_emulator, "a.png"), folder, progress=swap)
    assert left_in(outside) == []


async def test_two_clients_download_the_same_file(
    empty_emulator: Emulator, time: FakeTime, tmp_path: Path
) -> None:
    name = stored(empty_emulator)
    target = tmp_path / "a.mp4"
    async with client(empty_emulator, time) as one, client(empty_emulator, time) as other:

        async def fetch(cloud: Any, halt: Any) -> object:
            try:
                return await cloud.files.download(name, target)
            except FileExistsError:
                return FileExistsError

        found = await async_run_concurrently([partial(fetch, one), partial(fetch, other)], 2)
    assert sorted(map(str, found)) == sorted([str(target), str(FileExistsError)])
    assert target.read_bytes() == CONTENT
    assert left_in(tmp_path) == ["a.mp4"]
