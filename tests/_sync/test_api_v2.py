# Made from tests/_async/test_api_v2.py by `make unasync`. Do not edit.
"""Jobs and history from API v2: asked for, or because version 1 is gone."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any, Literal

import pytest

from comfy_cloud import (
    ComfyCloud,
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


def one_warning(emulator: Emulator, time: FakeTime, use: Callable[[ComfyCloud], Any]) -> Any:
    """What `use` returns; exactly one warning names API v2."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        with client(emulator, time) as cloud:
            found = use(cloud)
    (warning,) = [each for each in caught if issubclass(each.category, ComfyCloudWarning)]
    assert "API v2" in str(warning.message)
    return found


@pytest.mark.beyond_contract
def test_a_job_from_submission_to_content_without_version_1(gone: Emulator, time: FakeTime) -> None:
    def use(cloud: ComfyCloud) -> None:
        job = cloud.submit(IMAGE_GRAPH)
        job.wait(timeout=600)
        assert job.status is JobStatus.COMPLETED
        (output,) = job.outputs
        assert (output.kind, output.media_type) == ("image", "image/png")
        assert (output.read())[:4] == b"\x89PNG"
        assert (output.signed_url()).startswith(gone.files_url)
        entry = cloud.history.get(job.id)
        assert (entry.status, entry.outputs) == (JobStatus.COMPLETED, job.outputs)
        assert entry.created_at is not None
        assert entry.duration is not None
        assert [each.id for each in cloud.history] == [job.id]
        assert [each.id for each in cloud.jobs.iter()] == [job.id]

    one_warning(gone, time, use)


@pytest.mark.beyond_contract
@pytest.mark.parametrize("status", [404, 405, 410, 501])
def test_whatever_says_that_version_1_is_missing(status: int, start_emulator: Start, time: FakeTime) -> None:
    emulator = start_emulator(seed_data=3)
    expected = [job.id for job in emulator.store.jobs()]
    for pattern in ("/api/jobs*", "/api/history*", "/api/queue"):
        emulator.faults.add(Fault("status", status=status, body=b"gone", path=pattern, times=None))

    def use(cloud: ComfyCloud) -> list[str]:
        listed = [entry.id for entry in cloud.history.list(10)]
        assert [entry.id for entry in cloud.jobs.list(limit=10)] == listed
        assert (cloud.jobs.get(listed[0])).id == listed[0]
        with pytest.raises(NotFound):
            cloud.history.get("00000000-0000-4000-8000-000000000000")
        return listed

    assert one_warning(emulator, time, use) == expected


@pytest.mark.beyond_contract
def test_pages_filters_and_orders_of_the_list(gone: Emulator, time: FakeTime) -> None:
    for number in range(130):
        gone.store.add_job("failed" if number % 2 else "completed", create_time=1_700_000_000_000 + number)
    expected = [job.id for job in gone.store.jobs()]
    with client(gone, time, api="v2") as cloud:
        assert [entry.id for entry in cloud.history.iter(page_size=50)] == expected
        assert [entry.id for entry in cloud.history.list(5, offset=99)] == expected[99:104]
        failed = [entry.id for entry in cloud.jobs.iter(status="failed")]
        assert failed == [job.id for job in gone.store.jobs("failed")]
        oldest = cloud.jobs.list(sort_order="asc", limit=3)
        assert [entry.id for entry in oldest] == expected[:-4:-1]


@pytest.mark.beyond_contract
def test_errors_and_cancelling_without_version_1(gone: Emulator, time: FakeTime) -> None:
    def use(cloud: ComfyCloud) -> None:
        gone.jobs.fail_next("OOMError", node="1")
        job = cloud.submit(IMAGE_GRAPH)
        job.wait(timeout=600)
        assert isinstance(job.error, JobFailed)
        assert (job.error.node_id, job.error.node_class) == ("1", "EmptyImage")
        assert "OOM" in str(job.error)
        with pytest.raises(InvalidWorkflow, match="Node 2"):
            cloud.submit({"2": {"class_type": "SaveImage", "inputs": {}}})
        waiting = cloud.submit(IMAGE_GRAPH)
        assert waiting.cancel()
        waiting.refresh()
        assert waiting.status is JobStatus.CANCELLED

    one_warning(gone, time, use)


@pytest.mark.parametrize("api", ["auto", "v1"])
def test_version_1_is_used_while_it_is_there(api: Api, start_emulator: Start, time: FakeTime) -> None:
    emulator = start_emulator(auto_advance=True)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with client(emulator, time, api=api) as cloud:
            job = cloud.run(IMAGE_GRAPH, timeout=600)
            cloud.history.get(job.id)
            cloud.jobs.list()
    assert not any(map(is_v2, paths(emulator)))


def test_v2_is_used_when_it_is_asked_for(start_emulator: Start, time: FakeTime) -> None:
    emulator = start_emulator(auto_advance=True)
    with client(emulator, time, api="v2") as cloud:
        job = cloud.submit(IMAGE_GRAPH)
        job.wait(timeout=600)
        cloud.history.get(job.id)
        assert [each.id for each in cloud.jobs.list()] == [job.id]
        assert job.outputs[0].read()
    assert [path for path in paths(emulator) if not is_v2(path)] == []
    assert "authorization" in emulator.requests[0].headers
    assert "x-api-key" not in emulator.requests[0].headers


@pytest.mark.beyond_contract
@pytest.mark.parametrize("options", [{"api": "v1"}, {"strict": True}])
def test_version_1_alone_is_an_error_when_it_is_gone(
    options: dict[str, Any], gone: Emulator, time: FakeTime
) -> None:
    with client(gone, time, **options) as cloud:
        calls: list[tuple[Callable[..., Any], Any]] = [
            (cloud.history.list, 1),
            (cloud.jobs.get, "x"),
            (cloud.submit, IMAGE_GRAPH),
        ]
        for call, argument in calls:
            with pytest.raises(NotSupported):
                call(argument)
    assert not any(map(is_v2, paths(gone)))


@pytest.mark.beyond_contract
def test_the_first_version_is_named_where_both_are_missing(start_emulator: Start, time: FakeTime) -> None:
    emulator = start_emulator()
    emulator.faults.add(Fault("status", status=410, body=b"gone", path="/api/*", times=None))
    with client(emulator, time) as cloud:
        with pytest.raises(NotSupported, match="POST /api/prompt"):
            cloud.submit(IMAGE_GRAPH)
        with pytest.raises(NotSupported) as caught:
            cloud.history.list(1)
        assert not is_v2(str(caught.value))


# Lost responses


def test_a_submission_that_never_arrived_is_sent_again(start_emulator: Start, time: FakeTime) -> None:
    emulator = start_emulator()
    emulator.faults.add(Fault("status", status=500, path="/api/v2/jobs"))
    with client(emulator, time, api="v2") as cloud:
        job = cloud.submit(IMAGE_GRAPH)
    assert [each.id for each in emulator.store.jobs()] == [job.id]
    assert paths(emulator) == ["POST /api/v2/jobs"] * 2
    keys = {request.headers["idempotency-key"] for request in emulator.requests}
    assert len(keys) == 1


@pytest.mark.parametrize("then", ["reset", "status"])
def test_a_lost_response_costs_one_job(then: str, start_emulator: Start, time: FakeTime) -> None:
    emulator = start_emulator()
    with client(emulator, time, api="v2") as cloud:
        before = cloud.submit(IMAGE_GRAPH)
        emulator.faults.add(Fault("accepted_then", then=then, path="/api/v2/jobs"))
        job = cloud.submit(IMAGE_GRAPH)
    assert {each.id for each in emulator.store.jobs()} == {before.id, job.id}
    assert job.id != before.id


def test_two_jobs_that_may_be_it_are_uncertain(start_emulator: Start, time: FakeTime) -> None:
    emulator = start_emulator()
    emulator.faults.add(Fault("accepted_then", then="reset", path="/api/v2/jobs"))
    with client(emulator, time, api="v2") as other, client(emulator, time, api="v2") as cloud:
        emulator.faults.clear()
        other.submit(IMAGE_GRAPH)
        emulator.faults.add(Fault("accepted_then", then="reset", path="/api/v2/jobs"))
        with pytest.raises(SubmissionUncertain) as caught:
            cloud.submit(IMAGE_GRAPH)
    assert len(caught.value.evidence["jobs"]) == 2
    assert len(emulator.store) == 2


def test_a_service_that_stays_away_leaves_the_outcome_open(start_emulator: Start, time: FakeTime) -> None:
    emulator = start_emulator()
    emulator.faults.add(Fault("accepted_then", then="status", status=502, path="/api/v2/jobs"))
    emulator.faults.add(Fault("status", status=502, path="/api/v2/jobs", times=None))
    with client(emulator, time, api="v2", retry=3) as cloud:
        with pytest.raises(SubmissionUncertain):
            cloud.submit(IMAGE_GRAPH)
    assert len(emulator.store) == 1


def test_an_error_does_not_repeat_the_key(start_emulator: Start, time: FakeTime) -> None:
    emulator = start_emulator()
    body = f'{{"error": {{"code": "forbidden", "message": "not with {emulator.key}"}}}}'
    emulator.faults.add(Fault("status", status=403, body=body.encode(), path="/api/v2/jobs"))
    with client(emulator, time, api="v2") as cloud:
        with pytest.raises(Forbidden, match="not with") as caught:
            cloud.jobs.list()
    assert emulator.key not in str(caught.value)
    assert emulator.key.encode() not in caught.value.body
