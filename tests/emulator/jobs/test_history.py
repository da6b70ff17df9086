"""history_v2, changes to it, and the history of a self-hosted ComfyUI."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from comfy_cloud_emulator import Emulator, Job, JobStatus

Connect = Callable[[Emulator], httpx.Client]
MIXED: tuple[JobStatus, ...] = ("completed", "pending", "failed", "in_progress", "cancelled")


def add_mixed(emulator: Emulator, now: float) -> list[Job]:
    """One job of each status, a second apart, oldest first."""
    return [
        emulator.store.add_job(status, create_time=int(now * 1000) + index * 1000)
        for index, status in enumerate(MIXED)
    ]


def listed(client: httpx.Client, **query: int) -> list[dict[str, Any]]:
    response = client.get("/api/history_v2", params=query)
    assert response.status_code == 200
    entries: list[dict[str, Any]] = response.json()["history"]
    return entries


def test_an_empty_cloud_has_an_empty_history(client: httpx.Client) -> None:
    response = client.get("/api/history_v2")
    assert response.content == b'{"history":[]}'
    assert response.headers["content-type"] == "application/json"


def test_only_jobs_that_are_over_are_listed_newest_first(
    emulator: Emulator, client: httpx.Client, now: float
) -> None:
    jobs = add_mixed(emulator, now)
    assert [entry["prompt_id"] for entry in listed(client)] == [jobs[4].id, jobs[2].id, jobs[0].id]


def test_jobs_of_the_same_instant_are_listed_latest_first(emulator: Emulator, client: httpx.Client) -> None:
    jobs = [emulator.store.add_job() for _ in range(5)]
    assert [entry["prompt_id"] for entry in listed(client)] == [job.id for job in reversed(jobs)]


def test_an_entry_omits_the_graph_and_the_ui_workflow(emulator: Emulator, client: httpx.Client) -> None:
    job = emulator.store.add_job(
        workflow_id="w",
        extra_data={
            "client_id": "c",
            "api_key_comfy_org": "comfyui-secret",
            "extra_pnginfo": {"workflow": {"nodes": []}, "note": 1},
        },
    )
    (entry,) = listed(client)
    assert entry == {
        "prompt_id": job.id,
        "create_time": job.create_time,
        "workflow_id": "w",
        "prompt": {
            "priority": 1.0,
            "prompt_id": job.id,
            "extra_data": {"client_id": "c", "extra_pnginfo": {"note": 1}},
        },
        "outputs": job.outputs,
        "status": {
            "status_str": "success",
            "completed": True,
            "messages": [
                ["execution_start", {"prompt_id": job.id, "timestamp": job.start_time}],
                [
                    "execution_cached",
                    {"nodes": [], "prompt_id": job.id, "timestamp": (job.start_time or 0) + 4},
                ],
                ["execution_success", {"prompt_id": job.id, "timestamp": job.end_time}],
            ],
        },
        "meta": {"9": {"node_id": "9", "display_node": "9", "parent_node": None, "real_node_id": "9"}},
    }


def test_failed_and_cancelled_differ_in_their_messages_only(emulator: Emulator, client: httpx.Client) -> None:
    emulator.store.add_job("cancelled")
    emulator.store.add_job("cancelled", start_time=emulator.store.now() + 5)
    emulator.store.add_job("failed")
    failed, running, waiting = (entry["status"] for entry in listed(client))
    for status in (failed, running, waiting):
        assert (status["status_str"], status["completed"]) == ("error", False)
    event, data = failed["messages"][-1]
    assert event == "execution_error"
    assert (data["node_id"], data["node_type"], data["exception_type"]) == ("1", "EmptyImage", "ValueError")
    assert data["traceback"]
    assert data["current_inputs"] == {"width": [0], "height": [64]}
    event, data = running["messages"][-1]
    assert event == "execution_interrupted"
    assert {"node_id", "node_type", "executed"} <= set(data)
    assert [event for event, _ in waiting["messages"]] == ["execution_interrupted"]
    assert "node_id" not in waiting["messages"][0][1]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, range(10)),
        ({"max_items": 3}, range(3)),
        ({"max_items": 3, "offset": 2}, range(2, 5)),
        ({"max_items": 3, "offset": 8}, range(8, 10)),
        ({"offset": 9}, range(9, 10)),
        ({"offset": 10}, range(0)),
        ({"max_items": 0}, range(0)),
        ({"max_items": -1, "offset": -1}, range(10)),
        ({"max_items": 10**30, "offset": 0}, range(10)),
        ({"offset": 10**30}, range(0)),
    ],
)
def test_pages(emulator: Emulator, client: httpx.Client, query: dict[str, int], expected: range) -> None:
    jobs = [emulator.store.add_job() for _ in range(10)]
    newest_first = [job.id for job in reversed(jobs)]
    assert [entry["prompt_id"] for entry in listed(client, **query)] == [newest_first[n] for n in expected]


@pytest.mark.parametrize("text", ["zz", "", "1.5", "\uff11", "1_0", "0x1", " 1"])
@pytest.mark.parametrize("name", ["max_items", "offset"])
def test_parameters_that_are_not_numbers_are_ignored(
    emulator: Emulator, client: httpx.Client, name: str, text: str
) -> None:
    jobs = [emulator.store.add_job() for _ in range(2)]
    response = client.get("/api/history_v2", params={name: text})
    assert [entry["prompt_id"] for entry in response.json()["history"]] == [job.id for job in reversed(jobs)]


def test_one_entry_has_the_graph_and_no_create_time(emulator: Emulator, client: httpx.Client) -> None:
    workflow = {"nodes": [1]}
    job = emulator.store.add_job(
        extra_data={"auth_token_comfy_org": "t", "extra_pnginfo": {"workflow": workflow}}
    )
    data = client.get(f"/api/history_v2/{job.id}").json()
    assert list(data) == [job.id]
    entry = data[job.id]
    assert set(entry) == {"prompt", "outputs", "status", "meta"}
    assert entry["prompt"] == {
        "priority": 1.0,
        "prompt_id": job.id,
        "prompt": job.graph,
        "extra_data": {"extra_pnginfo": {"workflow": workflow}},
        "outputs_to_execute": ["9"],
    }
    assert entry["outputs"] == job.outputs


@pytest.mark.parametrize("status", ["pending", "in_progress"])
def test_a_job_that_is_not_over_has_no_entry(emulator: Emulator, client: httpx.Client, status: Any) -> None:
    for id in (emulator.store.add_job(status).id, "nobody"):
        response = client.get(f"/api/history_v2/{id}")
        assert response.status_code == 404
        assert response.json()["code"] == "NOT_FOUND"


def test_deleting_removes_finished_jobs_only(emulator: Emulator, client: httpx.Client, now: float) -> None:
    completed, pending, failed, running, cancelled = add_mixed(emulator, now)
    response = client.post("/api/history", json={"delete": [completed.id, pending.id, running.id, "unknown"]})
    assert (response.status_code, response.content) == (200, b"")
    assert {job.id for job in emulator.store.jobs()} == {pending.id, failed.id, running.id, cancelled.id}
    assert [entry["prompt_id"] for entry in listed(client)] == [cancelled.id, failed.id]


def test_clearing_leaves_the_queue(emulator: Emulator, client: httpx.Client, now: float) -> None:
    _, pending, _, running, _ = add_mixed(emulator, now)
    assert client.post("/api/history", json={"clear": False}).status_code == 200
    assert len(listed(client)) == 3
    assert client.post("/api/history", json={"clear": True}).status_code == 200
    assert listed(client) == []
    assert {job.id for job in emulator.store.jobs()} == {pending.id, running.id}


@pytest.mark.parametrize("path", ["/api/history", "/api/queue"])
@pytest.mark.parametrize(
    ("body", "hint"),
    [
        (b"", "not JSON"),
        (b"{", "not JSON"),
        (b"[]", "must be a JSON object"),
        (b'{"remove": []}', "known fields: delete, clear"),
        (b'{"delete": "x"}', "delete: expected a list of strings"),
        (b'{"delete": [1]}', "delete: expected a list of strings"),
        (b'{"delete": null}', "delete: expected a list of strings"),
        (b'{"clear": 1}', "clear: expected true or false"),
    ],
)
def test_invalid_bodies_are_refused(
    emulator: Emulator, client: httpx.Client, path: str, body: bytes, hint: str
) -> None:
    emulator.store.add_job()
    response = client.post(path, content=body)
    assert response.status_code == 400
    assert response.json()["code"] == "BAD_REQUEST"
    assert hint in response.json()["message"]
    assert len(emulator.store) == 1


def test_the_cloud_has_no_old_history(emulator: Emulator, client: httpx.Client) -> None:
    job = emulator.store.add_job()
    for path in ("/api/history", f"/api/history/{job.id}"):
        response = client.get(path)
        assert response.status_code == 404
        assert response.json()["code"] == "NOT_FOUND"


def test_the_old_history_of_comfyui(connect: Connect, now: float) -> None:
    with Emulator(seed_data=None, clock=lambda: now, quirks={"history_v1"}) as emulator:
        completed, pending, failed, _, cancelled = add_mixed(emulator, now)
        client = connect(emulator)
        data = client.get("/api/history").json()
        assert list(data) == [completed.id, failed.id, cancelled.id]
        entry = data[completed.id]
        assert entry["prompt"] == [completed.number, completed.id, completed.graph, {}, ["9"]]
        assert set(entry) == {"prompt", "outputs", "status", "meta"}
        assert client.get(f"/api/history/{failed.id}").json() == {failed.id: data[failed.id]}
        assert client.get(f"/api/history/{pending.id}").json() == {}
        assert client.get("/api/history/unknown").json() == {}
        assert list(client.get("/api/history?max_items=2").json()) == [failed.id, cancelled.id]
        assert list(client.get("/api/history?max_items=1&offset=1").json()) == [failed.id]
        assert list(client.get("/api/history?offset=1").json()) == [failed.id, cancelled.id]
        assert client.post("/api/history", json={"clear": True}).status_code == 200
        assert client.get("/api/history").json() == {}


@pytest.mark.parametrize("node", ["text", 1, None, [], {}, {"inputs": "text"}, {"inputs": None}])
def test_nodes_of_any_shape_are_in_the_old_history(connect: Connect, now: float, node: object) -> None:
    with Emulator(seed_data=None, clock=lambda: now, quirks={"history_v1"}) as emulator:
        job = emulator.store.add_job(graph={"1": node})
        entry = connect(emulator).get("/api/history").json()[job.id]
        assert entry["prompt"][2] == {"1": node}
        assert entry["prompt"][4] == ["1"]


def test_the_old_history_ignores_parameters_that_are_not_numbers(connect: Connect, now: float) -> None:
    with Emulator(seed_data=None, clock=lambda: now, quirks={"history_v1"}) as emulator:
        job = emulator.store.add_job()
        assert list(connect(emulator).get("/api/history?max_items=zz&offset=null").json()) == [job.id]
