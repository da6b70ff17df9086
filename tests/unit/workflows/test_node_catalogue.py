"""The node classes of a server: decoded when asked for, and kept on disk."""

from __future__ import annotations

import errno
import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from comfy_cloud._workflows.catalogue_file import CatalogueFile, cache_folder
from comfy_cloud._workflows.near_names import nearest
from comfy_cloud._workflows.node_catalogue import NodeCatalogue
from comfy_cloud_api import types
from comfy_cloud_api.models.node_info import NodeInfo
from comfy_cloud_api.types import UnreadableBody

RAW: dict[str, Any] = {"KSampler": {"name": "KSampler"}, "KSamplerAdvanced": {}, "Broken": None}


@pytest.mark.parametrize("is_decoded", [True, False])
def test_a_class_is_decoded_when_it_is_asked_for(is_decoded: bool) -> None:
    catalogue = NodeCatalogue(RAW) if is_decoded else NodeCatalogue.from_bytes(json.dumps(RAW).encode())
    assert isinstance(catalogue["KSampler"], NodeInfo)
    assert catalogue["KSampler"] is catalogue["KSampler"]
    assert list(catalogue) == ["KSampler", "KSamplerAdvanced"]
    assert len(catalogue) == 2
    assert "KSampler" in catalogue
    for name in ("Broken", "Unknown", 7):
        assert name not in catalogue
    for name in ("Broken", "Unknown"):
        with pytest.raises(KeyError, match=name):
            catalogue[name]


def test_the_content_of_a_response() -> None:
    assert NodeCatalogue.from_bytes(b'{"A": {}}').raw == {"A": {}}
    assert not NodeCatalogue.from_bytes(b"{}").is_stale
    assert (
        repr(NodeCatalogue.from_bytes(b'{"A": {}}', is_stale=True)) == "<NodeCatalogue of 1 classes, stale>"
    )
    for content in (b"[]", b"", b"<html>"):
        with pytest.raises(UnreadableBody):
            NodeCatalogue.from_bytes(content)


def test_a_catalogue_of_bytes_and_one_that_is_decoded_are_the_same() -> None:
    content = json.dumps(RAW | {"List": [], "Ä": {"input": {}}}, ensure_ascii=False).encode()
    late, usual = NodeCatalogue.from_bytes(b" \n" + content), NodeCatalogue(json.loads(content))
    assert dict(late) == dict(usual)
    assert late.raw == usual.raw
    assert dict(late) == dict(usual)


@pytest.mark.parametrize("content", [b'{"A": {"name": "\xff"}}', b'{"A": [1,]}', b'{"A": ' + b"[" * 100_000])
def test_a_catalogue_that_is_not_json_is_refused_at_once(content: bytes) -> None:
    with pytest.raises((UnreadableBody, RecursionError)):
        NodeCatalogue.from_bytes(content)


def test_a_catalogue_without_msgspec(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "msgspec", None)
    monkeypatch.setattr(types, "_DECODERS", {})
    catalogue = NodeCatalogue.from_bytes(b'{"A": {"name": "a"}, "B": NaN}')
    assert (list(catalogue), catalogue["A"].name) == (["A"], "a")


def test_similar_names() -> None:
    assert NodeCatalogue(RAW).similar("ksampler") == ["KSampler", "KSamplerAdvanced"]
    assert NodeCatalogue(RAW).similar("zzz") == []
    assert nearest("STRASSE", ["Straße", "strasse", "x"]) == ["Straße"]
    assert nearest("aaab", ["aaaa", "aaac", "aaad", "aaae"]) == ["aaae", "aaad", "aaac"]
    assert nearest("aaab", ["aaaa", "aaac"], count=1) == ["aaac"]
    assert nearest("ab", ["ax"]) == []
    assert nearest("ab", ["ax"], cutoff=0.5) == ["ax"]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("COMFY_CLOUD_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path / "cache"


def test_a_copy_is_kept_for_each_server(folder: Path) -> None:
    file, other = CatalogueFile("https://a"), CatalogueFile("https://b")
    assert file.read() is None
    file.write(b"{}", 1_790_000_000.0)
    assert file.read() == (b"{}", 1_790_000_000.0)
    assert CatalogueFile("https://a").read() == (b"{}", 1_790_000_000.0)
    assert other.read() is None
    assert [path.name for path in folder.iterdir()] == [file.path.name]
    assert file.path.name.startswith("object_info-")
    assert "https" not in file.path.name


def test_a_copy_that_cannot_be_written_is_no_error(folder: Path) -> None:
    folder.write_text("a file where the folder should be")
    CatalogueFile("https://a").write(b"{}", 0)
    assert CatalogueFile("https://a").read() is None


def test_a_full_disk_leaves_the_former_copy(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Full(io.FileIO):
        def write(self, content: object) -> int:
            raise OSError(errno.ENOSPC, "No space left on device")

    file = CatalogueFile("https://a")
    file.write(b"{}", 1_790_000_000.0)
    monkeypatch.setattr(
        "comfy_cloud._files.local_destination.open",
        lambda path, mode, buffering: Full(path, "x"),
        raising=False,
    )
    file.write(b'{"new": {}}', 1_790_000_001.0)
    assert file.read() == (b"{}", 1_790_000_000.0)
    assert [path.name for path in folder.iterdir()] == [file.path.name]


def test_the_folder_of_the_platform(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert cache_folder() == folder
    monkeypatch.delenv("COMFY_CLOUD_CACHE_DIR")
    assert cache_folder().name == "comfy-cloud"
