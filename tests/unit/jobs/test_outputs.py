"""Files and texts are found by their shape, in a stable order, without duplicates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comfy_cloud._jobs.outputs import Output, find_outputs, find_preview, find_texts

json_values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=5)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(
            st.sampled_from(("filename", "text", "images", "content", "type", "9")), inner, max_size=4
        ),
    ),
    max_leaves=15,
)


def file(name: str, **more: Any) -> dict[str, Any]:
    return {"filename": name, "subfolder": "", "type": "output", **more}


def test_files_are_found_under_any_key_in_order() -> None:
    outputs = {
        "9": {"images": [file("b.png"), file("a.png")], "animated": [True]},
        "3.0.0.2": {"gifs": [file("c.mp4", format="video/h264-mp4")], "audio": []},
        "12": {"hologram": [file("d.holo")], "3d": [file("e.glb")]},
    }
    found = find_outputs(outputs)
    assert [(o.node_id, o.key, o.filename, o.kind) for o in found] == [
        ("9", "images", "b.png", "image"),
        ("9", "images", "a.png", "image"),
        ("3.0.0.2", "gifs", "c.mp4", "video"),
        ("12", "hologram", "d.holo", "file"),
        ("12", "3d", "e.glb", "3d"),
    ]


def test_all_fields_are_read() -> None:
    raw = {
        "filename": "x.png",
        "subfolder": "s",
        "type": "temp",
        "display_name": "Lighthouse.png",
        "extra": 1,
    }
    (found,) = find_outputs({"9": {"images": [raw]}})
    assert found.raw is raw
    assert (found.subfolder, found.type, found.display_name, found.media_type) == (
        "s",
        "temp",
        "Lighthouse.png",
        "image/png",
    )
    assert repr(found) == "Output('x.png', node_id='9', kind='image')"


def test_missing_fields_have_defaults() -> None:
    (found,) = find_outputs({9: {"files": [{"filename": "x", "subfolder": None, "display_name": None}]}})
    assert (found.node_id, found.subfolder, found.type, found.display_name) == ("9", "", "output", None)
    assert (found.kind, found.media_type) == ("file", None)


def test_duplicates_are_dropped_only_within_a_node() -> None:
    outputs = {
        "9": {"images": [file("a.png"), file("a.png"), file("a.png", subfolder="s"), {"filename": "a.png"}]},
        "10": {"images": [file("a.png"), file("a.png", type="temp")], "files": [file("a.png")]},
    }
    assert [o.identity for o in find_outputs(outputs)] == [
        ("9", "a.png", "", "output"),
        ("9", "a.png", "s", "output"),
        ("10", "a.png", "", "output"),
        ("10", "a.png", "", "temp"),
    ]


def test_outputs_are_equal_by_identity() -> None:
    one, same, other = (
        Output(file("a.png"), "9"),
        Output(file("a.png", x=1), "9", "images"),
        Output(file("a.png"), "8"),
    )
    assert one == same
    assert one != other
    assert len({one, same, other}) == 2
    assert one != "a.png"


@pytest.mark.parametrize(
    ("name", "file_format", "key", "kind", "media_type"),
    [
        ("a.PNG", "", "files", "image", "image/png"),
        ("a.gif", "", "gifs", "image", "image/gif"),
        ("a.gif", "image/gif", "gifs", "image", "image/gif"),
        ("a.webp", "video/webp", "gifs", "video", "image/webp"),
        ("a.mp4", "", "images", "video", "video/mp4"),
        ("a.webm", "video/webm", "gifs", "video", "video/webm"),
        ("a.mov", "", "video", "video", "video/quicktime"),
        ("a.flac", "", "audio", "audio", "audio/flac"),
        ("a.ogg", "", "video", "audio", "audio/ogg"),
        ("a.m4a", "", "", "audio", "audio/mp4"),
        ("a.glb", "", "3d", "3d", "model/gltf-binary"),
        ("a.fbx", "", "files", "3d", "application/octet-stream"),
        ("a.ply", "", "files", "3d", "application/octet-stream"),
        ("a.txt", "", "files", "text", "text/plain"),
        ("a.xyz", "video/h264-mp4", "gifs", "video", None),
        ("a.xyz", "image/x", "videos", "image", None),
        ("a.xyz", "audio/x", "videos", "audio", None),
        ("a.xyz", "", "videos", "video", None),
        ("noextension", "", "3d", "3d", None),
        (".png", "", "files", "file", None),
        ("a.safetensors", "", "files", "file", None),
    ],
)
def test_kinds(name: str, file_format: str, key: str, kind: str, media_type: str | None) -> None:
    found = Output({"filename": name, "format": file_format}, "1", key)
    assert (found.kind, found.media_type) == (kind, media_type)


KINDS = {
    "image": "png jpg jpeg webp gif avif bmp tif tiff svg exr",
    "video": "mp4 m4v webm mov mkv avi",
    "audio": "wav flac mp3 opus ogg oga m4a aac",
    "3d": "glb gltf obj stl fbx ply",
    "text": "txt md csv srt vtt json",
}
MEDIA_TYPES = {
    "png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg", "webp": "image/webp", "gif": "image/gif",
    "avif": "image/avif", "bmp": "image/bmp", "tif": "image/tiff", "tiff": "image/tiff",
    "svg": "image/svg+xml", "exr": "image/x-exr", "mp4": "video/mp4", "m4v": "video/x-m4v",
    "webm": "video/webm", "mov": "video/quicktime", "mkv": "video/x-matroska", "avi": "video/x-msvideo",
    "wav": "audio/wav", "flac": "audio/flac", "mp3": "audio/mpeg", "opus": "audio/ogg", "ogg": "audio/ogg",
    "oga": "audio/ogg", "m4a": "audio/mp4", "aac": "audio/aac", "glb": "model/gltf-binary",
    "gltf": "model/gltf+json", "obj": "model/obj", "stl": "model/stl", "fbx": "application/octet-stream",
    "ply": "application/octet-stream", "txt": "text/plain", "md": "text/markdown", "csv": "text/csv",
    "srt": "application/x-subrip", "vtt": "text/vtt", "json": "application/json",
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_every_known_extension(kind: str) -> None:
    for extension in KINDS[kind].split():
        found = Output({"filename": f"a.{extension}"})
        assert (found.kind, found.media_type) == (kind, MEDIA_TYPES[extension]), extension


@pytest.mark.parametrize(
    ("key", "kind"),
    [
        ("image", "image"), ("images", "image"), ("gifs", "video"), ("video", "video"), ("videos", "video"),
        ("audio", "audio"), ("audios", "audio"), ("3d", "3d"), ("text", "text"), ("texts", "text"),
        ("Images", "image"), ("files", "file"),
    ],
)  # fmt: skip
def test_without_a_known_extension_the_key_decides(key: str, kind: str) -> None:
    assert Output({"filename": "a.bin"}, "1", key).kind == kind


@pytest.mark.parametrize("extension", ["gif", "webp", "avif"])
def test_animated_formats_are_videos_when_the_server_calls_them_so(extension: str) -> None:
    name = f"a.{extension}"
    assert Output({"filename": name, "format": "video/x"}, "1", "gifs").kind == "video"
    assert Output({"filename": name, "format": "image/x"}, "1", "gifs").kind == "image"
    assert Output({"filename": "a.png", "format": "video/x"}, "1", "gifs").kind == "image"


def test_subclasses_can_add_fields() -> None:
    class Readable(Output):
        __slots__ = ("source",)

        def __init__(self, raw: Mapping[str, Any], node_id: str, key: str, source: str) -> None:
            super().__init__(raw, node_id, key)
            self.source = source

    found = find_outputs(
        {"9": {"images": [file("a.png")]}}, lambda raw, node, key: Readable(raw, node, key, "cloud")
    )
    assert [output.source for output in found] == ["cloud"]
    assert found[0] == Output(file("a.png"), "9")
    preview = find_preview(
        {"filename": "a.png", "nodeId": "9"}, lambda raw, node, key: Readable(raw, node, key, "cloud")
    )
    assert isinstance(preview, Readable)


def test_texts_are_lists_or_strings() -> None:
    outputs = {
        "1": {"text": ["a", "b", 3, None]},
        "2": {"text": "c", "images": [file("x.png")]},
        "3": {"result": ["no"]},
    }
    assert find_texts(outputs) == ["a", "b", "3", "c"]
    assert [o.filename for o in find_outputs(outputs)] == ["x.png"]


def test_previews() -> None:
    found = find_preview(
        {
            "filename": "x.bin",
            "subfolder": "",
            "type": "temp",
            "nodeId": 9,
            "mediaType": "video",
            "display_name": "V",
        }
    )
    assert isinstance(found, Output)
    assert (found.node_id, found.key, found.kind, found.display_name) == ("9", "video", "video", "V")
    assert find_preview({"content": "a text", "nodeId": "3", "mediaType": "text"}) == "a text"
    assert find_preview({"content": 3}) is None
    assert find_preview(None) is None
    assert find_preview("text") is None


@pytest.mark.parametrize(
    "outputs",
    [
        None,
        [],
        "x",
        3,
        {"9": None},
        {"9": []},
        {"9": {"images": None}},
        {"9": {"images": {"filename": "a.png"}}},
        {"9": {"images": [None, [], "a.png", {}, {"filename": None}, {"filename": ""}, {"filename": 3}]}},
    ],
)
def test_malformed_shapes_have_no_files(outputs: object) -> None:
    assert find_outputs(outputs) == []
    assert find_texts(outputs) == []


@given(json_values)
def test_no_shape_raises(value: object) -> None:
    for output in find_outputs(value):
        assert output.filename
    assert all(isinstance(text, str) for text in find_texts(value))
    assert isinstance(find_preview(value), (Output, str, type(None)))
