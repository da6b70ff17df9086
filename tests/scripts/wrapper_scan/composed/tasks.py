from __future__ import annotations

from comfy_cloud_api.api.asset import get_new_task, get_old_task, list_new_tasks, list_old_tasks, skip_tasks

from ._http.fallback import AsyncFallback, probed
from ._http.session import AsyncSession


class AsyncTaskSource:
    async def get(self) -> object:
        raise NotImplementedError

    async def list(self) -> object:
        raise NotImplementedError


class AsyncNewTasks(AsyncTaskSource):
    async def get(self) -> object:
        return get_new_task.build()

    async def list(self) -> object:
        return list_new_tasks.build()


class AsyncOldTasks(AsyncTaskSource):
    async def get(self) -> object:
        return get_old_task.build()

    async def list(self) -> object:
        return list_old_tasks.build()


class AsyncTasks:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session
        self._fallback = AsyncFallback[AsyncTaskSource]([AsyncNewTasks(), AsyncOldTasks()], self._skipped)

    async def get(self) -> object:
        return await self._fallback.call(lambda source: source.get())

    async def list(self) -> object:
        return await self._fallback.current.list()

    async def probe(self) -> object:
        return await probed(self._fallback)

    async def _skipped(self) -> object:
        return skip_tasks.build()
