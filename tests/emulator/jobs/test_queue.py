"""The queue, and the small routes about account and system."""

from __future__ import annotations

from collections.abc import Callable

import httpx

from comfy_cloud_emulator import Emulator

Connect = Callable[[Emulator], httpx.Client]


def test_the_queue_lists_running_and_waiting_jobs_oldest_first(
    emulator: Emulator, client: httpx.Client
) -> None:
    start = emulator.store.now()
    emulator.store.add_job()
    late = emulator.store.add_job("pending", create_time=start + 2)
    early = emulator.store.add_job("pending", create_time=start + 1)
    running = emulator.store.add_job("in_progress", create_time=start)
    data = client.get("/api/queue").json()
    assert data["queue_running"] == [[4, running.id, running.graph, ["9"], {"create_time": start}]]
    assert [item[1] for item in data["queue_pending"]] == [early.id, late.id]
    assert client.get("/api/prompt").json() == {"exec_info": {"queue_remaining": 3}}


def test_deleting_cancels_waiting_and_running_jobs(emulator: Emulator, client: httpx.Client) -> None:
    done, waiting, running = (
        emulator.store.add_job(each) for each in ("completed", "pending", "in_progress")
    )
    response = client.post(
        "/api/queue", json={"delete": [done.id, waiting.id, running.id, waiting.id, "unknown"]}
    )
    assert response.json() == {"deleted": [waiting.id, running.id], "cleared": False}
    by_id = {job.id: job for job in emulator.store.jobs("cancelled")}
    assert set(by_id) == {waiting.id, running.id}
    assert [event for event, _ in by_id[waiting.id].messages] == ["execution_interrupted"]
    assert [event for event, _ in by_id[running.id].messages][-1] == "execution_interrupted"
    assert by_id[running.id].end_time is not None
    assert by_id[running.id].messages[-1][1]["node_type"] == "EmptyImage"
    assert client.get("/api/queue").json() == {"queue_running": [], "queue_pending": []}
    assert len(client.get("/api/history_v2").json()["history"]) == 3


def test_clearing_cancels_waiting_jobs_only(emulator: Emulator, client: httpx.Client) -> None:
    waiting, running = emulator.store.add_job("pending"), emulator.store.add_job("in_progress")
    assert client.post("/api/queue", json={"clear": True}).json() == {"deleted": [], "cleared": True}
    assert [job.id for job in emulator.store.jobs("cancelled")] == [waiting.id]
    assert [job.id for job in emulator.store.jobs("in_progress")] == [running.id]


def test_an_empty_request_changes_nothing(emulator: Emulator, client: httpx.Client) -> None:
    emulator.store.add_job("pending")
    assert client.post("/api/queue", json={}).json() == {"deleted": [], "cleared": False}
    assert emulator.store.count("pending") == 1


def test_account_and_system(client: httpx.Client) -> None:
    assert client.get("/api/user").json()["status"] == "active"
    features = client.get("/api/features")
    assert features.json()["supports_preview_metadata"] is True
    assert features.json()["max_upload_size"] == 50 * 1024 * 1024
    assert "private" in features.headers["cache-control"]
    del client.headers["X-API-Key"]
    stats = client.get("/api/system_stats").json()
    assert {"os", "python_version", "comfyui_version", "argv", "ram_total"} <= set(stats["system"])
    assert all({"name", "type"} <= set(device) for device in stats["devices"])


def test_large_bodies_are_compressed_with_gzip_on(connect: Connect) -> None:
    with Emulator(seed_data=5, gzip=True) as emulator:
        client = connect(emulator)
        plain = client.get("/api/history_v2", headers={"Accept-Encoding": "identity"})
        packed = client.get("/api/history_v2", headers={"Accept-Encoding": "gzip"})
        assert "content-encoding" not in plain.headers
        assert packed.headers["content-encoding"] == "gzip"
        assert packed.content == plain.content
        assert "content-encoding" not in client.get("/api/user").headers


def test_nothing_is_compressed_otherwise(emulator: Emulator, client: httpx.Client) -> None:
    for _ in range(5):
        emulator.store.add_job()
    response = client.get("/api/history_v2", headers={"Accept-Encoding": "gzip"})
    assert "content-encoding" not in response.headers
