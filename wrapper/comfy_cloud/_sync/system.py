# Made from wrapper/comfy_cloud/_async/system.py by `make unasync`. Do not edit.
"""The server itself: versions and devices, and what it can do."""

from __future__ import annotations

from comfy_cloud_api.api.node import get_features
from comfy_cloud_api.api.system import get_system_stats
from comfy_cloud_api.models.get_features_response_200 import GetFeaturesResponse200
from comfy_cloud_api.models.system_stats_response import SystemStatsResponse

from ._http.session import Session


class System:
    """`cloud.system`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def stats(self) -> SystemStatsResponse:
        """Versions and devices (GET /api/system_stats). Needs no key."""
        return self._session.call(get_system_stats.build(), get_system_stats.parse)

    def features(self) -> GetFeaturesResponse200:
        """What the server and the account can do (GET /api/features), such as `max_upload_size` in bytes.

        Flags that are not documented are in `additional_properties`, or `features["name"]`.
        """
        return self._session.call(get_features.build(), get_features.parse)
