# Made from tests/_async/test_v2_events.py by `make unasync`. Do not edit.
"""Live events over API v2: a stream for each job, and a fault of it never changes the result."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable, Iterator
from time import sleep
from typing import Any

import httpx
import pytest

from comfy_cloud import (
    ComfyCloud,
    Event,
    JobChanged,
    JobErrored,
    JobInterrupted,
    JobStarted,
    JobStatus,
    JobSubmitted,
    JobSucceeded,
    NodeExecuting,
    NodeFinished,
    Preview,
    Progress,
    WaitTimeout,
)
from comfy_cloud_emulator import Emulator, Fault
from tests.advancing import advancing
from tests.clock import FakeTime
from tests.event_stream_server import EVENTS, HEAD, JOB_ID, EventStreamServer, event, stream
from tests.raw_server import http_response

from .clients import IMAGE_GRAPH, SAMPLER_GRAPH, client, image_graph
from .maps import color_inputs

Start = Callable[..., Emulator]
STREAMS = "/api/v2/jobs/*/events"
SPEED = 10
STEP = event("progress", current_node="1", current_node_class="KSampler", step=1, steps=2)
RUNNING = event("status", status="running", queue_position=None)
OUTPUT = event("output", node_id="1", name="a.png")


def streams(emulator: Emulator) -> list[Any]:
    return [request for request in emulator.requests if request.path.endswith("/events")]


def in_real_time(emulator: Emulator, **options: Any) -> ComfyCloud:
    return ComfyCloud(api_key=emulator.key, base_url=emulator.url, api="v2", **options)


def watched(cloud: ComfyCloud, graph: dict[str, Any]) -> list[Event]:
    """Every event of one job, which must end exactly once."""
    job = cloud.submit(graph)
    seen = [event for event in job.events()]
    assert job.status.is_terminal
    endings = [event for event in seen if isinstance(event, (JobSucceeded, JobErrored, JobInterrupted))]
    assert endings == seen[-1:]
    assert {event.job_id for event in seen} == {job.id}
    return seen


# A stream that works


def test_every_event_arrives_in_order() -> None:
    with Emulator(time="virtual") as emulator:
        with in_real_time(emulator) as cloud:
            with advancing(emulator, lambda: streams(emulator)):
                seen = watched(cloud, SAMPLER_GRAPH)
            assert [type(event) for event in seen[:1]] == [JobChanged]
            assert isinstance(seen[-1], JobSucceeded)
            assert seen[-1].at is not None
            statuses = [event.status for event in seen if isinstance(event, JobChanged)]
            assert statuses == [JobStatus.PENDING, JobStatus.IN_PROGRESS, JobStatus.COMPLETED]
            assert sum(isinstance(event, JobStarted) for event in seen) == 1
            nodes = [event.node_id for event in seen if isinstance(event, NodeExecuting)]
            assert nodes[-3:] == ["4", "5", "6"]
            steps = [(event.value, event.max) for event in seen if isinstance(event, Progress)]
            assert steps == [(1, 3), (2, 3), (3, 3)]
            previews = [event for event in seen if isinstance(event, Preview)]
            assert previews
            assert all(each.image.startswith(b"\xff\xd8") for each in previews)
            (made,) = [event for event in seen if isinstance(event, NodeFinished)]
            assert (made.outputs[0].read()).startswith(b"\x89PNG")
        assert len(streams(emulator)) == 1
        # One poll at the beginning, and one for each change that the stream reported.
        assert sum(request.path.count("/") == 4 for request in emulator.requests) <= 5
        assert emulator.socket_requests == []
        assert all(request.path.startswith("/api/v2/") for request in emulator.requests)


def test_a_failure_has_the_error_of_the_api() -> None:
    with Emulator(speed=SPEED) as emulator:
        emulator.jobs.fail_next("OOMError", node="2")
        with in_real_time(emulator) as cloud:
            last = (watched(cloud, IMAGE_GRAPH))[-1]
        assert isinstance(last, JobErrored)
        assert last.error is not None
        assert "OOM" in str(last.error)


def test_a_stream_tells_a_wait_when_to_poll() -> None:
    with Emulator(speed=SPEED) as emulator:
        with in_real_time(emulator) as cloud:
            job = cloud.submit(SAMPLER_GRAPH)
            job.wait(20)
        assert len(streams(emulator)) == 1
        assert emulator.socket_requests == []


def test_a_job_that_has_ended_needs_no_stream(start_emulator: Start, time: FakeTime) -> None:
    emulator = start_emulator(seed_data=3)
    with client(emulator, time, api="v2") as cloud:
        job = cloud.jobs.get(emulator.store.jobs("completed")[0].id)
        seen = [event for event in job.events()]
    assert [type(event) for event in seen] == [JobChanged, JobSucceeded]
    assert streams(emulator) == []


@pytest.mark.beyond_contract
def test_where_version_1_is_gone_the_websocket_gives_way_to_streams() -> None:
    seen: list[Event] = []
    with Emulator(speed=SPEED, quirks=["v1_gone"]) as emulator:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            with ComfyCloud(api_key=emulator.key, base_url=emulator.url) as cloud:
                cloud.run(SAMPLER_GRAPH, on_event=seen.append)
                cloud.run(image_graph(1), on_event=seen.append)
        assert len([each for each in caught if "API v2" in str(each.message)]) == 1
        assert any(isinstance(event, Preview) for event in seen)
        assert len(streams(emulator)) == 2
        assert len(emulator.socket_requests) <= 1


def test_each_job_of_a_map_has_a_stream() -> None:
    seen: list[Event] = []
    with Emulator(speed=SPEED) as emulator:
        with in_real_time(emulator) as cloud:
            variants = cloud.map(IMAGE_GRAPH, color_inputs(5), concurrency=2, on_event=seen.append)
            jobs = {result.unwrap().id for result in variants}
        assert len(jobs) == len(streams(emulator)) == 5
        assert {event.job_id for event in seen} == jobs
        assert {event.job_id for event in seen if isinstance(event, NodeFinished)} == jobs
        for kind in (JobSubmitted, JobSucceeded):
            assert sum(isinstance(event, kind) for event in seen) == 5
        # A job may have ended before its stream is open.
        assert 1 <= sum(isinstance(event, JobStarted) for event in seen) <= 5


def test_streams_leave_connections_for_requests() -> None:
    with Emulator(speed=50) as emulator:
        with in_real_time(emulator, max_connections=1) as cloud:
            cloud.run(IMAGE_GRAPH, timeout=20, on_event=lambda event: None)
        assert streams(emulator) == []


def test_the_users_own_client_has_fewer_connections() -> None:
    limits = httpx.Limits(max_connections=2)
    with Emulator(speed=50) as emulator:
        with httpx.Client(limits=limits, headers={"User-Agent": "comfy-cloud"}) as own:
            with in_real_time(emulator, http_client=own) as cloud:
                variants = cloud.map(
                    IMAGE_GRAPH, color_inputs(3), concurrency=3, timeout=20, on_event=lambda event: None
                )
                found = [result for result in variants]
        assert all(result.ok for result in found)


# A stream that fails


@pytest.mark.parametrize("times", [1, None])
@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 429, 500, 501, 503])
def test_a_refused_stream(status: int, times: int | None, empty_emulator: Emulator, time: FakeTime) -> None:
    empty_emulator.faults.add(Fault("status", status=status, path=STREAMS, times=times))
    with client(empty_emulator, time, api="v2") as cloud:
        seen = watched(cloud, SAMPLER_GRAPH)
    assert isinstance(seen[-1], JobSucceeded)
    if status in {401, 403, 405, 501}:
        assert len(streams(empty_emulator)) == 1
    assert len(streams(empty_emulator)) < 20


def test_the_key_is_in_no_log(
    empty_emulator: Emulator, time: FakeTime, caplog: pytest.LogCaptureFixture
) -> None:
    body = f'{{"error": {{"code": "forbidden", "message": "not with {empty_emulator.key}"}}}}'
    empty_emulator.faults.add(Fault("status", status=403, body=body.encode(), path=STREAMS, times=None))
    with caplog.at_level(logging.DEBUG):
        with client(empty_emulator, time, api="v2") as cloud:
            watched(cloud, SAMPLER_GRAPH)
    ours = [record.getMessage() for record in caplog.records if not record.name.startswith("uvicorn")]
    assert any("continuing without them" in line for line in ours)
    assert not any(empty_emulator.key in line for line in ours)


def test_after_a_break_the_stream_goes_on_and_nothing_is_doubled() -> None:
    seen: list[Event] = []
    first = stream(RUNNING, b"id: 41\n", STEP, OUTPUT)

    def second(server: EventStreamServer) -> Iterator[bytes]:
        yield from (HEAD, RUNNING, STEP, OUTPUT)
        while server.job["status"] == "running":
            sleep(0.01)
        yield event("status", status="succeeded")

    with EventStreamServer(first, second) as server:
        with ComfyCloud(base_url=server.url, api="v2") as cloud:
            job = cloud.jobs.get(JOB_ID)

            def on_event(event: Event) -> None:
                seen.append(event)
                if sum(isinstance(each, Progress) for each in seen) == 2:
                    server.finish()

            job.wait(20, on_event=on_event)
        requests = [request for request in server.requests if request.target == EVENTS]
    assert [request.headers.get("last-event-id") for request in requests] == [None, "41"]
    assert {request.headers["accept"] for request in requests} == {"text/event-stream"}
    assert {request.headers["accept-encoding"] for request in requests} == {"identity"}
    assert sum(isinstance(event, NodeExecuting) for event in seen) == 1
    assert sum(isinstance(event, NodeFinished) for event in seen) == 1
    assert sum(isinstance(event, JobStarted) for event in seen) == 1


def test_an_end_is_confirmed_by_the_api_first() -> None:
    """The stream reports the end first: the job is read at once, and again until the API agrees."""
    end = event("status", status="succeeded", queue_position=None)
    with EventStreamServer(lambda server: [HEAD, RUNNING, end]) as server:
        with ComfyCloud(base_url=server.url, api="v2") as cloud:
            job = cloud.jobs.get(JOB_ID)
            seen: list[Event] = []
            with pytest.raises(WaitTimeout):
                job.wait(1.0, on_event=seen.append)
            assert not any(isinstance(each, JobSucceeded) for each in seen)
            assert 4 <= server.polls <= 12
            server.finish()
            job.wait(20, on_event=seen.append)
            assert isinstance(seen[-1], JobSucceeded)


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_not_followed(status: int) -> None:
    with EventStreamServer(lambda server: [http_response(status, location="/api/v2/jobs")]) as server:
        with ComfyCloud(base_url=server.url, api="v2") as cloud:
            job = cloud.jobs.get(JOB_ID)
            with pytest.raises(WaitTimeout):
                job.wait(0.3, on_event=lambda event: None)
        assert server.count(EVENTS) == 1
        assert server.count("/api/v2/jobs") == 0


def test_an_error_of_a_hook_is_raised() -> None:
    def hook(info: Any) -> None:
        if info.operation == "v2.getJobEvents":
            raise LookupError("from the hook")

    with EventStreamServer(stream(then="silence")) as server:
        with ComfyCloud(base_url=server.url, api="v2", on_request=hook) as cloud:
            job = cloud.jobs.get(JOB_ID)
            with pytest.raises(LookupError, match="from the hook"):
                job.wait(20, on_event=lambda event: None)
