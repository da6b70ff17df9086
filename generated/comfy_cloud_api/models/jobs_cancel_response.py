# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from attrs import define as _define
from attrs import field as _field

from ..types import NONE, Model, extras


@_define
class JobsCancelResponse(Model):
    """Outcome of cancelling several jobs.

    Attributes:
        cancelled: On the cloud the list of the identifiers that were cancelled; on a self-hosted
            server `true` or `false`.
    """

    cancelled: Any = None
    additional_properties: dict[str, Any] = _field(factory=dict)

    _JSON_NAMES: ClassVar[Mapping[str, str]] = {
        "cancelled": "cancelled",
    }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        self = cls.__new__(cls)
        get = data.get
        self.cancelled = get("cancelled")
        self.additional_properties = NONE if data.keys() <= _KNOWN else extras(data, _KNOWN)
        return self


_KNOWN = frozenset(JobsCancelResponse._JSON_NAMES)
