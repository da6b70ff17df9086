"""Jobs on a self-hosted ComfyUI: running, events, rejected graphs, cancelling."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import aclosing

import pytest

from comfy_cloud import (
    AsyncComfyCloud,
    ComfyCloudWarning,
    Event,
    InvalidWorkflow,
    JobChanged,
    JobErrored,
    JobFailed,
    JobInterrupted,
    JobStarted,
    JobStatus,
    JobSucceeded,
    NodeExecuting,
    NodeFinished,
    NodesCached,
    NotFound,
    NotSupported,
    Preview,
    Progress,
)
from comfy_cloud_emulator import Emulator, Fault
from comfy_cloud_emulator.engine.job_engine import JobEngine
from tests.clock import FakeTime

from .clients import IMAGE_GRAPH, SAMPLER_GRAPH, keyless, posts, sampler_graph

Start = Callable[..., Emulator]
NOBODY = "00000000-0000-4000-8000-000000000000"

# Warnings about fallbacks have separate tests.
pytestmark = pytest.mark.filterwarnings("ignore::comfy_cloud.ComfyCloudWarning")


class Interrupted(BaseException):
    """Stands in for KeyboardInterrupt, which would also end the test run."""


@pytest.fixture
def old(start_emulator: Start) -> Emulator:
    """A self-hosted ComfyUI 0.3.64."""
    return start_emulator(quirks="comfyui")


# Running and events


async def test_a_run_with_live_events(cloud: AsyncComfyCloud, comfyui: Emulator) -> None:
    seen: list[Event] = []
    job = await cloud.run(SAMPLER_GRAPH, on_event=seen.append)
    kinds = [type(event) for event in seen]
    for kind in (JobStarted, NodesCached, NodeExecuting, Progress, Preview, NodeFinished):
        assert kind in kinds
    assert [event.value for event in seen if isinstance(event, Progress)] == [1, 2, 3]
    previews = [event for event in seen if isinstance(event, Preview)]
    assert {(preview.job_id, preview.node_id, preview.format) for preview in previews} == {
        (job.id, "4", "jpeg")
    }
    assert kinds[-1] is JobSucceeded
    assert kinds.count(JobSucceeded) == kinds.count(JobStarted) == 1
    assert job.status is JobStatus.COMPLETED
    assert [output.filename for output in job.outputs] == ["sampled_00001_.png"]
    assert job.started_at is not None
    assert job.finished_at is not None
    assert job.duration == job.finished_at - job.started_at
    assert comfyui.requests[0].headers.get("x-api-key") is None


async def test_each_listener_receives_only_its_own_job(cloud: AsyncComfyCloud, comfyui: Emulator) -> None:
    one, two = await cloud.submit(sampler_graph(1)), await cloud.submit(sampler_graph(2))
    assert comfyui.submissions[0].client_id == comfyui.submissions[1].client_id
    seen = [event async for event in two.events()]
    assert {event.job_id for event in seen if event.job_id is not None} == {two.id}
    assert isinstance(seen[-1], JobSucceeded)
    assert one.id != two.id


async def test_connecting_during_a_run_shows_its_node(comfyui: Emulator, time: FakeTime) -> None:
    """The server sends the running node without its job; previews of old servers lack it too."""
    async with keyless(comfyui, time) as cloud:
        job = await cloud.submit(SAMPLER_GRAPH)
        time.advance(2.7)
        comfyui.time.advance(0)
        seen = [event async for event in job.events()]
    first = next(event for event in seen if isinstance(event, NodeExecuting))
    assert (first.job_id, first.node_id, first.raw) == (job.id, "4", {"node": "4"})
    assert any(isinstance(event, Preview) for event in seen)
    assert isinstance(seen[-1], JobSucceeded)


async def test_the_node_of_another_job_is_not_attributed_to_this_one(
    comfyui: Emulator, time: FakeTime
) -> None:
    async with keyless(comfyui, time) as cloud:
        await cloud.submit(sampler_graph(1), client_id="shared")
        waiting = await cloud.submit(sampler_graph(2), client_id="shared")
        time.advance(2.7)
        comfyui.time.advance(0)
        async with aclosing(waiting.events()) as events:
            async for event in events:
                if isinstance(event, NodeExecuting):
                    assert event.job_id == waiting.id
                    assert event.raw.get("prompt_id") == waiting.id


async def test_a_dropped_websocket_loses_nothing(comfyui: Emulator, time: FakeTime) -> None:
    comfyui.faults.add(Fault("socket_drop", messages=4), Fault("socket_drop", messages=3))
    seen: list[Event] = []
    async with keyless(comfyui, time) as cloud:
        job = await cloud.run(sampler_graph(1, steps=200), on_event=seen.append)
    assert isinstance(seen[-1], JobSucceeded)
    assert len(comfyui.socket_requests) > 1
    assert {dict(request.query)["clientId"] for request in comfyui.socket_requests} == {
        comfyui.submissions[0].client_id
    }
    assert len(job.outputs) == 1


async def test_a_cached_run_has_the_same_files(cloud: AsyncComfyCloud, comfyui: Emulator) -> None:
    first = await cloud.run(IMAGE_GRAPH)
    seen: list[Event] = []
    second = await cloud.run(IMAGE_GRAPH, on_event=seen.append)
    assert second.outputs == first.outputs
    assert not [event for event in seen if isinstance(event, NodeExecuting) and event.node_id]


async def test_a_failure_says_where_and_why(cloud: AsyncComfyCloud, comfyui: Emulator) -> None:
    comfyui.jobs.fail_next("ValueError", node="2", message="no such luck\n")
    seen: list[Event] = []
    with pytest.raises(JobFailed, match=r"in node 2 \(SaveImage\): ValueError: no such luck") as caught:
        await cloud.run(IMAGE_GRAPH, on_event=seen.append)
    entry = await cloud.history.get(caught.value.job_id)
    assert isinstance(seen[-1], JobErrored)
    assert entry.status is JobStatus.FAILED
    assert entry.error is not None
    assert entry.error.exception_type == "ValueError"


# Rejected graphs


async def test_a_rejected_graph_names_its_nodes(cloud: AsyncComfyCloud, comfyui: Emulator) -> None:
    bad = {
        **SAMPLER_GRAPH,
        "4": {**SAMPLER_GRAPH["4"], "inputs": {**SAMPLER_GRAPH["4"]["inputs"], "steps": 0, "cfg": "much"}},
    }
    with pytest.raises(InvalidWorkflow, match=r"node 4 \(KSampler\): .* smaller than min") as caught:
        await cloud.submit(bad)
    assert list(caught.value.node_errors) == ["4"]
    with pytest.raises(InvalidWorkflow, match="NoSuchClass"):
        await cloud.submit({**IMAGE_GRAPH, "3": {"class_type": "NoSuchClass", "inputs": {}}})
    with pytest.raises(InvalidWorkflow, match="no outputs"):
        await cloud.submit({"1": IMAGE_GRAPH["1"]})
    assert not comfyui.submissions


async def test_a_cycle_is_explained_when_the_server_gives_no_reason(
    cloud: AsyncComfyCloud, comfyui: Emulator
) -> None:
    circle = {
        "1": {"class_type": "ImageInvert", "inputs": {"image": ["2", 0]}},
        "2": {"class_type": "ImageInvert", "inputs": {"image": ["1", 0]}},
        "3": {"class_type": "PreviewImage", "inputs": {"images": ["2", 0]}},
    }
    with pytest.raises(InvalidWorkflow, match="cycle"):
        await cloud.submit(circle)


async def test_an_unexplained_rejection_is_passed_on(old: Emulator, time: FakeTime) -> None:
    body = {
        "error": {"type": "prompt_outputs_failed_validation", "message": "no", "details": ""},
        "node_errors": {},
    }
    old.faults.add(Fault("status", status=400, body=body, path="/api/prompt"))
    async with keyless(old, time) as cloud:
        with pytest.raises(InvalidWorkflow) as caught:
            await cloud.submit(IMAGE_GRAPH)
    assert str(caught.value) == "400 prompt_outputs_failed_validation: no (POST /api/prompt)"


async def test_a_bad_branch_beside_a_good_one_is_reported(cloud: AsyncComfyCloud, comfyui: Emulator) -> None:
    graph = {**IMAGE_GRAPH, "3": {"class_type": "SaveImage", "inputs": {"images": ["1", 0]}}}
    with pytest.warns(ComfyCloudWarning, match="errors in node 3"):
        job = await cloud.submit(graph)
    assert list(job.node_errors) == ["3"]
    await job.wait()
    assert [output.node_id for output in job.outputs] == ["2"]


# Cancelling


async def test_a_waiting_job_is_removed_and_a_lone_one_interrupted(comfyui: Emulator, time: FakeTime) -> None:
    async with keyless(comfyui, time) as cloud:
        running, waiting, other = [await cloud.submit(sampler_graph(seed)) for seed in range(3)]
        time.advance(2.5)
        assert await cloud.jobs.cancel(waiting) == [waiting.id]
        assert waiting.status is JobStatus.CANCELLED
        await waiting.wait()
        assert await running.cancel() is True
        await running.wait()
        assert running.status is JobStatus.CANCELLED
        assert await running.cancel() is False
        await other.wait()
        assert other.status is JobStatus.COMPLETED
        with pytest.raises(NotFound):
            await cloud.jobs.cancel(NOBODY)
        # There is no record of the job that waited, and an entry of the one that ran.
        assert [entry.prompt_id for entry in await cloud.history.list()] == [other.id, running.id]


async def test_an_interruption_that_takes_effect_later(
    comfyui: Emulator, time: FakeTime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A real server finishes the step that runs, so a job read at once after it still runs."""
    told: list[str] = []

    def cancel_later(engine: JobEngine, id: str) -> bool:
        told.append(id)
        return True

    async with keyless(comfyui, time) as cloud:
        for number in (0, 10):
            running, waiting = [await cloud.submit(sampler_graph(number + seed, 200)) for seed in range(2)]
            time.advance(2.5)
            with monkeypatch.context() as patch:
                patch.setattr(JobEngine, "cancel", cancel_later)
                if number:
                    found = [job.id for job in (waiting, running) if await job.cancel()]
                else:
                    found = await cloud.jobs.cancel(waiting, running)
                assert found == [waiting.id, running.id]
                assert (await cloud.jobs.get(running.id)).status is JobStatus.IN_PROGRESS
            assert comfyui.jobs.cancel(told.pop())
            await running.wait()
            assert (running.status, waiting.status) == (JobStatus.CANCELLED, JobStatus.CANCELLED)
            assert told == []


async def test_a_job_that_runs_beside_others_is_not_interrupted(
    start_emulator: Start, time: FakeTime
) -> None:
    emulator = start_emulator(quirks="comfyui", tier="creator")
    async with keyless(emulator, time) as cloud:
        jobs = [await cloud.submit(sampler_graph(seed)) for seed in range(2)]
        time.advance(2.5)
        with pytest.raises(NotSupported, match="cancelJob"):
            await jobs[0].cancel()
        await cloud.jobs.wait(*jobs)
    assert posts(emulator, "/api/interrupt") == 0
    assert {job.status for job in jobs} == {JobStatus.COMPLETED}


@pytest.mark.parametrize("is_running", [True, False])
async def test_interrupting_run_cancels_this_job_and_no_other(
    comfyui: Emulator, time: FakeTime, caplog: pytest.LogCaptureFixture, is_running: bool
) -> None:
    def interrupt(event: Event) -> None:
        if isinstance(event, JobChanged) and (event.status is JobStatus.IN_PROGRESS) is is_running:
            raise Interrupted

    async with keyless(comfyui, time) as cloud:
        others = [] if is_running else [await cloud.submit(sampler_graph(1))]
        with caplog.at_level(logging.WARNING, "comfy_cloud"), pytest.raises(Interrupted):
            await cloud.run(sampler_graph(2, steps=200), on_event=interrupt)
        ours = comfyui.submissions[-1].prompt_id
        others.append(await cloud.submit(sampler_graph(3)))
        await cloud.jobs.wait(*others)
    assert f"job {ours} was cancelled" in caplog.text
    assert {job.status for job in others} == {JobStatus.COMPLETED}
    assert ours not in [job.id for job in comfyui.store.jobs("completed")]


async def test_an_interruption_is_an_event(cloud: AsyncComfyCloud, comfyui: Emulator) -> None:
    job = await cloud.submit(SAMPLER_GRAPH)
    seen: list[Event] = []
    async for event in job.events():
        seen.append(event)
        if isinstance(event, JobChanged) and event.status is JobStatus.IN_PROGRESS:
            await cloud.queue.interrupt(job.id)
    assert isinstance(seen[-1], JobInterrupted)
    assert job.status is JobStatus.CANCELLED
