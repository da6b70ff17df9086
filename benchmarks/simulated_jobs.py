"""A simulated service with many jobs, and a clock that moves only when everybody sleeps.

So hours of waiting for thousands of jobs take seconds, and the number of requests is exact. Nothing
is sent over a network.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qs

import httpx
import orjson

from comfy_cloud._http.runtime import AsyncRuntime
from comfy_cloud._http.websocket import AsyncSocket, SocketAddress, SocketFailed

_BORN = 1_795_000_000_000


class SimulatedTime:
    """A clock for tasks of one event loop. `run` moves it until a coroutine has ended."""

    def __init__(self) -> None:
        self.now = 0.0
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._numbers = itertools.count()

    def monotonic(self) -> float:
        """The seconds since the beginning."""
        return self.now

    async def sleep(self, seconds: float) -> None:
        """Sleep until the clock has moved so far."""
        wakes = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self.now + max(0.0, seconds), next(self._numbers), wakes))
        await wakes

    async def run(self, work: Awaitable[Any]) -> Any:
        """The result of `work`."""
        task = asyncio.ensure_future(work)
        loop: Any = asyncio.get_running_loop()
        while not task.done():
            await asyncio.sleep(0)
            if not loop._ready and self._sleepers:  # everybody sleeps
                self.now, _, wakes = heapq.heappop(self._sleepers)
                if not wakes.done():
                    wakes.set_result(None)
        return task.result()


class SimulatedService:
    """Jobs that end after so many seconds each, at GET /api/jobs and GET /api/jobs/{id}.

    `requests` counts what was asked, by path; of single jobs as one.
    """

    def __init__(self, time: SimulatedTime, seconds: list[float]) -> None:
        self._time = time
        self._ends = {f"00000000-0000-4000-8000-{number:012}": end for number, end in enumerate(seconds)}
        self.requests: Counter[str] = Counter()

    @property
    def ids(self) -> list[str]:
        """The ids of all jobs."""
        return list(self._ends)

    def client(self) -> httpx.AsyncClient:
        """An httpx client that reaches this service alone."""
        return httpx.AsyncClient(transport=httpx.MockTransport(self._respond))

    def runtime(self) -> AsyncRuntime:
        """The runtime of a client: this clock, and no websocket."""
        return AsyncRuntime(sleep=self._time.sleep, monotonic=self._time.monotonic, connect=_refuse)

    def _respond(self, request: httpx.Request) -> httpx.Response:
        job_id = request.url.path.removeprefix("/api/jobs").strip("/")
        self.requests["/api/jobs/{id}" if job_id else "/api/jobs"] += 1
        if job_id:
            return _json({**self._entry(job_id), "outputs": {}})
        query = {name: value for name, (value,) in parse_qs(request.url.query.decode()).items()}
        wanted = query.get("status", "pending,in_progress,completed").split(",")
        limit, offset = int(query["limit"]), int(query.get("offset", 0))
        entries = [entry for entry in map(self._entry, reversed(self._ends)) if entry["status"] in wanted]
        page = entries[offset : offset + limit]
        pagination = {
            "offset": offset,
            "limit": limit,
            "total": len(entries),
            "has_more": offset + limit < len(entries),
        }
        return _json({"jobs": page, "pagination": pagination})

    def _entry(self, job_id: str) -> dict[str, Any]:
        has_ended = self._time.now >= self._ends[job_id]
        number = int(job_id[-12:])
        return {
            "id": job_id,
            "status": "completed" if has_ended else "in_progress",
            "create_time": _BORN + number,
        }


def _json(value: Any) -> httpx.Response:
    return httpx.Response(200, content=orjson.dumps(value), headers={"content-type": "application/json"})


async def _refuse(address: SocketAddress) -> AsyncSocket:
    raise SocketFailed("there is no websocket", is_final=True)


Waiting = Callable[[SimulatedService], Awaitable[Any]]


async def followed(seconds: list[float], connections: int) -> tuple[SimulatedService, float]:
    """Wait for jobs that take so many seconds each; returns the service and the job-minutes."""
    from comfy_cloud import AsyncComfyCloud

    time = SimulatedTime()
    service = SimulatedService(time, seconds)
    async with (
        service.client() as http,
        AsyncComfyCloud(
            api_key="comfyui-simulated",
            base_url="http://127.0.0.1:8188",
            runtime=service.runtime(),
            http_client=http,
            max_connections=connections,
        ) as cloud,
    ):
        await time.run(asyncio.gather(*(cloud.jobs.wait(job_id) for job_id in service.ids)))
    assert time.now >= max(seconds)
    return service, sum(seconds) / 60
