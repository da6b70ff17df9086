"""`cloud.jobs`: lists, single jobs, statuses, cancelling on every kind of server, deleting."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from comfy_cloud import (
    AsyncComfyCloud,
    AsyncJob,
    ComfyCloudWarning,
    ConfigurationError,
    JobStatus,
    NotFound,
    NotSupported,
    WaitTimeout,
)
from comfy_cloud_emulator import Emulator, Fault
from tests.clock import FakeTime

from .clients import IMAGE_GRAPH, client, image_graph, posts

Start = Callable[..., Emulator]
NOBODY = "00000000-0000-4000-8000-000000000000"


async def ids(jobs: Any) -> list[str]:
    return [job.id async for job in jobs]


# Lists


async def test_a_page_of_jobs_newest_first(cloud: AsyncComfyCloud, emulator: Emulator) -> None:
    page = await cloud.jobs.list(limit=20)
    following = await cloud.jobs.list(limit=20, offset=20)
    assert all(isinstance(job, AsyncJob) for job in page)
    created = [job.created_at for job in [*page, *following] if job.created_at is not None]
    assert len(created) == 40
    assert created == sorted(created, reverse=True)
    assert emulator.requests[0].query == [("limit", "20")]


async def test_every_job_once_by_cursor_and_by_offset(cloud: AsyncComfyCloud, emulator: Emulator) -> None:
    everything = [job.id for job in await cloud.jobs.list(limit=1000)]
    assert await ids(cloud.jobs.iter(page_size=7)) == everything
    assert [name for name, _ in emulator.requests[-1].query] == ["limit", "after"]
    assert await ids(cloud.jobs.iter(sort_order="asc", page_size=50)) == everything[::-1]
    by_time = await ids(cloud.jobs.iter(sort_by="execution_time", page_size=50))
    assert await ids(cloud.jobs.iter(limit=3)) == everything[:3]
    assert await ids(cloud.jobs.iter(limit=0)) == []
    assert sorted(by_time) == sorted(everything)
    assert by_time != everything


async def test_a_server_without_cursors_is_read_by_offset(cloud: AsyncComfyCloud, emulator: Emulator) -> None:
    everything = await cloud.jobs.list(limit=1000)
    raw = [job.raw.to_dict() for job in everything]
    pages = [
        {"jobs": raw[start : start + 100], "pagination": {"has_more": start + 100 < len(raw)}}
        for start in (0, 98, 196, 294)
    ]
    for page in pages:
        emulator.faults.add(Fault("status", status=200, body=page, path="/api/jobs"))
    emulator.faults.add(Fault("status", status=200, body={"jobs": []}, path="/api/jobs", times=None))
    found = await ids(cloud.jobs.iter(page_size=100))
    assert found == [job.id for job in everything]


async def test_filters(cloud: AsyncComfyCloud, emulator: Emulator) -> None:
    failed = await cloud.jobs.list(status="failed", limit=1000)
    ended_badly = await cloud.jobs.list(status=[JobStatus.FAILED, "canceled"], limit=1000)
    videos = await cloud.jobs.list(output_type="video", limit=1000)
    assert {job.status for job in failed} == {JobStatus.FAILED}
    assert {job.status for job in ended_badly} == {JobStatus.FAILED, JobStatus.CANCELLED}
    assert 0 < len(failed) < len(ended_badly)
    assert videos
    assert all(job.error is not None and job.error.message for job in failed)


@pytest.mark.parametrize(
    "options",
    [
        {"limit": 0}, {"limit": 1001}, {"offset": -1}, {"sort_by": "colour"}, {"sort_order": "down"},
        {"status": "finished?"}, {"status": []}, {"status": 7},
    ],
)  # fmt: skip
async def test_arguments_that_are_not_valid(
    cloud: AsyncComfyCloud, empty_emulator: Emulator, options: dict[str, Any]
) -> None:
    with pytest.raises(ConfigurationError):
        await cloud.jobs.list(**options)
    with pytest.raises(ConfigurationError):
        await ids(cloud.jobs.iter(page_size=0))
    with pytest.raises(ConfigurationError):
        await cloud.jobs.get("")
    assert not empty_emulator.requests


@pytest.mark.beyond_contract  # the orders of a self-hosted ComfyUI
async def test_orders_have_other_names_on_other_servers(empty_emulator: Emulator, time: FakeTime) -> None:
    refusal = Fault("status", status=400, body={"error": "Invalid sort_by"}, path="/api/jobs")
    empty_emulator.faults.add(refusal)
    async with client(empty_emulator, time) as cloud:
        await cloud.jobs.list(sort_by="created_at")
    sent = [dict(request.query)["sort_by"] for request in empty_emulator.requests]
    assert sent == ["created_at", "create_time"]


# One job


async def test_one_job_and_its_status(cloud: AsyncComfyCloud, emulator: Emulator) -> None:
    for listed in await cloud.jobs.list(limit=30):
        job = await cloud.jobs.get(listed.id)
        assert job == listed
        assert job.status is listed.status is await cloud.jobs.status(job.id)
        assert job.workflow is not None
    with pytest.raises(NotFound):
        await cloud.jobs.get(NOBODY)
    with pytest.raises(NotFound):
        await cloud.jobs.status(NOBODY)


async def test_a_status_without_the_old_endpoint(cloud: AsyncComfyCloud, emulator: Emulator) -> None:
    emulator.faults.add(Fault.retired("/api/job/*", status=410))
    job = (await cloud.jobs.list(limit=1))[0]
    assert await cloud.jobs.status(job.id) is job.status


async def test_waiting_for_several(cloud: AsyncComfyCloud) -> None:
    first = await cloud.submit(image_graph(1))
    second = await cloud.submit(image_graph(2))
    with pytest.raises(WaitTimeout):
        await cloud.jobs.wait(first, second, timeout=0.7)
    finished = await cloud.jobs.wait(second, first.id, timeout=60)
    assert [job.id for job in finished] == [second.id, first.id]
    assert all(job.status is JobStatus.COMPLETED for job in finished)


# Fallbacks


@pytest.mark.parametrize("has_v2", [True, False])
async def test_a_job_on_a_server_without_a_jobs_endpoint(
    start_emulator: Start, time: FakeTime, has_v2: bool
) -> None:
    emulator = start_emulator(quirks=["history_v1"])
    emulator.faults.add(Fault.retired("/api/jobs/*", status=405))
    if not has_v2:
        emulator.faults.add(Fault.retired("/api/history_v2/*", status=405))
    async with client(emulator, time) as cloud:
        job = await cloud.submit(IMAGE_GRAPH)
        with pytest.warns(ComfyCloudWarning, match="jobs are read from /api/queue"):
            await job.refresh()
        assert job.status is JobStatus.PENDING
        assert job.queue_position == 1
        time.advance(0.6)
        await job.refresh()
        assert job.status is JobStatus.IN_PROGRESS
        await job.wait()
        assert job.status is JobStatus.COMPLETED
        assert len(job.outputs) == 1
        with pytest.raises(NotFound):
            await cloud.jobs.get(NOBODY)
    async with client(emulator, time, strict=True) as cloud:
        with pytest.raises(NotSupported):
            await cloud.jobs.get(job.id)


# Cancelling


async def test_cancelling_waiting_running_and_ended_jobs(cloud: AsyncComfyCloud, time: FakeTime) -> None:
    first, second, third = [await cloud.submit(image_graph(number)) for number in range(3)]
    time.advance(0.6)
    assert await cloud.jobs.cancel(first, second.id) == [first.id, second.id]
    assert await first.cancel() is False
    await third.wait()
    with pytest.raises(NotFound):
        await cloud.jobs.cancel(NOBODY)
    assert third.status is JobStatus.COMPLETED


async def without_cancel_routes(start_emulator: Start, **options: Any) -> Emulator:
    emulator = start_emulator(quirks=["no_cancel_routes", "queue_deletes_pending_only"], **options)
    return emulator


async def test_cancelling_by_the_queue(start_emulator: Start, time: FakeTime) -> None:
    emulator = await without_cancel_routes(start_emulator)
    async with client(emulator, time) as cloud:
        running = await cloud.submit(image_graph(1))
        waiting = await cloud.submit(image_graph(2))
        time.advance(0.6)
        with pytest.warns(ComfyCloudWarning, match="removed from its queue"):
            assert await waiting.cancel() is True
        assert waiting.status is JobStatus.CANCELLED
        assert posts(emulator, "/api/interrupt") == 0
        assert await running.cancel() is True
        await running.refresh()
        assert running.status is JobStatus.CANCELLED
        assert await running.cancel() is False
        with pytest.raises(NotFound):
            await cloud.jobs.cancel(NOBODY)
    (interrupt,) = [request for request in emulator.requests if request.path == "/api/interrupt"]
    assert running.id.encode() in interrupt.body


async def test_one_of_several_running_jobs_is_never_interrupted(
    start_emulator: Start, time: FakeTime
) -> None:
    emulator = await without_cancel_routes(start_emulator, tier="creator")
    async with client(emulator, time) as cloud:
        jobs = [await cloud.submit(image_graph(number)) for number in range(2)]
        time.advance(0.6)
        with pytest.raises(NotSupported, match="cancelJob"):
            await jobs[0].cancel()
        await cloud.jobs.wait(*jobs)
    assert posts(emulator, "/api/interrupt") == 0
    assert {job.status for job in jobs} == {JobStatus.COMPLETED}


async def test_a_job_removed_from_a_queue_that_keeps_no_record(start_emulator: Start, time: FakeTime) -> None:
    """Like a self-hosted ComfyUI, which has no record of such a job in any list."""
    emulator = await without_cancel_routes(start_emulator)
    async with client(emulator, time) as cloud:
        job = await cloud.submit(IMAGE_GRAPH)
        emulator.faults.add(Fault.status_burst(404, path="/api/jobs/*", method="GET", after=1))
        with pytest.warns(ComfyCloudWarning, match="removed from its queue"):
            assert await job.cancel() is True
        emulator.faults.add(Fault.status_burst(404, path="/api/jobs/*", method="GET", times=None))
        await job.wait(timeout=5)
    assert job.status is JobStatus.CANCELLED


# Deleting


async def test_deleting_a_job(cloud: AsyncComfyCloud) -> None:
    job = await cloud.submit(IMAGE_GRAPH)
    await job.wait()
    await job.delete()
    with pytest.raises(NotFound):
        await job.refresh()


async def test_deleting_on_a_server_that_only_deletes_history(start_emulator: Start, time: FakeTime) -> None:
    emulator = start_emulator()
    emulator.faults.add(Fault.retired("/api/jobs/*", status=405, method="DELETE"))
    async with client(emulator, time) as cloud:
        job = await cloud.submit(IMAGE_GRAPH)
        await job.wait()
        with pytest.warns(ComfyCloudWarning, match="files remain"):
            await job.delete()
        with pytest.raises(NotFound):
            await cloud.history.get(job.id)
    assert posts(emulator, "/api/history") == 1
