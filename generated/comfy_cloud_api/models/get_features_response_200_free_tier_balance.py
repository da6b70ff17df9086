# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from attrs import define as _define
from attrs import field as _field

from ..types import NONE, Model, extras


@_define
class GetFeaturesResponse200FreeTierBalance(Model):
    """What is left of the free allowance; absent on paid plans.

    Attributes:
        allowance: Allowance per period.
        used: Part that is used up.
        remaining: Part that is left.
    """

    allowance: float | None = None
    used: float | None = None
    remaining: float | None = None
    additional_properties: dict[str, Any] = _field(factory=dict)

    _JSON_NAMES: ClassVar[Mapping[str, str]] = {
        "allowance": "allowance",
        "used": "used",
        "remaining": "remaining",
    }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        self = cls.__new__(cls)
        get = data.get
        self.allowance = get("allowance")
        self.used = get("used")
        self.remaining = get("remaining")
        self.additional_properties = NONE if data.keys() <= _KNOWN else extras(data, _KNOWN)
        return self


_KNOWN = frozenset(GetFeaturesResponse200FreeTierBalance._JSON_NAMES)
