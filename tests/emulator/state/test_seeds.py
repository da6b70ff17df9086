"""The generated jobs: deterministic, plausible, varied, and quick to make in large numbers."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

import httpx
import orjson
import pytest

from comfy_cloud_emulator import Emulator, Job, Store
from comfy_cloud_emulator.seeds import demo, demo_errors
from comfy_cloud_emulator.seeds.seed_data import fill
from comfy_cloud_emulator.state.jobs import documents, rows
from comfy_cloud_emulator.state.jobs.outputs import files
from comfy_cloud_emulator.state.json_values import is_array

MILLISECONDS_2020 = 1_577_836_800_000
SAVING = {"SaveImage", "SaveVideo", "SaveAudioMP3", "SaveGLB", "PreviewAny"}


@pytest.fixture(scope="module")
def jobs(demo: Emulator) -> list[Job]:
    return demo.store.jobs()


def seeded_jobs(seed_data: Any, seed: int, instant: float) -> list[Job]:
    store = Store(None, lambda: instant)
    try:
        fill(store, seed_data, seed)
        return store.jobs()
    finally:
        store.close()


@pytest.mark.parametrize("seed_data", ["demo", 40, ("bench", 40)])
def test_the_same_seed_gives_the_same_jobs(seed_data: Any, now: float) -> None:
    first = seeded_jobs(seed_data, 1, now)
    assert seeded_jobs(seed_data, 1, now) == first
    assert seeded_jobs(seed_data, 2, now) != first


def test_the_words_of_the_command_mean_the_same_in_python(now: float) -> None:
    assert seeded_jobs("none", 1, now) == seeded_jobs(None, 1, now) == []
    with Emulator(seed_data="none") as emulator:
        assert len(emulator.store) == 0
        emulator.reset(seed_data="demo")
        assert len(emulator.store) > 0
        emulator.reset(seed_data="none")
        assert len(emulator.store) == 0
    for wrong in ("None", "empty", ""):
        with pytest.raises(ValueError, match='"none"'):
            seeded_jobs(wrong, 1, now)


def test_another_instant_shifts_every_time_and_nothing_else(now: float) -> None:
    shift = 86_400
    for before, after in zip(
        demo.make(0, int(now * 1000), 1), demo.make(0, int(now + shift) * 1000, 1), strict=True
    ):
        assert after.create_time - before.create_time == shift * 1000
        assert (after.id, after.graph, after.outputs) == (before.id, before.graph, before.outputs)


def test_the_demo_is_varied(jobs: list[Job]) -> None:
    assert len(jobs) == 300
    count = Counter(job.status for job in jobs)
    assert count["in_progress"] == 1
    assert count["pending"] == 3
    assert count["failed"] == 20
    assert count["cancelled"] == 6
    made = Counter(kind for job in jobs for kind in kinds_made(job))
    assert made["image"] > len(jobs) / 2
    assert min(made["video"], made["audio"], made["3d"], made["text"]) >= 10
    cancelled = [job for job in jobs if job.status == "cancelled"]
    assert {job.start_time is None for job in cancelled} == {True, False}
    failures = [job.execution_error or {} for job in jobs if job.status == "failed"]
    assert len({error["exception_type"] for error in failures}) >= 4
    assert {bool(error["node_id"]) for error in failures} == {True, False}
    assert {job.state for job in jobs if job.status == "failed"} == {"error", "non_retryable_error"}
    assert 5 < len({job.workflow_id for job in jobs}) < 30


def kinds_made(job: Job) -> set[str]:
    kinds = set(rows.encode(job)[0].kinds.strip(",").split(",")) - {""}
    return kinds | {"text" for node in job.outputs.values() if "text" in node}


def test_the_times_of_the_demo_are_consistent(jobs: list[Job], now: float) -> None:
    for job in jobs:
        assert MILLISECONDS_2020 < job.create_time <= now * 1000
        instants = [job.create_time, *(data["timestamp"] for _, data in job.messages)]
        assert instants == sorted(instants)
        if job.terminal:
            assert job.end_time == instants[-1] == job.update_time
            assert instants[-1] <= now * 1000
        if job.start_time is not None:
            assert job.messages[0] == ("execution_start", {"prompt_id": job.id, "timestamp": job.start_time})


def test_the_files_of_the_demo_have_names_as_stored(jobs: list[Job]) -> None:
    names = [item["filename"] for job in jobs for _, _, item in files(job.outputs)]
    assert all(re.fullmatch(r"[0-9a-f]{64}\.(png|mp4|mp3|glb)", name) for name in names)
    assert len(set(names)) == len(names)


def test_the_graphs_of_the_demo_are_consistent(jobs: list[Job]) -> None:
    for job in jobs:
        for node in job.graph.values():
            links = [value for value in node["inputs"].values() if is_array(value)]
            assert all(link[0] in job.graph and isinstance(link[1], int) for link in links)
        saving = [id for id, node in job.graph.items() if node["class_type"] in SAVING]
        assert job.output_nodes == saving
        assert set(job.outputs) <= set(job.output_nodes)


def test_every_error_fits_its_graph(now: float) -> None:
    for job in seeded_jobs("demo", 3, now):
        error = job.execution_error
        if error and error["node_id"]:
            assert job.graph[error["node_id"]]["class_type"] == error["node_type"]
            assert set(error["executed"]) <= set(job.graph)
    assert {
        make_error.__name__ for make_error in demo_errors.DEMO_ERRORS if demo_errors.fits(make_error, {})
    } == {"stagnated", "too_long", "model_missing"}


def test_a_late_refusal_contains_the_workers_response(now: float) -> None:
    refused = [
        error["exception_message"]
        for seed in range(3)
        for job in seeded_jobs("demo", seed, now)
        if (error := job.execution_error) and error["exception_type"] == "ValidationError"
    ]
    assert refused
    response = orjson.loads(refused[0].partition("400: ")[2])
    assert response["error"]["type"] == "prompt_outputs_failed_validation"
    assert response["node_errors"]


def test_the_demo_over_http(demo_client: httpx.Client, jobs: list[Job]) -> None:
    history = demo_client.get("/api/history_v2").json()["history"]
    assert [entry["prompt_id"] for entry in history] == [job.id for job in jobs if job.terminal]
    listed = demo_client.get("/api/jobs?limit=1000").json()
    assert [entry["id"] for entry in listed["jobs"]] == [job.id for job in jobs]
    assert listed["pagination"]["total"] == 300
    queue = demo_client.get("/api/queue").json()
    assert (len(queue["queue_running"]), len(queue["queue_pending"])) == (1, 3)
    for job in jobs[:20]:
        detail = demo_client.get(f"/api/jobs/{job.id}").json()
        assert detail["workflow"]["prompt"] == job.graph
        assert demo_client.get(f"/api/job/{job.id}/status").json()["status"] == job.state


def test_generated_rows_equal_encoded_jobs(now: float) -> None:
    store = Store(None, lambda: now)
    try:
        fill(store, ("bench", 50), 0)
        for job in store.jobs():
            (listing,) = store.read("SELECT listing FROM jobs WHERE id = ?", (job.id,))
            (entry,) = store.read("SELECT entry FROM jobs WHERE id = ?", (job.id,))
            assert orjson.loads(listing[0]) == orjson.loads(orjson.dumps(documents.job_entry(job)))
            assert orjson.loads(entry[0]) == orjson.loads(orjson.dumps(documents.history_entry(job)))
    finally:
        store.close()


@pytest.mark.parametrize(("seed_data", "least", "most"), [(200, 500, 1_500), (("bench", 200), 2_700, 3_400)])
def test_the_size_of_bulk_entries(seed_data: Any, least: int, most: int, now: float) -> None:
    store = Store(None, lambda: now)
    try:
        fill(store, seed_data, 0)
        entries = store.history_page()
    finally:
        store.close()
    assert len(entries) == 200
    assert all(least < len(entry) < most for entry in entries)
    names = [
        item["filename"]
        for entry in entries
        for node in orjson.loads(entry)["outputs"].values()
        for item in node["images"]
    ]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"[0-9a-f]{64}\.png", name) for name in names)


def test_bulk_jobs_are_newest_first_and_in_the_past(now: float) -> None:
    jobs = seeded_jobs(100, 0, now)
    assert [job.number for job in jobs] == list(range(100, 0, -1))
    assert all(job.end_time is not None and job.end_time < now * 1000 for job in jobs)
