# Made from tests/_async/test_jobs.py by `make unasync`. Do not edit.
"""`cloud.jobs`: lists, single jobs, statuses, cancelling on every kind of server, deleting."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from comfy_cloud import (
    ComfyCloudWarning,
    ConfigurationError,
    Job,
    JobStatus,
    NotFound,
    NotSupported,
    WaitTimeout,
)
from comfy_cloud_emulator import Emulator, Fault
from tests.clock import FakeTime

from .clients import IMAGE_GRAPH, client, image_graph, posts

Start = Callable[..., Emulator]
NOBODY = "00000000-0000-4000-8000-000000000000"


def ids(jobs: Any) -> list[str]:
    return [job.id for job in jobs]


# Lists


def test_a_page_of_jobs_newest_first(emulator: Emulator, time: FakeTime) -> None:
    with client(emulator, time) as cloud:
        page = cloud.jobs.list(limit=20)
        following = cloud.jobs.list(limit=20, offset=20)
    assert all(isinstance(job, Job) for job in page)
    created = [job.created_at for job in [*page, *following] if job.created_at is not None]
    assert len(created) == 40
    assert created == sorted(created, reverse=True)
    assert emulator.requests[0].query == [("limit", "20")]


def test_every_job_once_by_cursor_and_by_offset(emulator: Emulator, time: FakeTime) -> None:
    with client(emulator, time) as cloud:
        everything = [job.id for job in cloud.jobs.list(limit=1000)]
        assert ids(cloud.jobs.iter(page_size=7)) == everything
        assert [name for name, _ in emulator.requests[-1].query] == ["limit", "after"]
        assert ids(cloud.jobs.iter(sort_order="asc", page_size=50)) == everything[::-1]
        by_time = ids(cloud.jobs.iter(sort_by="execution_time", page_size=50))
        assert ids(cloud.jobs.iter(limit=3)) == everything[:3]
        assert ids(cloud.jobs.iter(limit=0)) == []
    assert sorted(by_time) == sorted(everything)
    assert by_time != everything


def test_a_server_without_cursors_is_read_by_offset(emulator: Emulator, time: FakeTime) -> None:
    with client(emulator, time) as cloud:
        everything = cloud.jobs.list(limit=1000)
        raw = [job.raw.to_dict() for job in everything]
        pages = [
            {"jobs": raw[start : start + 100], "pagination": {"has_more": start + 100 < len(raw)}}
            for start in (0, 98, 196, 294)
        ]
        for page in pages:
            emulator.faults.add(Fault("status", status=200, body=page, path="/api/jobs"))
        emulator.faults.add(Fault("status", status=200, body={"jobs": []}, path="/api/jobs", times=None))
        found = ids(cloud.jobs.iter(page_size=100))
    assert found == [job.id for job in everything]


def test_filters(emulator: Emulator, time: FakeTime) -> None:
    with client(emulator, time) as cloud:
        failed = cloud.jobs.list(status="failed", limit=1000)
        ended_badly = cloud.jobs.list(status=[JobStatus.FAILED, "canceled"], limit=1000)
        videos = cloud.jobs.list(output_type="video", limit=1000)
    assert {job.status for job in failed} == {JobStatus.FAILED}
    assert {job.status for job in ended_badly} == {JobStatus.FAILED, JobStatus.CANCELLED}
    assert 0 < len(failed) < len(ended_badly)
    assert videos
    assert all(job.error is not None and job.error.message for job in failed)


@pytest.mark.parametrize(
    "options",
    [
        {"limit": 0}, {"limit": 1001}, {"offset": -1}, {"sort_by": "colour"}, {"sort_order": "down"},
        {"status": "finished?"}, {"status": []}, {"status": 7},
    ],
)  # fmt: skip
def test_arguments_that_are_not_valid(
    empty_emulator: Emulator, time: FakeTime, options: dict[str, Any]
) -> None:
    with client(empty_emulator, time) as cloud:
        with pytest.raises(ConfigurationError):
            cloud.jobs.list(**options)
        with pytest.raises(ConfigurationError):
            ids(cloud.jobs.iter(page_size=0))
        with pytest.raises(ConfigurationError):
            cloud.jobs.get("")
    assert not empty_emulator.requests


@pytest.mark.beyond_contract  # the orders of a self-hosted ComfyUI
def test_orders_have_other_names_on_other_servers(empty_emulator: Emulator, time: FakeTime) -> None:
    refusal = Fault("status", status=400, body={"error": "Invalid sort_by"}, path="/api/jobs")
    empty_emulator.faults.add(refusal)
    with client(empty_emulator, time) as cloud:
        cloud.jobs.list(sort_by="created_at")
    sent = [dict(request.query)["sort_by"] for request in empty_emulator.requests]
    assert sent == ["created_at", "create_time"]


# One job


def test_one_job_and_its_status(emulator: Emulator, time: FakeTime) -> None:
    with client(emulator, time) as cloud:
        for listed in cloud.jobs.list(limit=30):
            job = cloud.jobs.get(listed.id)
            assert job == listed
            assert job.status is listed.status is cloud.jobs.status(job.id)
            assert job.workflow is not None
        with pytest.raises(NotFound):
            cloud.jobs.get(NOBODY)
        with pytest.raises(NotFound):
            cloud.jobs.status(NOBODY)


def test_a_status_without_the_old_endpoint(emulator: Emulator, time: FakeTime) -> None:
    emulator.faults.add(Fault.retired("/api/job/*", status=410))
    with client(emulator, time) as cloud:
        job = (cloud.jobs.list(limit=1))[0]
        assert cloud.jobs.status(job.id) is job.status


def test_waiting_for_several(empty_emulator: Emulator, time: FakeTime) -> None:
    with client(empty_emulator, time) as cloud:
        first = cloud.submit(image_graph(1))
        second = cloud.submit(image_graph(2))
        with pytest.raises(WaitTimeout):
            cloud.jobs.wait(first, second, timeout=0.7)
        finished = cloud.jobs.wait(second, first.id, timeout=60)
    assert [job.id for job in finished] == [second.id, first.id]
    assert all(job.status is JobStatus.COMPLETED for job in finished)


# Fallbacks


@pytest.mark.parametrize("has_v2", [True, False])
def test_a_job_on_a_server_without_a_jobs_endpoint(
    start_emulator: Start, time: FakeTime, has_v2: bool
) -> None:
    emulator = start_emulator(quirks=["history_v1"])
    emulator.faults.add(Fault.retired("/api/jobs/*", status=405))
    if not has_v2:
        emulator.faults.add(Fault.retired("/api/history_v2/*", status=405))
    with client(emulator, time) as cloud:
        job = cloud.submit(IMAGE_GRAPH)
        with pytest.warns(ComfyCloudWarning, match="jobs are read from /api/queue"):
            job.refresh()
        assert job.status is JobStatus.PENDING
        assert job.queue_position == 1
        time.advance(0.6)
        job.refresh()
        assert job.status is JobStatus.IN_PROGRESS
        job.wait()
        assert job.status is JobStatus.COMPLETED
        assert len(job.outputs) == 1
        with pytest.raises(NotFound):
            cloud.jobs.get(NOBODY)
    with client(emulator, time, strict=True) as cloud:
        with pytest.raises(NotSupported):
            cloud.jobs.get(job.id)


# Cancelling


def test_cancelling_waiting_running_and_ended_jobs(empty_emulator: Emulator, time: FakeTime) -> None:
    with client(empty_emulator, time) as cloud:
        first, second, third = [cloud.submit(image_graph(number)) for number in range(3)]
        time.advance(0.6)
        assert cloud.jobs.cancel(first, second.id) == [first.id, second.id]
        assert first.cancel() is False
        third.wait()
        with pytest.raises(NotFound):
            cloud.jobs.cancel(NOBODY)
    assert third.status is JobStatus.COMPLETED


def without_cancel_routes(start_emulator: Start, **options: Any) -> Emulator:
    emulator = start_emulator(quirks=["no_cancel_routes", "queue_deletes_pending_only"], **options)
    return emulator


def test_cancelling_by_the_queue(start_emulator: Start, time: FakeTime) -> None:
    emulator = without_cancel_routes(start_emulator)
    with client(emulator, time) as cloud:
        running = cloud.submit(image_graph(1))
        waiting = cloud.submit(image_graph(2))
        time.advance(0.6)
        with pytest.warns(ComfyCloudWarning, match="removed from its queue"):
            assert waiting.cancel() is True
        assert waiting.status is JobStatus.CANCELLED
        assert posts(emulator, "/api/interrupt") == 0
        assert running.cancel() is True
        running.refresh()
        assert running.status is JobStatus.CANCELLED
        assert running.cancel() is False
        with pytest.raises(NotFound):
            cloud.jobs.cancel(NOBODY)
    (interrupt,) = [request for request in emulator.requests if request.path == "/api/interrupt"]
    assert running.id.encode() in interrupt.body


def test_one_of_several_running_jobs_is_never_interrupted(start_emulator: Start, time: FakeTime) -> None:
    emulator = without_cancel_routes(start_emulator, tier="creator")
    with client(emulator, time) as cloud:
        jobs = [cloud.submit(image_graph(number)) for number in range(2)]
        time.advance(0.6)
        with pytest.raises(NotSupported, match="cancelJob"):
            jobs[0].cancel()
        cloud.jobs.wait(*jobs)
    assert posts(emulator, "/api/interrupt") == 0
    assert {job.status for job in jobs} == {JobStatus.COMPLETED}


def test_a_job_removed_from_a_queue_that_keeps_no_record(start_emulator: Start, time: FakeTime) -> None:
    """Like a self-hosted ComfyUI, which has no record of such a job in any list."""
    emulator = without_cancel_routes(start_emulator)
    with client(emulator, time) as cloud:
        job = cloud.submit(IMAGE_GRAPH)
        emulator.faults.add(Fault.status_burst(404, path="/api/jobs/*", method="GET", after=1))
        with pytest.warns(ComfyCloudWarning, match="removed from its queue"):
            assert job.cancel() is True
        emulator.faults.add(Fault.status_burst(404, path="/api/jobs/*", method="GET", times=None))
        job.wait(timeout=5)
    assert job.status is JobStatus.CANCELLED


# Deleting


def test_deleting_a_job(empty_emulator: Emulator, time: FakeTime) -> None:
    with client(empty_emulator, time) as cloud:
        job = cloud.submit(IMAGE_GRAPH)
        job.wait()
        job.delete()
        with pytest.raises(NotFound):
            job.refresh()


def test_deleting_on_a_server_that_only_deletes_history(start_emulator: Start, time: FakeTime) -> None:
    emulator = start_emulator()
    emulator.faults.add(Fault.retired("/api/jobs/*", status=405, method="DELETE"))
    with client(emulator, time) as cloud:
        job = cloud.submit(IMAGE_GRAPH)
        job.wait()
        with pytest.warns(ComfyCloudWarning, match="files remain"):
            job.delete()
        with pytest.raises(NotFound):
            cloud.history.get(job.id)
    assert posts(emulator, "/api/history") == 1
