from __future__ import annotations

from ._jobs.listing import AsyncListing


class AsyncFiles(AsyncListing):
    async def _page(self) -> object:
        from comfy_cloud_api.api.file import list_files

        return await self._session.call(list_files.build())
