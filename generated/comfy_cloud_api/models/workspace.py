# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar, Self

from attrs import define as _define
from attrs import field as _field

from ..types import NONE, Model, extras, read_datetime
from .workspace_role import WorkspaceRole
from .workspace_type import WorkspaceType


@_define
class Workspace(Model):
    """What jobs are charged to.

    Attributes:
        id: Identifier of the workspace.
        name: Name to show to people.
        type_: Of one person or of several.
        role: What the caller is in it.
        created_at: When it was made.
    """

    id: str | None = None
    name: str | None = None
    type_: WorkspaceType | str | None = None
    role: WorkspaceRole | str | None = None
    created_at: datetime | None = None
    additional_properties: dict[str, Any] = _field(factory=dict)

    _JSON_NAMES: ClassVar[Mapping[str, str]] = {
        "id": "id",
        "name": "name",
        "type": "type_",
        "role": "role",
        "created_at": "created_at",
    }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        self = cls.__new__(cls)
        get = data.get
        self.id = get("id")
        self.name = get("name")
        self.type_ = None if (value := get("type")) is None else WorkspaceType.read(value)
        self.role = None if (value := get("role")) is None else WorkspaceRole.read(value)
        self.created_at = None if (value := get("created_at")) is None else read_datetime(value)
        self.additional_properties = NONE if data.keys() <= _KNOWN else extras(data, _KNOWN)
        return self


_KNOWN = frozenset(Workspace._JSON_NAMES)
