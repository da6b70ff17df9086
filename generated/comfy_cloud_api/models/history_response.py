# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from attrs import define as _define
from attrs import field as _field

from ..types import NONE, Model, extras, read_list
from .history_entry import HistoryEntry


@_define
class HistoryResponse(Model):
    """A slice of the history.

    Attributes:
        history: Finished jobs, the latest submitted first.
    """

    history: list[HistoryEntry] | None = None
    additional_properties: dict[str, Any] = _field(factory=dict)

    _JSON_NAMES: ClassVar[Mapping[str, str]] = {
        "history": "history",
    }

    _ITEMS: ClassVar[Mapping[str, Any]] = {
        "history": HistoryEntry,
    }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        self = cls.__new__(cls)
        get = data.get
        self.history = None if (value := get("history")) is None else read_list(HistoryEntry.read, value)
        self.additional_properties = NONE if data.keys() <= _KNOWN else extras(data, _KNOWN)
        return self


_KNOWN = frozenset(HistoryResponse._JSON_NAMES)
