# Made from tests/_async/test_v2_files.py by `make unasync`. Do not edit.
"""Files by API v2: inputs that are uploaded, outputs as inputs, and downloads with their hash."""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Literal, cast

import pytest
from PIL import Image

from comfy_cloud import ConfigurationError, NotFound, NotSupported, UnexpectedResponse
from comfy_cloud.hashing import hash_bytes
from comfy_cloud_emulator import Emulator, Fault
from tests.clock import FakeTime

from .clients import IMAGE_GRAPH, client, posts

pytestmark = pytest.mark.beyond_contract

Start = Callable[..., Emulator]
ASSETS = "/api/v2/assets"
LOAD_GRAPH: dict[str, Any] = {
    "1": {"class_type": "LoadImage", "inputs": {"image": "nothing.png"}},
    "2": {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": "copy"}},
}


@pytest.fixture
def gone(start_emulator: Start) -> Emulator:
    """A cloud without version 1."""
    return start_emulator(quirks=["v1_gone"], auto_advance=True)


@pytest.fixture
def image(tmp_path: Path) -> Path:
    path = tmp_path / "input.png"
    Image.new("RGB", (7, 5), "green").save(path)
    return path


def size(content: bytes) -> tuple[int, int]:
    with Image.open(io.BytesIO(content)) as shown:
        return shown.size


@pytest.mark.parametrize("api", ["auto", "v2"])
def test_a_local_file_is_an_input_where_version_1_is_gone(
    gone: Emulator, time: FakeTime, image: Path, api: Literal["auto", "v2"]
) -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        with client(gone, time, api=api) as cloud:
            for given in (image, image.read_bytes()):
                job = cloud.run(LOAD_GRAPH, {"1.image": given})
                assert size(job.outputs[0].read()) == (7, 5)
    assert len(caught) == (api == "auto")
    assert posts(gone, ASSETS) == 1  # the second time the service has the content
    if api == "v2":
        assert all(request.path.startswith("/api/v2/") for request in gone.requests)
    (asset,) = [each for each in gone.store.assets.select("NOT is_public", ()) if each.job_id is None][:1]
    assert (asset.name, asset.digest) == ("input.png", hash_bytes(image.read_bytes()))


def test_a_map_uploads_a_file_once(gone: Emulator, time: FakeTime, image: Path) -> None:
    with client(gone, time, api="v2") as cloud:
        inputs = [{"1.image": image, "2.filename_prefix": name} for name in "ab"]
        found = [each for each in cloud.map(LOAD_GRAPH, inputs, concurrency=1)]
        assert [size(each.unwrap().outputs[0].read()) for each in found] == [(7, 5)] * 2
    assert (posts(gone, ASSETS), posts(gone, f"{ASSETS}/from-hash")) == (1, 1)


def test_an_output_of_v2_is_an_input(gone: Emulator, time: FakeTime) -> None:
    with client(gone, time, api="v2") as cloud:
        first = cloud.run(IMAGE_GRAPH)
        second = cloud.run(LOAD_GRAPH, {"1.image": first.outputs[0]})
        assert size(second.outputs[0].read()) == (64, 64)
    assert posts(gone, ASSETS) == 0


def test_content_that_changes_on_the_way_is_an_error(gone: Emulator, time: FakeTime, image: Path) -> None:
    body = {"error": {"code": "hash_mismatch", "message": "no", "details": None}}
    gone.faults.add(Fault("status", status=409, body=body, path=ASSETS))
    with client(gone, time, api="v2") as cloud:
        with pytest.raises(UnexpectedResponse, match=r"input\.png arrived with other content"):
            cloud.submit(LOAD_GRAPH, {"1.image": image})
    assert len(gone.store) == 0


def test_version_1_alone_uploads_nothing_by_v2(gone: Emulator, time: FakeTime, image: Path) -> None:
    with client(gone, time, api="v1") as cloud:
        with pytest.raises(NotSupported):
            cloud.submit(LOAD_GRAPH, {"1.image": image})
    assert not any(request.path.startswith("/api/v2/") for request in gone.requests)


@pytest.mark.parametrize("how", ["save", "download_all"])
def test_a_download_with_another_content_is_an_error(
    gone: Emulator, time: FakeTime, tmp_path: Path, how: str
) -> None:
    with client(gone, time, api="v2") as cloud:
        job = cloud.run(IMAGE_GRAPH)
        output = job.outputs[0]
        saved = output.save(tmp_path / "right")
        assert output.raw["hash"] == f"blake3:{hash_bytes(Path(saved).read_bytes())}"
        cast("dict[str, Any]", output.raw)["hash"] = "blake3:" + "0" * 64
        several = partial(cloud.files.download_all, [output])
        save: Callable[[Path], Any] = output.save if how == "save" else several
        with pytest.raises(UnexpectedResponse, match="BLAKE3"):
            save(tmp_path / "wrong")
    assert not [path for path in tmp_path.glob("wrong/*") if path.stat().st_size]


@pytest.mark.parametrize("api", ["auto", "v2"])
def test_single_assets_where_version_1_is_gone(
    gone: Emulator, time: FakeTime, image: Path, tmp_path: Path, api: Literal["auto", "v2"]
) -> None:
    content, sent = image.read_bytes(), []
    (tmp_path / "out").mkdir()
    digest = hash_bytes(content)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        with client(gone, time, api=api) as cloud:
            assert not cloud.assets.exists(digest)
            made = cloud.assets.upload(image, tags=["input", "a"], progress=lambda *at: sent.append(at))
            again = cloud.assets.upload(image)
            copied = cloud.assets.from_hash(digest, name="copy.png")
            assert cloud.assets.exists(digest)
            found = cloud.assets.get(made.id or "")
            saved = [cloud.assets.download(each, tmp_path / "out") for each in (found, copied)]
            with cloud.assets.open(made.id or "") as file:
                assert file.read() == content
            cloud.assets.delete(made.id or "")
            with pytest.raises(NotFound):
                cloud.assets.download(made.id or "", tmp_path)
    assert len(caught) == (api == "auto")
    assert sent[-1] == (len(content), len(content))
    assert (made.created_new, again.created_new, posts(gone, ASSETS)) == (True, False, 1)
    assert (found.name, found.size, found.mime_type) == ("input.png", len(content), "image/png")
    assert found["hash"] == f"blake3:{digest}"
    assert [Path(path).name for path in saved] == ["input.png", "copy.png"]
    assert [Path(path).read_bytes() for path in saved] == [content, content]


@pytest.mark.parametrize("field", ["user_metadata", "preview_id", "asset_id"])
def test_what_v2_does_not_store_is_refused_before_anything_is_sent(
    gone: Emulator, time: FakeTime, image: Path, field: str
) -> None:
    with client(gone, time, api="v2") as cloud:
        with pytest.raises(ConfigurationError, match=f"{field}: API v2 does not store it"):
            cloud.assets.upload(image, **{field: {} if field == "user_metadata" else "x"})  # type: ignore[arg-type]
    assert gone.requests == []
