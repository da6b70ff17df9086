from __future__ import annotations

from ._jobs import listing


class AsyncHistory(listing.AsyncListing):
    async def clear(self) -> object:
        return await super().clear()

    async def _page(self) -> object:
        return await listing.history_page(self._session)
