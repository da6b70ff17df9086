# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
from __future__ import annotations

from ..types import OpenEnum


class ListAssetsSort(OpenEnum):
    """The values that the contract lists."""

    CREATED_AT = "created_at"
    LAST_ACCESS_TIME = "last_access_time"
    NAME = "name"
    SIZE = "size"
    UPDATED_AT = "updated_at"
