# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from attrs import define as _define
from attrs import field as _field

from ..types import NONE, Model, extras


@_define
class HistoryManageRequest(Model):
    """Which history entries to delete.

    Attributes:
        delete: Identifiers of the jobs whose entries to delete.
        clear: `true` deletes the caller's whole history.
    """

    delete: list[str] | None = None
    clear: bool | None = None
    additional_properties: dict[str, Any] = _field(factory=dict)

    _JSON_NAMES: ClassVar[Mapping[str, str]] = {
        "delete": "delete",
        "clear": "clear",
    }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        self = cls.__new__(cls)
        get = data.get
        self.delete = get("delete")
        self.clear = get("clear")
        self.additional_properties = NONE if data.keys() <= _KNOWN else extras(data, _KNOWN)
        return self


_KNOWN = frozenset(HistoryManageRequest._JSON_NAMES)
