# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from attrs import define as _define
from attrs import field as _field

from ..types import NONE, Model, extras
from .plan_availability_reason import PlanAvailabilityReason


@_define
class PlanAvailability(Model):
    """Whether the workspace can change to a plan.

    Attributes:
        available: Whether it can.
        reason: Why it cannot.
    """

    available: bool | None = None
    reason: PlanAvailabilityReason | str | None = None
    additional_properties: dict[str, Any] = _field(factory=dict)

    _JSON_NAMES: ClassVar[Mapping[str, str]] = {
        "available": "available",
        "reason": "reason",
    }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        self = cls.__new__(cls)
        get = data.get
        self.available = get("available")
        self.reason = None if (value := get("reason")) is None else PlanAvailabilityReason.read(value)
        self.additional_properties = NONE if data.keys() <= _KNOWN else extras(data, _KNOWN)
        return self


_KNOWN = frozenset(PlanAvailability._JSON_NAMES)
