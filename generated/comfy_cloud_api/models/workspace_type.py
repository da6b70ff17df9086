# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
from __future__ import annotations

from ..types import OpenEnum


class WorkspaceType(OpenEnum):
    """Of one person or of several."""

    PERSONAL = "personal"
    TEAM = "team"
