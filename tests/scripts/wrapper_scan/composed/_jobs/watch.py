from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from comfy_cloud_api.api.job import close_watch, make_watch, open_watch, poll_once, poll_until_end

from .job import AsyncJob


class AsyncWatch:
    def __init__(self, job: AsyncJob) -> None:
        self._session = job._jobs._session
        self._request = make_watch.build()

    async def __aenter__(self) -> AsyncWatch:
        await self._session.call(open_watch)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._session.call(close_watch)

    async def until_end(self) -> None:
        await self._session.call(poll_until_end.build())

    async def once(self) -> None:
        await self._session.call(poll_once.build())


@asynccontextmanager
async def opened(job: AsyncJob) -> AsyncIterator[AsyncWatch]:
    yield AsyncWatch(job)
