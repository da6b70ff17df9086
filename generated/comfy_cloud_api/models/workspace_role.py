# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
from __future__ import annotations

from ..types import OpenEnum


class WorkspaceRole(OpenEnum):
    """What the caller is in it."""

    MEMBER = "member"
    OWNER = "owner"
