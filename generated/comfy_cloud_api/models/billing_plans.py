# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from attrs import define as _define
from attrs import field as _field

from ..types import NONE, Model, extras, read_list
from .billing_plan import BillingPlan


@_define
class BillingPlans(Model):
    """The plans on offer.

    Attributes:
        plans: All plans.
        current_plan_slug: Short name of the present plan; absent without one.
    """

    plans: list[BillingPlan] | None = None
    current_plan_slug: str | None = None
    additional_properties: dict[str, Any] = _field(factory=dict)

    _JSON_NAMES: ClassVar[Mapping[str, str]] = {
        "plans": "plans",
        "current_plan_slug": "current_plan_slug",
    }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        self = cls.__new__(cls)
        get = data.get
        self.plans = None if (value := get("plans")) is None else read_list(BillingPlan.read, value)
        self.current_plan_slug = get("current_plan_slug")
        self.additional_properties = NONE if data.keys() <= _KNOWN else extras(data, _KNOWN)
        return self


_KNOWN = frozenset(BillingPlans._JSON_NAMES)
