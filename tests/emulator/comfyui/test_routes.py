"""A self-hosted ComfyUI from outside: its operations, access, missing paths, and errors."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import fields

import httpx
import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect as open_socket

from comfy_cloud_emulator import Emulator, Quirks
from comfy_cloud_emulator.comfyui.operations import OPERATIONS
from tests.contract.exchanges import checker

Connect = Callable[[Emulator], httpx.Client]
UNKNOWN_ID = "00000000-0000-4000-8000-000000000000"
SERVER_ERROR = "500 Internal Server Error\n\nServer got itself in trouble"
NEWER = {
    "listJobs", "getJobDetail", "getGlobalSubgraphs", "getGlobalSubgraph", "listAssets", "uploadAsset",
    "createAssetFromHash", "getAssetById", "updateAsset", "deleteAsset", "addAssetTags", "removeAssetTags",
    "listTags", "getAssetTagHistogram", "checkAssetByHash",
}  # fmt: skip


def published() -> list[tuple[str, str, str]]:
    """Every operation of the published contract as (id, method, path with an id filled in)."""
    from comfy_cloud.contract import published_contract

    found = []
    for path, item in published_contract()["paths"].items():
        for method, entry in item.items():
            if isinstance(entry, dict) and "operationId" in entry:
                filled = "/".join(UNKNOWN_ID if part.startswith("{") else part for part in path.split("/"))
                found.append((entry["operationId"], method.upper(), filled))
    return found


def is_missing(response: httpx.Response, method: str) -> bool:
    """Whether a response is the server's response to an unknown path."""
    kind = response.headers.get("content-type")
    if method in ("GET", "HEAD"):
        return (response.status_code, response.content, kind) == (404, b"", "application/octet-stream")
    found = (response.status_code, response.text, kind)
    return found == (405, "405: Method Not Allowed", "text/plain; charset=utf-8")


def test_twenty_of_the_published_operations_exist(keyless: httpx.Client) -> None:
    operations = published()
    assert len(operations) == 42
    missing = {id for id, method, path in operations if is_missing(keyless.request(method, path), method)}
    assert len(missing) == 22
    assert missing > NEWER
    assert missing - NEWER == {
        "getHistory", "getHistoryForPrompt", "getJobStatus", "getMaskLayers", "getUser",
        "getRemoteAssetMetadata", "createAssetDownload",
    }  # fmt: skip
    assert len(OPERATIONS) == 20


@pytest.mark.parametrize("comfyui", ["comfyui_new"], indirect=True)
def test_a_newer_version_has_more_operations(keyless: httpx.Client) -> None:
    missing = {id for id, method, path in published() if is_missing(keyless.request(method, path), method)}
    assert not missing & NEWER
    assert len(missing) == 7


@pytest.mark.parametrize(
    "path",
    [
        "/api/history", f"/api/history/{UNKNOWN_ID}", "/api/object_info/KSampler", "/api/users",
        "/api/settings", "/api/settings/theme", "/api/models", "/api/models/loras",
        "/api/embeddings", "/api/extensions", "/internal/logs",
    ],
)  # fmt: skip
def test_operations_that_only_this_server_has(keyless: httpx.Client, path: str) -> None:
    assert keyless.get(path).status_code == 200


def test_every_route_exists_without_its_prefix(keyless: httpx.Client) -> None:
    for path in ("/system_stats", "/queue", "/history", "/object_info/KSampler", "/models"):
        assert keyless.get(path).content == keyless.get(f"/api{path}").content
    assert keyless.post("/userdata/a%2Fb.json", content=b"{}").json() == "a/b.json"
    assert keyless.get("/api/userdata/a%2Fb.json").content == b"{}"
    assert keyless.get("/api/jobs").status_code == keyless.get("/jobs").status_code == 404


def test_a_known_path_with_a_wrong_method(keyless: httpx.Client) -> None:
    assert is_missing(keyless.get("/api/interrupt"), "GET")
    assert is_missing(keyless.delete("/api/queue"), "DELETE")
    assert is_missing(keyless.put("/api/prompt"), "PUT")


def test_no_key_is_required_and_a_wrong_one_is_ignored(comfyui: Emulator, keyless: httpx.Client) -> None:
    assert keyless.get("/api/queue").status_code == 200
    assert keyless.get("/api/queue", headers={"X-API-Key": "wrong"}).status_code == 200
    with open_socket(comfyui.url.replace("http", "ws", 1) + "/ws?token=wrong", proxy=None):
        pass


def test_another_origin_is_refused_without_a_body(comfyui: Emulator, keyless: httpx.Client) -> None:
    response = keyless.get("/api/queue", headers={"Origin": "http://127.0.0.1:3000"})
    assert (response.status_code, response.content) == (403, b"")
    assert keyless.get("/api/queue", headers={"Origin": comfyui.url}).status_code == 200
    url = comfyui.url.replace("http", "ws", 1) + "/ws"
    with pytest.raises(InvalidStatus) as caught, open_socket(url, origin="http://localhost:1", proxy=None):
        pass
    assert caught.value.response.status_code == 403


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/api/prompt", b"{"),
        ("POST", "/api/prompt", b"null"),
        ("POST", "/api/prompt", b'{"prompt": null}'),
        ("POST", "/api/prompt", b'{"prompt": []}'),
        ("POST", "/api/prompt", b'{"prompt": {}, "number": "first"}'),
        ("POST", "/api/queue", b""),
        ("POST", "/api/queue", b'{"delete": "all"}'),
        ("POST", "/api/history", b"[]"),
        ("POST", "/api/interrupt", b"[]"),
        ("GET", "/api/history?max_items=zz", b""),
        ("POST", "/api/free", b"never"),
    ],
)
def test_invalid_input_is_a_500(keyless: httpx.Client, method: str, path: str, body: bytes) -> None:
    response = keyless.request(method, path, content=body)
    assert (response.status_code, response.text) == (500, SERVER_ERROR)
    assert response.headers["content-type"] == "text/plain; charset=utf-8"


def test_a_body_that_is_too_long_is_a_413(keyless: httpx.Client) -> None:
    response = keyless.post("/api/userdata/big", content=bytes(52_428_801))
    assert response.status_code == 413
    assert response.headers["content-type"].startswith("text/plain")
    assert "52428800" in response.text


# Quirks


@pytest.mark.parametrize("name", [field.name for field in fields(Quirks)])
def test_each_quirk_is_in_a_preset_or_has_a_reason_not_to_be(name: str) -> None:
    alone = {"job_ids_filter", "drop_extra_data", "run_unknown_nodes", "multi_user", "v1_gone"}
    presets = [Quirks.preset(preset) for preset in ("published", "comfyui", "comfyui_new")]
    differing = [preset for preset in presets if getattr(preset, name) != getattr(Quirks(), name)]
    assert bool(differing) is (name not in alone)


def test_presets_and_names() -> None:
    assert Quirks.read("comfyui") == Quirks.preset("comfyui")
    assert Quirks.read(["no_key", "history_v1"]) == Quirks(no_key=True, history_v1=True)
    with pytest.raises(ValueError, match=r"unknown preset 'comfy'; use one of: live, .*, comfyui_new"):
        Quirks.read("comfy")
    with pytest.raises(ValueError, match="unknown quirk 'comfyui'; use some of: validate_at_submit, "):
        Quirks.read(["comfyui"])


@pytest.mark.parametrize(
    ("wanted", "advice"),
    [
        ("interrupt_all", "Pass names of quirks as a list: quirks=['interrupt_all']"),
        ("interrupt_all, no_key", "Pass names of quirks as a list: quirks=['interrupt_all', 'no_key']"),
        (
            "comfyui_new,multi_user",
            "quirks=dataclasses.replace(Quirks.preset('comfyui_new'), multi_user=True)",
        ),
        (
            ["comfyui_new", "multi_user"],
            "quirks=dataclasses.replace(Quirks.preset('comfyui_new'), multi_user=True)",
        ),
    ],
)
def test_quirks_in_the_wrong_form_get_advice(wanted: str | list[str], advice: str) -> None:
    with pytest.raises(ValueError, match=re.escape(advice) + "$"):
        Quirks.read(wanted)


@pytest.mark.parametrize("name", [field.name for field in fields(Quirks)])
def test_quirks_of_the_cloud_are_within_the_contract(connect: Connect, name: str) -> None:
    """The contract check is only disabled for quirks that go beyond the contract."""
    quirks = Quirks.read([name])
    beyond = name.startswith("comfyui_") or name in (
        "bare_errors", "multi_user", "newer_comfyui", "assets_disabled", "v1_gone"
    )  # fmt: skip
    assert quirks.is_beyond_contract is (beyond and name != "comfyui_socket")
    with Emulator(quirks=quirks) as emulator:
        client = connect(emulator)
        for path in ("/api/queue", "/api/features", "/api/object_info", "/api/jobs"):
            client.get(path)


def test_the_contract_check_is_on() -> None:
    problems = checker().check_response(
        "GET", "/api/queue", [], 200, {"content-type": "application/json"}, b"[]"
    )
    assert problems


def test_single_quirks_leave_the_rest_alone(connect: Connect) -> None:
    with Emulator(quirks=["no_key"]) as emulator:
        client = connect(emulator)
        del client.headers["X-API-Key"]
        assert client.get("/api/jobs").status_code == 200
        assert client.get("/api/jobs/unknown").json()["code"] == "NOT_FOUND"
    with Emulator(quirks=["bare_errors"]) as emulator:
        client = connect(emulator)
        assert (client.get("/api/view").status_code, client.get("/api/view").content) == (400, b"")
        assert client.get("/api/jobs/unknown").json() == {"error": "no job unknown"}
        assert client.get("/api/assets/unknown").json()["error"]["code"] == "NOT_FOUND"
    with Emulator(quirks=["comfyui_routes"]) as emulator:
        client = connect(emulator)
        assert is_missing(client.get("/api/jobs"), "GET")
        assert is_missing(client.get("/api/history"), "GET")
        assert client.get("/api/view").json()["code"] == "BAD_REQUEST"
