# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
from __future__ import annotations

from ..types import OpenEnum


class ListWorkflowsSort(OpenEnum):
    """The values that the contract lists."""

    CREATE_TIME = "create_time"
    NAME = "name"
    UPDATE_TIME = "update_time"
