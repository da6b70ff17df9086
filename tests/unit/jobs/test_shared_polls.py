"""Many jobs that are waited for at once cost few requests, and none of them is missed."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx

from benchmarks.simulated_jobs import SimulatedService, SimulatedTime
from comfy_cloud import AsyncComfyCloud, JobStatus
from comfy_cloud._async._jobs import shared_polls

JOB, LIST = "/api/jobs/{id}", "/api/jobs"


class Waiting:
    """A client of a simulated service, whose jobs are all waited for at the same time."""

    def __init__(self, seconds: list[float]) -> None:
        self.time = SimulatedTime()
        self.service = SimulatedService(self.time, seconds)
        self.job_minutes = sum(seconds) / 60

    def run(self, http: httpx.AsyncClient | None = None) -> None:
        """Wait for all; with `http` as the client of the service."""
        asyncio.run(self._run(http))

    async def _run(self, http: httpx.AsyncClient | None) -> None:
        async with (
            http or self.service.client() as transport,
            AsyncComfyCloud(
                api_key="comfyui-simulated",
                base_url="http://127.0.0.1:8188",
                runtime=self.service.runtime(),
                http_client=transport,
            ) as cloud,
        ):
            waits = [cloud.jobs.wait(job_id) for job_id in self.service.ids]
            found: list[list[Any]] = await self.time.run(asyncio.gather(*waits))
            assert cloud.jobs._operations._polls._followed == {}
        assert [job.status for (job,) in found] == [JobStatus.COMPLETED] * len(found)
        assert self.time.now >= max(self.service._ends.values())

    @property
    def requests_per_job_minute(self) -> float:
        return self.service.requests.total() / self.job_minutes


def test_many_jobs_are_followed_by_lists() -> None:
    waiting = Waiting([10 + number / 4 for number in range(120)])
    waiting.run()
    # Each is read once by itself, when it has ended: that has its outputs.
    assert waiting.service.requests[JOB] <= 120 + 2 * shared_polls.LEAST_TOGETHER
    assert waiting.service.requests[LIST] < 80
    assert waiting.requests_per_job_minute < 5


def test_a_few_jobs_are_read_one_by_one() -> None:
    waiting = Waiting([30.0] * (shared_polls.LEAST_TOGETHER - 1))
    waiting.run()
    assert waiting.service.requests[LIST] == 0


def test_a_server_without_the_list() -> None:
    waiting = Waiting([5.0] * 20)

    def respond(request: httpx.Request) -> httpx.Response:
        if request.url.path == LIST:
            return httpx.Response(405)
        return waiting.service._respond(request)

    waiting.run(httpx.AsyncClient(transport=httpx.MockTransport(respond)))
    assert waiting.service.requests[LIST] == 0


def test_a_list_that_fails_for_a_while() -> None:
    waiting = Waiting([40.0] * 20)
    failed = 0

    def respond(request: httpx.Request) -> httpx.Response:
        nonlocal failed
        if request.url.path == LIST and waiting.time.now < 20:
            failed += 1
            return httpx.Response(503)
        return waiting.service._respond(request)

    waiting.run(httpx.AsyncClient(transport=httpx.MockTransport(respond)))
    assert 0 < failed < 60  # not one for each job and poll
    assert waiting.service.requests[LIST] > 0


def test_a_list_that_never_changes_hides_no_end() -> None:
    waiting = Waiting([10.0] * 12)

    def respond(request: httpx.Request) -> httpx.Response:
        if request.url.path == LIST:
            now, waiting.time.now = waiting.time.now, 0.0
            response = waiting.service._respond(request)
            waiting.time.now = now
            return response
        return waiting.service._respond(request)

    waiting.run(httpx.AsyncClient(transport=httpx.MockTransport(respond)))
    assert waiting.time.now < 400
