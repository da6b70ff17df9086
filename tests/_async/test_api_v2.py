"""Jobs and history from API v2: asked for, or because version 1 is gone."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any, Literal

import pytest

from comfy_cloud import (
    AsyncComfyCloud,
    ComfyCloudWarning,
    Forbidden,
    InvalidWorkflow,
    JobFailed,
    JobStatus,
    NotFound,
    NotSupported,
    SubmissionUncertain,
)
from comfy_cloud_emulator import Emulator, Fault
from tests.clock import FakeTime

from .clients import IMAGE_GRAPH, client

Start = Callable[..., Emulator]
Api = Literal["auto", "v1", "v2"]


@pytest.fixture
def gone(start_emulator: Start) -> Emulator:
    """A cloud without version 1."""
    return start_emulator(quirks=["v1_gone"], auto_advance=True)


def paths(emulator: Emulator) -> list[str]:
    return [f"{request.method} {request.path}" for request in emulator.requests]


def is_v2(path: str) -> bool:
    return "/api/v2/" in path


async def one_warning(emulator: Emulator, time: FakeTime, use: Callable[[AsyncComfyCloud], Any]) -> Any:
    """What `use` returns; exactly one warning names API v2."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        async with client(emulator, time) as cloud:
            found = await use(cloud)
    (warning,) = [each for each in caught if issubclass(each.category, ComfyCloudWarning)]
    assert "API v2" in str(warning.message)
    return found


@pytest.mark.beyond_contract
async def test_a_job_from_submission_to_content_without_version_1(gone: Emulator, time: FakeTime) -> None:
    async def use(cloud: AsyncComfyCloud) -> None:
        job = await cloud.submit(IMAGE_GRAPH)
        await job.wait(timeout=600)
        assert job.status is JobStatus.COMPLETED
        (output,) = job.outputs
        assert (output.kind, output.media_type) == ("image", "image/png")
        assert (await output.read())[:4] == b"\x89PNG"
        assert (await output.signed_url()).startswith(gone.files_url)
        entry = await cloud.history.get(job.id)
        assert (entry.status, entry.outputs) == (JobStatus.COMPLETED, job.outputs)
        assert entry.created_at is not None
        assert entry.duration is not None
        assert [each.id async for each in cloud.history] == [job.id]
        assert [each.id async for each in cloud.jobs.iter()] == [job.id]

    await one_warning(gone, time, use)


@pytest.mark.beyond_contract
@pytest.mark.parametrize("is_all_gone", [True, False])
async def test_the_first_submission_with_an_idempotency_key(
    is_all_gone: bool, start_emulator: Start, time: FakeTime
) -> None:
    """The lists of version 1 cannot show earlier uses of the key, and API v2 knows them itself."""
    emulator = start_emulator(quirks=["v1_gone"] if is_all_gone else [], auto_advance=True)
    for pattern in ("/api/jobs*", "/api/history*", "/api/queue"):
        emulator.faults.add(Fault("status", status=404, body=b"gone", path=pattern, times=None))

    async def use(cloud: AsyncComfyCloud) -> None:
        first = await cloud.submit(IMAGE_GRAPH, idempotency_key="a")
        assert (await cloud.submit(IMAGE_GRAPH, idempotency_key="a")).id == first.id
        results = [each async for each in cloud.map(IMAGE_GRAPH, [{"1.color": 7}], idempotency_key="b")]
        assert [result.ok for result in results] == [True]

    await one_warning(emulator, time, use)
    assert len(emulator.submissions) == 2
    assert not [path for path in paths(emulator) if path == "POST /api/prompt"]


@pytest.mark.beyond_contract
@pytest.mark.parametrize("status", [404, 405, 410, 501])
async def test_whatever_says_that_version_1_is_missing(
    status: int, start_emulator: Start, time: FakeTime
) -> None:
    emulator = start_emulator(seed_data=3)
    expected = [job.id for job in emulator.store.jobs()]
    for pattern in ("/api/jobs*", "/api/history*", "/api/queue"):
        emulator.faults.add(Fault("status", status=status, body=b"gone", path=pattern, times=None))

    async def use(cloud: AsyncComfyCloud) -> list[str]:
        listed = [entry.id for entry in await cloud.history.list(10)]
        assert [entry.id for entry in await cloud.jobs.list(limit=10)] == listed
        assert (await cloud.jobs.get(listed[0])).id == listed[0]
        with pytest.raises(NotFound):
            await cloud.history.get("00000000-0000-4000-8000-000000000000")
        return listed

    assert await one_warning(emulator, time, use) == expected


@pytest.mark.beyond_contract
async def test_pages_filters_and_orders_of_the_list(gone: Emulator, time: FakeTime) -> None:
    for number in range(130):
        gone.store.add_job("failed" if number % 2 else "completed", create_time=1_700_000_000_000 + number)
    expected = [job.id for job in gone.store.jobs()]
    async with client(gone, time, api="v2") as cloud:
        assert [entry.id async for entry in cloud.history.iter(page_size=50)] == expected
        assert [entry.id for entry in await cloud.history.list(5, offset=99)] == expected[99:104]
        failed = [entry.id async for entry in cloud.jobs.iter(status="failed")]
        assert failed == [job.id for job in gone.store.jobs("failed")]
        oldest = await cloud.jobs.list(sort_order="asc", limit=3)
        assert [entry.id for entry in oldest] == expected[:-4:-1]


@pytest.mark.beyond_contract
async def test_errors_and_cancelling_without_version_1(gone: Emulator, time: FakeTime) -> None:
    async def use(cloud: AsyncComfyCloud) -> None:
        gone.jobs.fail_next("OOMError", node="1")
        job = await cloud.submit(IMAGE_GRAPH)
        await job.wait(timeout=600)
        assert isinstance(job.error, JobFailed)
        assert (job.error.node_id, job.error.node_class) == ("1", "EmptyImage")
        assert "OOM" in str(job.error)
        with pytest.raises(InvalidWorkflow, match="Node 2"):
            await cloud.submit({"2": {"class_type": "SaveImage", "inputs": {}}})
        waiting = await cloud.submit(IMAGE_GRAPH)
        assert await waiting.cancel()
        await waiting.refresh()
        assert waiting.status is JobStatus.CANCELLED

    await one_warning(gone, time, use)


@pytest.mark.parametrize("api", ["auto", "v1"])
async def test_version_1_is_used_while_it_is_there(api: Api, start_emulator: Start, time: FakeTime) -> None:
    emulator = start_emulator(auto_advance=True)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        async with client(emulator, time, api=api) as cloud:
            job = await cloud.run(IMAGE_GRAPH, timeout=600)
            await cloud.history.get(job.id)
            await cloud.jobs.list()
    assert not any(map(is_v2, paths(emulator)))


async def test_v2_is_used_when_it_is_asked_for(start_emulator: Start, time: FakeTime) -> None:
    emulator = start_emulator(auto_advance=True)
    async with client(emulator, time, api="v2") as cloud:
        job = await cloud.submit(IMAGE_GRAPH)
        await job.wait(timeout=600)
        await cloud.history.get(job.id)
        assert [each.id for each in await cloud.jobs.list()] == [job.id]
        assert await job.outputs[0].read()
    assert [path for path in paths(emulator) if not is_v2(path)] == []
    assert "authorization" in emulator.requests[0].headers
    assert "x-api-key" not in emulator.requests[0].headers


@pytest.mark.beyond_contract
@pytest.mark.parametrize("options", [{"api": "v1"}, {"strict": True}])
async def test_version_1_alone_is_an_error_when_it_is_gone(
    options: dict[str, Any], gone: Emulator, time: FakeTime
) -> None:
    async with client(gone, time, **options) as cloud:
        calls: list[tuple[Callable[..., Any], Any]] = [
            (cloud.history.list, 1),
            (cloud.jobs.get, "x"),
            (cloud.submit, IMAGE_GRAPH),
        ]
        for call, argument in calls:
            with pytest.raises(NotSupported):
                await call(argument)
    assert not any(map(is_v2, paths(gone)))


@pytest.mark.beyond_contract
async def test_the_first_version_is_named_where_both_are_missing(
    start_emulator: Start, time: FakeTime
) -> None:
    emulator = start_emulator()
    emulator.faults.add(Fault("status", status=410, body=b"gone", path="/api/*", times=None))
    async with client(emulator, time) as cloud:
        with pytest.raises(NotSupported, match="POST /api/prompt"):
            await cloud.submit(IMAGE_GRAPH)
        with pytest.raises(NotSupported) as caught:
            await cloud.history.list(1)
        assert not is_v2(str(caught.value))


# Lost responses


async def test_a_submission_that_never_arrived_is_sent_again(start_emulator: Start, time: FakeTime) -> None:
    emulator = start_emulator()
    emulator.faults.add(Fault("status", status=500, path="/api/v2/jobs"))
    async with client(emulator, time, api="v2") as cloud:
        job = await cloud.submit(IMAGE_GRAPH)
    assert [each.id for each in emulator.store.jobs()] == [job.id]
    assert paths(emulator) == ["POST /api/v2/jobs"] * 2
    keys = {request.headers["idempotency-key"] for request in emulator.requests}
    assert len(keys) == 1


@pytest.mark.parametrize("then", ["reset", "status"])
async def test_a_lost_response_costs_one_job(then: str, start_emulator: Start, time: FakeTime) -> None:
    emulator = start_emulator()
    async with client(emulator, time, api="v2") as cloud:
        before = await cloud.submit(IMAGE_GRAPH)
        emulator.faults.add(Fault("accepted_then", then=then, path="/api/v2/jobs"))
        job = await cloud.submit(IMAGE_GRAPH)
    assert {each.id for each in emulator.store.jobs()} == {before.id, job.id}
    assert job.id != before.id


async def test_two_jobs_that_may_be_it_are_uncertain(start_emulator: Start, time: FakeTime) -> None:
    emulator = start_emulator()
    emulator.faults.add(Fault("accepted_then", then="reset", path="/api/v2/jobs"))
    async with client(emulator, time, api="v2") as other, client(emulator, time, api="v2") as cloud:
        emulator.faults.clear()
        await other.submit(IMAGE_GRAPH)
        emulator.faults.add(Fault("accepted_then", then="reset", path="/api/v2/jobs"))
        with pytest.raises(SubmissionUncertain) as caught:
            await cloud.submit(IMAGE_GRAPH)
    assert len(caught.value.evidence["jobs"]) == 2
    assert len(emulator.store) == 2


async def test_a_service_that_stays_away_leaves_the_outcome_open(
    start_emulator: Start, time: FakeTime
) -> None:
    emulator = start_emulator()
    emulator.faults.add(Fault("accepted_then", then="status", status=502, path="/api/v2/jobs"))
    emulator.faults.add(Fault("status", status=502, path="/api/v2/jobs", times=None))
    async with client(emulator, time, api="v2", retry=3) as cloud:
        with pytest.raises(SubmissionUncertain):
            await cloud.submit(IMAGE_GRAPH)
    assert len(emulator.store) == 1


async def test_an_error_does_not_repeat_the_key(start_emulator: Start, time: FakeTime) -> None:
    emulator = start_emulator()
    body = f'{{"error": {{"code": "forbidden", "message": "not with {emulator.key}"}}}}'
    emulator.faults.add(Fault("status", status=403, body=body.encode(), path="/api/v2/jobs"))
    async with client(emulator, time, api="v2") as cloud:
        with pytest.raises(Forbidden, match="not with") as caught:
            await cloud.jobs.list()
    assert emulator.key not in str(caught.value)
    assert emulator.key.encode() not in caught.value.body
