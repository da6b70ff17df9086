from __future__ import annotations

from comfy_cloud_api.api.system import get_features, get_system_stats


class AsyncSession:
    def __init__(self, key: str) -> None:
        self.key = key

    async def call(self, request: object) -> object: ...

    async def ping(self) -> None:
        await self.call(get_system_stats.build())

    async def cancel(self) -> None:
        await self.call(get_features.build())
