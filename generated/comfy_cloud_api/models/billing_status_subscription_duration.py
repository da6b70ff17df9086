# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
from __future__ import annotations

from ..types import OpenEnum


class BillingStatusSubscriptionDuration(OpenEnum):
    """How long a period of the plan is."""

    ANNUAL = "ANNUAL"
    MONTHLY = "MONTHLY"
