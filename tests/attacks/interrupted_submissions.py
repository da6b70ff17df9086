"""Interruptions while a submission is out: no job may be left running without a line in the log.

A model of a service accepts a submission at once, late, or never. Ctrl-C or a cancellation comes at
the request, at a read of the search, or at a pause of the search. Time is fake.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from contextlib import aclosing, closing, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice, product
from typing import Any

import anyio
import httpx

from comfy_cloud import AsyncComfyCloud, ComfyCloud, ComfyCloudError, Retry
from tests.clock import FakeTime
from tests.unit.submission.service_model import GRAPH, Model, PostOutcome

START = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
# Seconds from the request to the acceptance; None: it is never accepted.
LATE = (0.0, 0.1, 0.4, 1.0, 3.0, 8.0, 12.0, None)
# Where the interruption comes: at a request or pause, and at which one of them.
POINTS = (("post", 1), ("read", 1), ("read", 2), ("read", 3), ("pause", 1), ("pause", 2), ("pause", 4))
METHODS = ("submit", "run", "map")
KINDS = ("KeyboardInterrupt", "task", "scope")


@dataclass
class Service(Model):
    """The model, with late acceptance and cancelling. `cancelled` has the ids of cancelled jobs."""

    late: float | None = 0.0
    cancelled: set[str] = field(default_factory=set)

    def handle(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path
        if path.endswith("/cancel"):
            job_id = path.split("/")[-2]
            self.cancelled.add(job_id)
            return httpx.Response(200, json={"cancelled": True})
        return super().handle(request)

    def _accept(self, body: dict[str, Any]) -> str:
        if self.late is None:
            return ""
        self.lag = self.late
        return super()._accept(body)


@dataclass
class Try:
    """One interrupted submission."""

    method: str
    kind: str
    point: tuple[str, int]
    late: float | None
    service: Service
    time: FakeTime
    seen: dict[str, int] = field(default_factory=dict)
    is_interrupted: bool = False

    def reaches(self, point: str) -> bool:
        """Whether the interruption comes here."""
        count = self.seen[point] = self.seen.get(point, 0) + 1
        if self.is_interrupted or (point, count) != self.point:
            return False
        self.is_interrupted = True
        return True

    @property
    def running(self) -> list[str]:
        """The jobs that run although the program was interrupted."""
        return [job.id for job in self.service.jobs if job.id not in self.service.cancelled]


def point_of(request: httpx.Request) -> str:
    if request.url.path == "/api/prompt":
        return "post"
    return "read" if request.method == "GET" else "cancel"


class InterruptedClient(httpx.Client):
    """Passes requests to the service, and raises KeyboardInterrupt at one of them."""

    is_closed = False

    def __init__(self, attempt: Try) -> None:
        self._attempt = attempt
        self._headers = httpx.Headers()

    def send(self, request: httpx.Request, **options: Any) -> httpx.Response:
        attempt = self._attempt
        is_last = attempt.reaches(point_of(request))
        try:
            return attempt.service.handle(request)
        finally:
            if is_last:
                raise KeyboardInterrupt


class CancelledClient(httpx.AsyncClient):
    """Passes requests to the service, and is cancelled at one of them."""

    is_closed = False

    def __init__(self, attempt: Try, cancel: Any) -> None:
        self._attempt = attempt
        self._cancel = cancel
        self._headers = httpx.Headers()

    async def send(self, request: httpx.Request, **options: Any) -> httpx.Response:
        attempt = self._attempt
        is_last = attempt.reaches(point_of(request))
        try:
            return attempt.service.handle(request)
        finally:
            if is_last:
                self._cancel()
                await anyio.lowlevel.checkpoint()


def options_for(attempt: Try) -> dict[str, Any]:
    return {"api_key": "comfyui-model-key", "base_url": "http://localhost", "retry": Retry.none()}


def call_sync(attempt: Try) -> None:
    runtime = attempt.time.runtime()
    sleep = runtime.sleep

    def pause(seconds: float) -> None:
        sleep(seconds)
        if attempt.reaches("pause"):
            raise KeyboardInterrupt

    runtime.sleep = pause
    options = options_for(attempt)
    with ComfyCloud(http_client=InterruptedClient(attempt), runtime=runtime, **options) as cloud:
        if attempt.method == "map":
            with closing(cloud.map(GRAPH, [{}], concurrency=1)) as results:
                list(results)
        else:
            getattr(cloud, attempt.method)(GRAPH)


async def call_async(attempt: Try, cancel: Any) -> None:
    runtime = attempt.time.async_runtime()
    sleep = runtime.sleep

    async def pause(seconds: float) -> None:
        await sleep(seconds)
        if attempt.reaches("pause"):
            cancel()
            await anyio.lowlevel.checkpoint()

    runtime.sleep = pause
    options = options_for(attempt)
    http_client = CancelledClient(attempt, cancel)
    async with AsyncComfyCloud(http_client=http_client, runtime=runtime, **options) as cloud:
        if attempt.method == "map":
            async with aclosing(cloud.map(GRAPH, [{}], concurrency=1)) as results:
                async for _ in results:
                    pass
        else:
            await getattr(cloud, attempt.method)(GRAPH)


async def call_in_scope(attempt: Try) -> None:
    with anyio.CancelScope() as scope:
        await call_async(attempt, scope.cancel)


async def call_in_task(attempt: Try) -> None:
    task = asyncio.ensure_future(call_async(attempt, lambda: task.cancel()))
    await task


def tries(kind: str) -> Iterator[Try]:
    """Every try with one kind of interruption, not made yet."""
    for method, point, late in product(METHODS, POINTS, LATE):
        time = FakeTime(START)
        outcome: PostOutcome = "accepted" if point[0] == "post" else "lost_502"
        service = Service(now=lambda time=time: time.now().timestamp(), posts=iter([outcome]), late=late)
        yield Try(method, kind, point, late, service, time)


def make(attempt: Try) -> None:
    """Make a try."""
    with suppress(KeyboardInterrupt, asyncio.CancelledError, ComfyCloudError):
        if attempt.kind == "KeyboardInterrupt":
            call_sync(attempt)
        else:
            asyncio.run(call_in_scope(attempt) if attempt.kind == "scope" else call_in_task(attempt))


def problem_of(attempt: Try, log: str) -> str | None:
    """What is wrong after a try, or None."""
    service = attempt.service
    if service.post_count != 1:
        return f"sent {service.post_count} times"
    if not attempt.running:
        return None
    if attempt.late is not None and attempt.late <= 8:
        return "a job that could be found still runs"
    if "may still be running" not in log or service.accepted[0] not in log:
        return "a job still runs, and the log does not say so"
    return None


class Lines(logging.Handler):
    """Collects log messages."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())


def failures(kind: str, step: int = 1) -> tuple[int, list[str]]:
    """Make every try of a kind, or every `step`-th; returns their number, and what was wrong."""
    logger = logging.getLogger("comfy_cloud")
    count = 0
    found: list[str] = []
    for attempt in islice(tries(kind), 0, None, step):
        handler = Lines()
        logger.addHandler(handler)
        try:
            make(attempt)
        finally:
            logger.removeHandler(handler)
        if not attempt.is_interrupted:
            continue  # the job was found before
        count += 1
        log = "\n".join(handler.lines)
        problem = problem_of(attempt, log)
        if problem is not None:
            found.append(f"{attempt.method} {attempt.point} {attempt.late}: {problem}\n{log}")
    return count, found


def main() -> None:
    for kind in KINDS:
        count, found = failures(kind)
        print(f"submission interrupted by {kind} | {count} | {count - len(found)}")


if __name__ == "__main__":
    main()
