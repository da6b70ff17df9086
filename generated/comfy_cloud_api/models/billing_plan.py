# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from attrs import define as _define
from attrs import field as _field

from ..types import NONE, Model, extras
from .billing_plan_duration import BillingPlanDuration
from .billing_plan_tier import BillingPlanTier
from .plan_availability import PlanAvailability


@_define
class BillingPlan(Model):
    """One plan. Amounts are in cents for one member.

    Attributes:
        slug: Short name of the plan.
        tier: Tier of the plan.
        duration: How long a period of the plan is.
        price_cents: Price of a period.
        credits_cents: Credits that a period includes.
        max_seats: How many people the plan allows.
        availability: Whether the workspace can change to a plan.
    """

    slug: str | None = None
    tier: BillingPlanTier | str | None = None
    duration: BillingPlanDuration | str | None = None
    price_cents: int | None = None
    credits_cents: int | None = None
    max_seats: int | None = None
    availability: PlanAvailability | None = None
    additional_properties: dict[str, Any] = _field(factory=dict)

    _JSON_NAMES: ClassVar[Mapping[str, str]] = {
        "slug": "slug",
        "tier": "tier",
        "duration": "duration",
        "price_cents": "price_cents",
        "credits_cents": "credits_cents",
        "max_seats": "max_seats",
        "availability": "availability",
    }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        self = cls.__new__(cls)
        get = data.get
        self.slug = get("slug")
        self.tier = None if (value := get("tier")) is None else BillingPlanTier.read(value)
        self.duration = None if (value := get("duration")) is None else BillingPlanDuration.read(value)
        self.price_cents = get("price_cents")
        self.credits_cents = get("credits_cents")
        self.max_seats = get("max_seats")
        self.availability = None if (value := get("availability")) is None else PlanAvailability.read(value)
        self.additional_properties = NONE if data.keys() <= _KNOWN else extras(data, _KNOWN)
        return self


_KNOWN = frozenset(BillingPlan._JSON_NAMES)
