"""A job handle: its properties, waiting, its end, its files; `cloud.run` and its interruption."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from comfy_cloud import (
    AsyncComfyCloud,
    ComfyCloudWarning,
    Event,
    Forbidden,
    JobCancelled,
    JobFailed,
    JobStatus,
    NotFound,
    Retry,
    ServerError,
    WaitTimeout,
)
from comfy_cloud_emulator import Emulator, Fault
from tests.clock import FakeTime

from .clients import IMAGE_GRAPH, SAMPLER_GRAPH, client, image_graph, posts, sampler_graph

Start = Callable[..., Emulator]
DETAIL = "/api/jobs/*"


class Interrupted(BaseException):
    """Stands in for KeyboardInterrupt, which would also end the test run."""


# Properties


async def test_a_job_from_its_submission_to_its_end(cloud: AsyncComfyCloud, time: FakeTime) -> None:
    job = await cloud.submit(IMAGE_GRAPH)
    assert (job.status, job.created_at, job.outputs, job.raw) == (JobStatus.PENDING, None, [], None)
    assert await job.refresh() is job
    assert job.created_at == time.now()
    assert await job.wait() is job
    found = await cloud.jobs.get(job.id)
    assert job.status is JobStatus.COMPLETED
    assert job.started_at is not None
    assert job.finished_at is not None
    assert job.duration == job.finished_at - job.started_at
    assert [output.node_id for output in job.outputs] == ["2"]
    assert (job.texts, job.error, job.queue_position, job.workflow_id) == ([], None, None, None)
    assert job.workflow == IMAGE_GRAPH
    assert job == found
    assert len({job, found}) == 1
    assert repr(job).endswith(f"Job {job.id} completed>")


async def test_the_position_and_reason_of_a_waiting_job(cloud: AsyncComfyCloud, time: FakeTime) -> None:
    jobs = [await cloud.submit(image_graph(number)) for number in range(3)]
    time.advance(0.6)
    await jobs[2].refresh()
    assert (jobs[2].queue_position, jobs[2].queue_reason) == (2, "concurrency_limit")
    await jobs[2].wait()
    assert jobs[2].queue_position is None


async def test_a_failed_job_says_why(cloud: AsyncComfyCloud, empty_emulator: Emulator) -> None:
    empty_emulator.jobs.fail_next("OOMError", node="2")
    job = await cloud.submit(IMAGE_GRAPH)
    await job.wait()
    assert job.status is JobStatus.FAILED
    assert job.error is not None
    assert (job.error.job_id, job.error.exception_type) == (job.id, "OOMError")


@pytest.mark.beyond_contract  # the id does not have the service's form
async def test_an_interrupted_job_that_a_server_reports_as_failed(
    cloud: AsyncComfyCloud, empty_emulator: Emulator
) -> None:
    messages = [["execution_interrupted", {"timestamp": 1_795_435_200_000}]]
    status = {"status_str": "error", "completed": False, "messages": messages}
    body = {"id": "x", "status": "failed", "create_time": 1, "execution_status": status, "workflow": {}}
    empty_emulator.faults.add(Fault("status", status=200, body=body, path=DETAIL))
    job = await cloud.jobs.get("x")
    assert job.status is JobStatus.CANCELLED
    assert job.error is None


async def test_the_files_of_a_job(cloud: AsyncComfyCloud, tmp_path: Path) -> None:
    job = await cloud.submit(IMAGE_GRAPH)
    (path,) = await (await job.wait()).download(tmp_path, name="{job}/{node}{ext}")
    (listed,) = await cloud.jobs.list()
    (again,) = await listed.download(tmp_path / "again")
    content = await job.outputs[0].read()
    assert path == tmp_path / job.id / "2.png"
    assert path.read_bytes() == again.read_bytes() == content
    assert content.startswith(b"\x89PNG")


async def test_a_download_waits_for_the_end(cloud: AsyncComfyCloud, tmp_path: Path) -> None:
    job = await cloud.submit(sampler_graph(1))
    (listed,) = await cloud.jobs.list()
    with pytest.raises(WaitTimeout) as caught:
        await job.download(tmp_path, timeout=0)
    assert caught.value.job_id == job.id
    assert list(tmp_path.iterdir()) == []
    (path,) = await job.download(tmp_path)
    assert job.status is JobStatus.COMPLETED
    assert listed.status is not JobStatus.COMPLETED
    (again,) = await listed.download(tmp_path, if_exists="skip", timeout=600)
    assert path == again


@pytest.mark.parametrize("is_finished", [True, False])
async def test_a_download_of_a_failed_job_raises_its_error(
    cloud: AsyncComfyCloud, empty_emulator: Emulator, tmp_path: Path, is_finished: bool
) -> None:
    invert = {"class_type": "ImageInvert", "inputs": {"image": ["1", 0]}}
    save = {"class_type": "SaveImage", "inputs": {"images": ["3", 0], "filename_prefix": "other"}}
    empty_emulator.jobs.fail_next("OOMError", node="4")
    job = await cloud.submit({**IMAGE_GRAPH, "3": invert, "4": save})
    if is_finished:
        await job.wait()
    with pytest.raises(JobFailed) as caught:
        await job.download(tmp_path)
    assert (caught.value.job_id, caught.value.exception_type) == (job.id, "OOMError")
    assert list(tmp_path.iterdir()) == []
    saved = await job.download(tmp_path, partial=True)
    assert len(saved) == len(job.outputs) == 1


async def test_a_download_of_a_cancelled_job_raises(cloud: AsyncComfyCloud, tmp_path: Path) -> None:
    job = await cloud.submit(sampler_graph(1))
    await job.cancel()
    with pytest.raises(JobCancelled):
        await job.download(tmp_path)
    assert await job.download(tmp_path, partial=True) == []


# Waiting


async def test_waiting_can_time_out_and_continue(cloud: AsyncComfyCloud, time: FakeTime) -> None:
    job = await cloud.submit(IMAGE_GRAPH)
    started = time.monotonic()
    with pytest.raises(WaitTimeout) as caught:
        await job.wait(timeout=0.6)
    assert time.monotonic() - started == pytest.approx(0.6)
    assert (caught.value.job_id, caught.value.status, caught.value.timeout) == (job.id, job.status, 0.6)
    with pytest.raises(TimeoutError):
        await job.wait(timeout=0)
    await job.wait(timeout=60)
    await job.wait(timeout=0)
    assert job.status is JobStatus.COMPLETED


@pytest.mark.beyond_contract  # the id does not have the service's form
async def test_polling_slows_down(cloud: AsyncComfyCloud, empty_emulator: Emulator, time: FakeTime) -> None:
    endless = {"id": "x", "status": "in_progress", "create_time": 1_795_435_200_000, "workflow": {}}
    empty_emulator.faults.add(Fault("status", status=200, body=endless, path=DETAIL, times=None))
    job = await cloud.jobs.get("x")
    with pytest.raises(WaitTimeout):
        await job.wait(timeout=900)
    assert 50 < len(empty_emulator.requests) < 175
    assert time.sleeps[0] < 1
    assert max(time.sleeps) > 9


async def test_a_temporary_outage(cloud: AsyncComfyCloud, empty_emulator: Emulator) -> None:
    job = await cloud.submit(IMAGE_GRAPH)
    empty_emulator.faults.add(
        Fault.status_burst(503, times=20, path=DETAIL),
        Fault("reset", path=DETAIL, times=3),
        Fault.html(502, path=DETAIL, times=3),
        Fault.garbage(path=DETAIL, times=3),
        Fault.status_burst(429, times=2, path=DETAIL),
    )
    await job.wait()
    assert job.status is JobStatus.COMPLETED
    assert len(empty_emulator.faults) == 0


async def test_a_permanent_outage(empty_emulator: Emulator, time: FakeTime) -> None:
    async with client(empty_emulator, time, retry=Retry(attempts=2, budget=20)) as cloud:
        job = await cloud.submit(IMAGE_GRAPH)
        empty_emulator.faults.add(Fault.status_burst(503, times=None, path=DETAIL))
        with pytest.raises(ServerError):
            await job.wait()
        assert 200 <= time.monotonic() < 260
        with pytest.raises(WaitTimeout):
            await job.wait(timeout=30)
    assert time.monotonic() < 300


async def test_permanent_errors_are_raised_at_once(empty_emulator: Emulator, time: FakeTime) -> None:
    async with client(empty_emulator, time) as cloud:
        job = await cloud.submit(IMAGE_GRAPH)
        empty_emulator.faults.add(Fault.status_burst(403, path=DETAIL))
        with pytest.raises(Forbidden):
            await job.wait()
    assert time.sleeps == []


async def test_a_job_that_is_gone(cloud: AsyncComfyCloud, empty_emulator: Emulator, time: FakeTime) -> None:
    job = await cloud.submit(IMAGE_GRAPH)
    empty_emulator.faults.add(Fault.status_burst(404, times=3, path=DETAIL))
    await job.wait()
    assert job.status is JobStatus.COMPLETED
    await job.delete()
    began = time.monotonic()
    with pytest.raises(NotFound):
        await job.wait()
    assert 30 <= time.monotonic() - began < 45


async def test_an_unknown_status_warns_once(cloud: AsyncComfyCloud, empty_emulator: Emulator) -> None:
    job = await cloud.submit(IMAGE_GRAPH)
    body = {"id": job.id, "status": "levitating", "create_time": 1_795_435_200_000, "workflow": {}}
    empty_emulator.faults.add(Fault("status", status=200, body=body, path=DETAIL, times=140))
    with pytest.warns(ComfyCloudWarning, match="levitating") as caught:
        await job.wait()
    assert len(caught) == 1
    assert job.status is JobStatus.COMPLETED


# Run


async def test_run_returns_the_finished_job(empty_emulator: Emulator, time: FakeTime) -> None:
    seen: list[Event] = []
    async with client(empty_emulator, time) as cloud:
        job = await cloud.run(IMAGE_GRAPH, {"1.color": 7}, on_event=seen.append)
        quiet = await cloud.run(image_graph(9))
    assert job.status is quiet.status is JobStatus.COMPLETED
    assert job.outputs
    assert seen[-1].type == "execution_success"
    ids = [dict(upgrade.query)["clientId"] for upgrade in empty_emulator.socket_requests]
    first, second = empty_emulator.submissions
    assert ids == [first.client_id, second.client_id]
    assert first.client_id != second.client_id


async def test_run_needs_three_requests_and_a_websocket(empty_emulator: Emulator, time: FakeTime) -> None:
    async with client(empty_emulator, time) as cloud:
        await cloud.run(SAMPLER_GRAPH)
        empty_emulator.clear_requests()
        await cloud.run(SAMPLER_GRAPH)  # its results are cached
    assert [request.method for request in empty_emulator.requests] == ["POST", "GET", "GET"]
    assert len(empty_emulator.socket_requests) == 2


async def test_a_wait_is_polled_as_usual_until_a_message_about_its_job(
    cloud: AsyncComfyCloud, empty_emulator: Emulator, time: FakeTime
) -> None:
    """A socket may report other jobs only, as that of a self-hosted server does."""
    empty_emulator.faults.add(Fault("socket_silent", times=None))
    await cloud.run(SAMPLER_GRAPH)
    assert max(time.sleeps) < 1


async def test_run_raises_the_reason_for_a_bad_end(empty_emulator: Emulator, time: FakeTime) -> None:
    def cancel(event: Event) -> None:
        if event.type == "job_changed":
            empty_emulator.jobs.cancel(empty_emulator.submissions[-1].prompt_id)

    async with client(empty_emulator, time) as cloud:
        empty_emulator.jobs.fail_next("ServiceError")
        with pytest.raises(JobFailed) as failed:
            await cloud.run(IMAGE_GRAPH)
        with pytest.raises(JobCancelled) as cancelled:
            await cloud.run(image_graph(2), on_event=cancel)
        with pytest.raises(WaitTimeout):
            await cloud.run(image_graph(3), timeout=0.1)
    ids = [submission.prompt_id for submission in empty_emulator.submissions]
    assert [failed.value.job_id, cancelled.value.job_id] == ids[:2]
    assert posts(empty_emulator, f"/api/jobs/{ids[2]}/cancel") == 0


def interrupting(event: Event) -> None:
    raise Interrupted


async def test_interrupting_run_cancels_this_job_and_no_other(
    cloud: AsyncComfyCloud, empty_emulator: Emulator, caplog: pytest.LogCaptureFixture
) -> None:
    other = await cloud.submit(image_graph(1))
    with caplog.at_level(logging.WARNING, "comfy_cloud"), pytest.raises(Interrupted):
        await cloud.run(IMAGE_GRAPH, on_event=interrupting)
    ours = empty_emulator.submissions[-1].prompt_id
    assert (await cloud.jobs.get(ours)).status is JobStatus.CANCELLED
    await other.wait()
    assert other.status is JobStatus.COMPLETED
    assert posts(empty_emulator, "/api/interrupt") == 0
    assert f"job {ours} was cancelled" in caplog.text


async def test_a_detached_run_continues(cloud: AsyncComfyCloud, empty_emulator: Emulator) -> None:
    with pytest.raises(Interrupted):
        await cloud.run(IMAGE_GRAPH, on_event=interrupting, detach=True)
    (submission,) = empty_emulator.submissions
    job = await cloud.jobs.get(submission.prompt_id)
    await job.wait()
    assert job.status is JobStatus.COMPLETED


@pytest.mark.parametrize("method", ["run", "submit"])
@pytest.mark.parametrize(
    ("is_accepted", "queue_reads", "logged"),
    [
        (True, 1, "was cancelled"),
        (False, 1, "a job may still be running"),
        # Ten seconds after the error: absence can be proved in the seconds that are left.
        (False, 4, "the submission created no job"),
    ],
)
async def test_interrupting_a_submission_with_an_open_outcome(
    empty_emulator: Emulator,
    time: FakeTime,
    is_accepted: bool,
    queue_reads: int,
    logged: str,
    method: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    empty_emulator.faults.add(Fault.accepted_then(500) if is_accepted else Fault("refused"))
    reads = 0

    def interrupt(info: Any) -> None:
        nonlocal reads
        reads += info.path == "/api/queue"
        if info.path == "/api/queue" and reads == queue_reads:
            raise Interrupted

    async with client(empty_emulator, time, on_request=interrupt) as cloud:
        with caplog.at_level(logging.WARNING, "comfy_cloud"), pytest.raises(Interrupted):
            await getattr(cloud, method)(IMAGE_GRAPH)
        for submission in empty_emulator.submissions:
            assert (await cloud.jobs.get(submission.prompt_id)).status is JobStatus.CANCELLED
    assert len(empty_emulator.submissions) == is_accepted
    assert logged in caplog.text


async def test_interrupting_a_detached_submission_logs_its_nonce(
    empty_emulator: Emulator, time: FakeTime, caplog: pytest.LogCaptureFixture
) -> None:
    def interrupt(info: Any) -> None:
        if info.operation == "executePrompt":
            raise Interrupted

    async with client(empty_emulator, time, on_response=interrupt) as cloud:
        with caplog.at_level(logging.WARNING, "comfy_cloud"), pytest.raises(Interrupted):
            await cloud.run(IMAGE_GRAPH, detach=True)
        (submission,) = empty_emulator.submissions
        assert (await cloud.jobs.get(submission.prompt_id)).status is not JobStatus.CANCELLED
    assert submission.extra_data["comfy_cloud_nonce"] in caplog.text


@pytest.mark.parametrize("method", ["run", "submit"])
async def test_a_hook_that_fails_during_the_submission_leaves_no_job(
    empty_emulator: Emulator, time: FakeTime, method: str, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(info: Any) -> None:
        if info.operation == "executePrompt":
            raise LookupError("broken")

    async with client(empty_emulator, time, on_response=fail) as cloud:
        with caplog.at_level(logging.WARNING, "comfy_cloud"), pytest.raises(LookupError):
            await getattr(cloud, method)(IMAGE_GRAPH)
        (submission,) = empty_emulator.submissions
        assert (await cloud.jobs.get(submission.prompt_id)).status is JobStatus.CANCELLED
    assert f"job {submission.prompt_id} was cancelled" in caplog.text


async def test_a_failed_cancellation_is_logged(
    cloud: AsyncComfyCloud, empty_emulator: Emulator, caplog: pytest.LogCaptureFixture
) -> None:
    empty_emulator.faults.add(Fault.status_burst(403, times=None, path="/api/jobs/*/cancel"))
    with caplog.at_level(logging.WARNING, "comfy_cloud"), pytest.raises(Interrupted):
        await cloud.run(IMAGE_GRAPH, on_event=interrupting)
    assert "could not be cancelled: 403" in caplog.text
