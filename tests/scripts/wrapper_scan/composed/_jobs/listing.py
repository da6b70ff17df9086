from __future__ import annotations

from collections.abc import Callable

from comfy_cloud_api.api.job import clear_list, get_history, get_other_history

from .._http.session import AsyncSession


class AsyncListing:
    def __init__(self, session: AsyncSession, on_empty: Callable[[], object] | None = None) -> None:
        self._session = session
        self._on_empty: Callable[[], object] | None = on_empty

    async def list(self) -> object:
        return await self._page() or (await self._on_empty() if self._on_empty else None)

    async def clear(self) -> object:
        return await self._session.call(clear_list.build())

    async def _page(self) -> object:
        raise NotImplementedError


async def history_page(session: AsyncSession) -> object:
    found = None
    for module in (get_history, get_other_history):
        found = found or await session.call(module)
    return found
