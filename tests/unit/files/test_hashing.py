"""BLAKE3 hashes of content, the forms they are written in, and names of assets in graphs."""

from __future__ import annotations

import io
import mmap
import os
from pathlib import Path
from typing import Any

import pytest
from blake3 import blake3
from hypothesis import given
from hypothesis import strategies as st

from comfy_cloud import hashing
from comfy_cloud.hashing import asset_hash, graph_name, hash_bytes, hash_file, hash_hex, hash_in_name
from comfy_cloud_api.models.asset_created import AssetCreated

HEX = "ab" * 32
OTHER = "cd" * 32


@given(st.binary(max_size=200), st.integers(1, 64))
def test_a_file_is_hashed_from_its_start_in_blocks(content: bytes, block: int) -> None:
    file = io.BytesIO(content)
    file.seek(len(content) // 2)
    whole, hashing._BLOCK_SIZE = hashing._BLOCK_SIZE, block
    try:
        assert hash_file(file) == hash_bytes(content) == blake3(content).hexdigest()
    finally:
        hashing._BLOCK_SIZE = whole


def test_a_file_without_readinto() -> None:
    class Plain:
        def __init__(self) -> None:
            self._file = io.BytesIO(b"abc")
            self.read, self.seek, self.tell = self._file.read, self._file.seek, self._file.tell

    assert hash_file(Plain()) == hash_bytes(b"abc")  # type: ignore[arg-type]


@pytest.fixture
def windows(monkeypatch: pytest.MonkeyPatch) -> int:
    """Map files of any size, in windows as small as the system allows."""
    monkeypatch.setattr(hashing, "_MIN_MAPPED_SIZE", 1)
    monkeypatch.setattr(hashing, "_WINDOW_SIZE", mmap.ALLOCATIONGRANULARITY)
    return mmap.ALLOCATIONGRANULARITY


@pytest.mark.parametrize("over", [-1, 0, 1])
@pytest.mark.parametrize("buffering", [0, -1])
def test_a_large_file_is_hashed_in_windows(tmp_path: Path, windows: int, over: int, buffering: int) -> None:
    content = os.urandom(3 * windows + over)
    (tmp_path / "a").write_bytes(content)
    checks: list[None] = []
    with open(tmp_path / "a", "rb", buffering=buffering) as file:
        file.read(10)
        assert hash_file(file, lambda: checks.append(None)) == hash_bytes(content)
        assert file.read() == b""
    assert len(checks) == (4 if over > 0 else 3)


def test_a_file_that_is_truncated_between_two_windows(tmp_path: Path, windows: int) -> None:
    content = os.urandom(3 * windows)
    path = tmp_path / "a"
    path.write_bytes(content)
    with path.open("rb") as file:
        assert hash_file(file, lambda: os.truncate(path, windows)) == hash_bytes(content[:windows])


def test_a_file_that_cannot_be_mapped_is_read(
    tmp_path: Path, windows: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_maps(*_: object, **__: object) -> None:
        raise OSError("not here")

    (tmp_path / "a").write_bytes(b"abc")
    monkeypatch.setattr(mmap, "mmap", no_maps)
    with (tmp_path / "a").open("rb") as file:
        assert hash_file(file) == hash_bytes(b"abc")


@pytest.mark.parametrize("is_mapped", [True, False])
def test_hashing_can_be_stopped(tmp_path: Path, windows: int, is_mapped: bool) -> None:
    def check() -> None:
        raise InterruptedError

    (tmp_path / "a").write_bytes(b"abc")
    with (tmp_path / "a").open("rb") as file:
        with pytest.raises(InterruptedError):
            hash_file(file if is_mapped else io.BytesIO(b"abc"), check)


@pytest.mark.parametrize(
    ("name", "found"),
    [
        (f"{HEX}.png", HEX),
        (HEX, HEX),
        (f"{HEX.upper()}.PNG", HEX),
        (f"{HEX}0.png", None),
        (f"x{HEX}.png", None),
        ("ComfyUI_00001_.png", None),
        (f"{HEX}.a/b", None),
        ("", None),
    ],
)
def test_hash_in_name(name: str, found: str | None) -> None:
    assert hash_in_name(name) == found


@pytest.mark.parametrize(
    ("written", "found"),
    [
        (f"blake3:{HEX}", HEX),
        (HEX, HEX),
        (f"{HEX}.png", HEX),
        (f"blake3:{HEX.upper()}.PNG", HEX),
        (f"sha256:{HEX}", None),
        (f"BLAKE3:{HEX}", None),
        (HEX[:-1], None),
        (f"{HEX}.", None),
        (f"{HEX}\n", None),
        (7, None),
        (None, None),
    ],
)
def test_hashes_in_any_form(written: object, found: str | None) -> None:
    assert hash_hex(written) == found


def test_a_stored_name_has_no_prefix() -> None:
    assert hash_in_name(f"blake3:{HEX}") is None
    assert hash_in_name(f"blake3:{HEX}.png") is None


@pytest.mark.parametrize(
    ("asset", "digest"),
    [
        ({"hash": f"blake3:{HEX}"}, HEX),
        ({"hash": "", "asset_hash": f"{HEX.upper()}.webp"}, HEX),
        ({"hash": HEX, "asset_hash": OTHER}, HEX),
        ({"hash": None, "asset_hash": 7}, None),
        ({"name": f"{HEX}.png"}, None),
    ],
)
def test_the_hash_of_an_asset(asset: dict[str, Any], digest: str | None) -> None:
    assert asset_hash(asset) == digest


@pytest.mark.parametrize(
    ("asset", "filename", "name"),
    [
        # The server says it.
        ({"loader_path": "sub/X.PNG", "hash": HEX, "asset_hash": f"{HEX}.png"}, "a.png", "sub/X.PNG"),
        ({"loader_path": "", "hash": HEX, "name": "a.png"}, None, f"{HEX}.png"),
        ({"loader_path": None, "asset_hash": f"{HEX}.png"}, None, f"{HEX}.png"),
        # The hash includes the extension, which may differ from that of the name.
        ({"asset_hash": f"{HEX}.webp", "name": "A.PNG"}, "A.PNG", f"{HEX}.webp"),
        ({"hash": f"{HEX}.webp", "name": "A.PNG"}, "A.PNG", f"{HEX}.webp"),
        ({"hash": f"blake3:{HEX}", "asset_hash": f"{HEX}.webp", "name": "A.PNG"}, None, f"{HEX}.webp"),
        ({"asset_hash": f"blake3:{HEX}.png"}, None, f"{HEX}.png"),
        ({"asset_hash": f"{HEX.upper()}.PNG"}, None, f"{HEX.upper()}.PNG"),
        # The extension comes from the name of the asset, else from the uploaded file.
        ({"hash": f"blake3:{HEX}", "name": "A.PNG"}, None, f"{HEX}.png"),
        ({"hash": f"blake3:{HEX.upper()}", "name": "A.PNG"}, None, f"{HEX}.png"),
        ({"asset_hash": HEX, "name": "A.PNG"}, "b.webp", f"{HEX}.png"),
        ({"asset_hash": HEX, "name": "portrait"}, "B.WEBP", f"{HEX}.webp"),
        ({"asset_hash": HEX, "name": None}, "a.tar.GZ", f"{HEX}.gz"),
        ({"asset_hash": HEX, "name": "Mr. Smith"}, None, HEX),
        ({"asset_hash": HEX}, "portrait", HEX),
        ({"asset_hash": HEX}, None, HEX),
        # There is no hash, and a name for people is not one.
        ({"name": "a.png"}, "a.png", None),
        ({"hash": "", "asset_hash": None, "name": f"{HEX}.png"}, None, None),
        ({"hash": f"sha256:{HEX}", "name": "a.png"}, None, None),
    ],
)
def test_the_name_of_an_asset_in_a_graph(
    asset: dict[str, Any], filename: str | None, name: str | None
) -> None:
    assert graph_name(asset, filename) == name


def test_a_generated_asset_is_read_by_its_names_in_json() -> None:
    asset = AssetCreated.from_dict({"id": "a", "name": "A.PNG", "hash": f"blake3:{HEX}"})
    assert asset_hash(asset) == HEX
    assert graph_name(asset) == f"{HEX}.png"
