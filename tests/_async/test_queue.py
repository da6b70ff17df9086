"""`cloud.queue`: reading it in both formats, removing jobs, interrupting."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from comfy_cloud import AsyncComfyCloud, ConfigurationError, JobStatus, NotFound, UnexpectedResponse
from comfy_cloud._jobs.queue_items import entry_of, read_queue
from comfy_cloud_emulator import Emulator, Fault
from tests.clock import FakeTime

from .clients import IMAGE_GRAPH, image_graph

Start = Callable[..., Emulator]


async def test_running_and_waiting_jobs(cloud: AsyncComfyCloud, time: FakeTime) -> None:
    assert len(await cloud.queue.get()) == 0
    assert await cloud.queue.remaining() == 0
    jobs = [await cloud.submit(image_graph(number)) for number in range(3)]
    time.advance(0.6)
    queue = await cloud.queue.get()
    remaining = await cloud.queue.remaining()
    assert [item.job_id for item in queue.running] == [jobs[0].id]
    assert [item.job_id for item in queue.pending] == [jobs[1].id, jobs[2].id]
    assert remaining == len(queue) == 3
    assert jobs[2].id in queue
    assert (queue.position(jobs[1].id), queue.position(jobs[2].id), queue.position(jobs[0].id)) == (
        1,
        2,
        None,
    )
    item = queue.pending[0]
    assert item.graph == image_graph(1)
    assert item.output_nodes == ("2",)
    assert item.extra_data is None
    assert item.created_at is not None
    assert "class_type" not in repr(item)


async def test_removing_jobs(cloud: AsyncComfyCloud, time: FakeTime) -> None:
    first, second, third = [await cloud.submit(image_graph(number)) for number in range(3)]
    time.advance(0.6)
    assert await cloud.queue.cancel(second.id) == [second.id]
    assert await cloud.queue.cancel() == []
    with pytest.raises(ConfigurationError):
        await cloud.queue.cancel("")
    await cloud.queue.clear()
    left = await cloud.queue.get()
    await third.refresh()
    assert [item.job_id for item in left] == [first.id]
    assert third.status is JobStatus.CANCELLED


async def test_a_server_that_does_not_report_what_it_removed(
    cloud: AsyncComfyCloud, empty_emulator: Emulator
) -> None:
    empty_emulator.faults.add(
        Fault("status", status=200, body=b"", method="POST", path="/api/queue", times=2)
    )
    job = await cloud.submit(IMAGE_GRAPH)
    assert await cloud.queue.cancel(job.id, "gone") == ["gone"]
    await cloud.queue.clear()


async def test_interrupting_one_job(cloud: AsyncComfyCloud, time: FakeTime) -> None:
    first = await cloud.submit(image_graph(1))
    second = await cloud.submit(image_graph(2))
    time.advance(0.6)
    await cloud.queue.interrupt(first.id)
    with pytest.raises(NotFound):
        await cloud.queue.interrupt("00000000-0000-4000-8000-000000000000")
    await first.refresh()
    await second.wait()
    assert first.status is JobStatus.CANCELLED
    assert second.status is JobStatus.COMPLETED


async def test_interrupting_without_an_id_is_left_to_the_server(
    cloud: AsyncComfyCloud, empty_emulator: Emulator
) -> None:
    await cloud.queue.interrupt()
    assert empty_emulator.requests[-1].body == b"{}"


async def test_a_response_that_is_not_a_queue(cloud: AsyncComfyCloud, empty_emulator: Emulator) -> None:
    empty_emulator.faults.add(Fault("status", status=200, body={"queue": []}, path="/api/queue"))
    with pytest.raises(UnexpectedResponse, match="two lists"):
        await cloud.queue.get()


def test_both_spellings_of_an_item_and_broken_ones() -> None:
    graph: dict[str, Any] = {"1": {"class_type": "A", "inputs": {}}}
    ours = [-1.5, "b", graph, {"client_id": "x", "create_time": 1_795_435_200_000}, ["1"], {}]
    cloud = [3, "a", graph, ["1", 2], {"create_time": 1_795_435_200_000}]
    queue = read_queue([cloud, 7, [], ["x"]], [[9, "c"], ours])
    assert [item.job_id for item in queue] == ["a", "b", "c"]
    running, (first, last) = queue.running[0], queue.pending
    assert (running.extra_data, running.output_nodes) == (None, ("1", "2"))
    assert running.created_at == datetime(2026, 11, 23, 12, tzinfo=UTC) == first.created_at
    assert (first.number, first.output_nodes) == (-1.5, ("1",))
    assert first.extra_data is not None
    assert first.extra_data["client_id"] == "x"
    assert (last.graph, last.output_nodes, last.extra_data, last.created_at) == ({}, (), None, None)
    assert read_queue(None, "x").running == ()


def test_a_queued_job_reads_like_an_entry() -> None:
    graph = {"1": {"class_type": "A", "inputs": {}}}
    queue = read_queue([[1, "a", graph, {"k": 1}, []]], [[2, "b", graph, [], {}], [3, "c", graph, [], {}]])
    running, waiting = entry_of(queue, "a"), entry_of(queue, "c")
    assert running is not None
    assert waiting is not None
    assert (running.status, running.queue_position) == (JobStatus.IN_PROGRESS, None)
    assert (waiting.status, waiting.queue_position) == (JobStatus.PENDING, 2)
    assert (running.workflow, dict(running.extra_data)) == (graph, {"k": 1})
    assert (waiting.outputs, waiting.error, waiting.started_at) == ([], None, None)
    assert entry_of(queue, "d") is None
