from __future__ import annotations

from comfy_cloud_api.api.job import cancel_queued, forget_job, get_queue

from ._http.session import AsyncSession


class AsyncQueue:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def get(self) -> object:
        return await self._session.call(get_queue.build())

    async def remaining(self) -> int:
        return len(await self.get())

    async def cancel(self, job_id: str) -> None:
        await self._session.call(cancel_queued.build(job_id))

    async def forget(self, job_id: str) -> None:
        await self._session.call(forget_job.build(job_id))
