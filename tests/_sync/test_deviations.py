# Made from tests/_async/test_deviations.py by `make unasync`. Do not edit.
"""`cloud.deviations` over real sockets: counts of what the client tolerated."""

from __future__ import annotations

from typing import Any

import pytest

from comfy_cloud import ComfyCloud, JobStatus, ServerError, UnexpectedResponse
from comfy_cloud_emulator import Emulator, Fault
from tests.clock import FakeTime

from .clients import client

JOB = {"id": "0b7e7a4c-4a7e-4f0e-9b1e-1f2f3a4b5c6d", "status": "success", "create_time": None}


def page(*jobs: dict[str, Any]) -> Fault:
    pagination = {"offset": 0, "limit": 100, "total": len(jobs), "has_more": False}
    return Fault("garbage", path="/api/jobs", body={"jobs": list(jobs), "pagination": pagination})


def kinds(cloud: ComfyCloud) -> list[tuple[str, str, str, int]]:
    return [(found.operation, found.path, found.kind, found.count) for found in cloud.deviations]


def test_a_correct_server_has_no_deviations(emulator: Emulator, time: FakeTime) -> None:
    with client(emulator, time) as cloud:
        entries = [entry for entry in cloud.history]
        jobs = [job for job in cloud.jobs.iter(limit=50)]
        cloud.nodes.all()
        cloud.queue.get()
        cloud.assets.list()
        cloud.user.get()
        cloud.system.stats()
    assert entries
    assert jobs
    assert not cloud.deviations, repr(cloud.deviations)
    assert cloud.deviations.answers == len(emulator.requests)


def test_what_is_tolerated_is_counted(empty_emulator: Emulator, time: FakeTime) -> None:
    empty_emulator.faults.add(page(JOB, {**JOB, "status": "completed"}), page(JOB))
    with client(empty_emulator, time) as cloud:
        first = (cloud.jobs.list())[0]
        cloud.jobs.list()
        found = kinds(cloud)
        cloud.deviations.clear()
    assert first.status is JobStatus.COMPLETED
    assert found == [
        ("GET /api/jobs", "jobs[].status", "unknown word", 2),
        ("GET /api/jobs", "jobs[].create_time", "null", 3),
    ]
    assert not cloud.deviations


def test_statuses_and_redirects_count_each_time(empty_emulator: Emulator, time: FakeTime) -> None:
    empty_emulator.faults.add(Fault.html(502, times=2), Fault("status", status=302, body=b"", times=1))
    with client(empty_emulator, time) as cloud:
        with pytest.raises(UnexpectedResponse):
            cloud.user.get()
        found = kinds(cloud)
    assert found == [("GET /api/user", "status", "status", 2), ("GET /api/user", "status", "redirect", 1)]


def test_errors_of_another_shape_count(empty_emulator: Emulator, time: FakeTime) -> None:
    empty_emulator.faults.add(Fault("status", status=500, body={"error": "no"}, times=None))
    with client(empty_emulator, time, retry=1) as cloud:
        with pytest.raises(ServerError):
            cloud.jobs.list()
        found = kinds(cloud)
    assert found == [
        ("GET /api/jobs", "500 body.code", "missing field", 1),
        ("GET /api/jobs", "500 body.message", "missing field", 1),
    ]


def test_each_client_has_its_own(empty_emulator: Emulator, time: FakeTime) -> None:
    with client(empty_emulator, time) as one, client(empty_emulator, time) as other:
        empty_emulator.faults.add(page(JOB))
        one.jobs.list()
    assert len(one.deviations) == 2
    assert not other.deviations
