"""The journal of a map: identity of variants, rejected journals, disk failures, no secrets."""

from __future__ import annotations

import errno
import logging
import os
from collections.abc import Callable
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest

from comfy_cloud import AsyncMapResult, ConfigurationError
from comfy_cloud_emulator import Emulator
from tests.clock import FakeTime

from .clients import IMAGE_GRAPH, client, image_graph
from .maps import collect, color_inputs, executed_once, results, resume
from .test_submission import DOT

ONE_TRANSPORT = True  # variants are compared before anything is sent

Start = Callable[..., Emulator]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "map.jsonl"


# Identity of variants


async def test_variants_are_recognised_by_their_content(
    empty_emulator: Emulator, time: FakeTime, path: Path
) -> None:
    async def mapped(inputs: list[Any]) -> list[bool]:
        async with client(empty_emulator, time) as cloud:
            found = await results(cloud.map(IMAGE_GRAPH, inputs, journal=path))
        return [result.from_journal for result in sorted(found, key=lambda result: result.index)]

    one, two, three = {"1.color": 1}, {"1.color": 2}, {"1.color": 3}
    assert await mapped([one, two, one]) == [False, False, False]
    assert await mapped([{"EmptyImage.color": 1.0}, one, two]) == [True, True, True]
    assert await mapped([three, two, one, one, one]) == [False, True, True, True, False]
    assert len(empty_emulator.submissions) == 5


async def test_local_files_count_by_their_content(
    empty_emulator: Emulator, time: FakeTime, path: Path, tmp_path: Path
) -> None:
    graph = {"1": {"class_type": "LoadImage", "inputs": {"image": "x"}}, "2": IMAGE_GRAPH["2"]}
    original, copy = tmp_path / "a.png", tmp_path / "b.png"

    async def mapped(file: Path) -> bool:
        async with client(empty_emulator, time) as cloud:
            (found,) = await results(cloud.map(graph, [{"1.image": file}], journal=path))
        return found.from_journal

    original.write_bytes(DOT)
    copy.write_bytes(DOT)
    assert [await mapped(original), await mapped(original), await mapped(copy)] == [False, True, True]
    original.write_bytes(DOT + b"changed")
    assert await mapped(original) is False
    original.unlink()
    async with client(empty_emulator, time) as cloud:
        (found,) = await results(cloud.map(graph, [{"1.image": original}], journal=path))
    assert isinstance(found.error, ConfigurationError)


# Rejected journals


async def test_another_journal_is_rejected_before_anything_is_sent(
    start_emulator: Start, time: FakeTime, path: Path, tmp_path: Path
) -> None:
    emulator, other = start_emulator(), start_emulator()
    await resume(emulator, time, path, 1)
    before = path.read_bytes()
    emulator.clear_requests()
    async with client(emulator, time) as cloud:
        for workflow, options in (
            (image_graph(9), {}),
            (IMAGE_GRAPH, {"partial_execution_targets": ["2"]}),
            (IMAGE_GRAPH, {"randomise_seeds": True}),
            (IMAGE_GRAPH, {"workflow_id": "w"}),
        ):
            with pytest.raises(ConfigurationError, match="another workflow"):
                await results(cloud.map(workflow, color_inputs(1), journal=path, **options))
    async with client(other, time) as cloud:
        with pytest.raises(ConfigurationError, match=r"belongs to http://127.0.0.1"):
            await results(cloud.map(IMAGE_GRAPH, color_inputs(1), journal=path))
        text = tmp_path / "text.txt"
        text.write_text("my diary")
        with pytest.raises(ConfigurationError, match="not the journal of a map"):
            await results(cloud.map(IMAGE_GRAPH, color_inputs(1), journal=text))
    assert text.read_text() == "my diary"
    assert path.read_bytes() == before
    assert emulator.requests == other.requests == []


async def test_two_maps_of_one_journal(empty_emulator: Emulator, time: FakeTime, path: Path) -> None:
    async with client(empty_emulator, time) as cloud, client(empty_emulator, time) as other:
        async with aclosing(cloud.map(IMAGE_GRAPH, color_inputs(3), journal=path)) as mapped:
            async for _ in mapped:
                with pytest.raises(ConfigurationError, match="in use"):
                    await results(other.map(IMAGE_GRAPH, color_inputs(3), journal=path))
    assert len(empty_emulator.submissions) == 3
    await resume(empty_emulator, time, path, 3)


# Disk failures and incomplete lines


@pytest.mark.parametrize("writes", [1, 2, 4])
async def test_a_full_disk_stops_the_map_before_anything_unrecorded_is_sent(
    start_emulator: Start, time: FakeTime, path: Path, writes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    emulator = start_emulator(tier="creator")
    write = os.write
    left = [writes]

    def full(descriptor: int, data: bytes) -> int:
        if left[0] == 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        if bytes(data).startswith(b"{"):
            left[0] -= 1
        return write(descriptor, data)

    given: list[AsyncMapResult] = []
    with monkeypatch.context() as patch:
        patch.setattr("comfy_cloud._submission.journal.os.write", full)
        async with client(emulator, time) as cloud:
            with pytest.raises(ConfigurationError, match="No space left"):
                await collect(cloud.map(IMAGE_GRAPH, color_inputs(5), journal=path), given)
    assert len(emulator.submissions) == len(given) == writes // 2
    assert all(result.is_completed for result in given)
    found = await resume(emulator, time, path)
    assert all(result.is_completed for result in found.values())
    executed_once(emulator, 5)


async def test_an_incomplete_last_line_is_removed(
    empty_emulator: Emulator, time: FakeTime, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    await resume(empty_emulator, time, path, 2)
    path.write_bytes(path.read_bytes()[:-9])
    with caplog.at_level(logging.WARNING, "comfy_cloud"):
        found = await resume(empty_emulator, time, path, 2)
    assert "removed an incomplete last line" in caplog.text
    assert all(result.is_completed and result.from_journal for result in found.values())
    executed_once(empty_emulator, 2)


async def test_nothing_secret_enters_the_journal(
    empty_emulator: Emulator, time: FakeTime, path: Path
) -> None:
    graph = {
        **IMAGE_GRAPH,
        "3": {"class_type": "Note", "inputs": {"text": "hush", "api_key": "sk-123456789"}},
    }
    async with client(empty_emulator, time, partner_api_key="comfyui-partner-key") as cloud:
        await results(
            cloud.map(
                graph,
                [{"3.text": "my secret wish"}],
                journal=path,
                partner_nodes=True,
                extra_data={"token": "tok-987654321"},
            )
        )
    written = path.read_text()
    assert empty_emulator.submissions[0].extra_data["api_key_comfy_org"] == "comfyui-partner-key"
    for secret in (empty_emulator.key, "comfyui-partner-key", "hush", "sk-123", "secret wish", "tok-987"):
        assert secret not in written
