"""Creating assets, importing models, the tasks that do it, and tags."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import orjson
import pytest
from blake3 import blake3

from comfy_cloud_emulator import Emulator
from comfy_cloud_emulator.routes.assets import creation as asset_creation
from tests.clock import FakeTime

UNKNOWN = "00000000-0000-4000-8000-000000000000"
HF = "https://huggingface.co/owner/model/resolve/main/loras/water-color_v2.safetensors"


def hash_of(content: bytes) -> str:
    return f"blake3:{blake3(content).hexdigest()}"


def upload(
    client: httpx.Client, content: bytes | None = b"x", file_name: str = "a.png", **fields: str
) -> httpx.Response:
    files: dict[str, Any] = {} if content is None else {"file": (file_name, content)}
    # An empty file part makes httpx send multipart even without a file to upload.
    return client.post("/api/assets", files=files or {"nothing": ("", b"")}, data=fields)


def test_an_upload_becomes_an_asset(emulator: Emulator, client: httpx.Client) -> None:
    id = "6f9619ff-8b86-4011-b42d-00c04fc964ff"
    preview = upload(client, b"preview").json()["id"]
    response = upload(
        client,
        b"content",
        "photo.WEBP",
        id=id.upper(),
        name="A photo",
        mime_type="image/webp",
        tags='["input","mine","input"]',
        user_metadata='{"from": "test"}',
        preview_id=preview,
        hash=hash_of(b"content"),
    )
    data = response.json()
    assert response.status_code == 201
    assert data["created_new"] is True
    assert (data["id"], data["name"], data["mime_type"]) == (id, "A photo", "image/webp")
    assert data["hash"] == hash_of(b"content")
    assert data["loader_path"].endswith(".webp")
    assert data["tags"] == ["input", "mine"]
    assert data["user_metadata"] == {"from": "test"}
    assert data["preview_id"] == preview
    assert emulator.store.files.get(data["loader_path"]) == b"content"
    record = emulator.store.files.record(data["loader_path"])
    assert record is not None
    assert record.kind == "input"


def test_the_same_content_is_listed_once(emulator: Emulator, client: httpx.Client) -> None:
    first = upload(client, b"same", "a.png", name="first")
    second = upload(client, b"same", "b.png", name="second", tags='["input"]')
    assert (first.status_code, second.status_code) == (201, 200)
    assert second.json() == first.json() | {"created_new": False}
    assert len(emulator.store.assets) == 1


def test_missing_form_fields_are_derived_from_the_file(client: httpx.Client) -> None:
    data = upload(client, b"sound", "rain.mp3").json()
    assert (data["name"], data["mime_type"], data["tags"]) == ("rain.mp3", "audio/mpeg", [])
    response = client.post("/api/assets", files={"file": ("clip", b"video", "video/mp4")})
    assert response.json()["loader_path"].endswith(".mp4")


def test_a_hash_is_enough_for_known_content(emulator: Emulator, client: httpx.Client) -> None:
    emulator.store.files.put(b"there", "png", "there.png")
    response = upload(client, None, hash=hash_of(b"there"), name="by hash")
    assert response.status_code == 201
    assert response.json()["name"] == "by hash"
    missing = upload(client, None, hash=hash_of(b"missing"))
    assert missing.status_code == 404


def test_an_id_belongs_to_one_asset(client: httpx.Client) -> None:
    id = "6f9619ff-8b86-4011-b42d-00c04fc964ff"
    assert upload(client, b"one", id=id).status_code == 201
    again = upload(client, b"one", id=id)
    assert (again.status_code, again.json()["created_new"]) == (200, False)
    clash = upload(client, b"two", id=id)
    assert (clash.status_code, clash.json()["code"]) == (400, "ASSET_ID_UNAVAILABLE")


@pytest.mark.parametrize(
    ("fields", "status", "code"),
    [
        ({"id": "7"}, 400, "BAD_REQUEST"),
        ({"tags": "input"}, 400, "BAD_REQUEST"),
        ({"tags": '{"a":1}'}, 400, "BAD_REQUEST"),
        ({"tags": "[1]"}, 400, "BAD_REQUEST"),
        ({"tags": '[""]'}, 400, "BAD_REQUEST"),
        ({"tags": '["models","sofas"]'}, 422, "MODEL_TYPE_NOT_SUPPORTED"),
        ({"user_metadata": "[]"}, 400, "BAD_REQUEST"),
        ({"user_metadata": "{"}, 400, "BAD_REQUEST"),
        ({"preview_id": UNKNOWN}, 400, "INVALID_PREVIEW_ID"),
        ({"hash": "x"}, 400, "BAD_REQUEST"),
        ({"hash": hash_of(b"other")}, 400, "HASH_MISMATCH"),
    ],
)
def test_wrong_fields_are_refused(
    emulator: Emulator, client: httpx.Client, fields: dict[str, str], status: int, code: str
) -> None:
    response = upload(client, **fields)
    assert (response.status_code, response.json()["code"]) == (status, code)
    assert len(emulator.store.assets) == 0


def test_wrong_bodies_are_refused(client: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    by_url = client.post("/api/assets", json={"url": HF, "name": "x"})
    assert (by_url.status_code, by_url.json()["code"]) == (400, "UNSUPPORTED_SOURCE")
    assert client.post("/api/assets", content=b"x").status_code == 415
    assert upload(client, None).status_code == 400
    assert client.post("/api/assets", files={"file": (None, "text")}).status_code == 400
    named = client.post("/api/assets", files={"file": ("a", b"x"), "name": ("b", b"y")})
    assert named.status_code == 400
    assert asset_creation.LARGEST_UPLOAD == 2_147_483_648
    monkeypatch.setattr(asset_creation, "LARGEST_UPLOAD", 3)
    assert upload(client, b"four").status_code == 413


# From hash


def test_an_asset_from_a_hash(emulator: Emulator, client: httpx.Client) -> None:
    emulator.store.files.put(b"there", "png", "there.png")
    body = {
        "hash": hash_of(b"there"),
        "tags": ["input"],
        "name": "again.png",
        "mime_type": "image/x",
        "user_metadata": {"a": 1},
    }
    first = client.post("/api/assets/from-hash", json=body)
    assert first.status_code == 201
    assert first.json()["name"] == "again.png"
    assert first.json()["mime_type"] == "image/x"
    second = client.post("/api/assets/from-hash", json=body)
    assert (second.status_code, second.json()["created_new"]) == (200, False)
    for unknown in (hash_of(b"missing"), f"sha256:{'0' * 64}"):
        assert client.post("/api/assets/from-hash", json=body | {"hash": unknown}).status_code == 404


@pytest.mark.parametrize(
    "change",
    [{"hash": "0" * 64}, {"hash": 1}, {"tags": []}, {"tags": [""]}, {"name": 1}, {"user_metadata": 1}],
)
def test_invalid_requests_from_a_hash_are_refused(client: httpx.Client, change: dict[str, Any]) -> None:
    body = {"hash": hash_of(b"x"), "tags": ["input"], **change}
    assert client.post("/api/assets/from-hash", json=body).status_code == 400


def test_fields_outside_the_contract_are_ignored(client: httpx.Client) -> None:
    id = upload(client, b"x").json()["id"]
    body = {"hash": hash_of(b"x"), "tags": ["input"], "more": 1}
    assert client.post("/api/assets/from-hash", json=body).json()["id"] == id
    tagged = client.post(f"/api/assets/{id}/tags", json={"tags": ["new"], "more": 1})
    assert tagged.json()["added"] == ["new"]
    changed = client.put(f"/api/assets/{id}", json={"name": "y", "more": 1})
    assert (changed.status_code, changed.json()["name"]) == (200, "y")
    assert client.put(f"/api/assets/{id}", json={"more": 1}).status_code == 400
    assert client.post("/api/assets/download", json={"source_url": HF, "more": 1}).status_code == 202


@pytest.mark.parametrize("name", ["id", "preview_id"])
def test_an_empty_id_is_refused(client: httpx.Client, name: str) -> None:
    refused = upload(client, b"x", **{name: ""})
    assert refused.status_code == 400
    assert refused.json()["message"].startswith(f"{name}: expected a UUID")


# Files at model sites


@pytest.mark.parametrize(
    ("url", "filename", "tags"),
    [
        (HF, "water-color_v2.safetensors", ["models", "loras"]),
        ("https://huggingface.co/o/m/blob/main/a%20b.safetensors", "a b.safetensors", ["models"]),
        ("https://civitai.com/api/download/models/250708", "civitai_250708.safetensors", ["models"]),
        ("https://civitai.red/models/1/name?modelVersionId=22", "civitai_22.safetensors", ["models"]),
        ("https://www.civitai.com/models/1", "civitai_1.safetensors", ["models"]),
    ],
)
def test_remote_metadata(client: httpx.Client, url: str, filename: str, tags: list[str]) -> None:
    data = client.get("/api/assets/remote-metadata", params={"url": url}).json()
    assert data["filename"] == filename
    assert data["tags"] == tags
    assert data["content_length"] > 8_000
    assert data["validation"] == {"is_valid": True, "errors": [], "warnings": []}
    assert client.get("/api/assets/remote-metadata", params={"url": url}).json() == data


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("weights.ckpt", "UNSAFE_PICKLE_SCAN"),
        ("weights.gguf", "FORMAT_NOT_ALLOWED"),
        ("huge.safetensors", "FILE_TOO_LARGE"),
    ],
)
def test_files_that_cannot_be_imported_are_reported_and_refused(
    client: httpx.Client, name: str, code: str
) -> None:
    url = HF.rpartition("/")[0] + f"/{name}"
    data = client.get("/api/assets/remote-metadata", params={"url": url}).json()
    assert data["validation"]["is_valid"] is False
    assert [error["code"] for error in data["validation"]["errors"]] == [code]
    response = client.post("/api/assets/download", json={"source_url": url})
    assert (response.status_code, response.json()["code"]) == (422, code)


@pytest.mark.parametrize(
    ("url", "status", "code"),
    [
        ("nonsense", 400, "INVALID_URL"),
        ("ftp://huggingface.co/x", 400, "INVALID_URL"),
        ("http://[", 400, "INVALID_URL"),
        ("https://huggingface.co/owner/model", 400, "INVALID_URL"),
        ("https://civitai.com/", 400, "INVALID_URL"),
        ("https://example.com/a.safetensors", 422, "UNSUPPORTED_SOURCE"),
        ("https://huggingface.co/o/m/resolve/main/missing.safetensors", 422, "NOT_FOUND"),
    ],
)
def test_urls_without_a_file(client: httpx.Client, url: str, status: int, code: str) -> None:
    for response in (
        client.get("/api/assets/remote-metadata", params={"url": url}),
        client.post("/api/assets/download", json={"source_url": url}),
    ):
        assert (response.status_code, response.json()["code"]) == (status, code)


def test_a_url_is_required(client: httpx.Client) -> None:
    assert client.get("/api/assets/remote-metadata").status_code == 400
    for body in ({}, {"source_url": 1}, {"source_url": HF, "user_metadata": []}):
        assert client.post("/api/assets/download", json=body).status_code == 400
    unknown = client.post("/api/assets/download", json={"source_url": HF, "preview_id": UNKNOWN})
    assert unknown.json()["code"] == "INVALID_PREVIEW_ID"


# Tasks


@pytest.fixture
def moving(
    start_emulator: Callable[..., Emulator], connect: Callable[[Emulator], httpx.Client]
) -> tuple[Emulator, httpx.Client]:
    emulator = start_emulator()
    return emulator, connect(emulator)


def test_an_import_proceeds_with_the_clock(moving: tuple[Emulator, httpx.Client], time: FakeTime) -> None:
    emulator, client = moving
    body = {"source_url": HF, "tags": ["models", "loras"], "user_metadata": {"a": 1}}
    begun = client.post("/api/assets/download", json=body)
    assert begun.status_code == 202
    assert begun.json()["status"] == "created"
    path = f"/api/tasks/{begun.json()['task_id']}"
    created = client.get(path).json()
    assert created["status"] == "created"
    assert "started_at" not in created
    assert created["payload"]["source_url"] == HF
    time.advance(0.499)
    assert client.get(path).json()["status"] == "created"
    time.advance(0.001)
    assert client.get(path).json()["status"] == "running"
    again = client.post("/api/assets/download", json=body)
    assert (again.status_code, again.json()["task_id"]) == (202, created["id"])
    assert len(emulator.store.assets) == 0
    time.advance(2.999)
    assert client.get(path).json()["status"] == "running"
    time.advance(60)
    (asset,) = client.get("/api/assets?include_public=false").json()["assets"]
    assert (asset["name"], asset["tags"]) == ("water-color_v2.safetensors", ["models", "loras"])
    assert asset["user_metadata"] == {"a": 1}
    done = client.get(path).json()
    assert done["status"] == "completed"
    assert done["result"] == {"asset_id": asset["id"], "asset_name": asset["name"]}
    assert done["started_at"] < done["completed_at"] == done["update_time"]
    known = client.post("/api/assets/download", json=body)
    assert (known.status_code, known.json()["id"], known.json()["created_new"]) == (200, asset["id"], False)
    assert {"name": asset["name"], "pathIndex": 0} in client.get("/api/experiment/models/loras").json()
    data = client.get("/api/assets/remote-metadata", params={"url": HF}).json()
    assert data["content_length"] == asset["size"]
    assert client.get(path.upper().replace("/API/TASKS", "/api/tasks")).json() == done


def test_an_import_may_fail(moving: tuple[Emulator, httpx.Client], time: FakeTime) -> None:
    emulator, client = moving
    url = HF.replace("water", "gated")
    id = client.post("/api/assets/download", json={"source_url": url}).json()["task_id"]
    time.advance(10)
    task = client.get(f"/api/tasks/{id}").json()
    assert task["status"] == "failed"
    assert "gated" in task["error_message"]
    assert "result" not in task
    assert len(emulator.store.assets) == 0


def test_an_import_may_be_cancelled(moving: tuple[Emulator, httpx.Client], time: FakeTime) -> None:
    emulator, client = moving
    id = client.post("/api/assets/download", json={"source_url": HF}).json()["task_id"]
    assert client.delete(f"/api/tasks/{id}").status_code == 204
    assert client.delete(f"/api/tasks/{id}").status_code == 409
    time.advance(60)
    assert client.get(f"/api/tasks/{id}").json()["status"] == "cancelled"
    assert len(emulator.store.assets) == 0
    second = client.post("/api/assets/download", json={"source_url": HF})
    assert (second.status_code, second.json()["task_id"] != id) == (202, True)


def test_the_list_of_tasks(moving: tuple[Emulator, httpx.Client], time: FakeTime) -> None:
    _, client = moving
    ids = []
    for index in range(3):
        url = HF.replace("v2", f"v{index}")
        ids.append(client.post("/api/assets/download", json={"source_url": url}).json()["task_id"])
        time.advance(2)

    def listed(**params: Any) -> list[str]:
        return [task["id"] for task in client.get("/api/tasks", params=params).json()["tasks"]]

    assert listed() == ids[::-1]
    assert listed(sort_order="asc") == ids
    assert listed(limit=1, offset=1) == [ids[1]]
    assert listed(status="completed") == [ids[1], ids[0]]
    assert listed(status="running,created") == [ids[2]]
    assert listed(task_name="asset_download") == ids[::-1]
    assert listed(task_name="other") == []
    assert listed(idempotency_key=HF.replace("v2", "v1")) == [ids[1]]
    middle = client.get(f"/api/tasks/{ids[1]}").json()["create_time"]
    assert listed(created_after=middle) == [ids[2]]
    assert listed(created_before=middle) == [ids[0]]
    assert listed(created_before="2026-11-23T12:00:01") == [ids[0]]
    assert client.get("/api/tasks").json()["pagination"]["limit"] == 20
    data = client.get("/api/tasks?limit=2").json()
    assert data["pagination"] == {"offset": 0, "limit": 2, "total": 3, "has_more": True}
    assert all(not {"payload", "result", "error_message"} & set(task) for task in data["tasks"])


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=101", "offset=-1", "status=done", "sort_order=up", "created_after=soon"]
)
def test_invalid_task_queries_are_refused(client: httpx.Client, query: str) -> None:
    assert client.get(f"/api/tasks?{query}").status_code == 400


@pytest.mark.parametrize("id", [UNKNOWN, "no-uuid"])
def test_unknown_tasks(client: httpx.Client, id: str) -> None:
    assert client.get(f"/api/tasks/{id}").status_code == 404
    assert client.delete(f"/api/tasks/{id}").status_code == 404


# Tags


def test_tags_are_added_and_removed(client: httpx.Client) -> None:
    id = upload(client, tags='["input"]').json()["id"]
    path = f"/api/assets/{id}/tags"
    added = client.post(path, json={"tags": ["new", "input", "new"]}).json()
    assert added == {"added": ["new"], "already_present": ["input"], "total_tags": ["input", "new"]}
    removed = client.request("DELETE", path, json={"tags": ["input", "other"]}).json()
    assert removed == {"removed": ["input"], "not_present": ["other"], "total_tags": ["new"]}
    assert client.get(f"/api/assets/{id}").json()["tags"] == ["new"]
    for body in ({}, {"tags": []}, {"tags": [""]}, {"tags": "new"}):
        for method in ("POST", "DELETE"):
            assert client.request(method, path, json=body).status_code == 400
    missing = f"/api/assets/{UNKNOWN}/tags"
    assert client.post(missing, json={"tags": ["x"]}).status_code == 404


def test_the_list_of_tags(client: httpx.Client) -> None:
    upload(client, b"1", tags='["input","beach"]')
    upload(client, b"2", tags='["input","bird"]')
    upload(client, b"3", tags='["input","bird"]')

    def tags(**params: Any) -> list[tuple[str, int]]:
        data = client.get("/api/tags", params={"include_public": "false", **params}).json()
        return [(tag["name"], tag["count"]) for tag in data["tags"]]

    assert tags() == [("input", 3), ("bird", 2), ("beach", 1)]
    assert tags(order="name_asc") == [("beach", 1), ("bird", 2), ("input", 3)]
    assert tags(prefix="b") == [("bird", 2), ("beach", 1)]
    assert tags(limit=1, offset=1) == [("bird", 2)]
    assert ("temp", 0) in tags(include_zero="true")
    assert dict(tags(include_public="true"))["models"] > 10
    page = client.get("/api/tags?limit=2&include_public=false").json()
    assert (page["total"], page["has_more"]) == (3, True)
    for query in ("limit=0", "limit=1001", "order=up", "include_zero=x"):
        assert client.get(f"/api/tags?{query}").status_code == 400


def test_100_tags_are_listed_by_default(client: httpx.Client) -> None:
    upload(client, b"1", tags=orjson.dumps([f"tag{number:03}" for number in range(101)]).decode())
    page = client.get("/api/tags?include_public=false").json()
    assert (len(page["tags"]), page["total"], page["has_more"]) == (100, 101, True)


def test_tags_are_counted_among_the_matching_assets(client: httpx.Client) -> None:
    upload(client, b"1", name="one", tags='["input","beach"]', user_metadata='{"a":1}')
    upload(client, b"2", name="two", tags='["input","bird"]')

    def counts(**params: Any) -> dict[str, int]:
        data = client.get("/api/assets/tags/refine", params={"include_public": "false", **params}).json()
        return data["tag_counts"]

    assert counts() == {"input": 2, "beach": 1, "bird": 1}
    assert counts(include_tags="bird") == {"input": 1, "bird": 1}
    assert counts(exclude_tags="bird") == {"input": 1, "beach": 1}
    assert counts(name_contains="ONE") == {"input": 1, "beach": 1}
    assert counts(metadata_filter=orjson.dumps({"a": 1}).decode()) == {"input": 1, "beach": 1}
    assert counts(limit=1) == {"input": 2}
    assert client.get("/api/assets/tags/refine?include_tags=a&exclude_tags=a").status_code == 400
