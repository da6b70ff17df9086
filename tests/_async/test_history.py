"""`cloud.history` over real sockets: all ways to read it, changes between pages, fallbacks."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from contextlib import aclosing
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from comfy_cloud import (
    AsyncComfyCloud,
    ComfyCloudWarning,
    ConfigurationError,
    HistoryEntry,
    JobStatus,
    NotFound,
    NotSupported,
)
from comfy_cloud_emulator import Emulator, Fault
from tests.clock import FakeTime

from .clients import client

LIST = "/api/history_v2"


async def ids(cloud: AsyncComfyCloud, **options: object) -> list[str]:
    return [entry.prompt_id async for entry in cloud.history.iter(**options)]  # type: ignore[arg-type]


async def test_list_is_one_page_newest_first(cloud: AsyncComfyCloud, emulator: Emulator) -> None:
    page = await cloud.history.list(max_items=20)
    following = await cloud.history.list(max_items=20, offset=20)
    created = [entry.created_at for entry in [*page, *following]]
    assert len(created) == 40
    assert created == sorted(created, reverse=True)
    assert len({entry.prompt_id for entry in [*page, *following]}) == 40
    assert emulator.requests[0].query == [("max_items", "20")]
    assert emulator.requests[1].query == [("max_items", "20"), ("offset", "20")]


async def test_a_plain_loop_reads_every_entry_once(cloud: AsyncComfyCloud, emulator: Emulator) -> None:
    found = [entry.prompt_id async for entry in cloud.history]
    in_small_pages = await ids(cloud, page_size=7)
    everything = await cloud.history.list(max_items=10_000)
    assert found == in_small_pages == [entry.prompt_id for entry in everything]
    assert len(found) > 200


async def test_times_are_aware_and_add_up(cloud: AsyncComfyCloud, emulator: Emulator) -> None:
    entry = (await cloud.history.list(1))[0]
    assert entry.created_at is not None
    assert entry.created_at.tzinfo is UTC
    assert entry.created_at.timestamp() * 1000 == pytest.approx(entry.raw.create_time)
    assert entry.raw["create_time"] == entry.raw.create_time
    assert entry.started_at is not None
    assert entry.finished_at is not None
    assert entry.duration == entry.finished_at - entry.started_at
    assert timedelta(0) < entry.duration < timedelta(hours=1)


async def test_every_final_status_is_recognised(cloud: AsyncComfyCloud, emulator: Emulator) -> None:
    entries = [entry async for entry in cloud.history]
    by_status = {status: [e for e in entries if e.status is status] for status in JobStatus}
    assert by_status[JobStatus.COMPLETED]
    assert by_status[JobStatus.FAILED]
    assert by_status[JobStatus.CANCELLED]
    assert not by_status[JobStatus.UNKNOWN]
    failure = by_status[JobStatus.FAILED][0].error
    assert failure is not None
    assert failure.message
    assert failure.exception_type
    assert all(
        entry.error is None for entry in by_status[JobStatus.CANCELLED] + by_status[JobStatus.COMPLETED]
    )
    kinds = {output.kind for entry in entries for output in entry.outputs}
    assert {"image", "video", "audio", "3d"} <= kinds
    assert any(entry.texts for entry in entries)


async def test_filters(cloud: AsyncComfyCloud, emulator: Emulator) -> None:
    everything = [entry async for entry in cloud.history]
    failed = await ids(cloud, status="failed")
    ended_badly = await ids(cloud, status=[JobStatus.FAILED, "cancelled"])
    some = await ids(cloud, limit=5)
    none = await ids(cloud, limit=0)
    middle = everything[len(everything) // 2].created_at
    assert middle is not None
    newer = await ids(cloud, since=middle, page_size=10)
    older = await ids(cloud, until=middle)
    assert failed == [e.prompt_id for e in everything if e.status is JobStatus.FAILED]
    assert ended_badly == [e.prompt_id for e in everything if e.status is not JobStatus.COMPLETED]
    assert some == [e.prompt_id for e in everything[:5]]
    assert none == []
    assert newer == [e.prompt_id for e in everything if e.created_at and e.created_at >= middle]
    assert older == [e.prompt_id for e in everything if e.created_at and e.created_at < middle]
    assert newer + older == [e.prompt_id for e in everything]


async def test_since_does_not_read_what_is_surely_too_old(cloud: AsyncComfyCloud, emulator: Emulator) -> None:
    newest = await cloud.history.list(10)
    emulator.clear_requests()
    assert newest[-1].created_at is not None
    found = await ids(cloud, since=newest[-1].created_at, page_size=10)
    assert found == [entry.prompt_id for entry in newest]
    assert len(emulator.requests) <= 3


@pytest.mark.parametrize(
    "options",
    [{"page_size": 0}, {"limit": -1}, {"status": "finished?"}, {"since": "the day before"}, {"until": 17}],
)
async def test_arguments_that_are_not_valid(
    cloud: AsyncComfyCloud, emulator: Emulator, options: dict[str, object]
) -> None:
    with pytest.raises(ConfigurationError):
        await ids(cloud, **options)
    with pytest.raises(ConfigurationError):
        await cloud.history.list(0)
    with pytest.raises(ConfigurationError):
        await cloud.history.get("")
    with pytest.raises(ConfigurationError):
        await cloud.history.delete("a", "")
    assert emulator.requests == []


async def test_get_has_the_graph(cloud: AsyncComfyCloud, emulator: Emulator) -> None:
    listed = (await cloud.history.list(1))[0]
    entry = await cloud.history.get(listed.prompt_id)
    with pytest.raises(NotFound) as caught:
        await cloud.history.get("00000000-0000-4000-8000-000000000000")
    assert listed.workflow is None
    assert entry.workflow
    assert all("class_type" in node for node in entry.workflow.values())
    assert entry.prompt_id == listed.prompt_id
    assert entry.outputs == listed.outputs
    assert isinstance(caught.value, LookupError)


async def test_details_fetch_every_entry(cloud: AsyncComfyCloud, emulator: Emulator) -> None:
    entries = [entry async for entry in cloud.history.iter(limit=3, details=True)]
    assert len(entries) == 3
    assert all(entry.workflow for entry in entries)


async def test_details_are_fetched_concurrently_in_the_order_of_the_list(
    emulator: Emulator, time: FakeTime
) -> None:
    def read_singly() -> list[str]:
        paths = [request.path for request in emulator.requests]
        return [path.rpartition("/")[2] for path in paths if path.startswith(f"{LIST}/")]

    async with client(emulator, time) as cloud:
        expected = await ids(cloud, limit=25)
        async with aclosing(cloud.history.iter(details=True)) as entries:  # type: ignore[type-var]
            async for _ in entries:
                break
        assert read_singly() == expected[:1]
        assert await ids(cloud, limit=25, details=True, page_size=10) == expected
        assert sorted(read_singly()[1:]) == sorted(expected)


async def test_delete_and_clear(cloud: AsyncComfyCloud, emulator: Emulator) -> None:
    first, second, third = await cloud.history.list(3)
    await cloud.history.delete(first.prompt_id, third.prompt_id)
    assert (await cloud.history.list(1))[0].prompt_id == second.prompt_id
    await cloud.history.delete()
    await cloud.history.clear()
    assert await ids(cloud) == []
    posts = [request for request in emulator.requests if request.method == "POST"]
    assert len(posts) == 2


async def test_drift_between_pages_loses_and_repeats_nothing(emulator: Emulator, time: FakeTime) -> None:
    async with client(emulator, time) as cloud:
        before = await ids(cloud)
        emulator.faults.add(
            Fault.drift(path=LIST, after=1, insert=3),
            Fault.drift(path=LIST, delete=25),
            Fault.drift(path=LIST, insert=40),
            Fault.drift(path=LIST, delete=60),
        )
        during = await ids(cloud, page_size=20)
        emulator.faults.clear()
        after = set(await ids(cloud))
    throughout = [prompt_id for prompt_id in before if prompt_id in after]
    assert len(throughout) > 100
    assert [prompt_id for prompt_id in during if prompt_id in set(throughout)] == throughout
    assert len(during) == len(set(during))


@pytest.mark.parametrize("status", [404, 405, 410, 501])
async def test_a_server_without_history_v2_is_read_through_jobs(
    emulator: Emulator, time: FakeTime, status: int
) -> None:
    async with client(emulator, time) as cloud:
        expected = [entry async for entry in cloud.history]
    emulator.faults.add(Fault.retired(LIST, status=status), Fault.retired(f"{LIST}/*", status=status))
    async with client(emulator, time) as cloud:
        with pytest.warns(ComfyCloudWarning, match="/api/jobs") as warned:
            found = [entry async for entry in cloud.history.iter(page_size=50)]
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            listed = await cloud.history.list(5)
            detailed = await cloud.history.get(found[0].prompt_id)
            with_details = [entry async for entry in cloud.history.iter(limit=2, details=True)]
    assert len(warned) == 1
    assert [(e.prompt_id, e.status, e.created_at) for e in found] == [
        (e.prompt_id, e.status, e.created_at) for e in expected
    ]
    assert [e.prompt_id for e in listed] == [e.prompt_id for e in expected[:5]]
    assert detailed.workflow or detailed.outputs == expected[0].outputs
    assert [e.outputs for e in with_details] == [e.outputs for e in expected[:2]]
    failed = next(e for e in found if e.status is JobStatus.FAILED)
    assert failed.error is not None
    assert failed.error.message


async def test_a_server_that_loses_history_v2_during_the_walk(emulator: Emulator, time: FakeTime) -> None:
    async with client(emulator, time) as cloud:
        expected = await ids(cloud)
        emulator.faults.add(Fault.retired(LIST, after=2))
        with pytest.warns(ComfyCloudWarning, match="/api/jobs"):
            found = await ids(cloud, page_size=50)
    assert found == expected


async def test_a_self_hosted_server_is_read_through_its_history(
    start_emulator: Callable[..., Emulator], time: FakeTime
) -> None:
    emulator = start_emulator(seed_data="demo", quirks={"history_v1"})
    async with client(emulator, time) as cloud:
        expected = [entry async for entry in cloud.history]
    # That server knows when jobs ended, not when they were submitted.
    expected.sort(key=lambda entry: str(entry.finished_at), reverse=True)
    for path in (LIST, f"{LIST}/*", "/api/jobs", "/api/jobs/*"):
        emulator.faults.add(Fault("status", status=404, body=b"", path=path, times=None))
    async with client(emulator, time) as cloud:
        with pytest.warns(ComfyCloudWarning) as warned:
            found = [entry async for entry in cloud.history.iter(page_size=50)]
        one = await cloud.history.get(found[0].prompt_id)
        with pytest.raises(NotFound):
            await cloud.history.get("00000000-0000-4000-8000-000000000000")
    assert [str(warning.message).split()[-1] for warning in warned] == ["/api/history"]
    assert [(e.prompt_id, e.status, e.outputs, e.texts) for e in found] == [
        (e.prompt_id, e.status, e.outputs, e.texts) for e in expected
    ]
    assert [e.finished_at for e in found] == [e.finished_at for e in expected]
    assert one.workflow


async def test_strict_forbids_a_fallback(emulator: Emulator, time: FakeTime) -> None:
    emulator.faults.add(Fault.retired(LIST))
    async with client(emulator, time, strict=True) as cloud:
        with pytest.raises(NotSupported, match="getHistory"):
            await cloud.history.list()
        with pytest.raises(NotSupported):
            await ids(cloud)
    assert {request.path for request in emulator.requests} == {LIST}


async def test_a_server_without_any_history(cloud: AsyncComfyCloud, emulator: Emulator) -> None:
    for path in (LIST, "/api/jobs", "/api/history", "/api/v2/jobs"):
        emulator.faults.add(Fault.retired(path))
    with pytest.raises(NotSupported):
        await cloud.history.list()


async def test_since_takes_what_people_type(emulator: Emulator, time: FakeTime) -> None:
    async with client(emulator, time) as cloud:
        typed = await ids(cloud, since="3d")
        exact = await ids(cloud, since=time.now() - timedelta(days=3))
        naive = await ids(cloud, since=(time.now() - timedelta(days=3)).astimezone().replace(tzinfo=None))
    assert typed == exact == naive
    assert typed


def test_entries_have_a_short_repr() -> None:
    from comfy_cloud_api.models import HistoryEntry as Raw

    raw = Raw.from_dict(
        {"prompt_id": "abc", "create_time": 1795470521477, "status": {"status_str": "success"}}
    )
    assert repr(HistoryEntry(raw)).startswith("<HistoryEntry abc completed 2026-11-23T")
    assert HistoryEntry(raw) == HistoryEntry(raw)
    assert HistoryEntry(raw).created_at == datetime(2026, 11, 23, 21, 48, 41, 477000, UTC)


async def test_an_entry_that_is_not_keyed_by_id_is_read_too(emulator: Emulator, time: FakeTime) -> None:
    async with client(emulator, time) as cloud:
        expected = await cloud.history.get((await cloud.history.list(1))[0].prompt_id)
        bare = expected.raw.to_dict()
        emulator.faults.add(
            Fault("garbage", path=f"{LIST}/*", body=bare), Fault("garbage", path=f"{LIST}/*", body={})
        )
        found = await cloud.history.get(expected.prompt_id)
        with pytest.raises(NotFound):
            await cloud.history.get(expected.prompt_id)
    assert (found.prompt_id, found.status, found.outputs) == (
        expected.prompt_id,
        expected.status,
        expected.outputs,
    )


async def test_a_page_from_jobs_is_no_longer_than_that_list_allows(
    cloud: AsyncComfyCloud, emulator: Emulator
) -> None:
    emulator.faults.add(Fault.retired(LIST))
    with pytest.warns(ComfyCloudWarning, match="/api/jobs"):
        await cloud.history.list(1500)
    assert dict(emulator.requests[-1].query)["limit"] == "1000"


class GrowingLists:
    """A server whose lists of jobs are one longer at each request. It has no cursors."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.requests = 0

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests += 1
        self.count += self.requests > 1
        query = request.url.params
        offset, limit = int(query.get("offset", 0)), int(query.get("limit", query.get("max_items", 0)))
        numbers = range(self.count, 0, -1)[offset : offset + limit]
        if request.url.path == LIST:
            page: dict[str, object] = {"history": [_entry(number, "prompt_id") for number in numbers]}
        else:
            entries = [{**_entry(number, "id"), "status": "completed"} for number in numbers]
            page = {"jobs": entries, "pagination": {"offset": offset, "limit": limit, "has_more": True}}
        return httpx.Response(200, json=page)


def _entry(number: int, name: str) -> dict[str, object]:
    return {name: f"job-{number}", "create_time": 1_795_000_000_000 + number}


@pytest.mark.parametrize(("count", "page_size"), [(0, 10), (1, 10), (25, 2), (25, 10), (25, 200)])
async def test_lists_that_grow_with_every_request_are_read_to_their_end(count: int, page_size: int) -> None:
    expected = [f"job-{number}" for number in range(count, 0, -1)]
    for name in ("history", "jobs"):
        server = GrowingLists(count)
        async with httpx.AsyncClient(transport=httpx.MockTransport(server)) as http:
            async with AsyncComfyCloud(base_url="http://localhost", http_client=http) as cloud:
                if name == "history":
                    found = [entry.prompt_id async for entry in cloud.history.iter(page_size=page_size)]
                else:
                    found = [job.id async for job in cloud.jobs.iter(page_size=page_size)]
        assert [job_id for job_id in found if job_id in expected] == expected, name
        assert server.requests <= 40


async def test_details_keep_what_only_the_list_has(cloud: AsyncComfyCloud, emulator: Emulator) -> None:
    listed = [entry async for entry in cloud.history.iter(limit=3)]
    detailed = [entry async for entry in cloud.history.iter(limit=3, details=True)]
    alone = await cloud.history.get(listed[0].id)
    assert [(entry.id, entry.created_at, entry.workflow_id) for entry in detailed] == [
        (entry.id, entry.created_at, entry.workflow_id) for entry in listed
    ]
    assert all(entry.created_at and entry.workflow for entry in detailed)
    assert (alone.created_at, alone.workflow_id) == (listed[0].created_at, listed[0].workflow_id)


async def test_a_single_entry_has_the_time_and_workflow_of_the_list(
    cloud: AsyncComfyCloud, emulator: Emulator
) -> None:
    listed = [entry async for entry in cloud.history.iter(limit=100)]
    saved = next(entry for entry in listed if entry.workflow_id)
    alone = await cloud.history.get(saved.id)
    assert (alone.created_at, alone.workflow_id) == (saved.created_at, saved.workflow_id)
    assert alone.workflow
    # Without /api/jobs/{job_id} the entry is still there, and the missing route is asked once.
    emulator.faults.add(Fault("status", status=500, path="/api/jobs/*"))
    emulator.faults.add(Fault.retired("/api/jobs/*", status=405))
    emulator.clear_requests()
    for _ in range(3):
        bare = await cloud.history.get(saved.id)
        assert (bare.id, bare.created_at) == (saved.id, None)
    paths = [request.path for request in emulator.requests]
    assert paths.count(f"/api/jobs/{saved.id}") == 2


@pytest.mark.parametrize("is_sent_in_lower_case", [True, False])
async def test_an_id_in_another_case_is_found(
    cloud: AsyncComfyCloud, emulator: Emulator, *, is_sent_in_lower_case: bool
) -> None:
    """A server reads an id as a UUID, and sends it in lower case."""
    (listed,) = await cloud.history.list(1)
    asked, sent = listed.id.upper(), listed.id if is_sent_in_lower_case else listed.id.upper()
    entry = {"prompt": {}, "outputs": {}, "status": {"status_str": "success", "completed": True}}
    emulator.faults.add(Fault("garbage", path=f"{LIST}/{asked}", body={sent: entry}))
    found = await cloud.history.get(asked)
    assert (found.id, found.status) == (sent, JobStatus.COMPLETED)
