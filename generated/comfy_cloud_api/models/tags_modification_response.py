# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from attrs import define as _define
from attrs import field as _field

from ..types import NONE, Model, extras


@_define
class TagsModificationResponse(Model):
    """Effect of a change to tags.

    Attributes:
        total_tags: All tags of the asset after the change.
        added: Tags that are new on the asset; sent when adding.
        removed: Tags that were removed; sent when removing.
        already_present: Tags that were there before; sent when adding.
        not_present: Tags that were not there; sent when removing.
    """

    total_tags: list[str] | None = None
    added: list[str] | None = None
    removed: list[str] | None = None
    already_present: list[str] | None = None
    not_present: list[str] | None = None
    additional_properties: dict[str, Any] = _field(factory=dict)

    _JSON_NAMES: ClassVar[Mapping[str, str]] = {
        "total_tags": "total_tags",
        "added": "added",
        "removed": "removed",
        "already_present": "already_present",
        "not_present": "not_present",
    }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        self = cls.__new__(cls)
        get = data.get
        self.total_tags = get("total_tags")
        self.added = get("added")
        self.removed = get("removed")
        self.already_present = get("already_present")
        self.not_present = get("not_present")
        self.additional_properties = NONE if data.keys() <= _KNOWN else extras(data, _KNOWN)
        return self


_KNOWN = frozenset(TagsModificationResponse._JSON_NAMES)
