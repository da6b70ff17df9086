"""Files of a self-hosted ComfyUI: names in folders, ranges, renamed uploads, masks."""

from __future__ import annotations

import io
import json
from typing import Any

import httpx
import pytest
from PIL import Image

from comfy_cloud_emulator import Emulator
from tests.images import png

from ..workflows import Json, plain, submit


def upload(client: httpx.Client, name: str, content: bytes, **fields: str) -> httpx.Response:
    return client.post("/api/upload/image", files={"image": (name, content)}, data=fields)


def view(client: httpx.Client, **query: str) -> httpx.Response:
    return client.get("/api/view", params=query)


# Uploads


def test_a_name_that_is_taken_gets_a_number(keyless: httpx.Client) -> None:
    first, second = png(), png((0, 0, 1))
    for name, content, stored in [
        ("a.png", first, "a.png"),
        ("a.png", first, "a.png"),
        ("a.png", second, "a (1).png"),
        ("a.png", second, "a (1).png"),
        ("a.png", b"not an image", "a (2).png"),
    ]:
        response = upload(keyless, name, content)
        assert response.json() == {"name": stored, "subfolder": "", "type": "input"}
        assert view(keyless, filename=stored, type="input").content == content
    assert upload(keyless, "a.png", second, overwrite="true").json()["name"] == "a.png"
    assert view(keyless, filename="a.png", type="input").content == second
    assert upload(keyless, "a.png", first, overwrite="yes").json()["name"] == "a (3).png"


def test_folders_and_types(keyless: httpx.Client) -> None:
    response = upload(keyless, "a.png", png(), subfolder="x/y", type="temp")
    assert response.json() == {"name": "a.png", "subfolder": "x/y", "type": "temp"}
    assert view(keyless, filename="a.png", type="temp", subfolder="x/y").status_code == 200
    assert view(keyless, filename="a.png", type="temp").status_code == 404
    assert upload(keyless, "z ü.png", png()).json()["name"] == "z ü.png"
    assert view(keyless, filename="z ü.png", type="input").status_code == 200


def test_refused_uploads_have_no_body(keyless: httpx.Client) -> None:
    assert keyless.post("/api/upload/image", data={"type": "input"}).status_code == 400
    assert (upload(keyless, "a.png", b"", subfolder="../..").status_code) == 400
    assert upload(keyless, "../a.png", b"").content == b""
    assert upload(keyless, "a.png", b"", type="nonsense").status_code == 500


# Viewing


def test_files_are_sent_directly_whole_and_in_ranges(keyless: httpx.Client) -> None:
    content = png()
    upload(keyless, "a.png", content)
    whole = view(keyless, filename="a.png", type="input")
    assert (whole.status_code, whole.content) == (200, content)
    assert whole.headers["content-type"] == "image/png"
    assert whole.headers["content-disposition"] == 'filename="a.png"'
    assert whole.headers["accept-ranges"] == "bytes"
    assert "last-modified" in whole.headers
    address = "/api/view?filename=a.png&type=input"
    part = keyless.get(address, headers={"Range": "bytes=3-6"})
    assert (part.status_code, part.content) == (206, content[3:7])
    assert part.headers["content-range"] == f"bytes 3-6/{len(content)}"
    # It reads only dates there and ignores other values.
    again = keyless.get(address, headers={"Range": "bytes=3-", "If-Range": '"other"'})
    assert (again.status_code, again.content) == (206, content[3:])
    beyond = keyless.get(address, headers={"Range": "bytes=9999-"})
    assert (beyond.status_code, beyond.headers["content-range"]) == (416, f"bytes */{len(content)}")
    same = keyless.get(address, headers={"If-None-Match": whole.headers["etag"]})
    assert (same.status_code, same.content) == (304, b"")
    assert keyless.head(address).headers["content-length"] == str(len(content))


def test_an_old_if_range_date_prevents_a_range(comfyui: Emulator, keyless: httpx.Client) -> None:
    upload(keyless, "a.png", png())
    old = {"Range": "bytes=3-6", "If-Range": "Thu, 01 Jan 2015 00:00:00 GMT"}
    assert keyless.get("/api/view?filename=a.png&type=input", headers=old).status_code == 200


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({}, 404),
        ({"filename": ""}, 400),
        ({"filename": "a.png"}, 404),
        ({"filename": "a.png", "type": "nonsense"}, 400),
        ({"filename": "../a.png", "type": "input"}, 400),
        ({"filename": "/a.png", "type": "input"}, 400),
        ({"filename": "a.png", "type": "input", "subfolder": "../x"}, 403),
    ],
)
def test_refusals_have_no_body(keyless: httpx.Client, query: dict[str, str], status: int) -> None:
    upload(keyless, "a.png", png())
    response = view(keyless, **query)
    assert (response.status_code, response.content) == (status, b"")


def test_channels_and_previews(keyless: httpx.Client) -> None:
    content = png((255, 0, 0, 128), "RGBA")
    upload(keyless, "a.png", content)
    shown = {"filename": "a.png", "type": "input"}
    alpha = Image.open(io.BytesIO(view(keyless, **shown, channel="a").content))
    assert (alpha.mode, alpha.getpixel((0, 0))) == ("RGBA", (0, 0, 0, 128))
    assert Image.open(io.BytesIO(view(keyless, **shown, channel="rgb").content)).mode == "RGB"
    # It does not know the long name, nor sizes.
    assert view(keyless, **shown, channel="alpha").content == content
    assert view(keyless, **shown, res="64").content == content
    small = view(keyless, **shown, preview="jpeg;50")
    assert small.headers["content-type"] == "image/jpeg"
    assert view(keyless, **shown, preview="gif").headers["content-type"] == "image/webp"
    upload(keyless, "b.png", b"not an image")
    assert view(keyless, filename="b.png", type="input", channel="a").status_code == 500


def test_outputs_have_numbered_names(comfyui: Emulator, keyless: httpx.Client) -> None:
    def made(color: int, prefix: str) -> Json:
        graph = plain(color)
        graph["2"]["inputs"]["filename_prefix"] = prefix
        id = submit(keyless, graph)
        comfyui.time.advance(60)
        item: Json = keyless.get("/api/history").json()[id]["outputs"]["2"]["images"][0]
        return item

    items = [made(1, "pic"), made(2, "pic"), made(3, "x/y/pic"), made(1, "pic")]
    assert items == [
        {"filename": "pic_00001_.png", "subfolder": "", "type": "output"},
        {"filename": "pic_00002_.png", "subfolder": "", "type": "output"},
        {"filename": "pic_00001_.png", "subfolder": "x/y", "type": "output"},
        # Cached results are not saved again.
        {"filename": "pic_00001_.png", "subfolder": "", "type": "output"},
    ]
    contents = [view(keyless, **item).content for item in items]
    assert contents[0] != contents[1] != contents[2]
    assert view(keyless, filename="pic_00001_.png").content == contents[0]


def test_a_video_is_among_the_images(comfyui: Emulator, keyless: httpx.Client) -> None:
    graph = {
        "1": plain()["1"],
        "2": {"class_type": "CreateVideo", "inputs": {"images": ["1", 0], "fps": 8.0}},
        "3": {
            "class_type": "SaveVideo",
            "inputs": {
                "video": ["2", 0],
                "filename_prefix": "video/ComfyUI",
                "format": "auto",
                "codec": "auto",
            },
        },
    }
    id = submit(keyless, graph)
    comfyui.time.advance(60)
    shown = keyless.get("/api/history").json()[id]["outputs"]["3"]
    item = {"filename": "ComfyUI_00001_.mp4", "subfolder": "video", "type": "output"}
    assert shown == {"images": [item], "animated": [True]}
    assert view(keyless, **item).headers["content-type"] == "video/mp4"


@pytest.mark.parametrize("name", ["sub/a.png", "sub/a.png [input]", "b.png [output]"])
def test_a_graph_reads_files_by_their_names(comfyui: Emulator, keyless: httpx.Client, name: str) -> None:
    upload(keyless, "a.png", png(), subfolder="sub")
    upload(keyless, "b.png", png(), type="output")
    graph = {
        "1": {"class_type": "LoadImage", "inputs": {"image": name}},
        "2": {"class_type": "PreviewImage", "inputs": {"images": ["1", 0]}},
    }
    id = submit(keyless, graph)
    comfyui.time.advance(60)
    assert keyless.get("/api/history").json()[id]["status"]["completed"]


def test_only_seeded_jobs_that_ran_exist(connect: Any) -> None:
    with Emulator(quirks="comfyui", seed_data="demo") as emulator:
        client = connect(emulator)
        assert client.get("/api/queue").json() == {"queue_running": [], "queue_pending": []}
        data = client.get("/api/history").json()
        assert len(data) > 200
        assert all(entry["status"]["messages"][0][0] == "execution_start" for entry in data.values())


def test_seeded_jobs_keep_the_names_of_their_files(connect: Any) -> None:
    with Emulator(quirks="comfyui", seed_data=2) as emulator:
        client = connect(emulator)
        for entry in client.get("/api/history").json().values():
            item = next(iter(next(iter(entry["outputs"].values())).values()))[0]
            assert view(client, filename=item["filename"]).content[:4] == b"\x89PNG"


# Masks


def mask(client: httpx.Client, content: bytes, reference: object, name: str = "m.png") -> httpx.Response:
    fields = {"original_ref": json.dumps(reference)} if reference is not None else {}
    return client.post("/api/upload/mask", files={"image": (name, content)}, data=fields)


def test_a_mask_is_applied_to_its_original(keyless: httpx.Client) -> None:
    upload(keyless, "a.png", png((10, 20, 30)))
    response = mask(keyless, png((0, 0, 0, 77), "RGBA"), {"filename": "a.png", "type": "input"})
    assert response.json() == {"name": "m.png", "subfolder": "", "type": "input"}
    laid = Image.open(io.BytesIO(view(keyless, filename="m.png", type="input").content))
    assert laid.getpixel((0, 0)) == (10, 20, 30, 77)


def test_a_mask_without_original_is_not_stored(keyless: httpx.Client) -> None:
    response = mask(keyless, png(), {"filename": "gone.png", "type": "input"})
    assert (response.status_code, response.json()["name"]) == (200, "m.png")
    assert view(keyless, filename="m.png", type="input").status_code == 404
    assert mask(keyless, png(), None).status_code == 500
    assert mask(keyless, png(), {"filename": "../a", "type": "input"}).status_code == 400
    assert mask(keyless, png(), {"filename": "a", "type": "input", "subfolder": "../x"}).status_code == 403
    upload(keyless, "b.png", b"not an image")
    assert mask(keyless, png(), {"filename": "b.png", "type": "input"}).status_code == 500
