"""What `from comfy_cloud import ComfyCloud` imports: nothing that only a client needs."""

from __future__ import annotations

import subprocess
import sys

HEAVY = {
    "attr", "attrs", "comfy_cloud_api", "dateutil", "httpx", "msgspec", "orjson", "ssl", "websockets",
}  # fmt: skip


def imported_by(code: str) -> set[str]:
    command = [sys.executable, "-c", f"import sys; {code}; print(*sys.modules)"]
    return set(subprocess.run(command, capture_output=True, text=True, check=True).stdout.split())


def test_the_classes_of_clients_cost_next_to_nothing() -> None:
    found = imported_by("from comfy_cloud import AsyncComfyCloud, ComfyCloud")
    assert not HEAVY & found
    assert {name for name in found if name.startswith("comfy_cloud.")} == {
        "comfy_cloud._async", "comfy_cloud._async._http", "comfy_cloud._async._http.general_calls",
        "comfy_cloud._async.client", "comfy_cloud._exports", "comfy_cloud._http", "comfy_cloud._http.forks",
        "comfy_cloud._late_names", "comfy_cloud._settings", "comfy_cloud._settings.defaults",
        "comfy_cloud._sync", "comfy_cloud._sync._http", "comfy_cloud._sync._http.general_calls",
        "comfy_cloud._sync.client", "comfy_cloud._http.shared_properties", "comfy_cloud._version",
    }  # fmt: skip


def test_a_client_imports_neither_the_decoder_nor_the_websocket_nor_models() -> None:
    found = imported_by("from comfy_cloud import ComfyCloud; ComfyCloud(api_key='comfyui-test').close()")
    assert not {"dateutil", "msgspec", "websockets"} & found
    assert not {name for name in found if name.startswith("comfy_cloud_api.models.")}
