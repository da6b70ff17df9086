# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
from __future__ import annotations

from ..types import OpenEnum


class SavedWorkflowCreationDefaultView(OpenEnum):
    """View in which it opens."""

    APP = "app"
    WORKFLOW = "workflow"
