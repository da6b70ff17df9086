"""The jobs list and its pages, one job, the old status route."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from comfy_cloud_emulator import Emulator, JobStatus

Connect = Callable[[Emulator], httpx.Client]
STATUSES: tuple[JobStatus, ...] = ("pending", "in_progress", "completed", "failed", "cancelled")


def file(name: str, type: str = "output", **more: Any) -> dict[str, Any]:
    return {"filename": name, "subfolder": "", "type": type} | more


def page(client: httpx.Client, **query: object) -> dict[str, Any]:
    response = client.get("/api/jobs", params={name: str(value) for name, value in query.items()})
    assert response.status_code == 200, response.text
    data: dict[str, Any] = response.json()
    return data


def ids(data: dict[str, Any]) -> list[str]:
    return [entry["id"] for entry in data["jobs"]]


def pages_by_cursor(client: httpx.Client, **query: object) -> Iterator[list[str]]:
    data = page(client, **query)
    yield ids(data)
    while data["pagination"]["has_more"]:
        data = page(client, after=data["pagination"]["next_cursor"], **query)
        yield ids(data)


def test_a_completed_entry(emulator: Emulator, client: httpx.Client) -> None:
    job = emulator.store.add_job(workflow_id="w")
    assert page(client) == {
        "jobs": [
            {
                "id": job.id,
                "status": "completed",
                "create_time": job.create_time,
                "execution_start_time": job.start_time,
                "execution_end_time": job.end_time,
                "workflow_id": "w",
                "preview_output": {
                    "filename": job.outputs["9"]["images"][0]["filename"],
                    "subfolder": "",
                    "type": "output",
                    "nodeId": "9",
                    "mediaType": "images",
                    "display_name": "emulated_00001_.png",
                },
                "outputs_count": 1,
                "previewable_outputs_count": 1,
            }
        ],
        "pagination": {"offset": 0, "limit": 100, "total": 1, "has_more": False},
    }


def test_a_waiting_entry_has_few_fields(emulator: Emulator, client: httpx.Client) -> None:
    job = emulator.store.add_job("pending")
    assert page(client)["jobs"] == [{"id": job.id, "status": "pending", "create_time": job.create_time}]


def test_only_a_failed_entry_has_an_error(emulator: Emulator, client: httpx.Client) -> None:
    for status in STATUSES:
        emulator.store.add_job(status)
    with_error = [entry for entry in page(client)["jobs"] if "execution_error" in entry]
    assert [entry["status"] for entry in with_error] == ["failed"]
    error = with_error[0]["execution_error"]
    assert error["exception_type"] == "ValueError"
    assert error["current_outputs"] == {}
    required = ("node_id", "node_type", "exception_message", "traceback", "current_inputs")
    assert set(required) <= set(error)


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("completed", {"completed"}),
        ("pending,in_progress", {"pending", "in_progress"}),
        ("failed, cancelled", {"failed", "cancelled"}),
        (",".join(STATUSES), set(STATUSES)),
    ],
)
def test_filter_by_status(emulator: Emulator, client: httpx.Client, status: str, expected: set[str]) -> None:
    for each in STATUSES:
        emulator.store.add_job(each)
    data = page(client, status=status)
    assert {entry["status"] for entry in data["jobs"]} == expected
    assert data["pagination"]["total"] == len(expected)


def test_filter_by_workflow(emulator: Emulator, client: httpx.Client) -> None:
    wanted = emulator.store.add_job(workflow_id="one")
    emulator.store.add_job(workflow_id="two")
    emulator.store.add_job()
    assert ids(page(client, workflow_id="one")) == [wanted.id]
    assert ids(page(client, workflow_id="three")) == []


def test_filter_by_output_type(emulator: Emulator, client: httpx.Client) -> None:
    added = {
        "image": emulator.store.add_job(outputs={"1": {"images": [file("a.png")]}}),
        "audio": emulator.store.add_job(outputs={"1": {"audio": [file("a.mp3")]}}),
        "video": emulator.store.add_job(outputs={"1": {"images": [file("a.mp4")], "animated": [True]}}),
        "3d": emulator.store.add_job(outputs={"1": {"3d": [file("a.glb")]}}),
    }
    emulator.store.add_job(outputs={"1": {"text": ["image"]}})
    both = emulator.store.add_job(outputs={"1": {"gifs": [file("a.gif")], "images": [file("a.png")]}})
    for kind, job in added.items():
        expected = [both.id, job.id] if kind in ("image", "video") else [job.id]
        assert ids(page(client, output_type=kind)) == expected


@pytest.mark.parametrize(
    ("outputs", "preview", "counts"),
    [
        ({}, None, (0, 0)),
        ({"1": {"animated": [True], "seconds": 3}}, None, (0, 0)),
        (
            {"1": {"images": [file("t.png", "temp")]}, "2": {"images": [file("o.png")]}},
            {"filename": "o.png", "subfolder": "", "type": "output", "nodeId": "2", "mediaType": "images"},
            (2, 2),
        ),
        (
            {"1": {"audio": [file("o.mp3")]}, "2": {"images": [file("t.png", "temp")]}},
            {"filename": "t.png", "subfolder": "", "type": "temp", "nodeId": "2", "mediaType": "images"},
            (2, 2),
        ),
        (
            {"1": {"text": ["words"]}, "2": {"files": [file("o.txt")]}},
            {"filename": "o.txt", "subfolder": "", "type": "output", "nodeId": "2", "mediaType": "files"},
            (2, 1),
        ),
        ({"1": {"text": "bare"}}, {"content": "bare", "nodeId": "1", "mediaType": "text"}, (1, 1)),
        (
            {"1": {"text": ["x" * 1025]}},
            {"content": "x" * 1024, "truncated": True, "nodeId": "1", "mediaType": "text"},
            (1, 1),
        ),
        (
            {"1": {"gifs": [file("a.mp4", format="video/h264-mp4", frame_rate=8.0)]}},
            {
                "filename": "a.mp4",
                "subfolder": "",
                "type": "output",
                "nodeId": "1",
                "mediaType": "gifs",
                "format": "video/h264-mp4",
                "frame_rate": 8.0,
            },
            (1, 1),
        ),
    ],
)
def test_the_preview_output(
    emulator: Emulator,
    client: httpx.Client,
    outputs: dict[str, Any],
    preview: dict[str, Any] | None,
    counts: tuple[int, int],
) -> None:
    emulator.store.add_job(outputs=outputs)
    (entry,) = page(client)["jobs"]
    assert entry.get("preview_output") == preview
    assert (entry["outputs_count"], entry["previewable_outputs_count"]) == counts


def test_orders(emulator: Emulator, client: httpx.Client) -> None:
    start = emulator.store.now()
    zero, one, two, three = (f"00000000-0000-4000-8000-00000000000{digit}" for digit in range(4))
    for step, id, run in ((3, three, 20), (1, one, 30), (2, two, 10)):
        emulator.store.add_job(
            id=id, create_time=start + step, start_time=start + 9, end_time=start + 9 + run
        )
    emulator.store.add_job("pending", id=zero, create_time=start)
    assert ids(page(client)) == [three, two, one, zero]
    assert ids(page(client, sort_order="asc")) == [zero, one, two, three]
    # Jobs that never ran come last in both directions.
    assert ids(page(client, sort_by="execution_time")) == [one, three, two, zero]
    assert ids(page(client, sort_by="execution_time", sort_order="asc")) == [two, three, one, zero]


@pytest.mark.parametrize(
    "query",
    [
        "status=success",
        "status=",
        "status=completed,",
        "output_type=gif",
        "sort_by=created_at",
        "sort_order=down",
        "limit=0",
        "limit=1001",
        "limit=-1",
        "limit=x",
        "offset=-1",
        "offset=x",
        "after=",
        "after=%C3%A4",
        "after=bm90IGpzb24",
        "after=eyJzIjoiY3JlYXRlX3RpbWUifQ",
        "after=W10",
        "after=eyJzIjoiZXhlY3V0aW9uX3RpbWUiLCJ2IjoiMSIsImlkIjoiYSIsIm4iOjF9",
        "after=eyJzIjoiY3JlYXRlX3RpbWUiLCJ2IjoiOTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTkiLCJuIjoxfQ",
    ],
)
def test_bad_parameters_are_refused_by_name(client: httpx.Client, query: str) -> None:
    response = client.get(f"/api/jobs?{query}")
    assert response.status_code == 400
    assert response.json()["message"].startswith(f"{query.partition('=')[0]}: ")


def test_pages_by_offset(emulator: Emulator, client: httpx.Client) -> None:
    newest_first = [emulator.store.add_job().id for _ in range(7)][::-1]
    data = page(client, limit=3, offset=3)
    assert ids(data) == newest_first[3:6]
    assert data["pagination"].pop("next_cursor")
    assert data["pagination"] == {"offset": 3, "limit": 3, "total": 7, "has_more": True}
    data = page(client, limit=3, offset=6)
    assert ids(data) == newest_first[6:]
    assert data["pagination"] == {"offset": 6, "limit": 3, "total": 7, "has_more": False}
    assert ids(page(client, offset=10**30)) == []


def test_pages_by_cursor_have_no_total(emulator: Emulator, client: httpx.Client) -> None:
    newest_first = [emulator.store.add_job().id for _ in range(5)][::-1]
    first = page(client, limit=3)
    data = page(client, limit=3, after=first["pagination"]["next_cursor"], offset=1)
    assert ids(data) == newest_first[3:]
    assert data["pagination"] == {"offset": 0, "limit": 3, "total": 0, "has_more": False}


def test_the_order_by_execution_time_ignores_a_cursor(emulator: Emulator, client: httpx.Client) -> None:
    for _ in range(3):
        emulator.store.add_job()
    cursor = page(client, limit=1)["pagination"]["next_cursor"]
    data = page(client, sort_by="execution_time", limit=2, after=cursor)
    assert len(data["jobs"]) == 2
    assert data["pagination"] == {"offset": 0, "limit": 2, "total": 3, "has_more": True}


@given(
    times=st.lists(st.integers(0, 5), max_size=25),
    limit=st.integers(1, 7),
    descending=st.booleans(),
    changes=st.lists(st.tuples(st.integers(0, 5), st.booleans()), max_size=6),
)
@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    derandomize=True,
)
def test_a_cursor_never_loses_or_repeats_stable_entries(
    emulator: Emulator,
    client: httpx.Client,
    times: list[int],
    limit: int,
    descending: bool,
    changes: list[tuple[int, bool]],
) -> None:
    store = emulator.store
    store.delete(*(job.id for job in store.jobs()))
    there = [store.add_job(create_time=store.now() + step).id for step in times]
    added: set[str] = set()
    removed: set[str] = set()
    seen: Counter[str] = Counter()
    pending_changes = list(changes)
    for found in pages_by_cursor(client, limit=limit, sort_order="desc" if descending else "asc"):
        seen.update(found)
        if pending_changes:
            step, insert = pending_changes.pop()
            if insert:
                added.add(store.add_job(create_time=store.now() + step).id)
            elif step < len(there):
                removed.update(store.delete(there[step]))
    assert set(seen.values()) <= {1}
    assert set(there) - removed <= set(seen) <= set(there) | added


def test_ten_thousand_jobs_in_pages(connect: Connect, now: float) -> None:
    with Emulator(seed_data=10_000, clock=lambda: now) as emulator:
        client = connect(emulator)
        by_cursor = [id for found in pages_by_cursor(client, limit=1000) for id in found]
        assert len(set(by_cursor)) == len(by_cursor) == 10_000
        by_offset = [
            id for offset in range(0, 10_000, 1000) for id in ids(page(client, limit=1000, offset=offset))
        ]
        assert by_offset == by_cursor
        in_history = [
            entry["prompt_id"]
            for offset in range(0, 10_001, 2000)
            for entry in client.get(f"/api/history_v2?max_items=2000&offset={offset}").json()["history"]
        ]
        assert in_history == by_cursor


def test_the_detail_of_a_job_that_is_over(emulator: Emulator, client: httpx.Client) -> None:
    extra_data: dict[str, Any] = {
        "api_key_comfy_org": "comfyui-secret",
        "extra_pnginfo": {"workflow": {"nodes": []}},
    }
    job = emulator.store.add_job("failed", workflow_id="w", extra_data=extra_data)
    data = client.get(f"/api/jobs/{job.id}").json()
    (entry,) = page(client)["jobs"]
    assert data.items() >= entry.items()
    assert data["update_time"] == job.end_time
    assert data["workflow"]["prompt"] == job.graph
    assert data["workflow"]["extra_data"] == extra_data | {"api_key_comfy_org": "[REDACTED]"}
    assert data["execution_status"]["messages"][-1][0] == "execution_error"
    assert (data["outputs"], data["execution_meta"]) == ({}, {})
    assert "queue_reason" not in data


def test_the_queue_position_of_a_waiting_job(emulator: Emulator, client: httpx.Client) -> None:
    first, second = emulator.store.add_job("pending"), emulator.store.add_job("pending")
    data = client.get(f"/api/jobs/{second.id}").json()
    assert (data["queue_reason"], data["queue_position"]) == (None, None)
    running = emulator.store.add_job("in_progress")
    for position, job in enumerate((first, second), start=1):
        data = client.get(f"/api/jobs/{job.id}").json()
        assert (data["queue_reason"], data["queue_position"]) == ("concurrency_limit", position)
        assert "outputs" not in data
        assert "execution_status" not in data
    data = client.get(f"/api/jobs/{running.id}").json()
    assert [event for event, _ in data["execution_status"]["messages"]] == [
        "execution_start",
        "execution_cached",
    ]
    assert "queue_reason" not in data


@pytest.mark.parametrize("path", ["/api/jobs/{}", "/api/job/{}/status"])
@pytest.mark.parametrize("id", ["00000000-0000-4000-8000-000000000000", "no-uuid", "%F0%9F%A6%8A"])
def test_an_unknown_job_is_not_found(client: httpx.Client, path: str, id: str) -> None:
    response = client.get(path.format(id))
    assert response.status_code == 404
    assert response.json()["code"] == "NOT_FOUND"


@pytest.mark.parametrize(
    ("status", "state", "raw"),
    [
        ("pending", None, "queued_waiting"),
        ("pending", "preparing", "preparing"),
        ("in_progress", None, "executing"),
        ("completed", None, "success"),
        ("failed", None, "error"),
        ("failed", "lost", "lost"),
        ("cancelled", None, "cancelled"),
    ],
)
def test_the_old_status_route_shows_raw_states(
    emulator: Emulator, client: httpx.Client, status: Any, state: str | None, raw: str
) -> None:
    job = emulator.store.add_job(status, state=state)
    data = client.get(f"/api/job/{job.id}/status").json()
    assert (data["id"], data["status"]) == (job.id, raw)
    assert (data["error_message"] is not None) == (status == "failed")
    assert page(client)["jobs"][0]["status"] == status


def test_the_old_status_route_shows_times_as_text(emulator: Emulator, client: httpx.Client) -> None:
    job = emulator.store.add_job("in_progress", create_time=1_780_000_000_120, start_time=1_780_000_001_000)
    data = client.get(f"/api/job/{job.id}/status").json()
    assert data["created_at"] == "2026-05-28T20:26:40.12Z"
    assert data["updated_at"] == data["last_state_update"] == "2026-05-28T20:26:41Z"
    assert data["assigned_inference"]
