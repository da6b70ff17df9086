"""`cloud.nodes`: the catalogue, decoded on access, and its copies in memory and on disk."""

from __future__ import annotations

import json
import os
from datetime import timedelta
from pathlib import Path

import pytest

from comfy_cloud import AsyncComfyCloud, ConfigurationError, NotFound, Retry, ServerError, UnexpectedResponse
from comfy_cloud._workflows import node_catalogue
from comfy_cloud_api.models.node_info import NodeInfo
from comfy_cloud_emulator import Emulator, Fault
from tests.clock import FakeTime

from .clients import client


def cached_files() -> list[Path]:
    """The copies on disk, in the folder that the fixtures set for each test."""
    return list(Path(os.environ["COMFY_CLOUD_CACHE_DIR"]).iterdir())


async def test_all_is_a_mapping_of_classes(cloud: AsyncComfyCloud) -> None:
    nodes = await cloud.nodes.all()
    assert len(nodes) >= 20
    assert "KSampler" in nodes
    assert "KSampler" in list(nodes)
    assert nodes["KSampler"] is nodes["KSampler"]
    assert nodes["KSampler"].name == "KSampler"
    assert "seed" in (nodes["KSampler"].input_ or {})["required"]
    assert nodes.get("NoSuchNode") is None
    assert not nodes.is_stale


async def test_only_accessed_classes_are_decoded(
    empty_emulator: Emulator, time: FakeTime, monkeypatch: pytest.MonkeyPatch
) -> None:
    decoded: list[str] = []
    decode = node_catalogue.decode_item

    def recording(model: type[NodeInfo], content: bytes) -> NodeInfo | None:
        decoded.append(json.loads(content)["name"])
        return decode(model, content)

    monkeypatch.setattr(node_catalogue, "decode_item", recording)
    async with client(empty_emulator, time) as cloud:
        nodes = await cloud.nodes.all()
        assert "SaveImage" in nodes
        assert len(list(nodes)) == len(nodes)
        assert decoded == []
        assert nodes["KSampler"].name == nodes["KSampler"].name
    assert decoded == ["KSampler"]


async def test_one_class_and_similar_names(cloud: AsyncComfyCloud, empty_emulator: Emulator) -> None:
    assert (await cloud.nodes.get("KSampler")).name == "KSampler"
    with pytest.raises(NotFound, match="did you mean KSampler"):
        await cloud.nodes.get("ksamplr")
    assert len(empty_emulator.requests) == 1


async def test_a_recent_copy_is_shared_by_clients(empty_emulator: Emulator, time: FakeTime) -> None:
    async with client(empty_emulator, time) as cloud:
        first = await cloud.nodes.all()
        assert await cloud.nodes.all() is first
    async with client(empty_emulator, time) as cloud:
        assert dict(await cloud.nodes.all()) == dict(first)
        time.advance(3599)
        await cloud.nodes.all()
        assert len(empty_emulator.requests) == 1
        time.advance(2)
        await cloud.nodes.all()
        assert len(empty_emulator.requests) == 2
        await cloud.nodes.all(max_age=0)
        await cloud.nodes.all(max_age=timedelta(0))
    assert len(empty_emulator.requests) == 4
    copies = cached_files()
    assert len(copies) == 1
    assert empty_emulator.key not in copies[0].name
    assert empty_emulator.key.encode() not in copies[0].read_bytes()


async def test_a_copy_from_the_future_is_not_used(empty_emulator: Emulator, time: FakeTime) -> None:
    """As after a clock that was ahead is set back."""
    async with client(empty_emulator, time) as cloud:
        await cloud.nodes.all()
        time.advance(-7200)
        await cloud.nodes.all()
    assert len(empty_emulator.requests) == 2
    time.advance(-7200)
    async with client(empty_emulator, time) as cloud:
        await cloud.nodes.all()
    assert len(empty_emulator.requests) == 3


async def test_a_stale_copy_is_used_on_request(empty_emulator: Emulator, time: FakeTime) -> None:
    async with client(empty_emulator, time, retry=Retry.none()) as cloud:
        await cloud.nodes.all()
    time.advance(100_000)
    empty_emulator.faults.add(Fault.status_burst(500, times=None))
    async with client(empty_emulator, time, retry=Retry.none()) as cloud:
        with pytest.raises(ServerError):
            await cloud.nodes.all()
        stale = await cloud.nodes.all(stale_if_error=True)
        assert stale.is_stale
        assert "KSampler" in stale
        empty_emulator.faults.clear()
        assert not (await cloud.nodes.all(stale_if_error=True)).is_stale


async def test_a_broken_copy_is_fetched_again(empty_emulator: Emulator, time: FakeTime) -> None:
    async with client(empty_emulator, time) as cloud:
        await cloud.nodes.all()
    (copy,) = cached_files()
    written = copy.stat()
    copy.write_bytes(b'{"KSampler": ')
    os.utime(copy, (written.st_atime, written.st_mtime))
    async with client(empty_emulator, time) as cloud:
        assert "KSampler" in await cloud.nodes.all()
    assert len(empty_emulator.requests) == 2


async def test_odd_responses(cloud: AsyncComfyCloud, empty_emulator: Emulator) -> None:
    odd = {"Good": {"name": "Good", "display_name": None, "output_tooltips": [None]}, "Bad": 7}
    empty_emulator.faults.add(
        Fault("status", status=200, body=["no", "object"]), Fault("status", status=200, body=odd)
    )
    with pytest.raises(UnexpectedResponse):
        await cloud.nodes.all()
    nodes = await cloud.nodes.all()
    with pytest.raises(ConfigurationError):
        await cloud.nodes.all(max_age=-1)
    assert list(nodes) == ["Good"]
    assert "Bad" not in nodes
    assert nodes["Good"].output_tooltips == [None]
