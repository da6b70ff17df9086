"""Events of jobs and of the account: a websocket fault never changes the result."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import aclosing
from typing import Any

import pytest

from comfy_cloud import (
    AsyncComfyCloud,
    ConfigurationError,
    Event,
    FeatureFlags,
    JobChanged,
    JobErrored,
    JobInterrupted,
    JobStarted,
    JobStatus,
    JobSucceeded,
    NodeFinished,
    NotSupported,
    Preview,
    Progress,
    Unauthorized,
    WaitTimeout,
)
from comfy_cloud._async._files.remote_output import AsyncRemoteOutput
from comfy_cloud._async._jobs.job_live import AsyncJobLive
from comfy_cloud._async._jobs.live import AsyncLive
from comfy_cloud._async._jobs.watch import watch
from comfy_cloud._http.websocket import SocketAddress, SocketFailed
from comfy_cloud_emulator import Emulator, Fault
from tests.clock import FakeTime

from .clients import IMAGE_GRAPH, SAMPLER_GRAPH, client, image_graph

Start = Callable[..., Emulator]


async def watched(emulator: Emulator, time: FakeTime, graph: dict[str, Any], **options: Any) -> list[Event]:
    """Every event of one job, which must end exactly once."""
    async with client(emulator, time) as cloud:
        job = await cloud.submit(graph)
        seen = []
        async for event in job.events(**options):
            seen.append(event)
            if isinstance(event, JobSucceeded):
                assert job.outputs
        assert job.status.is_terminal
    endings = [event for event in seen if isinstance(event, (JobSucceeded, JobErrored, JobInterrupted))]
    assert endings == seen[-1:]
    assert {event.job_id for event in seen} == {job.id}
    assert len([event for event in seen if isinstance(event, JobStarted)]) <= 1
    return seen


# A websocket that works


async def test_every_event_arrives_in_order(empty_emulator: Emulator, time: FakeTime) -> None:
    seen = await watched(empty_emulator, time, SAMPLER_GRAPH)
    assert isinstance(seen[0], JobChanged)
    assert isinstance(seen[-1], JobSucceeded)
    steps = [event.value for event in seen if isinstance(event, Progress)]
    assert steps == sorted(steps)
    assert steps
    previews = [event for event in seen if isinstance(event, Preview)]
    assert all(preview.image.startswith(b"\xff\xd8") and preview.job_id for preview in previews)
    assert previews
    (node_event,) = [event for event in seen if isinstance(event, NodeFinished)]
    assert node_event.outputs[0].filename
    assert isinstance(node_event.outputs[0], AsyncRemoteOutput)
    (start,) = [event for event in seen if isinstance(event, JobStarted)]
    assert start.at is not None
    (upgrade,) = empty_emulator.socket_requests
    assert [name for name, _ in upgrade.query] == ["clientId", "token"]
    assert upgrade.status == 101


async def test_an_output_of_an_event_can_be_read(cloud: AsyncComfyCloud) -> None:
    job = await cloud.submit(IMAGE_GRAPH)
    node_events = [event async for event in job.events() if isinstance(event, NodeFinished)]
    assert [await output.read() for event in node_events for output in event.outputs]


async def test_a_failure_and_a_cancellation_are_events(empty_emulator: Emulator, time: FakeTime) -> None:
    empty_emulator.jobs.fail_next("OOMError", node="2")
    failed = (await watched(empty_emulator, time, IMAGE_GRAPH))[-1]
    assert isinstance(failed, JobErrored)
    assert failed.error is not None
    assert failed.error.exception_type == "OOMError"
    async with client(empty_emulator, time) as cloud:
        job = await cloud.submit(image_graph(5))
        await job.cancel()
        assert [type(event) for event in [event async for event in job.events()]] == [
            JobChanged,
            JobInterrupted,
        ]


async def test_a_job_that_has_ended_needs_no_websocket(empty_emulator: Emulator, time: FakeTime) -> None:
    async with client(empty_emulator, time) as cloud:
        job = await cloud.submit(IMAGE_GRAPH)
        await job.wait()
        opened = len(empty_emulator.socket_requests)
        seen = [event async for event in job.events()]
        assert await job.wait() is job
    assert [type(event) for event in seen] == [JobChanged, JobSucceeded]
    assert seen[-1].at == job.finished_at
    assert len(empty_emulator.socket_requests) == opened == 1


async def test_events_of_other_jobs_are_left_out(cloud: AsyncComfyCloud) -> None:
    first = await cloud.submit(SAMPLER_GRAPH)
    second = await cloud.submit(image_graph(1))
    seen = [event async for event in second.events()]
    assert {event.job_id for event in seen} == {second.id}
    assert not [event for event in seen if isinstance(event, (Preview, Progress))]
    positions = [event.queue_position for event in seen if isinstance(event, JobChanged)]
    assert 1 in positions
    assert first.id != second.id


# A websocket that fails


@pytest.mark.parametrize("messages", range(0, 16, 3))
@pytest.mark.parametrize("kind", ["socket_drop", "socket_silent"])
async def test_a_websocket_that_breaks_or_falls_silent_at_any_message(
    empty_emulator: Emulator, time: FakeTime, kind: Any, messages: int
) -> None:
    empty_emulator.faults.add(Fault(kind, messages=messages))
    seen = await watched(empty_emulator, time, SAMPLER_GRAPH)
    assert isinstance(seen[-1], JobSucceeded)
    assert time.monotonic() < 40


@pytest.mark.parametrize("kind", ["socket_garbage", "socket_foreign", "socket_disorder"])
@pytest.mark.parametrize("messages", [0, 4, 9])
async def test_a_websocket_full_of_nonsense(
    empty_emulator: Emulator, time: FakeTime, kind: Any, messages: int
) -> None:
    empty_emulator.faults.add(Fault(kind, messages=messages))
    seen = await watched(empty_emulator, time, SAMPLER_GRAPH)
    assert isinstance(seen[-1], JobSucceeded)


@pytest.mark.parametrize("times", [1, None])
async def test_a_refused_websocket_is_retried(
    empty_emulator: Emulator, time: FakeTime, times: int | None
) -> None:
    empty_emulator.faults.add(Fault("socket_refuse", times=times))
    seen = await watched(empty_emulator, time, SAMPLER_GRAPH)
    assert isinstance(seen[-1], JobSucceeded)
    statuses = [upgrade.status for upgrade in empty_emulator.socket_requests]
    assert statuses[0] == 503
    assert (statuses[-1] == 101) == (times == 1)
    assert 1 < len(statuses) < 20


@pytest.mark.parametrize("status", [401, 403, 404])
async def test_a_permanently_refused_websocket_is_not_retried(
    empty_emulator: Emulator, time: FakeTime, status: int
) -> None:
    empty_emulator.faults.add(Fault("socket_refuse", status=status, times=None))
    seen = await watched(empty_emulator, time, IMAGE_GRAPH)
    assert [type(event) for event in seen] in (
        [JobChanged, JobChanged, JobSucceeded],
        [JobChanged, JobChanged, JobStarted, JobChanged, JobSucceeded],
    )
    assert len(empty_emulator.socket_requests) == 1


async def test_the_start_is_reported_without_a_websocket(empty_emulator: Emulator, time: FakeTime) -> None:
    empty_emulator.faults.add(Fault("socket_refuse", status=404, times=None))
    seen = await watched(empty_emulator, time, SAMPLER_GRAPH)
    assert [event.status for event in seen if isinstance(event, JobChanged)] == [
        JobStatus.PENDING,
        JobStatus.IN_PROGRESS,
        JobStatus.COMPLETED,
    ]
    assert any(isinstance(event, JobStarted) for event in seen)


async def test_events_can_time_out_too(empty_emulator: Emulator, time: FakeTime) -> None:
    with pytest.raises(WaitTimeout):
        await watched(empty_emulator, time, SAMPLER_GRAPH, timeout=0.6)
    assert time.monotonic() == pytest.approx(0.6)


async def test_an_end_event_needs_the_apis_confirmation(empty_emulator: Emulator, time: FakeTime) -> None:
    async with client(empty_emulator, time) as cloud:
        job = await cloud.submit(SAMPLER_GRAPH)
        body = {"id": job.id, "status": "in_progress", "create_time": 1_795_435_200_000, "workflow": {}}
        seen = []
        async for event in job.events():
            seen.append(event)
            if len(seen) == 1:
                empty_emulator.faults.add(
                    Fault("status", status=200, body=body, path="/api/jobs/*", times=12)
                )
    assert len([event for event in seen if isinstance(event, JobSucceeded)]) == 1
    assert job.status is JobStatus.COMPLETED
    assert len(empty_emulator.faults) == 0


async def test_leaving_early_closes_the_websocket(empty_emulator: Emulator, time: FakeTime) -> None:
    async with client(empty_emulator, time) as cloud:
        job = await cloud.submit(SAMPLER_GRAPH)
        async with aclosing(job.events()) as events:
            async for event in events:
                if isinstance(event, JobStarted):
                    break
        await job.wait()
    assert job.status is JobStatus.COMPLETED


# The key


@pytest.mark.parametrize("status", [101, 401, 503])
async def test_the_key_is_never_shown(
    empty_emulator: Emulator, time: FakeTime, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    if status != 101:
        empty_emulator.faults.add(Fault("socket_refuse", status=status, times=None))
    with caplog.at_level(logging.DEBUG):
        await watched(empty_emulator, time, IMAGE_GRAPH)
        address = SocketAddress(empty_emulator.url, "me")
        assert "/ws" in address.shown
    # The emulator's server, in the same process, logs the requests it receives.
    ours = [record.getMessage() for record in caplog.records if not record.name.startswith("uvicorn")]
    assert any("websocket" in line for line in ours)
    assert not [line for line in ours if empty_emulator.key in line or "token=" in line]


async def test_websocket_failures_do_not_contain_the_url(empty_emulator: Emulator, time: FakeTime) -> None:
    url = empty_emulator.url
    async with client(empty_emulator, time) as cloud:
        key = cloud.settings.api_key
        empty_emulator.faults.add(Fault("socket_refuse", status=401))
        for base_url in (url, "http://127.0.0.1:1"):
            address = SocketAddress(base_url, "me", key, timeout=2)
            assert empty_emulator.key not in f"{address!r}{address.shown}"
            assert empty_emulator.key in address.url()
            with pytest.raises(SocketFailed) as caught:
                await cloud._session.runtime.connect(address)
            assert caught.value.__context__ is caught.value.__cause__ is None
            assert empty_emulator.key not in f"{caught.value!r}"
            assert caught.value.is_final == (base_url == url)


# The account


async def test_all_events_of_the_account(empty_emulator: Emulator, time: FakeTime) -> None:
    """The first connection breaks while a job runs; the second follows another job to its end."""
    seen: list[Event] = []
    empty_emulator.faults.add(Fault("socket_drop", messages=3))
    async with client(empty_emulator, time) as cloud:
        async with aclosing(cloud.events()) as events:
            async for event in events:
                seen.append(event)
                if isinstance(event, FeatureFlags):
                    await cloud.submit(image_graph(len(seen)))
                    time.advance(2)
                    await cloud.queue.get()
                if isinstance(event, JobSucceeded):
                    break
    first, second = empty_emulator.submissions
    assert seen[-1].job_id == second.prompt_id != first.prompt_id
    assert [upgrade.status for upgrade in empty_emulator.socket_requests] == [101, 101]
    assert {event.type for event in seen} >= {"status", "executed", "execution_success", "feature_flags"}


async def test_an_account_without_access_to_the_websocket(empty_emulator: Emulator, time: FakeTime) -> None:
    async with client(empty_emulator, time) as cloud:
        for status, error in ((401, Unauthorized), (403, Unauthorized), (404, NotSupported)):
            empty_emulator.faults.add(Fault("socket_refuse", status=status))
            with pytest.raises(error):
                async for _ in cloud.events():
                    pass
    async with client(empty_emulator, time, api_key=None, base_url="https://cloud.comfy.org") as cloud:
        with pytest.raises(ConfigurationError, match="API key"):
            async for _ in cloud.events():
                pass


async def test_a_program_that_cannot_open_websockets(cloud: AsyncComfyCloud) -> None:

    async def connect(address: SocketAddress) -> Any:
        raise SocketFailed("the package websockets cannot be imported", is_final=True)

    cloud._session.runtime.connect = connect
    with pytest.raises(NotSupported, match="cannot be imported"):
        async for _ in cloud.events():
            pass
    job = await cloud.run(IMAGE_GRAPH, on_event=lambda event: None)
    assert job.status is JobStatus.COMPLETED


async def test_a_reconnection_is_reported_once(empty_emulator: Emulator, time: FakeTime) -> None:
    empty_emulator.faults.add(Fault("socket_drop", messages=1))
    async with client(empty_emulator, time) as cloud:
        live = AsyncLive(cloud._session, cloud.files.output)
        await live.open()
        assert live.is_live
        assert not live.take_reconnected()
        while len(empty_emulator.socket_requests) < 2:
            await live.receive(1)
        assert [live.take_reconnected(), live.take_reconnected()] == [True, False]
        await live.close()


class Reconnecting(AsyncJobLive):
    """A websocket that reconnects with each `receive`, and never has a message."""

    reconnections = 0

    def is_live(self, job_id: str) -> bool:
        return True

    async def receive(self, seconds: float) -> Event | None:
        await self._session.runtime.sleep(min(seconds, 0.3))
        return None

    def take_reconnected(self) -> bool:
        self.reconnections += 1
        return True


async def test_a_job_is_polled_at_once_after_a_reconnect(empty_emulator: Emulator, time: FakeTime) -> None:
    async with client(empty_emulator, time) as cloud:
        job = await cloud.submit(IMAGE_GRAPH)
        empty_emulator.clear_requests()
        live = Reconnecting(cloud._session, cloud.files.output)
        state = cloud._parts.job_operations.state(job.id)
        events = [event async for event in watch(cloud._session, state, live)]
    assert isinstance(events[-1], JobSucceeded)
    assert live.reconnections > 1
    assert len(empty_emulator.requests) == 1 + live.reconnections


async def test_receiving_without_a_connection_only_waits(empty_emulator: Emulator, time: FakeTime) -> None:
    async with client(empty_emulator, time) as cloud:
        empty_emulator.faults.add(Fault("socket_refuse", status=404, times=None))
        live = AsyncLive(cloud._session, cloud.files.output)
        assert await live.receive(7) is None  # it is refused
        assert await live.receive(4) is None
        assert (time.sleeps, live.is_live, live.take_reconnected()) == ([4], False, False)
        await live.close()
    assert len(empty_emulator.socket_requests) == 1
