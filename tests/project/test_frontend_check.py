"""The check of ComfyUI's frontend: what needs no browser."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest
from websockets.sync.client import connect

from comfy_cloud_emulator import Emulator
from tests.live.frontend import frontend_folder
from tests.live.frontend_server import FrontendServer


def test_files_and_the_server_have_one_address(tmp_path: Path) -> None:
    folder = tmp_path / "comfyui_frontend_package" / "static"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text("the page")
    (folder / "assets" / "app.js").write_text("1")
    (tmp_path / "secret").write_text("not served")
    assert frontend_folder(tmp_path) == frontend_folder(folder) == folder
    with Emulator(quirks="comfyui_new") as emulator, FrontendServer(folder, emulator.url) as server:
        with httpx.Client(base_url=server.url, trust_env=False) as client:
            assert client.get("/").text == client.get("/index.html?a=b").text == "the page"
            assert client.get("/assets/app.js").headers["content-type"] == "text/javascript"
            assert client.get("/%2e%2e/%2e%2e/secret").status_code == 404
            assert client.get("/api/features").json()["assets"] is False
            written = client.post("/api/settings", json={"a": 1})
            assert (written.status_code, client.get("/api/settings").json()) == (200, {"a": 1})
        address = server.url.replace("http", "ws") + "/ws?clientId=one"
        with connect(address, origin=server.url, proxy=None) as socket:  # type: ignore[arg-type]
            assert '"status"' in str(socket.recv(timeout=10))


def test_a_folder_without_the_page(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="unpack the wheel of comfyui-frontend-package"):
        frontend_folder(tmp_path)
