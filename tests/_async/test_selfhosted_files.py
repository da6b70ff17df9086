"""Files of a self-hosted ComfyUI: read directly from /api/view by name and folder, and uploaded."""

from __future__ import annotations

import dataclasses
import io
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from comfy_cloud import AsyncComfyCloud, ComfyCloudWarning, JobStatus, NotFound, NotSupported
from comfy_cloud_emulator import Emulator, Fault, Quirks
from tests.clock import FakeTime
from tests.images import png

from .clients import IMAGE_GRAPH, keyless, posts

Start = Callable[..., Emulator]
VIEW = "/api/view"
BIG = bytes(range(256)) * 1200

pytestmark = pytest.mark.filterwarnings("ignore::comfy_cloud.ComfyCloudWarning")


def graph(prefix: str, color: int = 255) -> dict[str, Any]:
    """A graph that saves an image below a folder."""
    first = {**IMAGE_GRAPH["1"], "inputs": {**IMAGE_GRAPH["1"]["inputs"], "color": color}}
    return {"1": first, "2": {**IMAGE_GRAPH["2"], "inputs": {"images": ["1", 0], "filename_prefix": prefix}}}


def views(emulator: Emulator) -> list[Any]:
    return [request for request in emulator.requests if request.path == VIEW]


async def test_outputs_are_read_and_saved_from_their_folders(
    cloud: AsyncComfyCloud, comfyui: Emulator, tmp_path: Path
) -> None:
    one = await cloud.run(graph("a/pic", 1))
    two = await cloud.run(graph("b/pic", 2))
    (first,), (second,) = one.outputs, two.outputs
    assert (first.filename, first.subfolder, first.type) == ("pic_00001_.png", "a", "output")
    assert (second.filename, second.subfolder) == ("pic_00001_.png", "b")
    contents = [await first.read(), await second.read()]
    saved = await first.save(tmp_path / "named.png")
    both = await cloud.files.download_all([first, second], tmp_path / "both")
    downloaded = await one.download(tmp_path / "job", name="{node}_{index}{ext}")
    assert contents[0] != contents[1]
    assert [content[:4] for content in contents] == [b"\x89PNG"] * 2
    assert saved.read_bytes() == contents[0]
    # Both have the same name on the server, in two folders; here they get two names.
    assert [path.name for path in both] == ["pic_00001_.png", "pic_00001__2.png"]
    assert [path.read_bytes() for path in both] == contents
    assert [path.name for path in downloaded] == ["2_0.png"]
    assert {request.status for request in views(comfyui)} == {200}
    assert not comfyui.file_requests  # no second origin is needed
    assert dict(views(comfyui)[0].query) == {"filename": "pic_00001_.png", "subfolder": "a", "type": "output"}


async def test_previews_are_in_the_folder_for_temporary_files(comfyui: Emulator, time: FakeTime) -> None:
    shown = {"1": IMAGE_GRAPH["1"], "2": {"class_type": "PreviewImage", "inputs": {"images": ["1", 0]}}}
    async with keyless(comfyui, time) as cloud:
        job = await cloud.run(shown)
        (output,) = job.outputs
        assert output.type == "temp"
        assert (await output.read())[:4] == b"\x89PNG"


async def test_files_that_exist_are_compared_by_their_size(
    cloud: AsyncComfyCloud, comfyui: Emulator, tmp_path: Path
) -> None:
    job = await cloud.run(IMAGE_GRAPH)
    first = await job.download(tmp_path, if_exists="skip")
    with pytest.warns(ComfyCloudWarning, match="by its size alone"):
        again = await job.download(tmp_path, if_exists="skip")
    assert (again, again.outcomes) == (first, ["skipped"])
    first[0].write_bytes(b"other")
    with pytest.raises(FileExistsError, match="has 5 bytes instead of"):
        await job.download(tmp_path, if_exists="skip")
    assert first[0].read_bytes() == b"other"


async def test_a_broken_download_is_resumed(comfyui: Emulator, time: FakeTime, tmp_path: Path) -> None:
    async with keyless(comfyui, time) as cloud:
        stored = await cloud.files.upload_image(BIG, name="big.bin")
        assert (stored.name, stored.type_) == ("big.bin", "input")
        comfyui.faults.add(Fault.cut(path=VIEW, at_bytes=100_000), Fault.cut(path=VIEW, at_bytes=50_000))
        path = await cloud.files.download("big.bin", tmp_path, type="input")
    assert path.read_bytes() == BIG
    assert [request.status for request in views(comfyui)] == [200, 206, 206]
    assert views(comfyui)[1].headers["range"] == "bytes=100000-"


async def test_a_file_that_changes_during_the_download_is_restarted(
    cloud: AsyncComfyCloud, comfyui: Emulator, time: FakeTime, tmp_path: Path
) -> None:
    """The server sends a part of the new file, whatever validator the request has."""
    await cloud.files.upload_image(BIG, name="big.bin")
    comfyui.faults.add(
        Fault.cut(path=VIEW, at_bytes=100_000),
        Fault("drift", path=VIEW, mutate=lambda store: replaced(comfyui, time)),
    )
    path = await cloud.files.download("big.bin", tmp_path, type="input")
    assert path.read_bytes() == BIG[::-1]


def replaced(emulator: Emulator, time: FakeTime) -> None:
    time.advance(2)
    stored = emulator.files.put(BIG[::-1], ".bin")
    emulator.store.folders.put("input", "", "big.bin", stored)


async def test_missing_files_and_channels(cloud: AsyncComfyCloud, comfyui: Emulator, tmp_path: Path) -> None:
    content = png((255, 0, 0, 128), "RGBA")
    await cloud.files.upload_image(content, name="a.png")
    with pytest.raises(NotFound):
        await cloud.files.download("gone.png", tmp_path)
    with pytest.raises(NotFound):  # it is among the inputs
        await cloud.files.download("a.png", tmp_path)
    path = await cloud.files.download("a.png", tmp_path, type="input", channel="alpha")
    with pytest.raises(NotSupported, match="smaller images"):
        await cloud.files.download("a.png", tmp_path / "small.jpg", type="input", res=64)
    with pytest.raises(NotSupported, match="smaller images"):
        async with cloud.files.open("a.png", type="input", res=64):
            pass
    assert Image.open(path).getpixel((0, 0)) == (0, 0, 0, 128)
    assert [file.name for file in tmp_path.iterdir()] == ["a.png"]


# Uploads


async def test_uploads_keep_their_names(cloud: AsyncComfyCloud, comfyui: Emulator) -> None:
    names = []
    for name, content, options in [
        ("z ü 海.png", png(), {}),
        ("z ü 海.png", png(), {}),
        ("z ü 海.png", png((0, 0, 0)), {}),
        ("z ü 海.png", png((0, 0, 0)), {"overwrite": True}),
        ("a.png", png(), {"subfolder": "x/y"}),
    ]:
        stored = await cloud.files.upload_image(content, name=name, **options)
        names.append((stored.subfolder, stored.name))
    async with cloud.files.open("z ü 海.png", type="input") as opened:
        assert await opened.read() == png((0, 0, 0))
    assert names == [
        ("", "z ü 海.png"), ("", "z ü 海.png"), ("", "z ü 海 (1).png"), ("", "z ü 海.png"), ("x/y", "a.png")
    ]  # fmt: skip
    body = comfyui.requests[0].body
    assert 'filename="z ü 海.png"'.encode() in body


@pytest.mark.parametrize("name", ["cat.png", "ü b.png"])
async def test_a_local_file_is_uploaded_by_its_name(
    cloud: AsyncComfyCloud, comfyui: Emulator, time: FakeTime, tmp_path: Path, name: str
) -> None:
    (tmp_path / name).write_bytes(png())
    loading = {
        "1": {"class_type": "LoadImage", "inputs": {"image": "example.png"}},
        "2": {"class_type": "PreviewImage", "inputs": {"images": ["1", 0]}},
    }
    await cloud.files.upload_image(png((1, 2, 3)), name=name)
    job = await cloud.run(loading, inputs={"1.image": str(tmp_path / name)})
    assert job.status is JobStatus.COMPLETED
    stem, _, extension = name.rpartition(".")
    # There is another file of this name already.
    assert comfyui.submissions[0].graph["1"]["inputs"]["image"] == f"{stem} (1).{extension}"
    assert posts(comfyui, "/api/upload/image") == 2
    assert posts(comfyui, "/api/assets") == 0  # the upload of a large file would break off
    assert sum(time.sleeps) < 20  # a server with assets switched off is not retried


async def test_a_local_file_becomes_an_asset_where_assets_are_on(
    start_emulator: Start, time: FakeTime, tmp_path: Path
) -> None:
    quirks = dataclasses.replace(Quirks.preset("comfyui_new"), assets_disabled=False)
    emulator = start_emulator(quirks=quirks)
    (tmp_path / "cat.png").write_bytes(png())
    loading = {
        "1": {"class_type": "LoadImage", "inputs": {"image": "example.png"}},
        "2": {"class_type": "PreviewImage", "inputs": {"images": ["1", 0]}},
    }
    async with keyless(emulator, time) as cloud:
        job = await cloud.run(loading, inputs={"1.image": str(tmp_path / "cat.png")})
        (asset,) = await cloud.assets.list(tags=["input"])
        assert await cloud.assets.exists(asset.hash_ or "")
        assert not await cloud.assets.exists("0" * 64)
        with pytest.raises(NotFound):
            await cloud.assets.get("00000000-0000-4000-8000-000000000000")
    assert job.status is JobStatus.COMPLETED
    assert posts(emulator, "/api/upload/image") == 0


async def test_a_mask_is_applied_to_an_upload(cloud: AsyncComfyCloud, comfyui: Emulator) -> None:
    original = await cloud.files.upload_image(png((10, 20, 30)), name="a.png")
    mask = await cloud.files.upload_mask(png((0, 0, 0, 77), "RGBA"), original.name or "", name="m.png")
    async with cloud.files.open(mask.name or "", type=mask.type_) as opened:
        laid = Image.open(io.BytesIO(await opened.read()))
    assert laid.getpixel((0, 0)) == (10, 20, 30, 77)


async def test_no_warning_on_a_server_that_lacks_nothing(comfyui: Emulator, time: FakeTime) -> None:
    async with keyless(comfyui, time, strict=True) as cloud:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            await cloud.files.upload_image(png(), name="a.png")
            async with cloud.files.open("a.png", type="input") as opened:
                assert (opened.size, opened.media_type) == (len(png()), "image/png")
