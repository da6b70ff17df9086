"""BLAKE3 of content, and the forms in which hashes are written."""

from __future__ import annotations

import io

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


def test_hashing_can_be_ended() -> None:
    def check() -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        hash_file(io.BytesIO(b"abc"), check)


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
