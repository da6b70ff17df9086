# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar, Self

from attrs import define as _define
from attrs import field as _field

from ..types import NONE, Model, extras, read_datetime


@_define
class UserDataResponseFull(Model):
    """A file of the personal storage, after it was written.

    Attributes:
        path: Path below the caller's storage root.
        size: Length in bytes.
        modified: When the file was written: RFC 3339 text, or a number since 1970 (seconds from a
            self-hosted server).
    """

    path: str | None = None
    size: int | None = None
    modified: datetime | float | None = None
    additional_properties: dict[str, Any] = _field(factory=dict)

    _JSON_NAMES: ClassVar[Mapping[str, str]] = {
        "path": "path",
        "size": "size",
        "modified": "modified",
    }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        self = cls.__new__(cls)
        get = data.get
        self.path = get("path")
        self.size = get("size")
        self.modified = None if (value := get("modified")) is None else read_datetime(value)
        self.additional_properties = NONE if data.keys() <= _KNOWN else extras(data, _KNOWN)
        return self


_KNOWN = frozenset(UserDataResponseFull._JSON_NAMES)
