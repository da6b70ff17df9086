"""Personal files, node classes, models and system stats of a self-hosted ComfyUI, in its forms."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest

from comfy_cloud_emulator import Emulator

NEW = pytest.mark.parametrize("comfyui", ["comfyui_new"], indirect=True)
Connect = Callable[[Emulator], httpx.Client]


@pytest.fixture
def stored(keyless: httpx.Client) -> httpx.Client:
    for name in ("workflows%2Fa.json", "workflows%2Fdeep%2Fb.json"):
        keyless.post(f"/api/userdata/{name}", content=b"{}")
    return keyless


def listed(client: httpx.Client, **query: str) -> object:
    return client.get("/api/userdata", params={"dir": "workflows/", **query}).json()


def test_a_list_has_three_forms(comfyui: Emulator, stored: httpx.Client) -> None:
    assert listed(stored) == ["a.json"]
    assert listed(stored, recurse="true") == ["a.json", "deep/b.json"]
    assert listed(stored, recurse="true", split="true") == [
        ["a.json", "a.json"],
        ["deep/b.json", "deep", "b.json"],
    ]
    (file,) = stored.get("/api/userdata?dir=workflows&full_info=true&split=true").json()
    assert file == {"path": "a.json", "size": 2, "modified": file["modified"], "created": file["modified"]}
    assert isinstance(file["modified"], float)
    assert abs(file["modified"] - comfyui.time.now()) < 1


@NEW
def test_a_newer_version_uses_milliseconds(comfyui: Emulator, stored: httpx.Client) -> None:
    (file,) = stored.get("/api/userdata?dir=workflows&full_info=true").json()
    assert file["modified"] == int(comfyui.time.now() * 1000)


def test_three_refusals_have_a_body(stored: httpx.Client) -> None:
    for address, status in [("/api/userdata", 400), ("/api/userdata?dir=nowhere", 404)]:
        response = stored.get(address)
        assert (response.status_code, response.headers["content-type"]) == (
            status,
            "text/plain; charset=utf-8",
        )
        assert response.text
    taken = stored.post("/api/userdata/workflows%2Fa.json?overwrite=false", content=b"")
    assert (taken.status_code, bool(taken.text)) == (409, True)
    for response in [
        stored.get("/api/userdata/gone"),
        stored.delete("/api/userdata/gone"),
        stored.get("/api/userdata/..%2Fx"),
        stored.post("/api/userdata/..%2Fx", content=b""),
    ]:
        assert response.status_code in (403, 404)
        assert response.content == b""


def test_single_files(stored: httpx.Client) -> None:
    assert stored.post("/api/userdata/a%20b.json", content=b"1").json() == "a b.json"
    full = stored.post("/api/userdata/a%20b.json?full_info=true", content=b"12").json()
    assert (full["path"], full["size"]) == ("a b.json", 2)
    read = stored.get("/api/userdata/a%20b.json")
    assert (read.content, read.headers["content-type"]) == (b"12", "application/json")
    moved = stored.post("/api/userdata/a%20b.json/move/c%2Fd.json")
    assert moved.json() == "c/d.json"
    assert stored.get("/api/userdata/c%2Fd.json").content == b"12"
    assert stored.post("/api/userdata/gone/move/x").status_code == 404
    assert stored.post("/api/userdata/c%2Fd.json/move/workflows%2Fa.json?overwrite=false").status_code == 409
    assert stored.delete("/api/userdata/c%2Fd.json").status_code == 204
    # A plain slash makes it another path.
    assert stored.post("/api/userdata/workflows/a.json", content=b"").status_code == 405
    assert stored.get("/api/userdata/workflows/a.json").status_code == 404


def test_several_users(connect: Connect) -> None:
    with Emulator(quirks=["multi_user"]) as emulator:
        client = connect(emulator)
        (user,) = client.get("/api/users").json()["users"]
        for headers, status in [({}, 500), ({"comfy-user": "stranger"}, 500), ({"comfy-user": user}, 404)]:
            assert client.get("/api/userdata?dir=workflows", headers=headers).status_code == status
        assert client.get("/api/queue").status_code == 200


def test_node_classes_have_nulls(keyless: httpx.Client) -> None:
    data = keyless.get("/api/object_info").json()
    untitled = [node for node in data.values() if node["display_name"] is None]
    assert 0 < len(untitled) < len(data)
    assert all(node["output_tooltips"] == [None] * len(node["output"]) for node in untitled)
    assert data["KSampler"]["input"]["required"]["seed"][1]["max"] == 2**64 - 1
    assert keyless.get("/api/object_info/KSampler").json() == {"KSampler": data["KSampler"]}
    assert keyless.get("/api/object_info/Nope").json() == {}


def test_features_and_system_stats(keyless: httpx.Client) -> None:
    assert (
        keyless.get("/api/features").text == '{"supports_preview_metadata":true,"max_upload_size":52428800.0}'
    )
    stats = keyless.get("/api/system_stats").json()
    assert (stats["system"]["os"], stats["system"]["installed_templates_version"]) == ("posix", None)
    assert not {"cloud_version", "comfyui_frontend_version"} & set(stats["system"])
    assert stats["devices"][0]["index"] is None
    assert keyless.get("/api/users").json() == {"storage": "server", "migrated": True}
    assert keyless.get("/api/workflow_templates").json() == {}


def test_models(keyless: httpx.Client) -> None:
    folders = keyless.get("/api/experiment/models").json()
    assert all(path.startswith("/") for folder in folders for path in folder["folders"])
    assert keyless.get("/api/experiment/models/embeddings").json() == []
    for address in ("/api/experiment/models/nowhere", "/api/models/nowhere"):
        assert (keyless.get(address).status_code, keyless.get(address).content) == (404, b"")
    assert keyless.get("/api/models/loras").json() == ["add_detail.safetensors"]
    preview = keyless.get("/api/experiment/models/preview/loras/0/nothing")
    assert (preview.status_code, preview.content) == (404, b"")


def test_settings_are_kept(keyless: httpx.Client) -> None:
    assert keyless.get("/api/settings").json() == {}
    assert keyless.post("/api/settings", json={"a": 1}).content == b""
    keyless.post("/api/settings/b", json=[2])
    assert keyless.get("/api/settings").json() == {"a": 1, "b": [2]}
    assert [keyless.get(f"/api/settings/{name}").json() for name in ("b", "c")] == [[2], None]


@NEW
def test_disabled_assets(keyless: httpx.Client) -> None:
    for method, path in [
        ("GET", "/api/assets"),
        ("POST", "/api/assets"),
        ("GET", "/api/tags"),
        ("PUT", "/assets/x"),
    ]:
        response = keyless.request(method, path)
        assert (response.status_code, response.json()["error"]["code"]) == (503, "SERVICE_DISABLED")
    head = keyless.head(f"/api/assets/hash/blake3:{'0' * 64}")
    assert (head.status_code, head.content) == (503, b"")
    assert keyless.get("/api/features").json()["assets"] is False
