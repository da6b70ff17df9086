# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from attrs import define as _define
from attrs import field as _field

from ..types import NONE, Model, extras


@_define
class QueueManageResponse(Model):
    """What was taken out of the queue.

    Attributes:
        deleted: Identifiers of the jobs cancelled by this call.
        cleared: `true` if all waiting jobs were cancelled.
    """

    deleted: list[str] | None = None
    cleared: bool | None = None
    additional_properties: dict[str, Any] = _field(factory=dict)

    _JSON_NAMES: ClassVar[Mapping[str, str]] = {
        "deleted": "deleted",
        "cleared": "cleared",
    }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        self = cls.__new__(cls)
        get = data.get
        self.deleted = get("deleted")
        self.cleared = get("cleared")
        self.additional_properties = NONE if data.keys() <= _KNOWN else extras(data, _KNOWN)
        return self


_KNOWN = frozenset(QueueManageResponse._JSON_NAMES)
