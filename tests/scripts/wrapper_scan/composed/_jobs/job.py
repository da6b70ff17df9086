from __future__ import annotations

from typing import TYPE_CHECKING, Self

from comfy_cloud_api.api.job import get_outputs, get_texts, get_workflow

if TYPE_CHECKING:
    from ..jobs import AsyncJobs


class AsyncJob:
    def __init__(self, jobs: AsyncJobs, job_id: str) -> None:
        self._jobs = jobs
        self.id = job_id

    @classmethod
    async def fetched(cls, jobs: AsyncJobs, job_id: str) -> Self:
        job = cls(jobs, job_id)
        return await job.refresh()

    @property
    def raw(self) -> object:
        return get_workflow.build()

    async def refresh(self) -> Self:
        await self._jobs._read(self)
        return self

    async def workflow(self) -> object:
        return (await self.refresh()).raw

    async def read_outputs(self) -> object:
        return await self._jobs._session.call(get_outputs.build())

    async def read_texts(self) -> object:
        return await self._jobs._session.call(get_texts.build())
