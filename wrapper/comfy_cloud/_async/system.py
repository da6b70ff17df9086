"""The server itself: versions and devices, and what it can do."""

from __future__ import annotations

from comfy_cloud_api.api.node import get_features
from comfy_cloud_api.api.system import get_system_stats
from comfy_cloud_api.models.get_features_response_200 import GetFeaturesResponse200
from comfy_cloud_api.models.system_stats_response import SystemStatsResponse

from ._http.session import AsyncSession


class AsyncSystem:
    """`cloud.system`: versions, devices, features and limits of the server."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def stats(self) -> SystemStatsResponse:
        """The server's versions and devices (GET /api/system_stats). Needs no key."""
        return await self._session.call(get_system_stats.build(), get_system_stats.parse)

    async def features(self) -> GetFeaturesResponse200:
        """The features and limits of the server and the account (GET /api/features), such as
        `max_upload_size` in bytes.

        Undocumented flags are in `additional_properties`, also as `features["name"]`.
        """
        return await self._session.call(get_features.build(), get_features.parse)
