"""What can be uploaded, and reporting how much of it was sent."""

from __future__ import annotations

import io
import mimetypes
from pathlib import Path
from typing import Any

import pytest

from comfy_cloud import ConfigurationError
from comfy_cloud._files.upload_sources import UploadSource, media_type_of, name_of_source
from comfy_cloud._http.file_streams import file_stream


def test_paths_bytes_and_files(tmp_path: Path) -> None:
    path = tmp_path / "a.webp"
    path.write_bytes(b"abc")
    with UploadSource(path) as upload:
        assert (upload.name, upload.size, upload.media_type) == ("a.webp", 3, "image/webp")
        assert upload.reader(None).read() == b"abc"
    assert upload.file.closed
    for content in (b"abc", bytearray(b"abc"), memoryview(b"abc")):
        with UploadSource(content, "b.glb", "x/y") as upload:
            assert (upload.name, upload.size, upload.media_type) == ("b.glb", 3, "x/y")
    with path.open("rb") as file:
        file.read(1)
        with UploadSource(file) as upload:
            assert (upload.name, upload.file.read()) == ("a.webp", b"abc")
        assert not file.closed


def test_what_cannot_be_uploaded(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        UploadSource(tmp_path / "missing")
    with pytest.raises(ConfigurationError, match="binary"):
        UploadSource(io.StringIO("a"))  # type: ignore[arg-type]
    with pytest.raises(ConfigurationError, match="a path, bytes"):
        UploadSource(None)  # type: ignore[arg-type]

    class Pipe(io.BytesIO):
        def seekable(self) -> bool:
            return False

    with pytest.raises(ConfigurationError, match="rewound"):
        UploadSource(Pipe(b"a"))


def test_progress_is_reported_after_sending_and_starts_again_on_a_retry() -> None:
    seen: list[tuple[int, int | None]] = []
    with UploadSource(b"abcdef") as upload:
        reader: Any = upload.reader(lambda done, total: seen.append((done, total)))
        for _ in range(3):
            reader.read(4)
            reader.report_progress()
            reader.report_progress()
        reader.seek(0)
        reader.report_progress()
        assert reader.tell() == 0
        assert seen == [(4, 6), (6, 6)]
        assert b"".join(file_stream(reader)) == b"abcdef"
        assert reader.tell() == 6
    assert seen == [(4, 6), (6, 6), (6, 6)]


@pytest.mark.parametrize(
    ("name", "media_type"),
    [
        ("a.PNG", "image/png"),
        ("a.webp", "image/webp"),
        ("a.avif", "image/avif"),
        ("A.JPEG", "image/jpeg"),
        ("a.flac", "audio/flac"),
        ("a.opus", "audio/ogg"),
        ("a.wav", "audio/wav"),
        ("a.mkv", "video/x-matroska"),
        ("a.glb", "model/gltf-binary"),
        ("a.gltf", "model/gltf+json"),
        ("a.safetensors", "application/octet-stream"),
        ("a.pdf", "application/pdf"),
        ("a.xyz123", "application/octet-stream"),
        ("a", "application/octet-stream"),
    ],
)
def test_media_types(name: str, media_type: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # What this machine calls them does not matter.
    for extension in (".png", ".webp", ".wav", ".safetensors", ".glb"):
        monkeypatch.setitem(mimetypes.types_map, extension, "odd/type")
    assert media_type_of(name) == media_type


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("https://host.example/a/b%20c.png?X-Sig=1/2#x", "b c.png"),
        ("https://host.example/", "host.example"),
        ("s3://bucket/folder/a?b.png", "a?b.png"),
        ("memory://", "file"),
        (Path("a/b.png"), "b.png"),
    ],
)
def test_the_name_of_a_source(source: str | Path, name: str) -> None:
    assert name_of_source(source) == name
