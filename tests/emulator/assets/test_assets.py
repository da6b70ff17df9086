"""The assets: listing, searching, paging, changing, deleting, and those of a job."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import httpx
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from comfy_cloud_emulator import Emulator
from comfy_cloud_emulator.state.assets.asset_store import Asset
from tests.contract.exchanges import check_exchange

UNKNOWN = "00000000-0000-4000-8000-000000000000"


def add(emulator: Emulator, name: str, **fields: Any) -> Asset:
    filename = emulator.store.files.put(name.encode(), "png", name, "input")
    file = emulator.store.files.record(filename)
    assert file is not None
    return emulator.store.assets.add(file, **fields)


def names(client: httpx.Client, **params: Any) -> list[str]:
    params = {"include_public": "false", **params}
    response = client.get("/api/assets", params=params)
    assert response.status_code == 200, response.text
    return [asset["name"] for asset in response.json()["assets"]]


def test_an_asset_has_its_old_and_its_new_names(emulator: Emulator, client: httpx.Client) -> None:
    job = emulator.store.add_job()
    filename = emulator.store.files.put(b"made", "png", "made_00001_.png", "output")
    asset = emulator.store.assets.add_output(filename, job.id, "9", "images", 0)
    data = client.get(f"/api/assets/{asset.id}").json()
    assert data["hash"] == f"blake3:{filename[:64]}"
    assert data["asset_hash"] == data["loader_path"] == filename
    assert data["job_id"] == data["prompt_id"] == job.id
    assert data["name"] == "made_00001_.png"
    assert data["tags"] == ["output"]
    assert (data["mime_type"], data["size"]) == ("image/png", 4)
    assert data["created_at"] == data["updated_at"] == "2026-05-28T20:26:40.000000Z"
    assert client.get(data["preview_url"]).status_code == 302
    assert data["is_immutable"] is False


def test_the_list_is_newest_first_and_mixes_public_models_in(
    emulator: Emulator, client: httpx.Client
) -> None:
    first, second = add(emulator, "first"), add(emulator, "second")
    listed = client.get("/api/assets", params={"limit": 500}).json()
    ids = [asset["id"] for asset in listed["assets"]]
    assert ids[:2] == [second.id, first.id]
    assert all(asset["is_immutable"] for asset in listed["assets"][2:])
    assert listed["total"] == len(ids) > 10
    assert listed["has_more"] is False
    own = client.get("/api/assets", params={"include_public": "false"}).json()
    assert own["total"] == 2


@pytest.mark.parametrize(
    ("params", "found"),
    [
        ({"include_tags": "a"}, {"ab", "ac"}),
        ({"include_tags": "a,b"}, {"ab"}),
        ({"tags_all": "a,c"}, {"ac"}),
        ({"exclude_tags": "b"}, {"ac", "none"}),
        ({"tags_none": "a,b,c"}, {"none"}),
        ({"tags_any": "b,c"}, {"ab", "ac"}),
        ({"include_tags": "a", "exclude_tags": "c"}, {"ab"}),
        ({"name_contains": "A"}, {"ab", "ac"}),
        ({"name_contains": "%"}, set()),
        ({"include_tags": "nothing"}, set()),
        ({"include_tags": ""}, {"ab", "ac", "none"}),
    ],
)
def test_filters(emulator: Emulator, client: httpx.Client, params: dict[str, str], found: set[str]) -> None:
    add(emulator, "ab", tags=("a", "b"))
    add(emulator, "ac", tags=("a", "c"))
    add(emulator, "none")
    assert set(names(client, **params)) == found


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({"n": 1}, {"int", "float"}),
        ({"n": True}, {"flag"}),
        ({"n": None}, {"null"}),
        ({"n": "1"}, {"text"}),
        ({"n": 1, "m": 2}, {"int"}),
        ({}, {"int", "float", "flag", "null", "text"}),
        ({"x": 1}, set()),
    ],
)
def test_the_filter_by_metadata_compares_values(
    emulator: Emulator, client: httpx.Client, wanted: dict[str, Any], found: set[str]
) -> None:
    for name, metadata in {
        "int": {"n": 1, "m": 2},
        "float": {"n": 1.0},
        "flag": {"n": True},
        "null": {"n": None},
        "text": {"n": "1"},
    }.items():
        add(emulator, name, user_metadata=metadata)
    assert set(names(client, metadata_filter=orjson.dumps(wanted).decode())) == found


def test_the_filter_by_hash(emulator: Emulator, client: httpx.Client) -> None:
    job = emulator.store.add_job()
    asset = add(emulator, "made", job_id=job.id)
    add(emulator, "other")
    for hash in (f"blake3:{asset.digest}", asset.digest, asset.filename):
        assert names(client, hash=hash) == ["made"]
    assert names(client, hash=f"sha256:{asset.digest}") == []
    assert names(client, job_ids=UNKNOWN) == ["other", "made"]  # ignored, as by the service


def test_the_withdrawn_filter_by_job(connect: Callable[[Emulator], httpx.Client], now: float) -> None:
    with Emulator(clock=lambda: now, quirks=["job_ids_filter"], on_exchange=check_exchange) as emulator:
        client = connect(emulator)
        job = emulator.store.add_job()
        add(emulator, "made", job_id=job.id)
        add(emulator, "other")
        assert names(client, job_ids=f"{job.id},{UNKNOWN}") == ["made"]
        assert names(client, job_ids=UNKNOWN) == []


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"limit": 0}, "BAD_REQUEST"),
        ({"limit": 501}, "BAD_REQUEST"),
        ({"offset": -1}, "BAD_REQUEST"),
        ({"sort": "colour"}, "BAD_REQUEST"),
        ({"order": "up"}, "BAD_REQUEST"),
        ({"include_public": "perhaps"}, "BAD_REQUEST"),
        ({"metadata_filter": "["}, "BAD_REQUEST"),
        ({"metadata_filter": "[]"}, "BAD_REQUEST"),
        ({"metadata_filter": '{"a": []}'}, "BAD_REQUEST"),
        ({"hash": "blake3:XYZ"}, "BAD_REQUEST"),
        ({"include_tags": ",".join(map(str, range(101)))}, "BAD_REQUEST"),
        ({"include_tags": "a", "exclude_tags": "a,b"}, "INVALID_TAG_FILTER"),
        ({"tags_any": "a,b", "exclude_tags": "a,b"}, "INVALID_TAG_FILTER"),
        ({"after": "nonsense"}, "INVALID_CURSOR"),
        ({"after": "\u00e4"}, "INVALID_CURSOR"),
        ({"after": "", "sort": "name"}, "INVALID_CURSOR"),
        ({"after": "x", "sort": "last_access_time"}, "INVALID_CURSOR"),
    ],
)
def test_wrong_queries_are_refused(client: httpx.Client, params: dict[str, Any], code: str) -> None:
    response = client.get("/api/assets", params=params)
    assert response.status_code == 400
    assert response.json()["code"] == code


@pytest.mark.parametrize(
    "cursor", [[], ["created_at desc", "1", 2], ["created_at desc", 2**63, 1], [1, 2, 3], {}]
)
def test_cursors_made_by_others_are_refused(client: httpx.Client, cursor: object) -> None:
    after = base64.urlsafe_b64encode(orjson.dumps(cursor)).decode()
    assert client.get("/api/assets", params={"after": after}).json()["code"] == "INVALID_CURSOR"


@pytest.mark.parametrize("sort", ["name", "created_at", "updated_at", "size"])
@pytest.mark.parametrize("order", ["asc", "desc"])
def test_the_cursor_walks_in_every_order(
    emulator: Emulator, client: httpx.Client, sort: str, order: str
) -> None:
    for index in range(7):
        add(emulator, f"{'bca'[index % 3]}{index}" + "x" * (index % 2))
    params = {"sort": sort, "order": order, "limit": 3}
    whole = names(client, **{**params, "limit": 100})
    seen: list[str] = []
    after: dict[str, str] = {}
    for step in range(3):
        page = client.get("/api/assets", params={**params, **after, "include_public": "false"}).json()
        seen += [asset["name"] for asset in page["assets"]]
        assert page["total"] == 7 + (step > 0 and order == "desc" and sort == "created_at")
        if step == 0 and order == "desc" and sort == "created_at":
            # What is added between two pages shifts nothing.
            add(emulator, "late")
        if not page["has_more"]:
            assert "next_cursor" not in page
            break
        after = {"after": page["next_cursor"]}
    assert seen == whole
    if sort == "name":
        assert whole == sorted(whole, reverse=order == "desc")


def test_a_cursor_belongs_to_its_order(emulator: Emulator, client: httpx.Client) -> None:
    for index in range(3):
        add(emulator, f"{index}")
    cursor = client.get("/api/assets", params={"limit": 1}).json()["next_cursor"]
    for other in ({"sort": "name"}, {"order": "asc"}):
        response = client.get("/api/assets", params={"after": cursor, **other})
        assert (response.status_code, response.json()["code"]) == (400, "INVALID_CURSOR")
    by_access = client.get("/api/assets", params={"limit": 1, "sort": "last_access_time"}).json()
    assert by_access["has_more"] is True
    assert "next_cursor" not in by_access


def test_offset_pages(emulator: Emulator, client: httpx.Client) -> None:
    for index in range(5):
        add(emulator, f"{index}")
    assert names(client, limit=2, offset=2) == ["2", "1"]
    assert names(client, limit=2, offset=9) == []


@given(st.text(max_size=20))
def test_names_can_be_searched_for_any_text(text: str) -> None:
    from comfy_cloud_emulator import Store
    from comfy_cloud_emulator.state.assets.search import AssetQuery

    store = Store(None, lambda: 0.0)
    try:
        text = text.encode("utf-8", "replace").decode()
        file = store.files.record(store.files.put(b"x", "png", f"<{text}>"))
        assert file is not None
        store.assets.add(file)
        for wanted in (text, text.upper().lower()):
            found = store.asset_search.page(AssetQuery(name_contains=wanted)).assets
            assert bool(found) == (wanted.casefold() in f"<{text}>".casefold())
    finally:
        store.close()


# One asset


def test_changing_an_asset(emulator: Emulator, client: httpx.Client) -> None:
    asset, preview = add(emulator, "before"), add(emulator, "preview")
    data = client.put(
        f"/api/assets/{asset.id}",
        json={"name": "after", "mime_type": "image/x", "user_metadata": {"a": 1}, "preview_id": preview.id},
    )
    assert data.status_code == 200
    assert data.json()["name"] == "after"
    shown = client.get(f"/api/assets/{asset.id}").json()
    assert (shown["name"], shown["mime_type"]) == ("after", "image/x")
    assert shown["user_metadata"] == {"a": 1}
    assert shown["preview_id"] == preview.id
    unknown = client.put(f"/api/assets/{asset.id}", json={"preview_id": UNKNOWN})
    assert (unknown.status_code, unknown.json()["code"]) == (404, "NOT_FOUND")
    # The contract has no way to remove a preview.
    refused = client.put(f"/api/assets/{asset.id}", json={"preview_id": None})
    assert (refused.status_code, refused.json()["code"]) == (400, "INVALID_PREVIEW_ID")
    assert client.get(f"/api/assets/{asset.id}").json()["preview_id"] == preview.id
    assert names(client) == ["preview", "after"]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "BAD_REQUEST"),
        ({"tags": ["x"]}, "BAD_REQUEST"),
        ({"name": ""}, "BAD_REQUEST"),
        ({"mime_type": 1}, "BAD_REQUEST"),
        ({"user_metadata": []}, "BAD_REQUEST"),
        ({"preview_id": 5}, "INVALID_PREVIEW_ID"),
    ],
)
def test_wrong_changes_are_refused(
    emulator: Emulator, client: httpx.Client, body: dict[str, Any], code: str
) -> None:
    asset = add(emulator, "x")
    response = client.put(f"/api/assets/{asset.id}", json=body)
    assert (response.status_code, response.json()["code"]) == (400, code)
    assert emulator.store.assets.get(asset.id) == asset


@pytest.mark.parametrize("id", [UNKNOWN, "no-uuid"])
def test_unknown_assets(client: httpx.Client, id: str) -> None:
    assert client.get(f"/api/assets/{id}").status_code == 404
    assert client.put(f"/api/assets/{id}", json={"name": "x"}).status_code == 404
    assert client.delete(f"/api/assets/{id}").status_code == 404


def test_public_models_cannot_be_changed(emulator: Emulator, client: httpx.Client) -> None:
    public = emulator.store.assets.select("is_public LIMIT 1")[0]
    assert client.get(f"/api/assets/{public.id}").json()["is_immutable"] is True
    assert client.put(f"/api/assets/{public.id}", json={"name": "x"}).status_code == 404
    assert client.post(f"/api/assets/{public.id}/tags", json={"tags": ["x"]}).status_code == 404
    assert client.delete(f"/api/assets/{public.id}").status_code == 404
    assert emulator.store.assets.get(public.id) == public


def test_deleting_an_asset_leaves_the_content(emulator: Emulator, client: httpx.Client) -> None:
    asset = add(emulator, "x")
    assert client.delete(f"/api/assets/{asset.id.upper()}").status_code == 204
    assert client.delete(f"/api/assets/{asset.id}").status_code == 404
    assert emulator.store.files.get(asset.filename) == b"x"
    assert len(emulator.store.assets) == 0


def test_an_asset_in_use_is_not_deleted(emulator: Emulator, client: httpx.Client) -> None:
    used, shown = add(emulator, "picture"), add(emulator, "shown")
    other = add(emulator, "other", preview_id=shown.id)
    graph = {"1": {"class_type": "LoadImage", "inputs": {"image": used.filename}}}
    job = emulator.store.add_job("pending", graph=graph)
    for asset, user in ((used, job.id), (shown, other.id)):
        response = client.delete(f"/api/assets/{asset.id}")
        assert (response.status_code, response.json()["code"]) == (409, "ASSET_IN_USE")
        assert user in response.json()["message"]
    emulator.store.cancel([job.id])
    assert client.delete(f"/api/assets/{used.id}").status_code == 204
    assert client.delete(f"/api/assets/{other.id}").status_code == 204
    assert client.delete(f"/api/assets/{shown.id}").status_code == 204


def test_a_job_is_not_deleted_while_its_files_are_in_use(emulator: Emulator, client: httpx.Client) -> None:
    job = emulator.store.add_job()
    first = add(emulator, "made", job_id=job.id)
    add(emulator, "also made", job_id=job.id, preview_id=first.id)
    graph = {"1": {"class_type": "LoadImage", "inputs": {"image": first.filename}}}
    user = emulator.store.add_job("pending", graph=graph)
    response = client.delete(f"/api/jobs/{job.id}")
    assert (response.status_code, response.json()["code"]) == (409, "ASSET_IN_USE")
    assert user.id in response.json()["message"]
    emulator.store.cancel([user.id])
    assert client.delete(f"/api/jobs/{job.id}").status_code == 204
    assert emulator.store.assets.of_job(job.id) == []
    assert emulator.store.get(job.id) is None


def test_an_asset_may_be_its_own_preview(emulator: Emulator, client: httpx.Client) -> None:
    asset = add(emulator, "x")
    client.put(f"/api/assets/{asset.id}", json={"preview_id": asset.id})
    assert client.delete(f"/api/assets/{asset.id}").status_code == 204


# By hash


def test_content_is_known_by_its_hash(emulator: Emulator, client: httpx.Client) -> None:
    name = emulator.store.files.put(b"x", "png")
    public = emulator.store.assets.select("is_public LIMIT 1")[0]
    for digest, status in ((name[:64], 200), (public.digest, 200), ("0" * 64, 404)):
        response = client.head(f"/api/assets/hash/blake3:{digest}")
        assert (response.status_code, response.content) == (status, b"")


@pytest.mark.parametrize(
    "hash", ["x", "0" * 64, "blake3:" + "0" * 63, "sha256:" + "0" * 64, f"blake3:{'0' * 64}.png"]
)
def test_invalid_hashes_are_refused(client: httpx.Client, hash: str) -> None:
    response = client.head(f"/api/assets/hash/{hash}")
    assert (response.status_code, response.content) == (400, b"")


# Of a job


def test_the_assets_of_a_job(demo: Emulator, demo_client: httpx.Client) -> None:
    batches = [
        job
        for job in demo.store.jobs("completed")
        if any(len(items) == 4 for node in job.outputs.values() for items in node.values())
    ]
    job = batches[0]
    data = demo_client.get(f"/api/jobs/{job.id}/assets").json()
    assert data["job_id"] == job.id
    (node_id,) = job.outputs
    files = [item["filename"] for item in job.outputs[node_id]["images"]]
    assert [asset["hash"] for asset in data["assets"]] == [f"blake3:{name[:64]}" for name in files]
    assert [asset["output_index"] for asset in data["assets"]] == [0, 1, 2, 3]
    assert {(asset["node_id"], asset["output_key"]) for asset in data["assets"]} == {(node_id, "images")}
    assert data["pagination"] == {"offset": 0, "limit": 20, "total": 4, "has_more": False}
    page = demo_client.get(f"/api/jobs/{job.id}/assets?limit=2&offset=1").json()
    assert page["assets"] == data["assets"][1:3]
    assert page["pagination"]["has_more"] is True


def test_a_job_may_have_no_assets(emulator: Emulator, client: httpx.Client) -> None:
    job = emulator.store.add_job("pending")
    data = client.get(f"/api/jobs/{job.id}/assets?limit=0&offset=x").json()
    assert data["assets"] == []
    assert data["pagination"] == {"offset": 0, "limit": 1, "total": 0, "has_more": False}
    assert client.get(f"/api/jobs/{UNKNOWN}/assets").status_code == 404


def test_an_output_needs_its_file(emulator: Emulator) -> None:
    with pytest.raises(ValueError, match="no file"):
        emulator.store.assets.add_output("0" * 64 + ".png", "job", "9", "images", 0)


def test_deleting_a_job_deletes_its_assets(emulator: Emulator) -> None:
    name = emulator.store.files.put(b"x", "png", kind="temp")
    first = emulator.store.assets.add_output(name, "job", "9", "images", 0, created_at=5)
    second = emulator.store.assets.add_output(name, "other", "9", "images", 0)
    assert first.tags == ("temp",)
    assert first.created_at == 5
    assert emulator.store.assets.delete_of_job("job") == [first.id]
    assert emulator.store.assets.delete_of_job("job") == []
    assert emulator.store.assets.of_job("other") == [second]


def test_the_demo_lists_what_its_jobs_used_and_made(demo: Emulator, demo_client: httpx.Client) -> None:
    counts = demo_client.get("/api/assets/tags/refine?include_public=false").json()["tag_counts"]
    assert counts["output"] > 250
    assert counts["input"] > 10
    listed = demo_client.get("/api/assets?limit=500&include_public=false").json()["assets"]
    instants = [asset["created_at"] for asset in listed]
    assert instants == sorted(instants, reverse=True)
    assert {asset["mime_type"].partition("/")[0] for asset in listed} == {"image", "video", "audio", "model"}
