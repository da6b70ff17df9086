# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
from __future__ import annotations

from ..types import OpenEnum


class BillingStatusSubscriptionStatus(OpenEnum):
    """Whether the subscription runs."""

    ACTIVE = "active"
    CANCELED = "canceled"
    ENDED = "ended"
    SCHEDULED = "scheduled"
