# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar, Self

from attrs import define as _define
from attrs import field as _field

from ..types import NONE, Model, extras, read_datetime
from .billing_status_billing_status import BillingStatusBillingStatus
from .billing_status_subscription_duration import BillingStatusSubscriptionDuration
from .billing_status_subscription_status import BillingStatusSubscriptionStatus
from .billing_status_subscription_tier import BillingStatusSubscriptionTier


@_define
class BillingStatus(Model):
    """The subscription of a workspace.

    Attributes:
        is_active: Whether there is an active subscription.
        has_funds: Whether there are credits to spend.
        subscription_status: Whether the subscription runs.
        subscription_tier: Tier of the plan.
        subscription_duration: How long a period of the plan is.
        plan_slug: Short name of the plan.
        billing_status: Whether it is paid for.
        billing_rail: Which billing system has the account.
        renewal_date: When the next period begins.
        cancel_at: When a cancelled subscription ends.
        max_seats: How many people the plan allows; 0 for any number.
        occupied_seats: Members and open invitations.
    """

    is_active: bool | None = None
    has_funds: bool | None = None
    subscription_status: BillingStatusSubscriptionStatus | str | None = None
    subscription_tier: BillingStatusSubscriptionTier | str | None = None
    subscription_duration: BillingStatusSubscriptionDuration | str | None = None
    plan_slug: str | None = None
    billing_status: BillingStatusBillingStatus | str | None = None
    billing_rail: str | None = None
    renewal_date: datetime | None = None
    cancel_at: datetime | None = None
    max_seats: int | None = None
    occupied_seats: int | None = None
    additional_properties: dict[str, Any] = _field(factory=dict)

    _JSON_NAMES: ClassVar[Mapping[str, str]] = {
        "is_active": "is_active",
        "has_funds": "has_funds",
        "subscription_status": "subscription_status",
        "subscription_tier": "subscription_tier",
        "subscription_duration": "subscription_duration",
        "plan_slug": "plan_slug",
        "billing_status": "billing_status",
        "billing_rail": "billing_rail",
        "renewal_date": "renewal_date",
        "cancel_at": "cancel_at",
        "max_seats": "max_seats",
        "occupied_seats": "occupied_seats",
    }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        self = cls.__new__(cls)
        get = data.get
        self.is_active = get("is_active")
        self.has_funds = get("has_funds")
        self.subscription_status = (
            None
            if (value := get("subscription_status")) is None
            else BillingStatusSubscriptionStatus.read(value)
        )
        self.subscription_tier = (
            None if (value := get("subscription_tier")) is None else BillingStatusSubscriptionTier.read(value)
        )
        self.subscription_duration = (
            None
            if (value := get("subscription_duration")) is None
            else BillingStatusSubscriptionDuration.read(value)
        )
        self.plan_slug = get("plan_slug")
        self.billing_status = (
            None if (value := get("billing_status")) is None else BillingStatusBillingStatus.read(value)
        )
        self.billing_rail = get("billing_rail")
        self.renewal_date = None if (value := get("renewal_date")) is None else read_datetime(value)
        self.cancel_at = None if (value := get("cancel_at")) is None else read_datetime(value)
        self.max_seats = get("max_seats")
        self.occupied_seats = get("occupied_seats")
        self.additional_properties = NONE if data.keys() <= _KNOWN else extras(data, _KNOWN)
        return self


_KNOWN = frozenset(BillingStatus._JSON_NAMES)
