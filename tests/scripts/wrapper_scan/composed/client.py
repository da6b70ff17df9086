from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from comfy_cloud_api.api.user import get_user

from ._http.session import AsyncSession
from ._submission.submit import submit
from .files import AsyncFiles

if TYPE_CHECKING:
    from ._jobs.job import AsyncJob
    from .history import AsyncHistory
    from .jobs import AsyncJobs
    from .queue import AsyncQueue
    from .tasks import AsyncTasks


class AsyncComfyCloud:
    def __init__(self, key: str) -> None:
        self._session = AsyncSession(key)
        self.files = AsyncFiles(self._session, self._session.ping)

    @cached_property
    def queue(self) -> AsyncQueue:
        from .queue import AsyncQueue

        return AsyncQueue(self._session)

    @cached_property
    def tasks(self) -> AsyncTasks:
        from .tasks import AsyncTasks

        return AsyncTasks(self._session)

    @cached_property
    def jobs(self) -> AsyncJobs:
        from .jobs import AsyncJobs

        return AsyncJobs(self._session, self.queue, on_delete=self.queue.forget)

    @cached_property
    def history(self) -> AsyncHistory:
        from .history import AsyncHistory

        return AsyncHistory(self._session)

    async def whoami(self) -> str:
        return await self._session.call(get_user.build())

    async def submit(self, graph: object) -> AsyncJob:
        return await submit(self._session, self.files, graph)

    async def remaining(self) -> int:
        return await self.queue.remaining()

    async def everything(self) -> object:
        return await self.jobs.list()
