# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
from __future__ import annotations

from ..types import OpenEnum


class ListWorkflowsDefaultView(OpenEnum):
    """The values that the contract lists."""

    APP = "app"
    WORKFLOW = "workflow"
