# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from attrs import define as _define
from attrs import field as _field

from ..types import NONE, Model, extras, read_list
from .tag_info import TagInfo


@_define
class ListTagsResponse(Model):
    """One page of tags.

    Attributes:
        tags: The tags of this page, in the requested order.
        total: How many tags match on all pages together.
        has_more: `true` if another page follows.
    """

    tags: list[TagInfo] | None = None
    total: int | None = None
    has_more: bool | None = None
    additional_properties: dict[str, Any] = _field(factory=dict)

    _JSON_NAMES: ClassVar[Mapping[str, str]] = {
        "tags": "tags",
        "total": "total",
        "has_more": "has_more",
    }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        self = cls.__new__(cls)
        get = data.get
        self.tags = None if (value := get("tags")) is None else read_list(TagInfo.read, value)
        self.total = get("total")
        self.has_more = get("has_more")
        self.additional_properties = NONE if data.keys() <= _KNOWN else extras(data, _KNOWN)
        return self


_KNOWN = frozenset(ListTagsResponse._JSON_NAMES)
