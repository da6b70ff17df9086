"""Names of files as a self-hosted ComfyUI treats them: in saving, uploading and viewing."""

from __future__ import annotations

import io
import time
from typing import Any

import httpx
import pytest
from PIL import Image

from comfy_cloud_emulator import Emulator
from tests.images import png

from ..workflows import Json, submit

pytestmark = pytest.mark.parametrize("comfyui", ["comfyui", "comfyui_new"], indirect=True)


def upload(client: httpx.Client, name: str, content: bytes = b"x", **fields: str) -> httpx.Response:
    return client.post("/api/upload/image", files={"image": (name, content)}, data=fields)


def view(client: httpx.Client, filename: str, **query: str) -> httpx.Response:
    return client.get("/api/view", params={"filename": filename, "type": "input", **query})


class Saving:
    """Saves two images of 64 x 32 under a prefix."""

    def __init__(self, comfyui: Emulator, client: httpx.Client) -> None:
        self._comfyui = comfyui
        self._client = client
        self._color = 0

    def entry(self, prefix: str) -> Json:
        """The history entry of the job."""
        self._color += 1
        size = {"width": 64, "height": 32, "batch_size": 2, "color": self._color}
        id = submit(
            self._client,
            {
                "1": {"class_type": "EmptyImage", "inputs": size},
                "2": {
                    "class_type": "SaveImage",
                    "inputs": {"images": ["1", 0], "filename_prefix": prefix},
                },
            },
        )
        self._comfyui.time.advance(60)
        found: Json = self._client.get(f"/api/history/{id}").json()[id]
        return found

    def paths(self, prefix: str) -> list[str]:
        """The paths of the two files."""
        items: list[dict[str, Any]] = self.entry(prefix)["outputs"]["2"]["images"]
        assert [item["type"] for item in items] == ["output"] * 2
        if ".." not in items[0]["filename"]:  # such a name cannot be viewed
            contents = [self._client.get("/api/view", params=item).content for item in items]
            assert [content[:4] for content in contents] == [b"\x89PNG"] * 2
        return [f"{item['subfolder']}|{item['filename']}" for item in items]


@pytest.fixture
def saving(comfyui: Emulator, keyless: httpx.Client) -> Saving:
    return Saving(comfyui, keyless)


def test_size_and_time_are_filled_in(saving: Saving, comfyui: Emulator) -> None:
    assert saving.paths("own_%width%x%height%") == [
        "|own_64x32_00001_.png",
        "|own_64x32_00002_.png",
    ]
    prefix = "%year%-%month%-%day% %hour%.%minute%.%second%"
    before = comfyui.time.now()
    name = saving.paths(prefix)[0].removeprefix("|").removesuffix("_00001_.png")
    saved = time.mktime(time.strptime(name, "%Y-%m-%d %H.%M.%S"))
    assert int(before) <= saved <= comfyui.time.now()


@pytest.mark.parametrize(
    ("prefix", "paths"),
    [
        # The editor would replace the first, nobody the second.
        ("%date:yyyy-MM-dd%/a", ["%date:yyyy-MM-dd%|a_00001_.png", "%date:yyyy-MM-dd%|a_00002_.png"]),
        ("%YEAR%", ["|%YEAR%_00001_.png", "|%YEAR%_00002_.png"]),
        ("x_%batch_num%", ["|x_0_00001_.png", "|x_1_00002_.png"]),
        ("a//b", ["a|b_00001_.png", "a|b_00002_.png"]),
        ("./c", ["|c_00001_.png", "|c_00002_.png"]),
        ("d/../e", ["|e_00001_.png", "|e_00002_.png"]),
        ("..", ["|.._00001_.png", "|.._00002_.png"]),
        ("", ["|._00001_.png", "|._00002_.png"]),
        ("a\\b", ["|a\\b_00001_.png", "|a\\b_00002_.png"]),
    ],
)
def test_prefixes(saving: Saving, prefix: str, paths: list[str]) -> None:
    assert saving.paths(prefix) == paths


def test_numbers_go_on_except_behind_a_slash(saving: Saving) -> None:
    assert [saving.paths("a")[0] for _ in range(2)] == ["|a_00001_.png", "|a_00003_.png"]
    assert saving.paths("a/") == ["|a_00001_.png", "|a_00002_.png"]


def test_numbers_are_read_from_other_names(saving: Saving, keyless: httpx.Client) -> None:
    for name in ("n_00007.png", "n_x.png", "n.png", "other_00009_.png"):
        upload(keyless, name, type="output")
    assert saving.paths("n")[0] == "|n_00008_.png"


@pytest.mark.parametrize("prefix", ["../x", "/x", "a/../../x"])
def test_saving_outside_fails(saving: Saving, prefix: str) -> None:
    event, data = saving.entry(prefix)["status"]["messages"][-1]
    assert (event, data["exception_type"], data["node_id"]) == ("execution_error", "Exception", "2")


def test_an_upload_does_not_make_the_folder_in_its_name(keyless: httpx.Client) -> None:
    assert upload(keyless, "assets/own.png").status_code == 500
    assert upload(keyless, "assets/own.png", overwrite="1").status_code == 500
    assert view(keyless, "own.png").status_code == 404
    assert upload(keyless, "other.png", subfolder="assets").status_code == 200
    assert upload(keyless, "assets/own.png").json()["name"] == "assets/own.png"
    assert upload(keyless, "assets/own.png", b"y").json()["name"] == "assets/own (1).png"
    assert view(keyless, "own (1).png", subfolder="assets").content == b"y"


@pytest.mark.parametrize(
    ("name", "subfolder", "expected"),
    [
        ("q.png", "f/x/../y", (200, "q.png")),
        ("q.png", "f/", (200, "q.png")),
        ("../q.png", "f", (200, "../q.png")),
        ("q/", "f", (200, "q/")),
        ("a..b.png", "", (200, "a..b.png")),
        ("q.png", "/f", (400, "")),
        ("../../q.png", "f", (400, "")),
        (".", "f", (500, "")),
    ],
)
def test_names_of_uploads(
    keyless: httpx.Client, name: str, subfolder: str, expected: tuple[int, str]
) -> None:
    upload(keyless, "there.png", subfolder="f")
    response = upload(keyless, name, b"new", subfolder=subfolder)
    found = response.json()["name"] if response.status_code == 200 else ""
    assert (response.status_code, found) == expected


def test_a_folder_in_a_viewed_name_is_dropped(keyless: httpx.Client) -> None:
    upload(keyless, "own.png", b"in the folder", subfolder="a")
    assert view(keyless, "a/own.png").status_code == 404
    upload(keyless, "own.png", b"in the root")
    assert view(keyless, "a/own.png").content == b"in the root"
    assert view(keyless, "own.png", subfolder="a").content == b"in the folder"
    assert view(keyless, "own.png", subfolder="a//").content == b"in the folder"
    assert view(keyless, "own.png", subfolder="a/..").content == b"in the root"
    for subfolder in ("..", "/a", "a/../.."):
        assert view(keyless, "own.png", subfolder=subfolder).status_code == 403


@pytest.mark.parametrize(
    ("filename", "status"),
    [
        ("own..png", 400),
        ("own.png [input]", 200),
        ("own.png[input]", 404),  # the character before the bracket is dropped
        ("own.png [output]", 404),
        ("[input]", 400),
        (" [input]", 400),
    ],
)
def test_viewed_names(keyless: httpx.Client, filename: str, status: int) -> None:
    upload(keyless, "own.png")
    assert view(keyless, filename).status_code == status


@pytest.mark.parametrize("name", ["a/own.png [input]", "../input/a/own.png", "nowhere/../a/own.png"])
def test_a_graph_names_paths(comfyui: Emulator, keyless: httpx.Client, name: str) -> None:
    upload(keyless, "own.png", png((1, 2, 3)), subfolder="a")
    graph = {
        "1": {"class_type": "LoadImage", "inputs": {"image": name}},
        "2": {"class_type": "PreviewImage", "inputs": {"images": ["1", 0]}},
    }
    id = submit(keyless, graph)
    comfyui.time.advance(60)
    assert keyless.get("/api/history").json()[id]["status"]["completed"]
    outside = {**graph, "1": {"class_type": "LoadImage", "inputs": {"image": "../../a/own.png"}}}
    assert keyless.post("/api/prompt", json={"prompt": outside}).status_code == 400


def test_a_mask_finds_its_original_by_an_annotated_name(keyless: httpx.Client) -> None:
    upload(keyless, "a.png", png((9, 8, 7)))
    fields = {"original_ref": '{"filename": "a.png [input]", "type": "output"}'}
    form = {"image": ("m.png", png((0, 0, 0)))}
    assert keyless.post("/api/upload/mask", files=form, data=fields).status_code == 200
    masked = Image.open(io.BytesIO(view(keyless, "m.png").content))
    assert masked.convert("RGB").getpixel((0, 0)) == (9, 8, 7)


@pytest.mark.parametrize("odd", ["\r\nx-more: 1\r\n", "\n", "\0"])
def test_a_name_that_no_header_can_have_is_a_500(saving: Saving, keyless: httpx.Client, odd: str) -> None:
    for image in saving.entry(f"a{odd}b")["outputs"].get("2", {}).get("images", []):
        found = view(keyless, image["filename"], type="output")
        assert found.status_code == 500
        assert "x-more" not in found.headers
    assert view(keyless, f"c{odd}").status_code == 404
