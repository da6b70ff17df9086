"""BLAKE3 of content, and the forms in which hashes are written."""

from __future__ import annotations

import io
import mmap
import os
from pathlib import Path

import pytest
from blake3 import blake3
from hypothesis import given
from hypothesis import strategies as st

from comfy_cloud import hashing
from comfy_cloud.hashing import asset_hash, graph_name, hash_bytes, hash_file, hash_hex, hash_in_name

HEX = "ab" * 32


@given(st.binary(max_size=200), st.integers(1, 64))
def test_a_file_is_hashed_from_its_start_in_blocks(content: bytes, block: int) -> None:
    file = io.BytesIO(content)
    file.seek(len(content) // 2)
    whole, hashing._BLOCK = hashing._BLOCK, block
    try:
        assert hash_file(file) == hash_bytes(content) == blake3(content).hexdigest()
    finally:
        hashing._BLOCK = whole


def test_a_file_without_readinto() -> None:
    class Plain:
        def __init__(self) -> None:
            self._file = io.BytesIO(b"abc")
            self.read, self.seek, self.tell = self._file.read, self._file.seek, self._file.tell

    assert hash_file(Plain()) == hash_bytes(b"abc")  # type: ignore[arg-type]


@pytest.fixture
def windows(monkeypatch: pytest.MonkeyPatch) -> int:
    """Files of any size are mapped, by windows as small as the system allows."""
    monkeypatch.setattr(hashing, "_LEAST_MAPPED", 1)
    monkeypatch.setattr(hashing, "_WINDOW", mmap.ALLOCATIONGRANULARITY)
    return mmap.ALLOCATIONGRANULARITY


@pytest.mark.parametrize("over", [-1, 0, 1])
@pytest.mark.parametrize("buffering", [0, -1])
def test_a_file_of_this_machine_is_hashed_in_windows(
    tmp_path: Path, windows: int, over: int, buffering: int
) -> None:
    content = os.urandom(3 * windows + over)
    (tmp_path / "a").write_bytes(content)
    looks: list[None] = []
    with open(tmp_path / "a", "rb", buffering=buffering) as file:
        file.read(10)
        assert hash_file(file, lambda: looks.append(None)) == hash_bytes(content)
        assert file.read() == b""
    assert len(looks) == (4 if over > 0 else 3)


def test_a_file_that_is_shortened_between_two_windows(tmp_path: Path, windows: int) -> None:
    content = os.urandom(3 * windows)
    path = tmp_path / "a"
    path.write_bytes(content)
    with path.open("rb") as file:
        assert hash_file(file, lambda: os.truncate(path, windows)) == hash_bytes(content[:windows])


def test_what_cannot_be_mapped_is_read(tmp_path: Path, windows: int, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_maps(*_: object, **__: object) -> None:
        raise OSError("not here")

    (tmp_path / "a").write_bytes(b"abc")
    monkeypatch.setattr(mmap, "mmap", no_maps)
    with (tmp_path / "a").open("rb") as file:
        assert hash_file(file) == hash_bytes(b"abc")


@pytest.mark.parametrize("is_mapped", [True, False])
def test_hashing_can_be_ended(tmp_path: Path, windows: int, is_mapped: bool) -> None:
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


def test_hashes_in_any_form() -> None:
    assert hash_hex(f"blake3:{HEX}") == hash_hex(HEX) == hash_hex(f"{HEX}.png") == HEX
    assert hash_hex(f"sha256:{HEX}") is None
    assert hash_hex(None) is None


@pytest.mark.parametrize(
    ("asset", "digest", "name"),
    [
        ({"hash": f"blake3:{HEX}", "name": "a.PNG"}, HEX, f"{HEX}.PNG"),
        ({"asset_hash": f"{HEX}.webp"}, HEX, f"{HEX}.webp"),
        ({"hash": None, "asset_hash": f"blake3:{HEX}"}, HEX, HEX),
        ({"loader_path": "sub/x.png", "hash": HEX}, HEX, "sub/x.png"),
        ({"name": "a.png"}, None, None),
    ],
)
def test_assets(asset: dict[str, str], digest: str | None, name: str | None) -> None:
    assert asset_hash(asset) == digest
    assert graph_name(asset) == name
