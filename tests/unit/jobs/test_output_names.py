"""Outputs whose name brings a folder, models of which only the name is there, and texts."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from comfy_cloud._async._files.view import view_request
from comfy_cloud._files.stored_names import split_folder
from comfy_cloud._jobs.outputs import find_outputs, find_preview, find_texts
from comfy_cloud_api.types import Request


def query_of(request: Request) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(request.target).query))


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        ("3d/own_00001_.glb", ("own_00001_.glb", "3d", "output")),
        ("own.GLB", ("own.GLB", "", "output")),
        ("a/b/own scene.obj [temp]", ("own scene.obj", "a/b", "temp")),
        ("preview3d_ab.spz", ("preview3d_ab.spz", "", "output")),
        ("a.ksplat", ("a.ksplat", "", "output")),
        ("a.usdz", ("a.usdz", "", "output")),
        ("own.stl[input]", ("own.stl", "", "input")),
        ("3d\\own.fbx", ("own.fbx", "3d", "output")),
        ({"filename": "3d/own.glb", "subfolder": "", "type": "output"}, ("own.glb", "3d", "output")),
        ({"filename": "b/own.png", "subfolder": "a", "type": "temp"}, ("own.png", "a/b", "temp")),
        ({"filename": "own.png", "subfolder": "a/b"}, ("own.png", "a/b", "output")),
        ({"filename": "own.png", "subfolder": "a\\b"}, ("own.png", "a\\b", "output")),
        ({"filename": "b\\own.png", "subfolder": "a/"}, ("own.png", "a/b", "output")),
        ({"filename": "odd/", "subfolder": ""}, ("odd/", "", "output")),
    ],
)
def test_where_a_file_is(item: object, expected: tuple[str, str, str]) -> None:
    (found,) = find_outputs({"2": {"result": [item, None]}})
    assert (found.filename, found.subfolder, found.type) == expected
    filename, subfolder, kind = expected
    query = query_of(view_request(found))
    assert query == {"filename": filename, "type": kind} | ({"subfolder": subfolder} if subfolder else {})


def test_the_name_and_the_object_of_one_file_are_one_output() -> None:
    outputs = {
        "2": {"result": ["3d/a.glb"], "3d": [{"filename": "a.glb", "subfolder": "3d", "type": "output"}]}
    }
    assert [(found.key, found.filename) for found in find_outputs(outputs)] == [("result", "a.glb")]


@pytest.mark.parametrize(
    "text", ["a.png", "glb", ".glb", "a.txt", "two\nlines.glb", "https://host/a.glb", "x" * 1025 + ".glb", ""]
)
def test_texts_that_are_not_the_name_of_a_model(text: str) -> None:
    assert find_outputs({"2": {"result": [text]}}) == []


def test_a_preview_with_a_folder_in_its_name() -> None:
    found: Any = find_preview({"filename": "a/b.png", "nodeId": "9", "mediaType": "images"})
    assert (found.filename, found.subfolder) == ("b.png", "a")


def test_a_folder_in_a_name_that_is_asked_for() -> None:
    assert query_of(view_request("a/b.png")) == {"filename": "b.png", "subfolder": "a"}
    query = query_of(view_request("b/c.png", "a", "temp"))
    assert query == {"filename": "c.png", "subfolder": "a/b", "type": "temp"}
    assert split_folder("c.png") == ("c.png", "")


@pytest.mark.parametrize(
    ("outputs", "texts"),
    [
        ({"text": ["a", "b"]}, ["a", "b"]),
        ({"text": "a"}, ["a"]),
        ({"tags": ["one, two"], "string": ["x"]}, ["one, two", "x"]),
        ({"caption": [["a", ["b"]], "c"]}, ["a", "b", "c"]),
        ({"text": ["notes.txt"], "names": ["notes.txt"]}, ["notes.txt"]),
        (
            {"value": ["see a.png", "in  two.png", "one.\nlast.png"]},
            ["see a.png", "in  two.png", "one.\nlast.png"],
        ),
        ({"text": [None, 3, 0.5, True, {"a": "b"}]}, ["3", "0.5"]),
        (
            {"string": ["describe my model.glb"], "note": ["a photo of file.txt"]},
            ["describe my model.glb", "a photo of file.txt"],
        ),
        ({"numbers": [3]}, []),
        ({"animated": [True], "images": [{"filename": "a.mp4"}]}, []),
        ({"result": ["3d/own.glb", None, "camera"]}, []),
        ({"bg": ["data:image/png;base64,AAAA", "bg.png [temp]"]}, []),
        ({"mode": "fast"}, []),
    ],
)
def test_texts(outputs: dict[str, Any], texts: list[str]) -> None:
    assert find_texts({"9": outputs}) == texts


def test_texts_nested_without_end_are_cut_off() -> None:
    endless: list[Any] = ["x"]
    endless.append(endless)
    assert 1 < len(find_texts({"9": {"text": endless}})) < 20


@pytest.mark.parametrize(
    ("output", "files", "texts"),
    [
        ({"images": [[{"filename": "a.png"}], {"filename": "b.png"}]}, ["a.png", "b.png"], []),
        ({"result": [["3d/a.glb"], [["b.obj [temp]"]]]}, ["a.glb", "b.obj"], []),
        ({"result": ["/srv/out/a.glb", {"position": {"x": 1}}, "temp/b.png"]}, ["a.glb"], []),
        ({"bboxes": [[[1, 2, 3, 4]]], "text": [[1]]}, [], ["1"]),
        ({"string": [["a", {"b": "c"}], ["b.png"]], "score": [float("nan")]}, [], ["a"]),
        ({"stuff": [{"x": 1}], "latents": [{"filename": "a.latent"}]}, ["a.latent"], []),
        ({"deep": [[[[[[[[[[[["far"]]]]]]]]]]]]}, [], []),
    ],
)
def test_lists_in_lists(output: dict[str, Any], files: list[str], texts: list[str]) -> None:
    assert [found.filename for found in find_outputs({"9": output})] == files
    assert find_texts({"9": output}) == texts


def test_a_path_of_the_server_is_asked_for_by_its_folder() -> None:
    (found,) = find_outputs({"2": {"result": ["/srv/out/a.glb"]}})
    assert query_of(view_request(found)) == {"filename": "a.glb", "subfolder": "/srv/out", "type": "output"}
