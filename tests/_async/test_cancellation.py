"""Cancelling several jobs, on every kind of server, and never another job; the assets of a job."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from comfy_cloud import (
    AsyncComfyCloud,
    ComfyCloudWarning,
    ConfigurationError,
    JobStatus,
    NotFound,
    ServerError,
)
from comfy_cloud_emulator import Emulator, Fault
from tests.clock import FakeTime

from .clients import IMAGE_GRAPH, client, image_graph, posts, sampler_graph

Start = Callable[..., Emulator]
NOBODY = "00000000-0000-4000-8000-000000000000"
CANCEL_MANY = "/api/jobs/cancel"


def batches(emulator: Emulator) -> list[list[str]]:
    """The ids in each request that cancels several jobs."""
    return [
        json.loads(request.body)["job_ids"] for request in emulator.requests if request.path == CANCEL_MANY
    ]


async def submitted(cloud: Any, count: int) -> list[str]:
    return [(await cloud.submit(image_graph(number))).id for number in range(count)]


async def test_several_are_cancelled_by_one_request(empty_emulator: Emulator, time: FakeTime) -> None:
    async with client(empty_emulator, time) as cloud:
        *ids, other = await submitted(cloud, 5)
        time.advance(0.6)
        assert await cloud.jobs.cancel(*ids, ids[0]) == ids
        assert await cloud.jobs.cancel(*ids) == []
        (job,) = await cloud.jobs.wait(other)
    assert job.status is JobStatus.COMPLETED
    assert batches(empty_emulator) == [ids, ids]
    assert not [request for request in empty_emulator.requests if request.path.endswith(f"{ids[0]}/cancel")]


async def test_nothing_to_cancel(cloud: AsyncComfyCloud, empty_emulator: Emulator) -> None:
    assert await cloud.jobs.cancel() == []
    assert empty_emulator.requests == []


async def test_up_to_a_hundred_share_one_request(start_emulator: Start, time: FakeTime) -> None:
    emulator = start_emulator()
    async with client(emulator, time) as cloud:
        ids = [emulator.store.add_job("pending").id for _ in range(203)]
        assert await cloud.jobs.cancel(*ids) == ids
    assert [len(each) for each in batches(emulator)] == [100, 100, 3]


async def test_a_missing_job_does_not_keep_others_from_being_cancelled(cloud: AsyncComfyCloud) -> None:
    """The service rejects a list with an unknown id: then the jobs are cancelled one by one."""
    ids = await submitted(cloud, 3)
    with pytest.raises(NotFound):
        await cloud.jobs.cancel(ids[0], NOBODY, *ids[1:])
    statuses = {(await cloud.jobs.get(job_id)).status for job_id in ids}
    assert statuses == {JobStatus.CANCELLED}


async def test_a_failed_request_does_not_affect_the_next_hundred(
    start_emulator: Start, time: FakeTime
) -> None:
    emulator = start_emulator()
    emulator.faults.add(Fault.status_burst(500, path=CANCEL_MANY))
    async with client(emulator, time) as cloud:
        ids = [emulator.store.add_job("pending").id for _ in range(150)]
        with pytest.raises(ServerError):
            await cloud.jobs.cancel(*ids)
    assert [job.id for job in reversed(emulator.store.jobs("pending"))] == ids[:100]


async def test_a_server_that_only_reports_whether_anything_was_cancelled(
    start_emulator: Start, time: FakeTime
) -> None:
    """Like a self-hosted ComfyUI, which keeps no record of a job that never started."""
    emulator = start_emulator()
    async with client(emulator, time) as cloud:
        running, waiting, done, other = await submitted(cloud, 4)
        emulator.faults.add(Fault("status", status=200, body={"cancelled": True}, path=CANCEL_MANY))
        for job_id in (running, waiting):
            emulator.jobs.cancel(job_id)
        emulator.store.delete(waiting)
        await cloud.jobs.wait(done)
        assert await cloud.jobs.cancel(running, waiting, done) == [running, waiting]
        emulator.faults.add(Fault("status", status=200, body={"cancelled": False}, path=CANCEL_MANY))
        assert await cloud.jobs.cancel(running, done) == []
        (job,) = await cloud.jobs.wait(other)
    assert job.status is JobStatus.COMPLETED


@pytest.mark.beyond_contract  # the contract has these routes
async def test_a_server_without_these_routes(start_emulator: Start, time: FakeTime) -> None:
    emulator = start_emulator(on_exchange=None, quirks=["no_cancel_routes", "queue_deletes_pending_only"])
    async with client(emulator, time) as cloud:
        *ids, other = await submitted(cloud, 4)
        time.advance(0.6)
        with pytest.warns(ComfyCloudWarning, match="cannot cancel single jobs"):
            assert sorted(await cloud.jobs.cancel(*ids)) == sorted(ids)
        (job,) = await cloud.jobs.wait(other)
    assert job.status is JobStatus.COMPLETED
    assert posts(emulator, "/api/interrupt") == 1


@pytest.mark.beyond_contract  # the contract has these routes
async def test_where_warnings_are_errors_all_are_cancelled_first(
    start_emulator: Start, time: FakeTime
) -> None:
    emulator = start_emulator(on_exchange=None, quirks=["no_cancel_routes", "queue_deletes_pending_only"])
    async with client(emulator, time) as cloud:
        ids = await submitted(cloud, 3)
        with pytest.raises(ComfyCloudWarning, match="cannot cancel single jobs"):
            await cloud.jobs.cancel(*ids)
        jobs = await cloud.jobs.wait(*ids)
    assert {job.status for job in jobs} == {JobStatus.CANCELLED}


@pytest.mark.beyond_contract  # the contract has these routes
async def test_cancelling_one_of_several_running_jobs_spares_the_others(
    start_emulator: Start, time: FakeTime
) -> None:
    """The error about one job comes after all others have been cancelled."""
    emulator = start_emulator(
        on_exchange=None, quirks=["no_cancel_routes", "queue_deletes_pending_only"], tier="creator"
    )
    async with client(emulator, time) as cloud:
        *running, waiting = await submitted(cloud, 4)
        time.advance(0.6)
        handles = [cloud._parts.job_operations.state(job_id) for job_id in (running[0], waiting)]
        with pytest.warns(ComfyCloudWarning, match="cannot cancel single jobs"):
            cancelled, errors = await cloud._parts.job_operations.cancel(handles)
        jobs = await cloud.jobs.wait(*running)
    assert cancelled == [waiting]
    assert [type(error).__name__ for error in errors] == ["NotSupported"]
    assert {job.status for job in jobs} == {JobStatus.COMPLETED}
    assert posts(emulator, "/api/interrupt") == 0


# The assets of a job


async def test_the_assets_of_a_job(cloud: AsyncComfyCloud) -> None:
    graph = {
        **IMAGE_GRAPH,
        "1": {**IMAGE_GRAPH["1"], "inputs": {**IMAGE_GRAPH["1"]["inputs"], "batch_size": 5}},
    }
    job = await (await cloud.submit(graph)).wait()
    found = [asset async for asset in job.assets()]
    paged = [asset.id async for asset in cloud.jobs.assets(job.id, page_size=2)]
    some = [asset.id async for asset in job.assets(limit=3)]
    assert [asset async for asset in job.assets(limit=0)] == []
    with pytest.raises(NotFound):
        assert [asset async for asset in cloud.jobs.assets(NOBODY)]
    for page_size in (0, 501):
        with pytest.raises(ConfigurationError, match="page_size"):
            assert [asset async for asset in cloud.jobs.assets(job, page_size=page_size)]
    ids = [asset.id for asset in found]
    assert len(set(ids)) == 5
    assert paged == ids
    assert some == ids[:3]
    assert {(asset.node_id, asset.output_key) for asset in found} == {("2", "images")}
    assert sorted(asset.output_index or 0 for asset in found) == [0, 1, 2, 3, 4]
    assert all(asset.created_at is not None and asset.created_at.tzinfo is not None for asset in found)


async def test_every_tag_page_by_page(cloud: AsyncComfyCloud) -> None:
    for number in range(7):
        await cloud.assets.upload(str(number).encode(), tags=["input", f"tag-{number}"])
    listed = [tag.name for tag in await cloud.assets.tags(order="name_asc")]
    found = [tag.name async for tag in cloud.assets.iter_tags(page_size=3, order="name_asc")]
    some = [tag.name async for tag in cloud.assets.iter_tags(prefix="tag-", limit=2, order="name_asc")]
    assert found == listed
    assert len(found) == 8
    assert some == ["tag-0", "tag-1"]


async def test_a_job_that_takes_a_moment_to_stop_counts_as_cancelled(
    start_emulator: Start, time: FakeTime
) -> None:
    """A self-hosted server reports success before the interrupt has taken effect."""
    emulator = start_emulator()
    async with client(emulator, time) as cloud:
        (done,) = await submitted(cloud, 1)
        await cloud.jobs.wait(done)
        running = await cloud.submit(sampler_graph(1, steps=200))
        waiting = await cloud.submit(sampler_graph(2, steps=200))
        emulator.faults.add(Fault("status", status=200, body={"cancelled": True}, path=CANCEL_MANY))
        emulator.jobs.cancel(waiting.id)
        assert await cloud.jobs.cancel(running, waiting, done) == [running.id, waiting.id]
        assert running.status is not JobStatus.CANCELLED
