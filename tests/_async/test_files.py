"""`cloud.files` over real sockets: uploads and their names, previews, masks.

Downloads are in `test_transfers`.
"""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image

from comfy_cloud import AsyncComfyCloud, BadRequest, ConfigurationError, NotFound
from comfy_cloud._jobs.outputs import Output
from comfy_cloud.hashing import hash_bytes
from comfy_cloud_emulator import Emulator, Fault
from tests.clock import FakeTime

from .clients import client


def png_image(size: tuple[int, int] = (80, 60), mode: str = "RGB") -> bytes:
    file = io.BytesIO()
    Image.new(mode, size, (10, 200, 30, 128)[: len(mode)]).save(file, "PNG")
    return file.getvalue()


async def test_an_uploaded_image_is_named_by_its_content(
    empty_emulator: Emulator, time: FakeTime, tmp_path: Path
) -> None:
    content = png_image()
    path = tmp_path / "grüße.png"
    path.write_bytes(content)
    seen: list[tuple[int, int | None]] = []
    async with client(empty_emulator, time) as cloud:
        stored = await cloud.files.upload_image(path, progress=lambda done, total: seen.append((done, total)))
        async with cloud.files.open(stored.name or "", type="input") as stream:
            assert await stream.read() == content
        with path.open("rb") as file:
            again = await cloud.files.upload_image(file)
            assert not file.closed
    assert stored.name == again.name == f"{hash_bytes(content)}.png"
    assert stored.type_ == "input"
    assert seen[-1] == (len(content), len(content))
    assert 'filename="grüße.png"'.encode() in empty_emulator.requests[0].body


async def test_an_upload_is_repeated_from_its_start(empty_emulator: Emulator, time: FakeTime) -> None:
    content = png_image()
    empty_emulator.faults.add(Fault.status_burst(503), Fault.status_burst(500))
    async with client(empty_emulator, time) as cloud:
        stored = await cloud.files.upload_image(content, name="a.png")
    assert stored.name
    assert len(time.sleeps) == 2
    assert [content in request.body for request in empty_emulator.requests] == [True, True, True]


async def test_a_file_that_is_not_an_image_is_rejected(cloud: AsyncComfyCloud) -> None:
    with pytest.raises(BadRequest):
        await cloud.files.upload_image(b"not an image at all", name="a.png")
    with pytest.raises(FileNotFoundError):
        await cloud.files.upload_image("nowhere/to/be/found.png")
    with pytest.raises(ConfigurationError, match="binary"):
        await cloud.files.upload_image(io.StringIO("text"))  # type: ignore[arg-type]


async def test_channels_and_previews(empty_emulator: Emulator, time: FakeTime, tmp_path: Path) -> None:
    name = empty_emulator.store.files.put(png_image((400, 300), "RGBA"), "png")
    async with client(empty_emulator, time) as cloud:
        small = await cloud.files.download(name, tmp_path / "small.jpg", res=64)
        alpha = await cloud.files.download(name, tmp_path / "alpha.png", channel="a")
        with pytest.raises(BadRequest):
            await cloud.files.download(name, tmp_path / "x.jpg", res=1)
    with Image.open(small) as image:
        assert image.format == "JPEG"
        assert max(image.size) == 64
    with Image.open(alpha) as image:
        assert image.size == (400, 300)


async def test_masks(cloud: AsyncComfyCloud) -> None:
    original = await cloud.files.upload_image(png_image(), name="a.png")
    mask = await cloud.files.upload_mask(png_image(mode="RGBA"), original.name or "")
    reference = {"filename": original.name, "subfolder": "", "type": "input"}
    by_reference = await cloud.files.upload_mask(png_image(mode="RGBA"), reference)
    by_output = await cloud.files.upload_mask(png_image(mode="RGBA"), Output(reference))
    layers = await cloud.files.mask_layers(mask.name or "")
    with pytest.raises(NotFound):
        await cloud.files.mask_layers("0" * 64 + ".png")
    assert mask.name
    assert mask.name == by_reference.name == by_output.name
    assert layers.painted_masked or layers.mask


async def test_a_signed_url_needs_no_key(cloud: AsyncComfyCloud, empty_emulator: Emulator) -> None:
    name = empty_emulator.store.files.put(png_image(), "png")
    url = await cloud.files.signed_url(name)
    with pytest.raises(NotFound):
        await cloud.files.signed_url("0" * 64 + ".png")
    assert url.startswith(empty_emulator.files_url)
    assert empty_emulator.key not in url
