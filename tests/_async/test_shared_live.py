"""Many waits at once over the one websocket of their client: none is lost, and nothing is left."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from comfy_cloud import AsyncComfyCloud, AsyncJob, Event, JobStatus, JobSucceeded
from comfy_cloud._async._jobs.shared_live import AsyncSharedLive
from comfy_cloud._http.concurrency import Halt, async_run_concurrently
from comfy_cloud_emulator import Emulator, Fault
from comfy_cloud_emulator.routes.websocket.wire import SocketWire
from tests.clock import FakeTime
from tests.websocket_faults import repeat_every_message

from .clients import client, image_graph, keyless, sampler_graph

# Warnings about fallbacks have separate tests.
pytestmark = pytest.mark.filterwarnings("ignore::comfy_cloud.ComfyCloudWarning")

# From ten on they are read by lists; fewer are read one by one.
COUNTS = (3, 10)


async def waited(cloud: AsyncComfyCloud, count: int) -> list[AsyncJob]:
    """Submit so many jobs, and wait for all at the same time."""
    jobs = [await cloud.submit(image_graph(number)) for number in range(count)]

    async def wait(job: AsyncJob, halt: Halt) -> AsyncJob:
        return await job.wait()

    return await async_run_concurrently([partial(wait, job) for job in jobs], count)


def shared_by(cloud: AsyncComfyCloud) -> AsyncSharedLive:
    return cloud._parts.job_operations.shared_live


def is_deserted(shared: AsyncSharedLive) -> bool:
    """Whether nobody listens, and nothing is left of those who did."""
    left: list[Any] = [shared._listeners, shared._followers, shared._waiting, shared._behind]
    return not any(left) and shared._leader is None and not shared._live.is_connected


def lose_every_second_message(monkeypatch: pytest.MonkeyPatch) -> None:
    send, numbers = SocketWire.send, iter(range(100_000))

    async def sometimes(self: Any, message: str | bytes) -> None:
        if next(numbers) % 2:
            await send(self, message)

    monkeypatch.setattr(SocketWire, "send", sometimes)


@pytest.mark.parametrize("count", COUNTS)
async def test_all_waits_of_a_client_share_one_websocket(
    empty_emulator: Emulator, time: FakeTime, count: int
) -> None:
    async with client(empty_emulator, time) as cloud:
        jobs = await waited(cloud, count)
        assert is_deserted(shared_by(cloud))
    assert {job.status for job in jobs} == {JobStatus.COMPLETED}
    assert all(job.outputs for job in jobs)
    assert len(empty_emulator.socket_requests) == 1
    (query,) = [dict(upgrade.query) for upgrade in empty_emulator.socket_requests]
    assert {submission.client_id for submission in empty_emulator.submissions} == {query["clientId"]}


@pytest.mark.parametrize("count", COUNTS)
async def test_waits_for_jobs_of_a_self_hosted_server_share_one_too(
    comfyui: Emulator, time: FakeTime, count: int
) -> None:
    """It sends the messages of a job only to the id that has submitted it."""
    async with keyless(comfyui, time) as cloud:
        await waited(cloud, count)
        assert is_deserted(shared_by(cloud))
    assert len(comfyui.socket_requests) == 1


@pytest.mark.parametrize(
    "fault",
    [
        Fault("socket_refuse", times=None),
        Fault("socket_refuse", status=404, times=None),
        Fault("socket_drop", times=None),
        Fault("socket_drop", messages=5, times=None),
        Fault("socket_silent", times=None),
        Fault("socket_silent", messages=9, times=None),
        Fault("socket_garbage", messages=2, times=None),
        Fault("socket_foreign", times=None),
        Fault("socket_disorder", times=None),
    ],
    ids=lambda fault: f"{fault.kind}-{fault.messages}-{fault.status}",
)
@pytest.mark.parametrize("count", COUNTS)
async def test_no_wait_is_lost_by_a_faulty_websocket(
    cloud: AsyncComfyCloud, empty_emulator: Emulator, fault: Fault, count: int
) -> None:
    empty_emulator.faults.add(fault)
    jobs = await waited(cloud, count)
    assert is_deserted(shared_by(cloud))
    assert {job.status for job in jobs} == {JobStatus.COMPLETED}


@pytest.mark.parametrize("distort", [lose_every_second_message, repeat_every_message])
async def test_no_wait_is_lost_with_messages_that_are_lost_or_come_twice(
    empty_emulator: Emulator, time: FakeTime, monkeypatch: pytest.MonkeyPatch, distort: Any
) -> None:
    distort(monkeypatch)
    async with client(empty_emulator, time) as cloud:
        jobs = await waited(cloud, 6)
        assert is_deserted(shared_by(cloud))
    assert {job.status for job in jobs} == {JobStatus.COMPLETED}


async def test_runs_one_after_the_other_and_jobs_in_one_call(
    empty_emulator: Emulator, time: FakeTime
) -> None:
    async with client(empty_emulator, time) as cloud:
        for number in range(2):
            await cloud.run(image_graph(number))
        assert len(empty_emulator.socket_requests) == 2  # closed with the last wait
        jobs = [await cloud.submit(image_graph(10 + number)) for number in range(3)]
        await cloud.jobs.wait(*jobs)
        assert len(empty_emulator.socket_requests) == 3  # kept from one job to the next
        assert is_deserted(shared_by(cloud))


async def test_whoever_wants_the_events_of_a_job_has_them_over_the_same_websocket(
    comfyui: Emulator, time: FakeTime
) -> None:
    """A self-hosted server would send them to the last socket with this id, and to no other."""
    async with keyless(comfyui, time) as cloud:
        first = await cloud.submit(sampler_graph(1))
        second = await cloud.submit(sampler_graph(2))
        seen: dict[str, list[Event]] = {first.id: [], second.id: []}

        async def follow(job: AsyncJob, halt: Halt) -> None:
            async for event in job.events():
                seen[job.id].append(event)

        await async_run_concurrently([partial(follow, first), partial(follow, second)], 2)
        assert is_deserted(shared_by(cloud))
    assert len(comfyui.socket_requests) == 1
    for events in seen.values():
        assert isinstance(events[-1], JobSucceeded)
        assert {"progress", "executed"} <= {event.type for event in events}


async def test_a_wait_that_gives_up_leaves_the_others_their_websocket(
    empty_emulator: Emulator, time: FakeTime
) -> None:
    async with client(empty_emulator, time) as cloud:
        shared = shared_by(cloud)
        first, second = shared.share(is_hint=True), shared.share(is_hint=True)
        await first.open()
        second.follow("a job")
        assert (first.is_live, first.take_reconnected(), second.take_reconnected()) == (True, True, False)
        await first.close()
        assert second.is_live
        assert shared.lead(second)
        await second.close()
        assert is_deserted(shared)
    assert len(empty_emulator.socket_requests) == 1
