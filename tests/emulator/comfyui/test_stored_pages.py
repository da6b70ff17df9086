"""What users store is never a page of the emulator's origin, also as a self-hosted ComfyUI."""

from __future__ import annotations

import httpx
import pytest

from comfy_cloud_emulator import Emulator

SCRIPT = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"


@pytest.mark.parametrize("quirks", ["comfyui", "comfyui_new"])
def test_stored_files_are_sandboxed(quirks: str) -> None:
    with Emulator(quirks=quirks) as emulator, httpx.Client(base_url=emulator.url) as client:
        client.post("/api/userdata/x.html", content=SCRIPT)
        client.post("/api/upload/image", files={"image": ("x.svg", SCRIPT)})
        page = client.get("/api/userdata/x.html")
        image = client.get("/api/view", params={"filename": "x.svg", "type": "input"})
    for response in (page, image):
        assert response.content == SCRIPT
        assert response.headers["content-security-policy"] == "sandbox"
        assert response.headers["x-content-type-options"] == "nosniff"
