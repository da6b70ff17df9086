"""Steps in threads, other than those of downloads, of which a cancelled task leaves nothing."""

from __future__ import annotations

import asyncio
import io
import os
import threading
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import anyio
import pytest

from comfy_cloud import AsyncComfyCloud
from comfy_cloud._files.upload_sources import UploadSource
from comfy_cloud._submission.journal import Journal
from comfy_cloud._workflows.catalogue_file import CatalogueFile
from comfy_cloud_emulator import Emulator
from tests.clock import FakeTime

GRAPH = {
    "1": {"class_type": "EmptyImage", "inputs": {"width": 8, "height": 8, "batch_size": 1, "color": 0}},
    "2": {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": "a"}},
}


class Gate:
    """Stops a thread in the middle of a step, until the step may end."""

    def __init__(self) -> None:
        self.reached, self.may_end = threading.Event(), threading.Event()
        self.passed = 0

    def pass_through(self) -> None:
        self.reached.set()
        assert self.may_end.wait(30)
        self.passed += 1


@pytest.fixture
def gate() -> Iterator[Gate]:
    gate = Gate()
    yield gate
    gate.may_end.set()


async def cancelled(gate: Gate, call: Callable[[], Awaitable[object]]) -> None:
    """Cancel a call while its step is at the gate; it must wait for the end of the step."""

    async def made() -> None:
        await call()

    task = asyncio.ensure_future(made())
    with anyio.fail_after(30):
        while not gate.reached.is_set():
            await anyio.lowlevel.checkpoint()
            assert not task.done(), task
    for _ in range(2):
        task.cancel()
        for _ in range(10):
            await anyio.lowlevel.checkpoint()
    assert not task.done()
    gate.may_end.set()
    with pytest.raises(asyncio.CancelledError):
        await task


def client(emulator: Emulator, time: FakeTime) -> AsyncComfyCloud:
    return AsyncComfyCloud(api_key=emulator.key, base_url=emulator.url, runtime=time.async_runtime())


async def test_a_source_that_was_opened_too_late_is_closed(
    empty_emulator: Emulator, time: FakeTime, gate: Gate, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.txt").write_bytes(b"abc")
    opened: list[UploadSource] = []
    init = UploadSource.__init__

    def slow(self: UploadSource, *arguments: Any) -> None:
        init(self, *arguments)
        opened.append(self)
        gate.pass_through()

    monkeypatch.setattr(UploadSource, "__init__", slow)
    async with client(empty_emulator, time) as cloud:
        await cancelled(gate, lambda: cloud.assets.upload(tmp_path / "a.txt"))
    assert [source.file.closed for source in opened] == [True]
    assert empty_emulator.requests == []


async def test_a_large_file_is_not_read_to_its_end(
    empty_emulator: Emulator, time: FakeTime, gate: Gate
) -> None:
    class Slow(io.BytesIO):
        reads = 0

        def readinto(self, buffer: Any) -> int:
            self.reads += 1
            gate.pass_through()
            return super().readinto(buffer)

    source = Slow(bytes(40_000_000))
    async with client(empty_emulator, time) as cloud:
        await cancelled(gate, lambda: cloud.assets.upload(source))
    assert source.reads == 1  # five blocks
    assert not source.closed
    assert empty_emulator.requests == []


async def test_a_journal_that_was_opened_too_late_is_not_held(
    empty_emulator: Emulator, time: FakeTime, gate: Gate, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load = Journal._load

    def slow(self: Journal, *arguments: Any) -> None:
        load(self, *arguments)
        gate.pass_through()

    monkeypatch.setattr(Journal, "_load", slow)

    async def run() -> None:
        async for _ in cloud.map(GRAPH, [{}], journal=tmp_path / "j"):
            pass

    async with client(empty_emulator, time) as cloud:
        await cancelled(gate, run)
        journal = tmp_path / "j"
        header = journal.read_bytes()
        assert header.count(b"\n") == 1
        [result] = [each async for each in cloud.map(GRAPH, [{}], journal=journal)]
    assert result.error is None
    assert journal.read_bytes().startswith(header)


@pytest.mark.parametrize("at", [1, 2, 3])
async def test_a_line_of_a_journal_is_written_as_a_whole(
    empty_emulator: Emulator,
    time: FakeTime,
    gate: Gate,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    at: int,
) -> None:
    """The lines of a map: its header, a variant, its job."""
    journal = tmp_path / "j"
    sync = os.fsync
    count = 0

    def slow(descriptor: int) -> None:
        nonlocal count
        if os.fstat(descriptor).st_ino == journal.stat().st_ino:
            count += 1
            if count == at:
                gate.pass_through()
        sync(descriptor)

    async def run() -> None:
        async for _ in cloud.map(GRAPH, [{}], journal=journal):
            pass

    async with client(empty_emulator, time) as cloud:
        with monkeypatch.context() as patch:
            patch.setattr(os, "fsync", slow)
            await cancelled(gate, run)
        content = journal.read_bytes()
        assert content.endswith(b"\n")
        assert content.count(b"\n") >= at
        [result] = [each async for each in cloud.map(GRAPH, [{}], journal=journal)]
    assert result.error is None
    assert len([sent for sent in empty_emulator.requests if sent.path == "/api/prompt"]) <= 2


async def test_the_copy_of_the_node_catalogue_is_written_or_not_there(
    empty_emulator: Emulator, time: FakeTime, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = CatalogueFile.write

    def slow(self: CatalogueFile, content: bytes, now: float) -> None:
        gate.pass_through()
        write(self, content, now)

    monkeypatch.setattr(CatalogueFile, "write", slow)
    async with client(empty_emulator, time) as cloud:
        await cancelled(gate, cloud.nodes.all)
        file = CatalogueFile(empty_emulator.url)
        found = file.read()
    assert found is not None
    assert [path.name for path in file.path.parent.iterdir()] == [file.path.name]
