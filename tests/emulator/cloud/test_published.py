"""The preset "published": every response keeps to the published contract without the overlay."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from comfy_cloud.contract._checks.checker import ContractChecker
from comfy_cloud.contract._documents.normalised import METHODS
from comfy_cloud_emulator import Emulator
from comfy_cloud_emulator.http.request_log import Request
from comfy_cloud_emulator.published.routes import UNPUBLISHED
from tests.contract import fuzz

Connect = Callable[[Emulator], httpx.Client]
CHECKER = ContractChecker(fuzz.contract(plain=True))


def held_to_the_letter(request: Request, status: int, headers: dict[str, str], body: bytes) -> None:
    problems = CHECKER.check_response(request.method, request.raw_path, request.query, status, headers, body)
    assert not problems, f"{request.method} {request.raw_path} -> {status}: {problems}"


@pytest.fixture
def emulator(now: float) -> Iterator[Emulator]:
    with Emulator(
        quirks="published", seed_data="demo", clock=lambda: now, on_exchange=held_to_the_letter
    ) as emulator:
        yield emulator


@pytest.fixture
def client(emulator: Emulator, connect: Connect) -> httpx.Client:
    return connect(emulator)


@pytest.mark.parametrize("step", [5, pytest.param(1, marks=pytest.mark.slow)])
def test_everything_that_can_be_read_keeps_the_contract(client: httpx.Client, step: int) -> None:
    for path, item in fuzz.contract(plain=True)["paths"].items():
        if "get" in item and "{" not in path:
            client.get(path)
    jobs = client.get("/api/jobs?limit=1000").json()["jobs"]
    assert {job["status"] for job in jobs} == {
        "pending", "in_progress", "completed", "failed", "cancelled"
    }  # fmt: skip
    queue = client.get("/api/queue").json()
    assert queue["queue_running"]
    assert queue["queue_pending"]
    for job in jobs[::step]:
        for path in (f"/api/jobs/{job['id']}", f"/api/job/{job['id']}/status"):
            assert client.get(path).status_code == 200
        client.get(f"/api/history_v2/{job['id']}")
    assets = client.get("/api/assets?limit=500").json()["assets"]
    assert len(assets) > 100
    for asset in assets[::step]:
        assert client.get(f"/api/assets/{asset['id']}").json() == asset


def test_what_the_contract_lacks_is_missing(client: httpx.Client) -> None:
    merged, plain = (
        {
            (method.upper(), path)
            for path, item in fuzz.contract(plain=plain)["paths"].items()
            for method in item
            if method in METHODS
        }
        for plain in (False, True)
    )
    assert merged - plain == UNPUBLISHED
    for method, path in sorted(UNPUBLISHED):
        response = client.request(method, path.replace("{", "").replace("}", ""))
        assert response.status_code in (404, 405), path  # 405 where the path has another method


def test_the_fields_of_an_asset(emulator: Emulator, client: httpx.Client) -> None:
    created = client.post("/api/assets", files={"file": ("mine.png", b"image")}).json()
    page = client.get("/api/assets?limit=1&name_contains=mine.png").json()
    assert client.get("/api/assets?limit=1").json().keys() == {"assets", "total", "has_more"}
    (listed,) = page["assets"]
    assert listed == {name: value for name, value in created.items() if name != "created_new"}
    assert listed["preview_url"].startswith(f"{emulator.url}/api/view?filename=")
    assert client.get(listed["preview_url"]).status_code == 302
    assert client.head(f"/api/assets/hash/{listed['asset_hash']}").status_code == 200
    absent = {"hash", "display_name", "loader_path", "job_id", "metadata"}
    assert absent.isdisjoint(listed)
    changed = client.put(f"/api/assets/{created['id']}", json={"name": "b.png"}).json()
    assert (changed["name"], changed["asset_hash"]) == ("b.png", listed["asset_hash"])
    assert absent.isdisjoint(changed)


def test_an_import_that_begins_is_a_task(client: httpx.Client) -> None:
    url = "https://huggingface.co/owner/models/resolve/main/loras/new.safetensors"
    response = client.post("/api/assets/download", json={"source_url": url, "tags": ["models", "loras"]})
    assert (response.status_code, set(response.json())) == (202, {"task_id", "status", "message"})


def test_node_classes_without_nulls(client: httpx.Client) -> None:
    classes = client.get("/api/object_info").json()
    assert None not in [value for described in classes.values() for value in described.values()]
    assert any("display_name" not in described for described in classes.values())


def test_a_stored_file_is_described(client: httpx.Client) -> None:
    headers = {"content-type": "application/octet-stream"}
    for query in ("", "?full_info=false"):
        url = f"/api/userdata/workflows%2Fa.json{query}"
        record = client.post(url, content=b"text", headers=headers).json()
        assert (record["path"], record["size"]) == ("workflows/a.json", 4)
        assert record["modified"].endswith("Z")


@pytest.mark.parametrize("query", ["output_type=3d", "status=finished", "limit=0", "offset=-1", "sort_by=id"])
def test_no_job_matches_what_does_not_exist(client: httpx.Client, query: str) -> None:
    response = client.get(f"/api/jobs?{query}")
    assert (response.status_code, response.json()["jobs"]) == (200, [])


def test_refusals_have_statuses_of_the_contract(emulator: Emulator, client: httpx.Client) -> None:
    public = emulator.store.assets.select("is_public", ())[0]
    refused = client.delete(f"/api/assets/{public.id}")
    assert (refused.status_code, refused.json()["code"]) == (404, "NOT_FOUND")
    huge: dict[str, Any] = {"prompt": {}, "extra_data": {"note": "x" * (33 << 20)}}
    assert client.post("/api/prompt", json=huge).status_code == 400
    history = client.get("/api/history")
    assert (history.status_code, history.headers["allow"]) == (405, "POST")
    wrong = client.head("/api/assets/hash/none")
    assert (wrong.status_code, wrong.headers["content-type"]) == (400, "application/json")
