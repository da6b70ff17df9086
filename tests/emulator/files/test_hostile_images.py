"""Images of clients: only known formats are opened, within limits that are read first."""

from __future__ import annotations

import io
import re
import threading
from contextlib import suppress
from pathlib import Path

import httpx
import pytest
from PIL import Image

import comfy_cloud_emulator
from comfy_cloud_emulator import Emulator
from comfy_cloud_emulator.media import images
from comfy_cloud_emulator.media.pixel_budget import PixelBudget
from tests.attacks import hostile_media
from tests.emulator.workflows import job, submit


@pytest.fixture(autouse=True)
def _no_ghostscript(monkeypatch: pytest.MonkeyPatch) -> None:
    from PIL import EpsImagePlugin

    def run(*given: object, **options: object) -> None:
        pytest.fail("Ghostscript would run")

    monkeypatch.setattr(EpsImagePlugin, "Ghostscript", run)


@pytest.mark.parametrize("kind", hostile_media.REFUSED)
def test_it_is_refused_as_an_upload_before_it_is_decoded(
    client: httpx.Client, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    from PIL import ImageFile

    monkeypatch.setattr(ImageFile.ImageFile, "load", lambda image: pytest.fail("it was decoded"))
    response = client.post("/api/upload/image", files={"image": ("a.png", hostile_media.content_of(kind))})
    assert response.status_code == 400
    assert response.json()["message"].startswith("image: the ")


@pytest.mark.parametrize("kind", hostile_media.REFUSED)
def test_under_the_name_of_a_video_it_is_stored_and_never_decoded(
    emulator: Emulator, client: httpx.Client, kind: str
) -> None:
    uploaded = client.post("/api/upload/image", files={"image": ("a.mp4", hostile_media.content_of(kind))})
    assert uploaded.status_code == 200
    name = uploaded.json()["name"]
    for query in ("res=64", "channel=a"):
        assert client.get(f"/api/view?filename={name}&{query}").status_code == 400
    assert client.get(f"/_emulator/page/thumbnails/{name}").status_code == 404
    loaded = {"class_type": "LoadImage", "inputs": {"image": name}}
    saved = {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": "a"}}
    id = submit(client, {"1": loaded, "2": saved})
    emulator.time.advance(60)
    assert job(client, id)["status"] == "failed"


def test_a_large_webp_is_refused_before_pillow_sees_it(monkeypatch: pytest.MonkeyPatch) -> None:
    # Pillow allocates the whole canvas when it opens one.
    monkeypatch.setattr(Image, "open", lambda *given, **options: pytest.fail("it was opened"))
    for size in ((9_000, 9_000), (16_777_216, 1)):
        with pytest.raises(images.ImageRefused, match="the limit"):
            images.check(io.BytesIO(hostile_media.webp(*size, 1)))


@pytest.mark.parametrize("lossless", [True, False])
def test_a_webp_within_the_limits_is_opened(lossless: bool) -> None:
    target = io.BytesIO()
    Image.new("RGB", (300, 200)).save(target, "WEBP", lossless=lossless)
    assert images.check(target)[:2] == (300, 200)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF"])
def test_known_formats_are_opened(kind: str) -> None:
    target = io.BytesIO()
    Image.new("L", (30, 20)).save(target, kind)
    assert images.check(target)[:2] == (30, 20)
    with images.decoded(target) as image:
        assert image.size == (30, 20)


@pytest.mark.parametrize("kind", hostile_media.MANY_FRAMES)
def test_only_the_first_frame_is_decoded(monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    from PIL import GifImagePlugin, PngImagePlugin, WebPImagePlugin

    for image in (GifImagePlugin.GifImageFile, PngImagePlugin.PngImageFile, WebPImagePlugin.WebPImageFile):
        monkeypatch.setattr(image, "seek", lambda image, frame: pytest.fail("another frame was wanted"))
    content = hostile_media.content_of(kind)
    images.check(io.BytesIO(content))
    with suppress(images.ImageRefused):
        images.fitted_jpeg(io.BytesIO(content), 64)


def test_what_does_not_fit_into_the_budget_waits() -> None:
    budget = PixelBudget(100)
    order: list[str] = []
    waiting = threading.Event()

    def second() -> None:
        waiting.set()
        with budget.of(41):
            order.append("second")

    with budget.of(60):
        thread = threading.Thread(target=second)
        thread.start()
        waiting.wait()
        with budget.of(1_000):  # this thread has some already, so it need not wait for itself
            order.append("first")
    thread.join()
    with budget.of(1_000):  # more than there is: alone
        order.append("third")
    assert order == ["first", "second", "third"]


def test_images_are_opened_in_one_module() -> None:
    package = Path(comfy_cloud_emulator.__file__).parent
    openers = {
        path.name
        for path in package.rglob("*.py")
        if re.search(r"Image\.open\(|ImageFile\.Parser|PluginImageFile|\.preinit\(", path.read_text("utf-8"))
    }
    assert openers == {"images.py"}
