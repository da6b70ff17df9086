"""`cloud.userdata` over real sockets, also in the formats of a self-hosted ComfyUI."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from comfy_cloud import AsyncComfyCloud, ConfigurationError, Conflict, NotFound
from comfy_cloud_emulator import Emulator, Fault
from tests.clock import FakeTime

from .clients import client


async def test_write_read_list_delete(empty_emulator: Emulator, time: FakeTime) -> None:
    path = "workflows/a b/grüße #1.json"
    async with client(empty_emulator, time) as cloud:
        written = await cloud.userdata.write(path, '{"ü": 1}')
        content = await cloud.userdata.read(path)
        (listed,) = await cloud.userdata.list()
        await cloud.userdata.delete(path)
        assert await cloud.userdata.list("workflows/") == []
        with pytest.raises(NotFound):
            await cloud.userdata.read(path)
    assert content == '{"ü": 1}'.encode()
    assert written.path == path
    assert written.size == len(content)
    assert listed.path.endswith("grüße #1.json")
    assert listed.size == len(content)
    assert listed.modified == written.modified == time.now()
    assert empty_emulator.requests[0].raw_path.startswith("/api/userdata/workflows%2Fa%20b%2F")
    assert dict(empty_emulator.requests[0].query)["full_info"] == "true"
    listing = dict(empty_emulator.requests[2].query)
    assert listing["dir"] == "workflows/"
    assert listing["full_info"] == "true"


async def test_a_file_is_not_overwritten_on_request(cloud: AsyncComfyCloud) -> None:
    await cloud.userdata.write("workflows/a.json", b"1")
    with pytest.raises(Conflict):
        await cloud.userdata.write("workflows/a.json", b"2", overwrite=False)
    assert await cloud.userdata.read("workflows/a.json") == b"1"
    await cloud.userdata.write("workflows/a.json", b"3")
    assert await cloud.userdata.read("workflows/a.json") == b"3"


@pytest.mark.parametrize("path", ["", "..", "a/../b", "/etc/passwd", "a//b", "a\\..\\b", "."])
async def test_paths_that_lead_out(cloud: AsyncComfyCloud, empty_emulator: Emulator, path: str) -> None:
    for call in (cloud.userdata.read, cloud.userdata.delete):
        with pytest.raises(ConfigurationError):
            await call(path)
    with pytest.raises(ConfigurationError):
        await cloud.userdata.write(path, b"")
    assert empty_emulator.requests == []


async def test_a_self_hosted_server(cloud: AsyncComfyCloud, empty_emulator: Emulator) -> None:
    second = 1_790_000_000
    whole = {"path": "a.json", "size": 3, "modified": second + 0.5, "created": float(second)}
    empty_emulator.faults.add(
        Fault("status", status=200, body=["a.json", "b.json"]),
        Fault("status", status=200, body=[whole]),
        Fault("status", status=200, body="workflows/a.json".join('""'), content_type="application/json"),
        Fault("status", status=200, body=whole),
        Fault("status", status=404, body="", content_type="text/plain"),
        Fault("status", status=200, body={"size": 3}),
    )
    assert [file.path for file in await cloud.userdata.list()] == ["a.json", "b.json"]
    (file,) = await cloud.userdata.list()
    bare = await cloud.userdata.write("workflows/a.json", b"abc")
    full = await cloud.userdata.write("workflows/a.json", b"abc")
    assert await cloud.userdata.list("nothing here") == []
    nameless = await cloud.userdata.write("workflows/a.json", b"abc")
    assert file.modified == datetime.fromtimestamp(second + 0.5, UTC)
    assert file.created == datetime.fromtimestamp(second, UTC)
    assert (bare.path, bare.size, bare.modified) == ("workflows/a.json", None, None)
    assert full == file
    assert nameless.path == "workflows/a.json"
