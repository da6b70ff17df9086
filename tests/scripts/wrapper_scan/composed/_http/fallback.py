from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

from comfy_cloud_api.api.asset import probe_tasks

from .session import AsyncSession

S = TypeVar("S")
T = TypeVar("T")


class AsyncFallback(Generic[S]):
    def __init__(self, sources: Sequence[S], on_skip: Callable[[], Awaitable[object]]) -> None:
        self._sources = sources
        self._on_skip = on_skip

    @property
    def current(self) -> S:
        return self._sources[0]

    async def call(self, function: Callable[[S], Awaitable[T]]) -> T:
        await self._on_skip()
        return await function(self.current)

    async def probe(self) -> object:
        return probe_tasks.build()


async def probed(fallback: AsyncFallback[AsyncSession]) -> object:
    return await fallback.probe()
