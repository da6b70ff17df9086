"""Jobs of API v2: submitted, followed, listed and cancelled, and the same jobs by version 1."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from comfy_cloud_emulator import Emulator
from comfy_cloud_emulator.api_v2.idempotency import LIFETIME

GRAPH: dict[str, Any] = {
    "1": {"class_type": "EmptyImage", "inputs": {"width": 64, "height": 64, "batch_size": 1, "color": 1}},
    "2": {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": "lighthouse"}},
}


@pytest.fixture
def cloud(start_emulator: Callable[..., Emulator]) -> Emulator:
    return start_emulator(time="virtual")


def client(emulator: Emulator) -> httpx.Client:
    return httpx.Client(base_url=emulator.url, headers={"Authorization": f"Bearer {emulator.key}"})


def submit(http: httpx.Client, graph: Any = GRAPH, key: str | None = None, **more: Any) -> httpx.Response:
    headers = {} if key is None else {"Idempotency-Key": key}
    return http.post("/api/v2/jobs", json={"workflow": graph, **more}, headers=headers)


def code(response: httpx.Response) -> tuple[int, str]:
    return response.status_code, response.json()["error"]["code"]


def events(text: str) -> list[tuple[str, dict[str, Any]]]:
    found = []
    for block in text.strip().split("\n\n"):
        name, data = block.split("\n")
        found.append((name.removeprefix("event: "), json.loads(data.removeprefix("data: "))))
    return found


def test_a_job_from_its_submission_to_its_output(cloud: Emulator) -> None:
    with client(cloud) as http:
        response = submit(http)
        job = response.json()
        assert (response.status_code, job["status"], job["queue_position"]) == (201, "queued", 1)
        assert (job["started_at"], job["completed_at"], job["progress"], job["error"]) == (None,) * 4
        cloud.time.advance(60)
        done = http.get(job["urls"]["self"]).json()
        assert (done["status"], done["queue_position"]) == ("succeeded", None)
        assert done["progress"] == {"value": 1.0, "nodes_done": 2, "nodes_total": 2}
        (output,) = done["outputs"]
        assert (output["node_id"], output["type"], output["content_type"]) == ("2", "image", "image/png")
        assert output["name"].startswith("lighthouse")
        assert output["job_id"] == job["id"]
        assert done["metrics"]["queue_ms"] > 0
        assert done["metrics"]["execution_ms"] > 0
        content = httpx.get(output["url"]).content
        assert (content[:4], len(content)) == (b"\x89PNG", output["size_bytes"])
        assert http.get(f"/api/v2/jobs/{job['id']}/workflow").json() == {"workflow": GRAPH, "format": "api"}


def test_both_versions_show_the_same_jobs(cloud: Emulator) -> None:
    with client(cloud) as http:
        newer = submit(http).json()["id"]
        older = http.post("/api/prompt", json={"prompt": GRAPH}).json()["prompt_id"]
        assert {job["id"] for job in http.get("/api/jobs").json()["jobs"]} == {newer, older}
        assert {job["id"] for job in http.get("/api/v2/jobs").json()["jobs"]} == {newer, older}
        cloud.time.advance(60)
        history = http.get("/api/history_v2").json()["history"]
        assert {entry["prompt_id"] for entry in history} == {newer, older}


def test_an_idempotency_key_works_once(cloud: Emulator) -> None:
    with client(cloud) as http:
        assert submit(http, key="a").status_code == 201
        assert code(submit(http, key="a")) == (422, "idempotency_key_reuse")
        assert code(submit(http, {"other": "body"}, key="a")) == (422, "idempotency_key_reuse")
        assert submit(http, key="b").status_code == 201
        assert len(http.get("/api/v2/jobs").json()["jobs"]) == 2
        cloud.time.advance(LIFETIME / 1000)
        assert submit(http, key="a").status_code == 201


def test_a_key_is_free_again_when_there_is_no_job(start_emulator: Callable[..., Emulator]) -> None:
    emulator = start_emulator(time="virtual", credits=0.0)
    with client(emulator) as http:
        assert code(submit(http, {"1": {"class_type": "Unheard", "inputs": {}}}, key="a")) == (
            402,
            "insufficient_credits",
        )
        assert code(submit(http, key="a"))[1] == "insufficient_credits"


def test_a_key_is_free_again_after_a_graph_that_is_not_valid(cloud: Emulator) -> None:
    with client(cloud) as http:
        wrong = {"2": {"class_type": "SaveImage", "inputs": {"filename_prefix": "a"}}}
        refused = submit(http, wrong, key="a")
        assert code(refused) == (422, "invalid_workflow")
        error = refused.json()["error"]
        assert "Node 2 (SaveImage)" in error["message"]
        (reason,) = error["details"]["node_errors"]["2"]
        assert (reason["field"], reason["reason"]) == ("images", "required_input_missing")
        assert submit(http, key="a").status_code == 201


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"workflow": {"nodes": [], "links": []}}, "workflow_format_ui"),
        ({"workflow": GRAPH, "webhook_url": "https://x.test"}, "invalid_request"),
        ({"workflow": GRAPH, "extra_data": {"nonce": "1"}}, "invalid_request"),
        ({"workflow": []}, "invalid_request"),
        ({}, "invalid_request"),
        ({"workflow": {}}, "invalid_workflow"),
        (
            {"workflow": {"1": {"class_type": "LoadImage", "inputs": {"image": {"__type": "core/ASSET"}}}}},
            "missing_asset",
        ),
    ],
)
def test_what_is_refused(cloud: Emulator, body: dict[str, Any], expected: str) -> None:
    with client(cloud) as http:
        assert code(http.post("/api/v2/jobs", json=body)) == (422, expected)
        assert http.get("/api/v2/jobs").json() == {"jobs": [], "next_cursor": None}


def test_a_full_queue_is_refused_with_a_pause_and_the_key_stays_free(cloud: Emulator) -> None:
    with client(cloud) as http:
        while (response := submit(http)).status_code == 201:
            pass
        assert code(response) == (429, "queue_full")
        assert int(response.headers["retry-after"]) > 0
        assert code(submit(http, key="a")) == (429, "queue_full")
        cloud.time.advance(600)
        assert submit(http, key="a").status_code == 201


def test_the_list_has_pages(start_emulator: Callable[..., Emulator]) -> None:
    emulator = start_emulator(seed_data=7)
    with client(emulator) as http:
        seen: list[str] = []
        query: dict[str, Any] = {"limit": 3}
        while True:
            page = http.get("/api/v2/jobs", params=query).json()
            seen += [job["id"] for job in page["jobs"]]
            if page["next_cursor"] is None:
                break
            query["cursor"] = page["next_cursor"]
        assert seen == [job["id"] for job in http.get("/api/jobs").json()["jobs"]]
        assert code(http.get("/api/v2/jobs", params={"cursor": "x"})) == (400, "invalid_cursor")
        assert code(http.get("/api/v2/jobs", params={"limit": 101})) == (400, "invalid_request")


def test_cancelling_may_be_repeated(cloud: Emulator) -> None:
    with client(cloud) as http:
        job = submit(http).json()
        for _ in range(2):
            assert http.post(job["urls"]["cancel"]).json()["status"] == "canceled"
        assert http.get(f"/api/jobs/{job['id']}").json()["status"] == "cancelled"
        assert code(http.post("/api/v2/jobs/x/cancel")) == (404, "not_found")


def test_a_failed_job_has_its_error(cloud: Emulator) -> None:
    with client(cloud) as http:
        cloud.jobs.fail_next("OOMError", node="1")
        job = submit(http).json()
        cloud.time.advance(60)
        found = http.get(job["urls"]["self"]).json()
        assert (found["status"], found["error"]["node_id"]) == ("failed", "1")
        assert found["error"]["class_type"] == "EmptyImage"
        assert "OOM" in found["error"]["message"]


def test_the_events_of_a_job_end_with_its_end(cloud: Emulator) -> None:
    graph = {
        **GRAPH,
        "3": {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": "b"}},
    }
    with client(cloud) as http:
        job = submit(http, graph).json()
        with http.stream("GET", job["urls"]["events"]) as response:
            assert response.headers["content-type"].startswith("text/event-stream")
            chunks = response.iter_text()
            text = next(chunks)
            assert events(text)[0] == ("status", {"status": "queued", "queue_position": 1})
            cloud.time.advance(60)
            text += "".join(chunks)
        found = events(text)
        assert found[-1] == ("status", {"status": "succeeded", "queue_position": None})
        outputs = [data["id"] for name, data in found if name == "output"]
        assert sorted(outputs) == sorted(one["id"] for one in http.get(job["urls"]["self"]).json()["outputs"])
        assert len(outputs) == 2
        parts = [data["value"] for name, data in found if name == "progress"]
        assert parts == sorted(parts)
        # Whoever comes later gets the end at once.
        assert events(http.get(job["urls"]["events"]).text)[-1] == found[-1]


def test_errors_have_the_form_of_v2_whoever_makes_them(cloud: Emulator) -> None:
    assert code(httpx.get(f"{cloud.url}/api/v2/jobs")) == (401, "unauthorized")
    with client(cloud) as http:
        assert code(http.get("/api/v2/jobs/x")) == (404, "not_found")
        assert code(http.put("/api/v2/jobs")) == (405, "method_not_allowed")
        assert http.get("/api/v2/userdata").json()["code"] == "NOT_FOUND"


@pytest.mark.beyond_contract
def test_version_1_can_be_gone(start_emulator: Callable[..., Emulator]) -> None:
    emulator = start_emulator(time="virtual", quirks=["v1_gone"])
    with client(emulator) as http:
        for path in ("/api/jobs", "/api/history_v2", "/api/prompt", "/api/user"):
            response = http.get(path)
            assert (response.status_code, response.json()["code"]) == (410, "GONE")
        assert submit(http).status_code == 201
        assert len(http.get("/api/v2/jobs").json()["jobs"]) == 1


def test_labels_are_refused_as_by_the_cloud(cloud: Emulator) -> None:
    with client(cloud) as http:
        assert code(submit(http, metadata={"client": "a"})) == (422, "metadata_not_supported")
        assert submit(http, metadata={}).status_code == 201
