from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from comfy_cloud import ComfyCloud, Job
from comfy_cloud_emulator import Emulator
from tests._async.clients import SAMPLER_GRAPH

from .conftest import Run, run_for_terminal


@pytest.fixture
def client(cloud: Emulator) -> Iterator[ComfyCloud]:
    with ComfyCloud() as made:
        yield made


def first(client: ComfyCloud, status: str) -> Job:
    return next(client.jobs.iter(status=status))


# list


def test_list_has_running_and_waiting_jobs(run: Run, client: ComfyCloud) -> None:
    shown = run("jobs", "list")
    records = json.loads(shown.out)
    assert (shown.code, shown.err) == (0, "")
    assert [record["id"] for record in records] == [job.id for job in client.jobs.iter()]
    assert {"pending", "in_progress", "completed", "failed"} <= {record["status"] for record in records}


def test_list_filters(run: Run, client: ComfyCloud) -> None:
    failed = json.loads(run("jobs", "list", "--status", "failed").out)
    assert [each["id"] for each in failed] == [job.id for job in client.jobs.iter(status="failed")]
    videos = json.loads(run("jobs", "list", "--kind", "video").out)
    assert videos
    assert all(each["preview"][0]["kind"] == "video" for each in videos)
    longest = json.loads(run("jobs", "list", "--sort", "duration", "--limit", "5").out)
    durations = [each["duration"] for each in longest]
    assert durations == sorted(durations, reverse=True)


@pytest.mark.parametrize("order", [[], ["--reverse"]])
def test_list_between_two_times(order: list[str], run: Run, client: ComfyCloud) -> None:
    created = sorted(job.created_at for job in client.jobs.iter() if job.created_at is not None)
    since, until = created[10], created[-10]
    shown = run("jobs", "list", "--since", since.isoformat(), "--until", until.isoformat(), *order)
    records = json.loads(shown.out)
    assert len(records) == sum(since <= each < until for each in created)


# show, status


def test_show(run: Run, client: ComfyCloud) -> None:
    job = client.jobs.get(first(client, "completed").id)
    record = json.loads(run("jobs", "show", job.id[:8]).out)
    assert record["id"] == job.id
    assert [each["filename"] for each in record["outputs"]] == [each.filename for each in job.outputs]
    text = run("jobs", "show", job.id, "-o", "table").out
    assert f"id        {job.id}" in text
    assert job.outputs[0].filename in text
    assert run("jobs", "show", job.id, "--jq", ".outputs[0].filename").out.strip() == job.outputs[0].filename
    assert json.loads(run("jobs", "show", job.id, "--raw").out)["id"] == job.id


def test_status(run: Run, client: ComfyCloud) -> None:
    assert run("jobs", "status", first(client, "failed").id[:8]).out == "failed\n"


def test_an_unknown_job_ends_with_5(run: Run, cloud: Emulator) -> None:
    assert run("jobs", "show", "00000000-0000-4000-8000-000000000000").code == 5
    assert run("jobs", "show", "fffffffe").code == 5


# cancel, delete


def test_cancel(run: Run, client: ComfyCloud) -> None:
    waiting, running = first(client, "pending"), first(client, "in_progress")
    shown = run("jobs", "cancel", waiting.id[:10], running.id)
    assert (shown.code, shown.out) == (0, "")
    assert shown.err == f"cancelled {waiting.id}\ncancelled {running.id}\n"
    assert client.jobs.status(running.id).value == "cancelled"
    ended = run("jobs", "cancel", waiting.id)
    assert ended.code == 1
    assert "already ended" in ended.err


def test_delete_needs_yes_in_a_pipe(run: Run, client: ComfyCloud) -> None:
    job = first(client, "completed")
    assert run("jobs", "delete", job.id).code == 2
    shown = run("jobs", "delete", job.id[:8], "--yes")
    assert (shown.code, shown.err) == (0, f"deleted {job.id}\n")
    assert run("jobs", "show", job.id).code == 5


# wait, watch, download


def submit(client: ComfyCloud) -> Job:
    return client.submit(SAMPLER_GRAPH)


def test_wait(run: Run, quick_cloud: Emulator) -> None:
    with ComfyCloud() as client:
        jobs = [submit(client) for _ in range(2)]
    shown = run("jobs", "wait", *(job.id for job in jobs))
    assert (shown.code, shown.out) == (0, "")
    assert shown.err == "".join(f"job {job.id} completed\n" for job in jobs)


def test_waiting_for_a_job_that_fails_ends_with_3(run: Run, quick_cloud: Emulator) -> None:
    quick_cloud.jobs.fail_next("OOMError")
    with ComfyCloud() as client:
        job = submit(client)
    shown = run("jobs", "wait", job.id)
    assert shown.code == 3
    assert shown.err.startswith(f"job {job.id} failed: ")


def test_waiting_too_long_ends_with_8(run: Run, client: ComfyCloud) -> None:
    assert run("jobs", "wait", first(client, "in_progress").id, "--timeout", "0.01").code == 8


def test_watch_as_lines_of_json(run: Run, quick_cloud: Emulator) -> None:
    with ComfyCloud() as client:
        job = submit(client)
    shown = run("jobs", "watch", job.id, "--json")
    records = [json.loads(line) for line in shown.out.splitlines()]
    assert shown.code == 0
    assert all(record["schema"] == 1 for record in records)
    assert records[-1]["type"] == "result"
    assert records[-1]["status"] == "completed"
    assert records[-2]["type"] == "job_succeeded"


def test_watch_all_without_jobs(run: Run, empty_cloud: Emulator) -> None:
    shown = run("jobs", "watch", "--all")
    assert (shown.code, shown.err) == (0, "no job runs or waits\n")
    assert run("jobs", "watch").err.startswith("error: give the ids of jobs, or --all")


def test_download(run: Run, quick_cloud: Emulator, tmp_path: Path) -> None:
    with ComfyCloud() as client:
        job = submit(client)
    shown = run("jobs", "download", job.id[:8], "-d", str(tmp_path), "--name", "{index}{ext}")
    assert shown.code == 0, shown.err
    (path,) = map(Path, shown.out.splitlines())
    assert path == tmp_path / "0.png"
    assert path.read_bytes().startswith(b"\x89PNG")


# explain, rerun


@pytest.mark.parametrize(
    ("kind", "advice"),
    [
        ("OOMError", "make it smaller"),
        ("ServiceError", "comfy-cloud jobs rerun"),
        ("InsufficientFundsError", "comfy-cloud user balance"),
        ("InactiveSubscriptionError", "comfy-cloud auth status"),
        ("ImageDownloadError", "-i 3.image=FILE"),
        ("SomethingNew", "comfy-cloud jobs rerun"),
    ],
)
def test_explain_says_what_to_try(kind: str, advice: str, run: Run, quick_cloud: Emulator) -> None:
    quick_cloud.jobs.fail_next(kind, node="3", message="it went wrong")
    with ComfyCloud() as client:
        job = submit(client).wait()
    record = json.loads(run("jobs", "explain", job.id).out)
    assert record["reason"] == f"{kind}: it went wrong"
    assert record["node"]["id"] == "3"
    assert any(advice in line for line in record["advice"])
    text = run("jobs", "explain", job.id, "-o", "table").out
    assert text.startswith(f"The job failed. ({job.id})\n")
    assert advice in text


def test_explain_names_models_that_are_close(run: Run, empty_cloud: Emulator) -> None:
    graph = json.loads(json.dumps(SAMPLER_GRAPH))
    (loader,) = (key for key, node in graph.items() if node["class_type"] == "CheckpointLoaderSimple")
    right = graph[loader]["inputs"]["ckpt_name"]
    job = empty_cloud.store.add_job(
        "failed",
        graph={**graph, loader: {**graph[loader], "inputs": {"ckpt_name": f"x{right}"}}},
        error={
            "node_id": loader,
            "node_type": "CheckpointLoaderSimple",
            "exception_type": "ModelDownloadError",
            "exception_message": "not found",
            "traceback": [],
        },
    )
    advice = json.loads(run("jobs", "explain", job.id).out)["advice"]
    assert advice[0] == f"the server has no {'x' + right!r} for ckpt_name"
    assert right in advice[1]


def test_explain_of_a_waiting_job(run: Run, client: ComfyCloud) -> None:
    record = json.loads(run("jobs", "explain", first(client, "pending").id).out)
    assert record["outcome"] == "The job waits in the queue."
    assert record["timeline"][0].startswith("waits at position ")


def test_rerun(run: Run, quick_cloud: Emulator) -> None:
    with ComfyCloud() as client:
        job = submit(client)
        job.wait()
        (sampler,) = (key for key, node in SAMPLER_GRAPH.items() if node["class_type"] == "KSampler")
        shown = run("jobs", "rerun", job.id[:8], "-s", f"{sampler}.seed=77", "--detach")
        assert shown.code == 0, shown.err
        again = client.jobs.get(shown.out.strip())
    assert again.id != job.id
    assert again.workflow is not None
    assert again.workflow[sampler]["inputs"]["seed"] == 77


def test_a_narrow_table_keeps_ids_and_status(client: ComfyCloud) -> None:
    shown = run_for_terminal("jobs", "list", "--limit", "5", "--color", "never", columns=30)
    jobs = list(client.jobs.iter(limit=5))
    lines = shown.out.splitlines()
    assert lines[0].split() == ["id", "status"]
    assert [line.split()[0] for line in lines[1:]] == [job.id[:8] for job in jobs]
    assert "no room for " in shown.err
