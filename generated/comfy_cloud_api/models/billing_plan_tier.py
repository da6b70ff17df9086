# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
from __future__ import annotations

from ..types import OpenEnum


class BillingPlanTier(OpenEnum):
    """Tier of the plan."""

    CREATOR = "CREATOR"
    FOUNDERS_EDITION = "FOUNDERS_EDITION"
    FREE = "FREE"
    PRO = "PRO"
    STANDARD = "STANDARD"
    TEAM = "TEAM"
