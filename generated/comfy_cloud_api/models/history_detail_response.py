# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from attrs import define as _define
from attrs import field as _field

from ..types import Model, read_map
from .history_detail_entry import HistoryDetailEntry


@_define
class HistoryDetailResponse(Model):
    """One history record under its own identifier."""

    additional_properties: dict[str, HistoryDetailEntry] = _field(factory=dict)

    _JSON_NAMES: ClassVar[Mapping[str, str]] = {}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        self = cls.__new__(cls)
        self.additional_properties = read_map(HistoryDetailEntry.read, dict(data))
        return self
