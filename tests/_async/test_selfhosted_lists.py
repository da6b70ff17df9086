"""Lists of jobs and history on a self-hosted ComfyUI, made from its queue and history."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from comfy_cloud import AsyncComfyCloud, ComfyCloudWarning, JobStatus, NotFound
from comfy_cloud_emulator import Emulator, Fault
from tests.clock import FakeTime

from .clients import IMAGE_GRAPH, image_graph, keyless, sampler_graph

ONE_TRANSPORT = True  # lists are read above the transport

Start = Callable[..., Emulator]
NOBODY = "00000000-0000-4000-8000-000000000000"

# Warnings about fallbacks have separate tests.
pytestmark = pytest.mark.filterwarnings("ignore::comfy_cloud.ComfyCloudWarning")


@pytest.fixture
def old(start_emulator: Start) -> Emulator:
    """A self-hosted ComfyUI 0.3.64."""
    return start_emulator(quirks="comfyui")


# Lists


async def test_lists_are_filtered_and_sorted_here(old: Emulator, time: FakeTime) -> None:
    old.jobs.fail_next("ValueError", node="SaveAudio")
    workflow = {"extra_pnginfo": {"workflow": {"id": "w-1"}}}
    async with keyless(old, time) as cloud:
        failed = await cloud.submit(AUDIO)
        slow = await cloud.submit(sampler_graph(1), extra_data=workflow)
        quick = await cloud.submit(IMAGE_GRAPH)
        await cloud.jobs.wait(failed, slow, quick)
        running = await cloud.submit(sampler_graph(2), extra_data=workflow)
        time.advance(1.0)
        first, second = await cloud.submit(sampler_graph(3)), await cloud.submit(sampler_graph(4))
        everything = [second.id, first.id, running.id, quick.id, slow.id, failed.id]

        async def ids(**options: Any) -> list[str]:
            page = [job.id for job in await cloud.jobs.list(**options)]
            assert [job.id async for job in cloud.jobs.iter(**options, page_size=2)] == page
            return page

        assert await ids() == everything
        assert await ids(sort_order="asc") == everything[::-1]
        assert await ids(limit=2) == everything[:2]
        assert [job.id for job in await cloud.jobs.list(limit=2, offset=3)] == [quick.id, slow.id]
        assert await ids(status="pending") == [second.id, first.id]
        assert await ids(status=["in_progress", JobStatus.FAILED]) == [running.id, failed.id]
        assert await ids(output_type="image") == [quick.id, slow.id]
        assert await ids(output_type="audio") == []
        assert await ids(workflow_id="w-1") == [running.id, slow.id]
        by_length = await ids(sort_by="execution_time")
        assert by_length[0] == slow.id
        assert set(by_length[:3]) == {failed.id, slow.id, quick.id}
        assert (await ids(sort_by="execution_time", sort_order="asc", limit=1)) != [slow.id]
        listed = {job.id: job for job in await cloud.jobs.list()}
    assert listed[first.id].queue_position == 1
    assert listed[running.id].status is JobStatus.IN_PROGRESS
    assert [output.filename for output in listed[quick.id].outputs] == ["plain_00001_.png"]
    assert listed[failed.id].error is not None


@pytest.mark.beyond_contract  # the contract lacks these orders
async def test_a_newer_server_names_its_orders_differently(start_emulator: Start, time: FakeTime) -> None:
    emulator = start_emulator(quirks="comfyui_new")
    async with keyless(emulator, time) as cloud:
        slow, quick = await cloud.submit(sampler_graph(1)), await cloud.submit(IMAGE_GRAPH)
        await cloud.jobs.wait(slow, quick)
        for sort_by in ("execution_time", "execution_duration"):
            found = [job.id async for job in cloud.jobs.iter(sort_by=sort_by, page_size=1)]
            assert found == [slow.id, quick.id]
    # The other name is determined once, and remembered.
    assert [request.status for request in emulator.requests if request.path == "/api/jobs"].count(400) == 1


AUDIO = {
    "3": {"class_type": "EmptyAudio", "inputs": {"duration": 1.0, "sample_rate": 44100, "channels": 2}},
    "4": {"class_type": "SaveAudio", "inputs": {"audio": ["3", 0], "filename_prefix": "audio/x"}},
}


async def test_a_server_that_ignores_the_output_type_is_filtered_here(
    start_emulator: Start, time: FakeTime
) -> None:
    emulator = start_emulator(quirks="comfyui_new")
    emulator.jobs.fail_next("ValueError", node="EmptyAudio")
    async with keyless(emulator, time) as cloud:
        await cloud.jobs.wait(await cloud.submit({**image_graph(9), **AUDIO}))  # fails
        jobs = []
        for number in range(4):
            image = image_graph(number)
            for graph in (image, AUDIO, {**image, **AUDIO}):
                jobs.append(await cloud.submit(graph))
                time.advance(0.01)
        await cloud.jobs.wait(*jobs)
        waiting = await cloud.submit(sampler_graph(1))
        kinds = {job.id: {output.kind for output in job.outputs} for job in jobs}
        emulator.clear_requests()
        for kind, count in (("audio", 8), ("image", 8), ("video", 0)):
            expected = [job.id for job in reversed(jobs) if kind in kinds[job.id]]
            assert len(expected) == count
            assert [job.id async for job in cloud.jobs.iter(output_type=kind, page_size=5)] == expected
            listed = [job.id for job in await cloud.jobs.list(output_type=kind, limit=3, offset=2)]
            assert listed == expected[2:5]
            oldest = await cloud.jobs.list(output_type=kind, limit=2, sort_order="asc")
            assert [job.id for job in oldest] == expected[:-3:-1]
        assert await cloud.jobs.list(output_type="image", status="pending") == []
    single = [request.path for request in emulator.requests if request.path.startswith("/api/history/")]
    # Only jobs of which the list hides something are read.
    assert {path.rpartition("/")[2] for path in single} <= {id for id, made in kinds.items() if len(made) > 1}
    assert waiting.id not in kinds


async def test_a_list_that_disappears_during_the_walk(emulator: Emulator, time: FakeTime) -> None:
    async with AsyncComfyCloud(
        base_url=emulator.url, api_key=emulator.key, runtime=time.async_runtime()
    ) as cloud:
        expected = {job.id async for job in cloud.jobs.iter()}
        emulator.faults.add(Fault.retired("/api/jobs", after=1))
        with pytest.warns(ComfyCloudWarning, match="jobs are listed from /api/queue"):
            found = [job.id async for job in cloud.jobs.iter(page_size=50)]
    assert len(found) == len(set(found))
    assert set(found) == expected


async def test_a_default_list_reads_no_more_history_than_it_shows(emulator: Emulator, time: FakeTime) -> None:
    emulator.faults.add(Fault.retired("/api/jobs"))
    async with AsyncComfyCloud(
        base_url=emulator.url, api_key=emulator.key, runtime=time.async_runtime()
    ) as cloud:
        assert len(await cloud.jobs.list(limit=10)) == 10
    assert [request.path for request in emulator.requests] == ["/api/jobs", "/api/queue", "/api/history_v2"]


# History


BATCH = {**IMAGE_GRAPH, "1": {**IMAGE_GRAPH["1"], "inputs": {**IMAGE_GRAPH["1"]["inputs"], "batch_size": 5}}}


async def test_the_history_of_a_server_with_jobs_has_every_output(
    start_emulator: Start, time: FakeTime
) -> None:
    """A real 0.30 lists only one output of each job at /api/jobs; its /api/history is whole."""
    emulator = start_emulator(quirks="comfyui_new")
    workflow = {"extra_pnginfo": {"workflow": {"id": "w-1"}}}
    async with keyless(emulator, time) as cloud:
        job = await cloud.submit(BATCH, extra_data=workflow)
        await job.wait()
        with pytest.warns(ComfyCloudWarning, match="its history is read from /api/history$"):
            listed = (await cloud.history.list())[0]
        walked = [entry async for entry in cloud.history]
        alone = await cloud.history.get(job.id)
    assert len(alone.outputs) == 5
    for entry in (listed, *walked):
        assert (entry.outputs, entry.is_partial) == (alone.outputs, False)
        assert (entry.created_at, entry.workflow_id) == (alone.created_at, "w-1")
    assert alone.created_at is not None


async def test_a_history_with_only_a_preview_of_outputs_says_so(
    start_emulator: Start, time: FakeTime
) -> None:
    emulator = start_emulator(quirks="comfyui_new")
    for path in ("/api/history", "/api/history/*"):
        emulator.faults.add(Fault("status", status=404, body=b"", method="GET", path=path, times=None))
    async with keyless(emulator, time) as cloud:
        await cloud.run(BATCH)
        await cloud.run(IMAGE_GRAPH)
        with pytest.warns(ComfyCloudWarning, match="at most one output of each job"):
            one, five = await cloud.history.list()
        alone = await cloud.history.get(five.id)
        detailed = [entry async for entry in cloud.history.iter(details=True)]
    assert [entry.is_partial for entry in (one, five, alone, *detailed)] == [False, True, False, False, False]
    assert [len(entry.outputs) for entry in (one, five, alone, *detailed)] == [1, 1, 5, 1, 5]


async def test_a_long_history_is_read_in_pages(start_emulator: Start, time: FakeTime) -> None:
    """Its entries contain graphs: all of them do not fit into one response."""
    for quirks in ("comfyui", "comfyui_new"):
        emulator = start_emulator(quirks=quirks)
        async with keyless(emulator, time) as cloud:
            jobs = [await cloud.submit(image_graph(color)) for color in range(12)]
            await cloud.jobs.wait(*jobs)
            expected = [job.id for job in reversed(jobs)]
            emulator.clear_requests()
            assert [entry.id for entry in await cloud.history.list(3, offset=2)] == expected[2:5]
            assert [entry.id async for entry in cloud.history.iter(page_size=5)] == expected
            assert [entry.id async for entry in cloud.history.iter(limit=4, page_size=4)] == expected[:4]
        queries = [request.query for request in emulator.requests if request.path == "/api/history"]
        assert queries[0] == [("max_items", "15")]
        assert all("max_items" in dict(query) for query in queries)


async def test_a_long_page_of_history_is_not_cut_short(start_emulator: Start, time: FakeTime) -> None:
    """GET /api/jobs sends 1000 at most, so more than that takes another request."""
    emulator = start_emulator(seed_data=1205)
    emulator.faults.add(Fault.retired("/api/history_v2"))
    async with AsyncComfyCloud(
        base_url=emulator.url, api_key=emulator.key, runtime=time.async_runtime()
    ) as cloud:
        with pytest.warns(ComfyCloudWarning, match="history is read from /api/jobs"):
            entries = await cloud.history.list(limit=1100)
        rest = await cloud.history.list(limit=1100, offset=1100)
    assert (len({entry.id for entry in entries}), len(rest)) == (1100, 105)


async def test_the_history_is_dated_by_its_messages(comfyui: Emulator, time: FakeTime) -> None:
    async with keyless(comfyui, time) as cloud:
        first = await cloud.run(image_graph(1))
        time.advance(3600)
        second = await cloud.run(image_graph(2))
        entries = [entry async for entry in cloud.history]
        lately = [entry.prompt_id async for entry in cloud.history.iter(since=minutes_ago(time, 60))]
        before = [entry.prompt_id async for entry in cloud.history.iter(until=minutes_ago(time, 60))]
    assert [entry.prompt_id for entry in entries] == [second.id, first.id]
    assert (lately, before) == ([second.id], [first.id])
    for entry in entries:
        assert entry.started_at is not None
        assert entry.duration is not None
        assert entry.duration > timedelta(0)


def minutes_ago(time: FakeTime, minutes: float) -> datetime:
    return time.now() - timedelta(minutes=minutes)


async def test_a_job_put_at_the_front_is_listed_by_its_submission(
    start_emulator: Start, time: FakeTime
) -> None:
    """Newer servers report when jobs were submitted, older ones only when they ended."""
    orders = {}
    for quirks in ("comfyui", "comfyui_new"):
        emulator = start_emulator(quirks=quirks)
        # Otherwise the list of jobs would be used first.
        emulator.faults.add(Fault.retired("/api/jobs"))
        async with keyless(emulator, time) as cloud:
            for color in range(3):
                time.advance(0.1)
                body = {"prompt": image_graph(color), "front": color == 2}
                await cloud.request("POST", "/api/prompt", json=body)
            time.advance(60)
            emulator.time.advance(0)
            submitted = [submission.prompt_id for submission in emulator.submissions]
            found = [entry.prompt_id for entry in await cloud.history.list()]
            orders[quirks] = [submitted.index(id) for id in found]
    assert orders == {"comfyui": [1, 2, 0], "comfyui_new": [2, 1, 0]}


async def test_an_unknown_job_is_not_found_anywhere(cloud: AsyncComfyCloud, comfyui: Emulator) -> None:
    for call in (cloud.jobs.get, cloud.jobs.status, cloud.jobs.delete, cloud.history.get):
        with pytest.raises(NotFound):
            await call(NOBODY)
    with pytest.raises(NotFound):
        await cloud.jobs.wait(NOBODY)
