"""Running node classes that the emulator knows only by a server's description."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from PIL import Image

from comfy_cloud_emulator import Emulator

from ..workflows import job, submit
from .classes import INFO, PAINT, Json, node

Connect = Callable[[Emulator], httpx.Client]
START = 1_780_000_000.0


@pytest.fixture
def emulator(request: pytest.FixtureRequest) -> Iterator[Emulator]:
    """A cloud with these classes, or a self-hosted ComfyUI when the test says so."""
    quirks = getattr(request, "param", "live")
    with Emulator(time="virtual", clock=lambda: START, object_info=INFO, quirks=quirks) as emulator:
        yield emulator


def run(emulator: Emulator, client: httpx.Client, graph: Json) -> Json:
    id = submit(client, graph)
    emulator.time.advance(60)
    return job(client, id)


def outputs(emulator: Emulator, client: httpx.Client, graph: Json) -> Json:
    ended = run(emulator, client, graph)
    assert ended["status"] == "completed", ended.get("execution_error")
    shown: Json = ended["outputs"]
    return shown


def paint(**changes: Any) -> Json:
    return node("OwnPaint", **{**PAINT, **changes})


def content(emulator: Emulator, item: Json) -> bytes:
    found = emulator.files.get(item["filename"])
    assert found is not None
    return found


def test_an_image_has_the_size_that_its_node_was_given(emulator: Emulator, client: httpx.Client) -> None:
    graph = {"1": paint(), "2": node("OwnSave", pictures=["1", 0], filename_prefix="own")}
    (item,) = outputs(emulator, client, graph)["2"]["images"]
    assert item["display_name"] == "own_00001_.png"
    with Image.open(io.BytesIO(content(emulator, item))) as image:
        assert image.size == (32, 24)
        assert json.loads(image.info["prompt"]) == graph


def test_results_are_the_same_each_time_and_differ_between_outputs(
    connect: Connect, emulator: Emulator, client: httpx.Client
) -> None:
    graph = {
        "1": paint(),
        "2": node("OwnSave", pictures=["1", 0], filename_prefix="a"),
        "3": node("OwnPreview", mask=["1", 1]),
    }
    first = outputs(emulator, client, graph)
    with Emulator(time="virtual", clock=lambda: START, object_info=INFO) as other:
        client_of_other = connect(other)
        again = outputs(other, client_of_other, graph)
        pictures = [content(other, again[id]["images"][0]) for id in ("2", "3")]
    assert [content(emulator, first[id]["images"][0]) for id in ("2", "3")] == pictures
    assert pictures[0] != pictures[1]
    assert first["3"]["images"][0]["type"] == "temp"


@pytest.mark.parametrize(
    ("class_type", "inputs", "key", "start"),
    [
        ("SaveFilm", {"film": ["1", 0]}, "video", b"\0\0\0"),
        ("SaveSound", {"sound": ["1", 1], "format": "flat", "format.tint": "", "format.light": "off"},
         "audio", b"fLaC"),
        ("SaveShape", {"shape": ["1", 2]}, "3d", b"glTF"),
        ("SaveDrawing", {"drawing": ["1", 3]}, "images", b"<svg "),
        ("SaveNoise", {"noise": ["1", 4]}, "latents", b""),
    ],
)  # fmt: skip
def test_a_file_of_each_kind(
    class_type: str, inputs: Json, key: str, start: bytes, emulator: Emulator, client: httpx.Client
) -> None:
    graph = {"1": node("OwnFilm", prompt="waves"), "2": node(class_type, **inputs)}
    shown = outputs(emulator, client, graph)["2"]
    assert list(shown) == [key]
    data = content(emulator, shown[key][0])
    assert data.startswith(start)
    if key != "3d":
        assert b"waves" in data


def test_what_a_node_shows_beside_files(emulator: Emulator, client: httpx.Client) -> None:
    graph = {
        "1": paint(),
        "2": node("ShowWords", words=["1", 3], path_prefix="not this"),
        "3": node("PreviewAny", source=["1", 2]),
        "4": node("ImageComparer", a=["1", 0], b=["1", 0]),
        # Makes something new, and does not show what it is given.
        "5": node("OwnUpload", prompt="x", image=["1", 0]),
        "6": node("OwnModel", model=["1", 0]),
    }
    graph["6"]["inputs"]["model"] = "a plain value"
    shown = outputs(emulator, client, graph)
    assert shown["2"] == {"text": ["a lighthouse"]}
    assert shown["3"] == {"text": ["1"]}
    assert {key: len(items) for key, items in shown["4"].items()} == {"a_images": 1, "b_images": 1}
    assert sorted(shown) == ["2", "3", "4"]


@pytest.mark.parametrize("emulator", ["live", "comfyui_new"], indirect=True)
def test_a_preview_of_a_3d_file_names_a_file(emulator: Emulator, client: httpx.Client) -> None:
    graph = {
        "1": node("OwnFilm", prompt="waves"),
        "2": node("Preview3D", model_file=["1", 2]),
        "3": node("Preview3D", model_file="3d/given.glb"),
    }
    shown = outputs(emulator, client, graph)
    assert shown["3"]["result"] == ["3d/given.glb"]
    (name,) = shown["2"]["result"]
    query = {"filename": name, "type": "output"}
    response = client.get("/api/view", params=query, follow_redirects=False)
    assert response.status_code == (200 if emulator.quirks.comfyui_files else 302)


def test_a_value_passes_through_a_node_of_any_type(emulator: Emulator, client: httpx.Client) -> None:
    pick = {"colour": "#fff", "either": 5, "tags": {"__value__": ["x", "y"]}, "any": ["1", 3]}
    graph = {"1": paint(), "2": node("OwnPick", **pick), "3": node("PreviewAny", source=["2", 0])}
    assert outputs(emulator, client, graph)["3"] == {"text": ["a lighthouse"]}


def test_a_known_class_is_computed_and_has_the_outputs_described(
    emulator: Emulator, client: httpx.Client
) -> None:
    graph = {
        "1": paint(),
        "2": node("SaveImage", images=["1", 0], filename_prefix="first"),
        "3": node("OwnSave", pictures=["2", 0], filename_prefix="second"),
        # In this version its input has another name.
        "4": node("ImageInvert", pixels=["1", 0]),
        "5": node("OwnSave", pictures=["4", 0], filename_prefix="third"),
    }
    shown = outputs(emulator, client, graph)
    names = [shown[id]["images"][0]["display_name"] for id in ("2", "3", "5")]
    assert names == ["first_00001_.png", "second_00001_.png", "third_00001_.png"]
    saved = [content(emulator, shown[id]["images"][0]) for id in ("2", "3", "5")]
    pixels = [Image.open(io.BytesIO(each)).convert("RGB").tobytes() for each in saved]
    # What is saved is passed on.
    assert pixels[0] == pixels[1] != pixels[2]


def test_an_image_that_only_the_server_has_is_imitated(emulator: Emulator, client: httpx.Client) -> None:
    graph = {
        "1": node("LoadImage", image="theirs.png"),
        "2": node("OwnSave", pictures=["1", 0], filename_prefix=""),
    }
    assert len(outputs(emulator, client, graph)["2"]["images"]) == 1
    graph["1"] = node("LoadImage", image="nobodys.png")
    assert run(emulator, client, graph)["execution_error"]["exception_type"] == "ImageDownloadError"


@pytest.mark.parametrize("emulator", ["live", "comfyui_new"], indirect=True)
@pytest.mark.parametrize("style", [{}, {"style": "odd"}, {"style": None}])
def test_a_node_without_a_valid_choice_fails_when_it_runs(
    style: Json, emulator: Emulator, client: httpx.Client
) -> None:
    ended = run(emulator, client, {"1": node("OwnStyle", **style)})
    assert (ended["status"], ended["execution_error"]["exception_type"]) == ("failed", "TypeError")
    assert "style" in ended["execution_error"]["exception_message"]


def test_the_classes_are_served_as_they_were_given(connect: Connect) -> None:
    for quirks in ("live", "comfyui", "comfyui_new"):
        with Emulator(object_info=INFO, quirks=quirks) as emulator:
            client = connect(emulator)
            assert client.get("/api/object_info").json() == INFO
            if quirks != "live":
                assert client.get("/api/object_info/OwnSave").json() == {"OwnSave": INFO["OwnSave"]}
                assert client.get("/api/object_info/KSampler").json() == {}
