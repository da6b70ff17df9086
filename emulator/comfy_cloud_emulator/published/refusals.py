"""How operations refuse a request for which the published contract lists no fitting status.

The emulator's operations refuse as the service does. Where the contract does not list that status,
the table has one that it lists, or the document of a response that is no refusal.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from comfy_cloud_emulator.state.json_values import Json

_NO_JOBS: Final[Json] = {"jobs": [], "pagination": {"offset": 0, "limit": 100, "total": 0, "has_more": False}}

REFUSALS: Final[Mapping[tuple[str, str], Mapping[int, int | Json]]] = MappingProxyType(
    {
        # No job has a state or kind of output that does not exist.
        ("GET", "/api/jobs"): {400: _NO_JOBS},
        # The contract knows no assets in use: there is no asset to delete.
        ("DELETE", "/api/assets/{id}"): {409: 404},
        ("POST", "/api/prompt"): {413: 400},
    }
)
"""Method and path -> status of the service -> status of the contract, or a document instead."""
