# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
from __future__ import annotations

from ..types import OpenEnum


class PlanAvailabilityReason(OpenEnum):
    """Why it cannot."""

    EXCEEDS_MAX_SEATS = "exceeds_max_seats"
    INCOMPATIBLE_TRANSITION = "incompatible_transition"
    REQUIRES_PERSONAL = "requires_personal"
    REQUIRES_TEAM = "requires_team"
    SAME_PLAN = "same_plan"
