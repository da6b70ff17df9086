"""Files given to inputs: outputs of other jobs, uploads, assets, and contents without a file."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import fsspec
import pytest
from PIL import Image

from comfy_cloud import AsyncComfyCloud, ConfigurationError
from comfy_cloud.hashing import hash_bytes
from comfy_cloud_emulator import Emulator, Fault
from tests.clock import FakeTime
from tests.images import png

from .clients import IMAGE_GRAPH, client, image_graph, posts

LOAD_GRAPH: dict[str, Any] = {
    "1": {"class_type": "LoadImage", "inputs": {"image": "nothing.png"}},
    "2": {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": "copy"}},
}

pytestmark = pytest.mark.filterwarnings("ignore::comfy_cloud.ComfyCloudWarning")


def size(content: bytes) -> tuple[int, int]:
    with Image.open(io.BytesIO(content)) as image:
        return image.size


async def test_a_chain_of_jobs_needs_no_download(cloud: AsyncComfyCloud, empty_emulator: Emulator) -> None:
    first = await cloud.run(IMAGE_GRAPH)
    second = await cloud.run(LOAD_GRAPH, {"1.image": first.outputs[0]})
    assert size(await second.outputs[0].read()) == (64, 64)
    before = len(empty_emulator.requests)
    mapped = [
        result.job.status.value
        async for result in cloud.map(LOAD_GRAPH, [{"1.image": first.outputs[0]}])
        if result.job is not None
    ]
    assert mapped == ["completed"]
    sent = empty_emulator.requests[before:]
    assert [request.path for request in sent if request.path.startswith(("/api/upload", "/api/view"))] == []
    assert empty_emulator.submissions[1].graph["1"]["inputs"]["image"] == first.outputs[0].filename


async def test_a_chain_of_jobs_on_a_self_hosted_server(cloud: AsyncComfyCloud, comfyui: Emulator) -> None:
    save = {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": "a/first"}}
    graph = {**image_graph(3), "2": save}
    first = await cloud.run(graph)
    second = await cloud.run(LOAD_GRAPH, {"1.image": first.outputs[0]})
    assert await second.outputs[0].read() != b""
    (output,) = first.outputs
    assert comfyui.submissions[1].graph["1"]["inputs"]["image"] == f"a/{output.filename} [output]"


async def test_uploads_and_assets_are_inputs(cloud: AsyncComfyCloud, empty_emulator: Emulator) -> None:
    uploaded = await cloud.files.upload_image(png("blue"), name="a.png")
    asset = await cloud.assets.upload(png("green"), name="b.png")
    for given in (uploaded, asset, await cloud.assets.get(asset.id)):
        job = await cloud.run(LOAD_GRAPH, {"1.image": given})
        assert size(await job.outputs[0].read()) == (8, 8)
    names = [submission.graph["1"]["inputs"]["image"] for submission in empty_emulator.submissions]
    assert names == [uploaded.name, f"{hash_bytes(png('green'))}.png", f"{hash_bytes(png('green'))}.png"]


async def test_contents_are_uploaded_under_the_name_of_their_type(
    cloud: AsyncComfyCloud, tmp_path: Path
) -> None:
    (tmp_path / "cat.png").write_bytes(png("yellow"))
    with fsspec.open("memory://inputs/dog.png", "wb") as file:
        file.write(png("black"))
    with (tmp_path / "cat.png").open("rb") as opened:
        for given in (png(), Image.new("RGB", (8, 8), "pink"), opened, "memory://inputs/dog.png"):
            job = await cloud.run(LOAD_GRAPH, {"1.image": given})
            assert size(await job.outputs[0].read()) == (8, 8)
    names = {asset.name async for asset in cloud.assets.iter() if "input" in asset.tags}
    assert names >= {"file.png", "image.png", "cat.png", "dog.png"}


async def test_the_same_content_is_sent_once_for_all_variants(
    cloud: AsyncComfyCloud, empty_emulator: Emulator, tmp_path: Path
) -> None:
    inputs = [{"1.image": png()}, {"1.image": png()}, {"1.image": png("blue")}]
    journal = tmp_path / "journal.jsonl"
    first = [result async for result in cloud.map(LOAD_GRAPH, inputs, journal=journal)]
    again = [result async for result in cloud.map(LOAD_GRAPH, inputs, journal=journal)]
    assert [result.from_journal for result in (*first, *again)] == [False] * 3 + [True] * 3
    assert posts(empty_emulator, "/api/assets") == 2
    assert len(empty_emulator.submissions) == 3
    assert b"PNG" not in journal.read_bytes()


async def test_a_file_that_cannot_be_used_is_the_error_of_its_variant(
    empty_emulator: Emulator, time: FakeTime, tmp_path: Path
) -> None:
    closed = (tmp_path / "a.png").open("w+b")
    closed.close()
    secret = "memory://user:secret@bucket/gone.png?X-Signature=secret"
    inputs = [
        {"1.image": given}
        for given in (png(), closed, b"", io.BytesIO(), secret, tmp_path / "gone.png", png("blue"))
    ]
    async with client(empty_emulator, time) as cloud:
        found = [result async for result in cloud.map(LOAD_GRAPH, inputs)]
    errors = {result.index: str(result.error) for result in found if result.error is not None}
    assert sorted(errors) == [1, 2, 3, 4, 5]
    assert all("1.image" in message for message in errors.values())
    assert "secret" not in str(errors)
    assert len(empty_emulator.submissions) == 2


async def test_a_file_object_is_read_from_its_beginning_each_time(cloud: AsyncComfyCloud) -> None:
    file = io.BytesIO(png())
    file.seek(0, io.SEEK_END)
    results = [result async for result in cloud.map(LOAD_GRAPH, [{"1.image": file}, {"1.image": file}])]
    assert [result.error for result in results] == [None, None]


async def test_a_server_that_chooses_the_ids_of_assets(empty_emulator: Emulator, time: FakeTime) -> None:
    """A self-hosted ComfyUI with assets refuses a field for the id."""
    refusal = {"error": {"code": "UNSUPPORTED_FIELD", "message": "id", "details": {"field": "id"}}}
    empty_emulator.faults.add(Fault("status", method="POST", path="/api/assets", status=400, body=refusal))
    async with client(empty_emulator, time) as cloud:
        asset = await cloud.assets.upload(png(), name="a.png")
    first, second = [request.body for request in empty_emulator.requests if request.path == "/api/assets"]
    assert b'name="id"' in first
    assert b'name="id"' not in second
    assert png() in second
    assert asset.name == "a.png"


@pytest.mark.parametrize(
    ("told", "name"),
    [
        ({"loader_path": "sub/a.png"}, "sub/a.png"),
        ({"asset_hash": f"{'ab' * 32}.png"}, f"{'ab' * 32}.png"),
        ({"hash": f"blake3:{'ab' * 32}"}, None),
    ],
)
async def test_no_name_is_made_up_for_a_self_hosted_server(
    cloud: AsyncComfyCloud, empty_emulator: Emulator, told: dict[str, str], name: str | None
) -> None:
    """Where the server has the content but does not say its name, the file is uploaded by name."""
    digest = hash_bytes(png())
    known = {"id": "0b9c2f0e-0000-4000-8000-000000000001", "name": "file.png", "created_new": False}
    empty_emulator.faults.add(
        Fault("status", method="HEAD", path=f"/api/assets/hash/blake3:{digest}", status=200, body=b""),
        Fault("status", method="POST", path="/api/assets/from-hash", status=200, body=known | told),
    )
    await cloud.submit(LOAD_GRAPH, {"1.image": png()})
    (submission,) = empty_emulator.submissions
    assert posts(empty_emulator, "/api/upload/image") == (0 if name else 1)
    assert submission.graph["1"]["inputs"]["image"] == (name or f"{digest}.png")


@pytest.mark.parametrize(
    ("name", "subfolder", "expected"),
    [
        ("a/b.png", None, ("b.png", "a")),
        ("b/c.png", "a", ("c.png", "a/b")),
        ("a\\b.png", None, ("b.png", "a")),
        ("b.png", "x", ("b.png", "x")),
        (None, None, ("file.png", "")),
    ],
)
async def test_a_folder_in_the_name_of_an_upload(
    cloud: AsyncComfyCloud,
    comfyui: Emulator,
    name: str | None,
    subfolder: str | None,
    expected: tuple[str, str],
) -> None:
    stored = await cloud.files.upload_image(png(), name=name, subfolder=subfolder)
    assert (stored.name, stored.subfolder) == expected
    folder = {"subfolder": stored.subfolder, "type": "input"}
    content = await cloud.files.output({"filename": stored.name, **folder}).read()
    assert content == png()


@pytest.mark.parametrize(
    ("name", "subfolder"),
    [
        ("../a.png", None),
        ("a.png", "x/../.."),
        ("..", None),
        ("a.png", "/etc"),
        ("C:\\a.png", None),
        ("a.png", "C:"),
        ("\\\\host\\share\\a.png", None),
    ],
)
async def test_an_upload_that_leads_out_of_its_folder_is_refused(
    cloud: AsyncComfyCloud, comfyui: Emulator, name: str, subfolder: str | None
) -> None:
    with pytest.raises(ConfigurationError, match=r"outside of its folder.*without '\.\.'"):
        await cloud.files.upload_image(png(), name=name, subfolder=subfolder)
    with pytest.raises(ConfigurationError, match="no file name"):
        await cloud.files.upload_image(png(), name="folder/")
    if subfolder is None:
        with pytest.raises(ConfigurationError, match="outside of its folder"):
            await cloud.files.upload_mask(png(), "original.png", name=name)
    assert comfyui.requests == []
