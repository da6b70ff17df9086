"""Large files are kept on the disk."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from comfy_cloud_emulator import Emulator
from comfy_cloud_emulator.state.files import file_store


@pytest.mark.parametrize("is_kept", [False, True])
def test_a_large_file_is_kept_on_disk(
    is_kept: bool, start_emulator: Callable[..., Emulator], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Also when the state is in memory; then it disappears with the emulator."""
    monkeypatch.setattr(file_store, "MOST_IN_MEMORY", 1000)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    emulator = start_emulator(data=tmp_path / "data" if is_kept else None)
    large, small = b"0123456789" * 101, b"0123456789"
    headers = {"X-API-Key": emulator.key}
    with httpx.Client(base_url=emulator.url, headers=headers, trust_env=False, timeout=60) as client:
        for content in (large, small, large):
            response = client.post("/api/assets", files={"file": ("a.bin", content)})
            assert response.status_code in (200, 201)
            location = client.get(f"/api/assets/{response.json()['id']}/content").headers["location"]
            assert httpx.get(location).content == content
            part = httpx.get(location, headers={"Range": "bytes=3-8"})
            assert (part.status_code, part.content) == (206, content[3:9])
            assert emulator.files.get(response.json()["asset_hash"]) == content
    lying = [path for path in tmp_path.rglob("*.bin") if path.is_file()]
    assert len(lying) == (2 if is_kept else 1)
    emulator.stop()
    assert len(list(tmp_path.rglob("*.bin"))) == (2 if is_kept else 0)
    assert is_kept or not list(tmp_path.iterdir())
