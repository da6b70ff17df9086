from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

from comfy_cloud_api.api.job import get_job, list_assets, list_retried

from ._http.session import AsyncSession
from ._jobs.job import AsyncJob
from ._jobs.sources import SOURCES, AsyncDetails, AsyncSource
from ._jobs.watch import AsyncWatch, opened
from .queue import AsyncQueue


class AsyncJobs:
    def __init__(self, session: AsyncSession, queue: AsyncQueue, on_delete: Callable[[str], object]) -> None:
        self._session, self._waiting = session, queue
        self._on_delete = on_delete
        self._source: AsyncSource = AsyncDetails(session)

    async def get(self, job_id: str) -> AsyncJob:
        job = AsyncJob(self, job_id)
        await job.refresh()
        return job

    async def list(self) -> "list[AsyncJob]":  # noqa: UP037 - such annotations are read too
        return [AsyncJob(self, found) for found in await self._source.page()]

    async def iter(self) -> AsyncIterator[AsyncJob]:
        async for job in self.walk(await self.list()):
            yield job

    async def walk(self, jobs: list[AsyncJob]) -> AsyncIterator[AsyncJob]:
        for job in jobs:
            yield job

    async def first(self) -> None:
        async for job in self.iter():
            await job.read_outputs()

    async def second(self) -> None:
        named = {job.id: job for job in await self.list()}
        await named["a"].read_texts()

    async def third(self, other: object) -> None:
        match other:
            case AsyncJob() as job:
                await job.read_texts()

    async def fourth(self, *jobs: AsyncJob) -> None:
        await jobs[0].read_outputs()

    async def fifth(self, jobs: list[AsyncJob]) -> None:
        for _, job in enumerate(jobs):
            await job.read_texts()

    async def cancel(self, job: AsyncJob | str) -> None:
        await self._waiting.cancel(job if isinstance(job, str) else job.id)

    async def fetch(self, job_id: str) -> AsyncJob:
        return await AsyncJob.fetched(self, job_id)

    async def retried(self) -> object:
        return await AsyncRetry("why", self._retried).run()

    async def _retried(self) -> object:
        return await self._session.call(list_retried.build())

    async def delete(self, job_id: str) -> None:
        await self._on_delete(job_id)

    async def wait(self, job: AsyncJob) -> None:
        async with AsyncWatch(job) as watch:
            await watch.until_end()

    async def look(self, job: AsyncJob) -> None:
        async with opened(job) as watch:
            await watch.once()

    async def assets(self) -> object:
        return await retried(self._assets)

    def turn(self) -> None:
        self._source = SOURCES[1](self._session)

    async def _assets(self) -> object:
        return await self._session.call(list_assets.build())

    async def _read(self, job: AsyncJob) -> None:
        await self._session.call(get_job.build(job.id))


async def retried(function: Callable[[], object]) -> object: ...


@dataclass
class AsyncRetry:
    reason: str
    action: Callable[[], object]

    async def run(self) -> object:
        return await self.action()
