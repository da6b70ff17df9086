# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from attrs import define as _define
from attrs import field as _field

from ..types import NONE, Model, extras, read_list
from .asset import Asset


@_define
class ListAssetsResponse(Model):
    """One page of assets.

    Attributes:
        assets: The assets of this page, in the requested order.
        total: How many assets match on all pages together.
        has_more: `true` if another page follows.
        next_cursor: Cursor of the next page; null or absent on the last.
    """

    assets: list[Asset] | None = None
    total: int | None = None
    has_more: bool | None = None
    next_cursor: str | None = None
    additional_properties: dict[str, Any] = _field(factory=dict)

    _JSON_NAMES: ClassVar[Mapping[str, str]] = {
        "assets": "assets",
        "total": "total",
        "has_more": "has_more",
        "next_cursor": "next_cursor",
    }

    _ITEMS: ClassVar[Mapping[str, Any]] = {
        "assets": Asset,
    }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        self = cls.__new__(cls)
        get = data.get
        self.assets = None if (value := get("assets")) is None else read_list(Asset.read, value)
        self.total = get("total")
        self.has_more = get("has_more")
        self.next_cursor = get("next_cursor")
        self.additional_properties = NONE if data.keys() <= _KNOWN else extras(data, _KNOWN)
        return self


_KNOWN = frozenset(ListAssetsResponse._JSON_NAMES)
