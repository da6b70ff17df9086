"""`GET /api/view`, the content of assets, and uploads of inputs and masks."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

import httpx
import orjson
import pytest
from blake3 import blake3
from PIL import Image

from comfy_cloud_emulator import Emulator
from comfy_cloud_emulator.media import images
from tests.images import png


def opened(content: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(content))
    image.load()
    return image


def upload(client: httpx.Client, content: bytes, name: str = "a.png", **fields: str) -> httpx.Response:
    return client.post("/api/upload/image", files={"image": (name, content)}, data=fields)


def mask(client: httpx.Client, content: bytes, name: str, original: object) -> httpx.Response:
    data = orjson.dumps(original).decode()
    return client.post(
        "/api/upload/mask", files={"image": (name, content)}, data={"original_ref": data, "type": "input"}
    )


# Viewing


@pytest.mark.parametrize("location", [{}, {"type": "input", "subfolder": "any/where", "timestamp": "1"}])
def test_a_file_is_found_by_its_name_alone(
    emulator: Emulator, client: httpx.Client, location: dict[str, str]
) -> None:
    name = emulator.store.files.put(b"x", "mp4")
    response = client.get("/api/view", params={"filename": name, **location})
    assert response.status_code == 302
    assert response.content == b""
    assert name in response.headers["location"]
    assert response.headers["cache-control"] == "private, max-age=300"
    assert "X-API-Key" in response.headers["vary"]


def test_every_output_of_the_demo_can_be_viewed(demo: Emulator, demo_client: httpx.Client) -> None:
    for entry in demo_client.get("/api/jobs?status=completed&limit=20").json()["jobs"]:
        filename = entry["preview_output"].get("filename")
        if filename is not None:
            assert demo_client.get("/api/view", params={"filename": filename}).status_code == 302


@pytest.mark.parametrize("name", ["nothing.png", "../../etc/passwd", "0" * 64 + ".png"])
def test_unknown_files_are_not_found(client: httpx.Client, name: str) -> None:
    response = client.get("/api/view", params={"filename": name})
    assert response.status_code == 404
    assert response.json()["code"] == "NOT_FOUND"


def test_the_channels_of_an_image(emulator: Emulator, client: httpx.Client) -> None:
    name = emulator.store.files.put(png(mode="RGBA", color=(10, 20, 30, 40)), "png")
    shown = {
        channel: client.get("/api/view", params={"filename": name, "channel": channel})
        for channel in ("rgb", "a", "alpha")
    }
    assert {response.headers["content-type"] for response in shown.values()} == {"image/png"}
    assert opened(shown["rgb"].content).mode == "RGB"
    assert opened(shown["rgb"].content).getpixel((0, 0)) == (10, 20, 30)
    assert opened(shown["a"].content).getpixel((0, 0)) == (0, 0, 0, 40)
    assert shown["a"].content == shown["alpha"].content


def test_a_smaller_image_is_a_jpeg_that_fits(emulator: Emulator, client: httpx.Client) -> None:
    name = emulator.store.files.put(png(size=(400, 200)), "png")
    response = client.get("/api/view", params={"filename": name, "res": "64"})
    assert response.headers["content-type"] == "image/jpeg"
    assert (opened(response.content).format, opened(response.content).size) == ("JPEG", (64, 32))
    whole = client.get("/api/view", params={"filename": name, "res": "1024"})
    assert opened(whole.content).size == (400, 200)


@pytest.mark.parametrize(
    "params",
    [
        {},
        {"filename": ""},
        {"filename": "x", "channel": "red"},
        {"filename": "x", "res": "63"},
        {"filename": "x", "res": "1025"},
        {"filename": "x", "res": "big"},
    ],
)
def test_invalid_queries_are_refused(client: httpx.Client, params: dict[str, str]) -> None:
    response = client.get("/api/view", params=params)
    assert response.status_code == 400
    assert response.json()["message"]


@pytest.mark.parametrize("params", [{"channel": "a"}, {"res": "64"}])
def test_other_files_have_no_variants(
    emulator: Emulator, client: httpx.Client, params: dict[str, str]
) -> None:
    name = emulator.store.files.put(b"video", "mp4")
    assert client.get("/api/view", params={"filename": name, **params}).status_code == 400


def test_only_a_png_has_channels(emulator: Emulator, client: httpx.Client) -> None:
    target = io.BytesIO()
    Image.new("RGB", (4, 4)).save(target, "JPEG")
    name = emulator.store.files.put(target.getvalue(), "jpg")
    assert client.get("/api/view", params={"filename": name, "channel": "rgb"}).status_code == 400
    assert client.get("/api/view", params={"filename": name, "res": "64"}).status_code == 200


# The content of assets


@pytest.mark.parametrize(
    ("query", "kind"),
    [("", "attachment"), ("?disposition=inline", "inline"), ("?disposition=?", "attachment")],
)
def test_content_of_an_asset(emulator: Emulator, client: httpx.Client, query: str, kind: str) -> None:
    file = emulator.store.files.record(emulator.store.files.put(b"hello", "txt", "hello.txt"))
    assert file is not None
    asset = emulator.store.assets.add(file)
    response = client.get(f"/api/assets/{asset.id}/content{query}")
    assert response.status_code == 302
    assert "private" in response.headers["cache-control"]
    content = httpx.get(response.headers["location"], verify=False, trust_env=False)
    assert content.content == b"hello"
    assert content.headers["content-disposition"] == f'{kind}; filename="hello.txt"'


def test_public_models_have_no_content(emulator: Emulator, client: httpx.Client) -> None:
    public = emulator.store.assets.select("is_public LIMIT 1")[0]
    assert client.get(f"/api/assets/{public.id}/content").status_code == 404
    assert client.get("/api/assets/00000000-0000-4000-8000-000000000000/content").status_code == 404


# Uploads


def test_an_image_is_stored_under_its_content(emulator: Emulator, client: httpx.Client) -> None:
    content = png(size=(8, 6))
    response = upload(client, content, "holiday photo.PNG", type="input", subfolder="a/b", overwrite="true")
    data = response.json()
    assert response.status_code == 200
    assert data["name"] == f"{blake3(content).hexdigest()}.png"
    assert (data["subfolder"], data["type"]) == ("a/b", "input")
    assert data["asset"]["name"] == "holiday photo.PNG"
    assert data["asset"]["tags"] == ["input"]
    assert data["asset"]["metadata"] == {"width": 8, "height": 6}
    again = upload(client, content, "other.png", type="input").json()
    assert again["asset"]["id"] == data["asset"]["id"]
    assert len(emulator.store.assets) == 1
    assert emulator.store.files.get(data["name"]) == content


def test_without_a_type_an_upload_is_an_output(client: httpx.Client) -> None:
    assert upload(client, png()).json()["type"] == "output"


def test_the_extension_follows_the_format_if_the_name_has_none(client: httpx.Client) -> None:
    target = io.BytesIO()
    Image.new("RGB", (4, 4)).save(target, "WEBP")
    assert upload(client, target.getvalue(), "noname").json()["name"].endswith(".webp")


def test_audio_and_video_are_not_checked(client: httpx.Client) -> None:
    for name in ("a.mp3", "b.mp4", "c.glb"):
        assert upload(client, name.encode(), name, type="input").status_code == 200


def declared(width: int, height: int) -> bytes:
    """A PNG whose header claims a size, without pixels."""
    content = bytearray(png())
    content[16:24] = struct.pack(">II", width, height)
    content[29:33] = struct.pack(">I", zlib.crc32(content[12:29]))
    return bytes(content)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"not an image", "not a readable image"),
        (b"", "not a readable image"),
        (png()[:40], "image"),
        (declared(16_385, 1), "16384"),
        (declared(8_193, 8_193), "67108864"),
        (declared(16_384, 16_384), "67108864"),
    ],
    ids=["text", "nothing", "half", "too wide", "too many pixels", "far too many pixels"],
)
@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
def test_invalid_images_are_refused_with_the_limit(
    client: httpx.Client, content: bytes, message: str
) -> None:
    response = upload(client, content, type="input")
    assert response.status_code == 400
    assert message in response.json()["message"]


def test_too_many_bytes_are_refused(client: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    assert images.MAX_UPLOAD == 52_428_800
    monkeypatch.setattr(images, "MAX_UPLOAD", 100)
    assert upload(client, bytes(100), "a.mp4").status_code == 200
    for name in ("a.png", "a.mp4"):
        response = upload(client, bytes(101), name)
        assert response.status_code == 400
        assert "100" in response.json()["message"]


@pytest.mark.parametrize(
    "request_",
    [
        {"json": {"image": "x"}},
        {"files": {"file": ("a.png", png())}},
        {"files": {"image": (None, "text")}},
        {"files": {"image": ("a.png", png())}, "data": {"type": "elsewhere"}},
        {"content": b"x", "headers": {"content-type": "multipart/form-data"}},
        {"content": b"x", "headers": {"content-type": "multipart/form-data; boundary=b"}},
        {},
    ],
)
def test_wrong_forms_are_refused(client: httpx.Client, request_: dict[str, Any]) -> None:
    response = client.post("/api/upload/image", **request_)
    assert response.status_code == 400
    assert response.json()["code"] == "BAD_REQUEST"


# Masks


def test_the_layers_of_a_mask_find_each_other(client: httpx.Client) -> None:
    original = upload(client, png(color=1), type="input").json()["name"]
    names = {
        "mask": "clipspace-mask-1.png",
        "paint": "clipspace-paint-1.png",
        "painted": "clipspace-painted-1.png",
        "painted_masked": "clipspace-painted-masked-1.png",
    }
    stored: dict[str, str] = {}
    for location, (layer, name) in enumerate(names.items(), start=2):
        # The last one refers to a layer instead of the original, as mask editors do.
        over = stored["painted"] if layer == "painted_masked" else original
        response = mask(
            client, png(color=location), name, {"filename": over, "subfolder": "", "type": "input"}
        )
        data = response.json()
        assert response.status_code == 200
        assert data["type"] == "input"
        assert data["metadata"]["is_mask"] is True
        assert data["metadata"]["mask_type"] == layer
        assert data["metadata"]["original_hash"] == over
        stored[layer] = data["name"]
        assert data["metadata"]["related_files"] == {
            name: stored[name] for name in ("mask", "paint", "painted") if name in stored
        }
    for name in stored.values():
        assert client.get("/api/files/mask-layers", params={"filename": name}).json() == stored


def test_missing_layers_are_null(client: httpx.Client) -> None:
    original = upload(client, png(), type="input").json()["name"]
    name = mask(client, png(color=5), "m.png", {"filename": original}).json()["name"]
    layers = client.get("/api/files/mask-layers", params={"filename": name}).json()
    assert layers == {"mask": name, "paint": None, "painted": None, "painted_masked": None}
    for other in (original, "nothing.png"):
        assert client.get("/api/files/mask-layers", params={"filename": other}).status_code == 404
    assert client.get("/api/files/mask-layers").status_code == 404


@pytest.mark.parametrize("original", [None, [], {}, {"filename": 1}, {"filename": "nothing.png"}])
def test_a_mask_needs_its_original(client: httpx.Client, original: object) -> None:
    response = mask(client, png(), "m.png", original)
    assert response.status_code == 400
    assert "original_ref" in response.json()["message"]


def test_the_original_of_a_mask_must_be_an_image(emulator: Emulator, client: httpx.Client) -> None:
    video = emulator.store.files.put(b"video", "mp4")
    response = mask(client, png(), "m.png", {"filename": video})
    assert response.status_code == 400
    assert "original_ref" in response.json()["message"]


def test_a_mask_must_be_an_image(client: httpx.Client) -> None:
    original = upload(client, png(), type="input").json()["name"]
    assert mask(client, b"video", "m.mp4", {"filename": original}).status_code == 400
    without = client.post("/api/upload/mask", data={"original_ref": "{}"}, files={"x": ("a", b"")})
    assert without.status_code == 400
    assert client.post("/api/upload/mask", files={"image": ("a.png", png())}).status_code == 400
