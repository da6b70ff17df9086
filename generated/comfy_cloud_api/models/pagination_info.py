# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from attrs import define as _define
from attrs import field as _field

from ..types import NONE, Model, extras


@_define
class PaginationInfo(Model):
    """Position of a page in the whole list.

    Attributes:
        offset: How many matching jobs come before this page.
        limit: How many jobs the page could hold.
        total: How many jobs match on all pages together.
        has_more: `true` if another page follows.
        next_cursor: Cursor of the next page; null or absent on the last.
    """

    offset: int | None = None
    limit: int | None = None
    total: int | None = None
    has_more: bool | None = None
    next_cursor: str | None = None
    additional_properties: dict[str, Any] = _field(factory=dict)

    _JSON_NAMES: ClassVar[Mapping[str, str]] = {
        "offset": "offset",
        "limit": "limit",
        "total": "total",
        "has_more": "has_more",
        "next_cursor": "next_cursor",
    }

    _NULLS: ClassVar[frozenset[str]] = frozenset(("limit",))

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        self = cls.__new__(cls)
        get = data.get
        self.offset = get("offset")
        self.limit = get("limit")
        self.total = get("total")
        self.has_more = get("has_more")
        self.next_cursor = get("next_cursor")
        self.additional_properties = NONE if data.keys() <= _KNOWN else extras(data, _KNOWN)
        return self


_KNOWN = frozenset(PaginationInfo._JSON_NAMES)
