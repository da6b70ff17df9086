# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar, Self

from attrs import define as _define
from attrs import field as _field

from ..types import NONE, Model, extras, read_datetime


@_define
class SavedWorkflowVersion(Model):
    """A version of a saved workflow.

    Attributes:
        id: UUID of the version.
        version: Number of the version, counted from 1.
        latest_version: Number of the latest version.
        created_at: Moment when it was saved.
        created_by: Identifier of the account that saved it.
    """

    id: str | None = None
    version: int | None = None
    latest_version: int | None = None
    created_at: datetime | None = None
    created_by: str | None = None
    additional_properties: dict[str, Any] = _field(factory=dict)

    _JSON_NAMES: ClassVar[Mapping[str, str]] = {
        "id": "id",
        "version": "version",
        "latest_version": "latest_version",
        "created_at": "created_at",
        "created_by": "created_by",
    }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        self = cls.__new__(cls)
        get = data.get
        self.id = get("id")
        self.version = get("version")
        self.latest_version = get("latest_version")
        self.created_at = None if (value := get("created_at")) is None else read_datetime(value)
        self.created_by = get("created_by")
        self.additional_properties = NONE if data.keys() <= _KNOWN else extras(data, _KNOWN)
        return self


_KNOWN = frozenset(SavedWorkflowVersion._JSON_NAMES)
