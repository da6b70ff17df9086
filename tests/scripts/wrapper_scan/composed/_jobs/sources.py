from __future__ import annotations

from comfy_cloud_api.api.job import list_by_details, list_by_names, list_unused

from .._http.session import AsyncSession


class AsyncSource:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def page(self) -> list[str]:
        raise NotImplementedError


class AsyncDetails(AsyncSource):
    async def page(self) -> list[str]:
        return await self._session.call(list_by_details.build())


class AsyncNames(AsyncDetails):
    async def page(self) -> list[str]:
        return await super().page() or await self._session.call(list_by_names.build())


class AsyncUnrelated:
    async def page(self) -> object:
        return list_unused.build()


SOURCES: tuple[type[AsyncSource], ...] = (AsyncDetails, AsyncNames)
