"""Cancelled async downloads and slow file systems.

Nothing is left behind, and the event loop is never blocked.
"""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from fsspec.implementations.memory import MemoryFileSystem

from comfy_cloud import AsyncComfyCloud
from comfy_cloud.hashing import hash_bytes
from comfy_cloud_emulator import Emulator, Fault
from tests.clock import FakeTime

CONTENT = os.urandom(6_000_000)


class Slow(MemoryFileSystem):
    """A file system whose calls wait until `may_go_on` is set. `waits` counts the waiting calls."""

    cachable = False
    store: dict[str, Any] = {}  # noqa: RUF012
    pseudo_dirs = [""]  # noqa: RUF012

    def __init__(self) -> None:
        super().__init__()
        self.waits = threading.Semaphore(0)
        self.may_go_on = threading.Event()

    def _wait(self) -> None:
        assert threading.current_thread() is not threading.main_thread()
        self.waits.release()
        assert self.may_go_on.wait(30)

    def exists(self, path: str, **options: Any) -> Any:
        self._wait()
        return super().exists(path, **options)

    def isdir(self, path: str) -> Any:
        self._wait()
        return super().isdir(path)

    def cp_file(self, path1: str, path2: str, **options: Any) -> None:
        self._wait()
        super().cp_file(path1, path2, **options)

    def rm_file(self, path: str) -> None:
        self._wait()
        super().rm_file(path)

    def open(self, path: str, mode: str = "rb", **options: Any) -> Any:
        self._wait()
        file = super().open(path, mode, **options)
        write = file.write

        def slow_write(content: bytes) -> int:
            self._wait()
            return int(write(content))

        file.write = slow_write
        return file


@pytest.fixture
async def cloud(empty_emulator: Emulator, time: FakeTime) -> AsyncIterator[AsyncComfyCloud]:
    async with AsyncComfyCloud(
        api_key=empty_emulator.key, base_url=empty_emulator.url, runtime=time.async_runtime()
    ) as cloud:
        yield cloud


async def test_a_slow_file_system_does_not_block_the_loop(
    empty_emulator: Emulator, cloud: AsyncComfyCloud
) -> None:
    Slow.store.clear()
    name = empty_emulator.store.files.put(CONTENT, "mp4")
    slow = Slow()
    download = asyncio.ensure_future(cloud.files.download(name, "a.mp4", filesystem=slow))
    while not slow.waits.acquire(blocking=False):
        await asyncio.sleep(0)  # the loop runs while the file system waits
    assert not download.done()
    slow.may_go_on.set()
    assert await download == "memory:///a.mp4"
    assert hash_bytes(Slow.store["/a.mp4"].getvalue()) == hash_bytes(CONTENT)


@pytest.mark.parametrize("size", [1_000, len(CONTENT)])
async def test_a_cancelled_task_leaves_nothing(
    empty_emulator: Emulator, cloud: AsyncComfyCloud, tmp_path: Path, size: int
) -> None:
    name = empty_emulator.store.files.put(CONTENT[:size], "mp4")
    started = asyncio.Event()

    def interrupt(done: int, total: int | None) -> None:
        started.set()
        task.cancel()

    task = asyncio.ensure_future(cloud.files.download(name, tmp_path / "a.mp4", progress=interrupt))
    with pytest.raises(asyncio.CancelledError):
        await task
    assert started.is_set()
    # A small file may be complete before the cancellation; a partial file is never left.
    assert [path.stat().st_size for path in tmp_path.iterdir()] in ([], [size])
    assert not list(tmp_path.glob(".*"))


async def test_a_task_that_is_cancelled_while_the_storage_is_silent(
    empty_emulator: Emulator, cloud: AsyncComfyCloud, tmp_path: Path
) -> None:
    name = empty_emulator.store.files.put(CONTENT, "mp4")
    empty_emulator.file_faults.add(Fault.cut(5_000_000))
    waiting = asyncio.Event()

    async def sleep_forever(seconds: float) -> None:
        waiting.set()
        await asyncio.Event().wait()

    cloud._session.runtime.sleep = sleep_forever  # before the download is resumed
    task = asyncio.ensure_future(cloud.files.download(name, tmp_path / "a.mp4"))
    await waiting.wait()
    assert len(list(tmp_path.glob(".comfy-*.part"))) == 1
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert list(tmp_path.iterdir()) == []


async def test_cancelling_waits_for_a_write_and_then_removes_the_file(
    empty_emulator: Emulator, cloud: AsyncComfyCloud
) -> None:
    Slow.store.clear()
    name = empty_emulator.store.files.put(CONTENT, "mp4")
    slow = Slow()
    slow.may_go_on.set()
    calls = 0

    def interrupt(done: int, total: int | None) -> None:
        nonlocal calls
        calls += 1
        if calls == 1:
            slow.may_go_on.clear()
            task.cancel()
            asyncio.get_running_loop().call_later(0, slow.may_go_on.set)

    task = asyncio.ensure_future(cloud.files.download(name, "a.mp4", filesystem=slow, progress=interrupt))
    with pytest.raises(asyncio.CancelledError):
        await task
    assert Slow.store == {}
