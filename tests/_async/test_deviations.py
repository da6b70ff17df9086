"""`cloud.deviations` over real sockets: counts of what the client tolerated."""

from __future__ import annotations

from typing import Any

import pytest

from comfy_cloud import AsyncComfyCloud, JobStatus, ServerError, UnexpectedResponse
from comfy_cloud_emulator import Emulator, Fault
from tests.clock import FakeTime

from .clients import client

JOB = {"id": "0b7e7a4c-4a7e-4f0e-9b1e-1f2f3a4b5c6d", "status": "success", "create_time": None}


def page(*jobs: dict[str, Any]) -> Fault:
    pagination = {"offset": 0, "limit": 100, "total": len(jobs), "has_more": False}
    return Fault("garbage", path="/api/jobs", body={"jobs": list(jobs), "pagination": pagination})


async def kinds(cloud: AsyncComfyCloud) -> list[tuple[str, str, str, int]]:
    return [(found.operation, found.path, found.kind, found.count) for found in cloud.deviations]


async def test_a_correct_server_has_no_deviations(cloud: AsyncComfyCloud, emulator: Emulator) -> None:
    entries = [entry async for entry in cloud.history]
    jobs = [job async for job in cloud.jobs.iter(limit=50)]
    await cloud.nodes.all()
    await cloud.queue.get()
    await cloud.assets.list()
    await cloud.user.get()
    await cloud.system.stats()
    assert entries
    assert jobs
    assert not cloud.deviations, repr(cloud.deviations)
    assert cloud.deviations.answers == len(emulator.requests)


async def test_what_is_tolerated_is_counted(cloud: AsyncComfyCloud, empty_emulator: Emulator) -> None:
    empty_emulator.faults.add(page(JOB, {**JOB, "status": "completed"}), page(JOB))
    first = (await cloud.jobs.list())[0]
    await cloud.jobs.list()
    found = await kinds(cloud)
    cloud.deviations.clear()
    assert first.status is JobStatus.COMPLETED
    assert found == [
        ("GET /api/jobs", "jobs[].status", "unknown word", 2),
        ("GET /api/jobs", "jobs[].create_time", "null", 3),
    ]
    assert not cloud.deviations


async def test_statuses_and_redirects_count_each_time(empty_emulator: Emulator, time: FakeTime) -> None:
    empty_emulator.faults.add(Fault.html(502, times=2), Fault("status", status=302, body=b"", times=1))
    async with client(empty_emulator, time) as cloud:
        with pytest.raises(UnexpectedResponse):
            await cloud.user.get()
        found = await kinds(cloud)
    assert found == [("GET /api/user", "status", "status", 2), ("GET /api/user", "status", "redirect", 1)]


async def test_errors_of_another_shape_count(empty_emulator: Emulator, time: FakeTime) -> None:
    empty_emulator.faults.add(Fault("status", status=500, body={"error": "no"}, times=None))
    async with client(empty_emulator, time, retry=1) as cloud:
        with pytest.raises(ServerError):
            await cloud.jobs.list()
        found = await kinds(cloud)
    assert found == [
        ("GET /api/jobs", "500 body.code", "missing field", 1),
        ("GET /api/jobs", "500 body.message", "missing field", 1),
    ]


async def test_each_client_has_its_own(empty_emulator: Emulator, time: FakeTime) -> None:
    async with client(empty_emulator, time) as one, client(empty_emulator, time) as other:
        empty_emulator.faults.add(page(JOB))
        await one.jobs.list()
    assert len(one.deviations) == 2
    assert not other.deviations
