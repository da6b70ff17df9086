"""The events of a map, and leaving it early, which cancels its jobs and no others."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import aclosing
from typing import Any

import pytest

from comfy_cloud import AsyncComfyCloud, Event, JobChanged, JobStatus, JobSubmitted, JobSucceeded, Preview
from comfy_cloud_emulator import Emulator, Fault
from tests.clock import FakeTime

from .clients import IMAGE_GRAPH, client, image_graph, posts
from .maps import Interrupted, color_inputs, executed_once, results
from .test_job_events import SAMPLER_GRAPH

Start = Callable[..., Emulator]


# Events


async def test_events_of_all_jobs_and_of_no_other(start_emulator: Start, time: FakeTime) -> None:
    emulator = start_emulator(tier="creator")
    seen: list[Event] = []
    async with client(emulator, time) as cloud:
        other = await cloud.submit(image_graph(77))
        found = await results(
            cloud.map(
                SAMPLER_GRAPH, [{"4.seed": seed} for seed in range(4)], on_event=seen.append, concurrency=2
            )
        )
        await other.wait()
    submitted = {event.job_id: event.index for event in seen if isinstance(event, JobSubmitted)}
    assert submitted == {result.unwrap().id: result.index for result in found}
    assert {event.job_id for event in seen if event.type != "notification"} == set(submitted)
    for job_id in submitted:
        job_events = [event for event in seen if event.job_id == job_id]
        assert isinstance(job_events[0], JobSubmitted)
        assert isinstance(job_events[-1], JobSucceeded)
        assert sum(isinstance(event, JobSucceeded) for event in job_events) == 1
        assert any(isinstance(event, Preview) for event in job_events)
        assert any(isinstance(event, JobChanged) for event in job_events)
    assert len(emulator.socket_requests) == 1
    listener = dict(emulator.socket_requests[0].query)["clientId"]
    assert {submission.client_id for submission in emulator.submissions[1:]} == {listener}


@pytest.mark.parametrize(
    "kind", ["socket_refuse", "socket_drop", "socket_silent", "socket_garbage", "socket_disorder"]
)
async def test_events_change_nothing_about_the_results(
    start_emulator: Start, time: FakeTime, kind: Any
) -> None:
    emulator = start_emulator(tier="creator")
    emulator.faults.add(Fault(kind, messages=7, times=None))
    seen: list[Event] = []
    async with client(emulator, time) as cloud:
        found = await results(cloud.map(IMAGE_GRAPH, color_inputs(5), on_event=seen.append))
    assert all(result.is_completed for result in found)
    assert sum(isinstance(event, JobSucceeded) for event in seen) == 5
    executed_once(emulator, 5)


async def test_without_on_event_a_websocket_tells_when_to_poll(start_emulator: Start, time: FakeTime) -> None:
    """No slot waits for a poll: a job is read once when it is new, and once when it has ended."""
    emulator = start_emulator(tier="creator")
    async with client(emulator, time) as cloud:
        await results(cloud.map(IMAGE_GRAPH, color_inputs(5)))
    assert len(emulator.socket_requests) == 1
    reads = [request for request in emulator.requests if request.path.startswith("/api/jobs/")]
    assert len(reads) <= 2 * 5


# Leaving


async def leave_early(cloud: Any, how: str, **options: Any) -> None:
    """Start a map of nine variants, and leave it after two results."""
    given = 0

    def on_event(event: Event) -> None:
        if how == "interrupt" and given == 2:
            raise Interrupted

    if how == "interrupt":
        options["on_event"] = on_event
    async with aclosing(cloud.map(IMAGE_GRAPH, color_inputs(9), **options)) as mapped:
        async for _ in mapped:
            given += 1
            if given == 2 and how == "break":
                break
            if given == 2 and how == "raise":
                raise Interrupted


@pytest.mark.parametrize("how", ["break", "raise", "interrupt"])
async def test_leaving_early_cancels_the_running_jobs_and_no_others(
    start_emulator: Start, time: FakeTime, how: str, caplog: pytest.LogCaptureFixture
) -> None:
    emulator = start_emulator(tier="creator")
    async with client(emulator, time) as cloud:
        other = await cloud.submit(image_graph(77))
        caplog.set_level(logging.WARNING, "comfy_cloud")
        if how == "break":
            await leave_early(cloud, how)
        else:
            with pytest.raises(Interrupted):
                await leave_early(cloud, how)
        ids = [submission.prompt_id for submission in emulator.submissions[1:]]
        statuses = [(await cloud.jobs.get(job_id)).status for job_id in ids]
        await other.wait()
    assert other.status is JobStatus.COMPLETED
    assert set(statuses) == {JobStatus.COMPLETED, JobStatus.CANCELLED}
    cancelled = statuses.count(JobStatus.CANCELLED)
    assert 1 <= cancelled <= 3
    assert len(ids) <= 2 + 1 + 3  # yielded, about to be yielded, running
    assert f"{cancelled} of {cancelled} job" in caplog.text
    assert posts(emulator, "/api/interrupt") == 0
    assert posts(emulator, "/api/jobs/cancel") <= 1


async def test_leaving_a_detached_map_leaves_its_jobs_running(
    start_emulator: Start, time: FakeTime, caplog: pytest.LogCaptureFixture
) -> None:
    emulator = start_emulator(tier="creator")
    async with client(emulator, time) as cloud:
        caplog.set_level(logging.WARNING, "comfy_cloud")
        await leave_early(cloud, "break", detach=True)
        jobs = await cloud.jobs.wait(*[submission.prompt_id for submission in emulator.submissions])
    assert {job.status for job in jobs} == {JobStatus.COMPLETED}
    assert "jobs continue" in caplog.text


async def test_inputs_that_raise_leave_the_map(empty_emulator: Emulator, time: FakeTime) -> None:
    def broken() -> Iterator[dict[str, Any]]:
        yield {"1.color": 1}
        raise LookupError("broken")

    async with client(empty_emulator, time) as cloud:
        with pytest.raises(LookupError, match="broken"):
            await results(cloud.map(IMAGE_GRAPH, broken(), concurrency=2))
        (submission,) = empty_emulator.submissions
        assert (await cloud.jobs.get(submission.prompt_id)).status is JobStatus.CANCELLED


@pytest.mark.parametrize("is_accepted", [True, False])
async def test_leaving_during_a_submission_with_an_open_outcome(
    empty_emulator: Emulator, time: FakeTime, is_accepted: bool, caplog: pytest.LogCaptureFixture
) -> None:
    empty_emulator.faults.add(Fault.accepted_then(500) if is_accepted else Fault("refused"))
    interrupted: list[bool] = []

    def interrupt(info: Any) -> None:
        if info.path == "/api/queue" and not interrupted:
            interrupted.append(True)
            raise Interrupted

    async with client(empty_emulator, time, on_request=interrupt) as cloud:
        caplog.set_level(logging.WARNING, "comfy_cloud")
        with pytest.raises(Interrupted):
            await results(cloud.map(IMAGE_GRAPH, color_inputs(3)))
        for submission in empty_emulator.submissions:
            assert (await cloud.jobs.get(submission.prompt_id)).status is JobStatus.CANCELLED
    assert len(empty_emulator.submissions) == is_accepted
    assert ("1 of 1 job cancelled" if is_accepted else "a job may still be running") in caplog.text


async def test_a_failed_cancellation_is_logged(
    cloud: AsyncComfyCloud, empty_emulator: Emulator, caplog: pytest.LogCaptureFixture
) -> None:
    empty_emulator.faults.add(Fault.status_burst(403, times=None, method="POST", path="/api/jobs/*"))
    caplog.set_level(logging.WARNING, "comfy_cloud")
    await leave_early(cloud, "break")
    assert "0 of 1 job cancelled" in caplog.text
    assert "could not be cancelled: 403" in caplog.text
