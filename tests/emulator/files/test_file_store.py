"""The content-addressed files, and the sample files behind generated histories."""

from __future__ import annotations

import io
import os
import struct
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
from blake3 import blake3
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from comfy_cloud_emulator import Emulator, Store
from comfy_cloud_emulator.media import samples
from comfy_cloud_emulator.media.media_types import media_type, suffix_for, suffix_of
from comfy_cloud_emulator.state.files.lookup import find_file
from comfy_cloud_emulator.state.jobs.outputs import files

Connect = Callable[[Emulator], httpx.Client]


@pytest.fixture(params=["memory", "folder"])
def store(request: pytest.FixtureRequest, tmp_path: Path, now: float) -> Iterator[Store]:
    store = Store(None if request.param == "memory" else tmp_path, lambda: now)
    yield store
    store.close()


def test_a_file_is_stored_under_its_content(store: Store) -> None:
    content = b"some bytes" * 1000
    name = store.files.put(content, ".PNG", "photo.png", "input")
    assert name == f"{blake3(content).hexdigest()}.png"
    assert store.files.get(name) == content
    assert store.files.size(name) == len(content)
    record = store.files.record(name)
    assert record is not None
    assert (record.kind, record.display_name, record.digest) == ("input", "photo.png", name[:64])
    assert store.files.exists_hash(name[:64])
    assert store.files.by_hash(name[:64]) == record
    opened = store.files.open(name)
    assert opened is not None
    with opened:
        assert opened.read(4) == b"some"


def test_chunks_give_the_same_name_as_the_whole(store: Store) -> None:
    name = store.files.put(iter([b"ab", b"", b"c"]), "txt")
    assert name == store.files.put(b"abc", "txt")
    assert len(store.files) == 1
    assert store.files.get(name) == b"abc"


def test_no_extension_and_no_content_are_allowed(store: Store) -> None:
    name = store.files.put(b"", "")
    assert name == blake3(b"").hexdigest()
    assert store.files.get(name) == b""


@pytest.mark.parametrize("extension", ["../x", "p/ng", "tar.gz", "a" * 13, "."])
def test_an_invalid_extension_is_refused(store: Store, extension: str) -> None:
    with pytest.raises(ValueError, match="extension"):
        store.files.put(b"x", extension)


@pytest.mark.parametrize("name", ["", "nothing", "../library.sqlite3", "library.sqlite3", "0" * 64 + ".png"])
def test_unknown_names_are_not_found(store: Store, name: str) -> None:
    assert store.files.get(name) is None
    assert store.files.open(name) is None
    assert store.files.size(name) is None
    assert not store.files.exists_hash(name)


def test_a_folder_keeps_the_files(tmp_path: Path, now: float) -> None:
    first = Store(tmp_path, lambda: now)
    name = first.files.put(b"kept", "txt", "kept.txt", "temp")
    first.close()
    second = Store(tmp_path, lambda: now)
    assert second.files.get(name) == b"kept"
    assert second.files.record(name) == first_record(name)
    second.close()
    assert os.listdir(tmp_path / "files") == [name]


def first_record(name: str) -> Any:
    from comfy_cloud_emulator.state.files.file_store import StoredFile

    return StoredFile(name, 4, "temp", "kept.txt")


def test_a_broken_source_leaves_nothing_behind(tmp_path: Path, now: float) -> None:
    def breaking() -> Iterator[bytes]:
        yield b"half"
        raise OSError("gone")

    store = Store(tmp_path, lambda: now)
    with pytest.raises(OSError, match="gone"):
        store.files.put(breaking(), "png")
    store.close()
    assert os.listdir(tmp_path / "files") == []


@given(st.binary(max_size=200), st.lists(st.integers(0, 200), max_size=5))
def test_content_is_kept_however_it_is_chunked(content: bytes, cuts: list[int]) -> None:
    store = Store(None, lambda: 0.0)
    try:
        edges = [0, *sorted(cuts), len(content)]
        chunks = [content[a:b] for a, b in pairwise(edges) if a <= b]
        name = store.files.put(chunks, "bin")
        assert store.files.get(name) == b"".join(chunks) == content[: len(b"".join(chunks))]
    finally:
        store.close()


# Samples


def test_a_sample_image_can_be_opened_and_contains_texts() -> None:
    image = Image.open(io.BytesIO(samples.png("seed", {"prompt": '{"1": "ä"}'})))
    image.load()
    assert image.size == (64, 64)
    assert image.info["seed"] == "seed"
    assert image.info["prompt"] == '{"1": "\\xe4"}'
    assert samples.png("seed") != samples.png("other")
    assert Image.open(io.BytesIO(samples.png("a"))).convert("RGB").getcolors() != [(4096, (0, 0, 0))]


def test_a_tiny_png_can_be_opened_and_names_its_job() -> None:
    image = Image.open(io.BytesIO(samples.tiny_png("job-1", 2)))
    image.load()
    assert image.size == (1, 1)
    assert image.info["job"] == "job-1/2"
    assert samples.tiny_png_name("job-1", 2) == f"{blake3(samples.tiny_png('job-1', 2)).hexdigest()}.png"


def boxes(content: bytes) -> dict[str, bytes]:
    found, offset = {}, 0
    while offset < len(content):
        (length,) = struct.unpack_from(">I", content, offset)
        assert length >= 8
        found[content[offset + 4 : offset + 8].decode("latin-1")] = content[offset + 8 : offset + length]
        offset += length
    assert offset == len(content)
    return found


def test_a_sample_video_consists_of_boxes_and_contains_texts() -> None:
    video = boxes(samples.mp4("seed", {"prompt": '{"1": 2}'}))
    assert list(video) == ["ftyp", "moov", "mdat"]
    moov = boxes(video["moov"])
    assert len(moov["mvhd"]) == 100
    meta = boxes(boxes(moov["udta"])["meta"][4:])
    assert b"mdtaprompt" in meta["keys"]
    values = boxes(meta["ilst"])
    assert boxes(values["\0\0\0\x02"])["data"][8:] == b'{"1": 2}'


def test_a_sample_model_is_valid_glb() -> None:
    model = samples.glb("seed")
    assert model[:4] == b"glTF"
    assert struct.unpack_from("<II", model, 4) == (2, len(model))
    length, kind = struct.unpack_from("<I4s", model, 12)
    assert kind == b"JSON"
    document = orjson.loads(model[20 : 20 + length])
    size, kind = struct.unpack_from("<I4s", model, 20 + length)
    assert (size, kind) == (document["buffers"][0]["byteLength"], b"BIN\0")


def test_sample_weights_match_their_header() -> None:
    weights = samples.safetensors("seed")
    (length,) = struct.unpack_from("<Q", weights)
    head = orjson.loads(weights[8 : 8 + length])
    begin, end = head["weight"]["data_offsets"]
    assert (begin, end) == (0, len(weights) - 8 - length)
    rows, columns = head["weight"]["shape"]
    assert rows * columns * 2 == end


def test_a_sample_mp3_begins_with_its_title() -> None:
    audio = samples.mp3("seed")
    assert audio[:3] == b"ID3"
    assert b"seed" in audio[:40]
    length = audio[9]
    assert audio[10 + length : 12 + length] == b"\xff\xfb"


@pytest.mark.parametrize("extension", [".png", ".mp4", ".mp3", ".glb", ".safetensors"])
def test_samples_follow_from_their_seed(extension: str) -> None:
    assert samples.sample(extension, "a") == samples.sample(extension, "a")
    assert samples.sample(extension, "a") != samples.sample(extension, "b")


def test_there_is_no_sample_of_other_formats() -> None:
    with pytest.raises(ValueError, match=r"\.exe"):
        samples.sample(".exe", "a")


# Names in histories


def test_every_file_of_the_demo_is_stored_under_its_hash(demo: Emulator) -> None:
    names = [item["filename"] for job in demo.store.jobs() for _, _, item in files(job.outputs)]
    assert len(names) > 250
    for name in names:
        content = demo.store.files.get(name)
        assert content is not None
        assert blake3(content).hexdigest() == name[:64]


def test_inputs_of_the_demo_are_stored_too(demo: Emulator) -> None:
    graphs = [job.graph for job in demo.store.jobs()]
    names = {
        node["inputs"]["image"]
        for graph in graphs
        for node in graph.values()
        if node["class_type"] == "LoadImage"
    }
    assert names
    assert all(demo.store.files.size(name) for name in names)


def test_images_of_small_jobs_are_made_on_request(now: float) -> None:
    with Emulator(seed_data=20, clock=lambda: now) as emulator:
        assert len(emulator.store.files) == 0
        added = emulator.store.add_job()
        for job in emulator.store.jobs():
            for _, _, item in files(job.outputs):
                found = find_file(emulator.store, item["filename"])
                assert found is not None
                assert blake3(emulator.store.files.get(found.filename)).hexdigest() == found.digest
        assert len(emulator.store.files) == 21
        assert find_file(emulator.store, samples.tiny_png_name(added.id, 1)) is None
        assert find_file(emulator.store, "no name") is None


@pytest.mark.parametrize(
    ("name", "type", "suffix"),
    [
        ("a.PNG", "image/png", ".png"),
        ("x/y.tar.gz", "application/octet-stream", ".gz"),
        ("none", "application/octet-stream", ""),
        ("C:\\a.b\\c", "application/octet-stream", ""),
        ("a.\u00e4\u00e4", "application/octet-stream", ""),
    ],
)
def test_media_types_follow_the_name(name: str, type: str, suffix: str) -> None:
    assert media_type(name) == type
    assert suffix_of(name) == suffix


def test_extensions_follow_the_media_type() -> None:
    assert suffix_for("image/jpeg") == ".jpg"
    assert suffix_for("no/thing") == ""
