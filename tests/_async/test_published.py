"""The client over a server that keeps to the letter of the published contract."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from comfy_cloud.hashing import asset_hash, graph_name, hash_bytes
from comfy_cloud_emulator import Emulator
from tests.clock import FakeTime
from tests.images import png

from .clients import client
from .test_file_inputs import LOAD_GRAPH, size


@pytest.fixture
def published(start_emulator: Callable[..., Emulator]) -> Emulator:
    return start_emulator(quirks="published")


async def test_an_asset_is_an_input_and_comes_back(
    published: Emulator, time: FakeTime, tmp_path: Path
) -> None:
    content = png("green")
    async with client(published, time) as cloud:
        asset = await cloud.assets.upload(content, name="b.png")
        assert asset_hash(asset) == hash_bytes(content)
        job = await cloud.run(LOAD_GRAPH, {"1.image": asset})
        assert size(await job.outputs[0].read()) == (8, 8)
        assert await cloud.assets.exists(asset.asset_hash or "")
        # The published contract has no content of assets, but that of files.
        path = await cloud.files.download(graph_name(asset) or "", tmp_path / "c.png", type="input")
    with Image.open(io.BytesIO(path.read_bytes())) as image:
        assert image.size == (8, 8)


async def test_assets_are_listed_without_cursors(published: Emulator, time: FakeTime) -> None:
    async with client(published, time) as cloud:
        made = [(await cloud.assets.upload(bytes([n]) * 9, name=f"{n}.bin")).id for n in range(5)]
        found = [asset.id async for asset in cloud.assets.iter(page_size=2)]
    assert sorted(found) == sorted(made)


async def test_a_stored_file_has_a_time(published: Emulator, time: FakeTime) -> None:
    async with client(published, time) as cloud:
        written = await cloud.userdata.write("workflows/a.json", "{}")
        (listed,) = await cloud.userdata.list("workflows")
    assert (written.path, written.size, written.modified) == ("workflows/a.json", 2, listed.modified)
    assert written.modified is not None
