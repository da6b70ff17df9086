# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar, Self

from attrs import define as _define
from attrs import field as _field

from ..types import NONE, Model, extras, read_datetime
from .saved_workflow_default_view import SavedWorkflowDefaultView
from .saved_workflow_origin import SavedWorkflowOrigin


@_define
class SavedWorkflow(Model):
    """What is known about a saved workflow.

    Attributes:
        id: UUID of the workflow.
        latest_version: Number of the latest version.
        created_at: Moment of the first version.
        updated_at: Moment of the last change.
        name: Name to show to people.
        description: What it is for.
        default_view: View in which it opens.
        forked_from: Where a copied workflow comes from.
        created_by: Identifier of the account that saved it.
    """

    id: str | None = None
    latest_version: int | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None
    name: str | None = None
    description: str | None = None
    default_view: SavedWorkflowDefaultView | str | None = None
    forked_from: SavedWorkflowOrigin | None = None
    created_by: str | None = None
    additional_properties: dict[str, Any] = _field(factory=dict)

    _JSON_NAMES: ClassVar[Mapping[str, str]] = {
        "id": "id",
        "latest_version": "latest_version",
        "created_at": "created_at",
        "updated_at": "updated_at",
        "name": "name",
        "description": "description",
        "default_view": "default_view",
        "forked_from": "forked_from",
        "created_by": "created_by",
    }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        self = cls.__new__(cls)
        get = data.get
        self.id = get("id")
        self.latest_version = get("latest_version")
        self.created_at = None if (value := get("created_at")) is None else read_datetime(value)
        self.updated_at = None if (value := get("updated_at")) is None else read_datetime(value)
        self.name = get("name")
        self.description = get("description")
        self.default_view = (
            None if (value := get("default_view")) is None else SavedWorkflowDefaultView.read(value)
        )
        self.forked_from = None if (value := get("forked_from")) is None else SavedWorkflowOrigin.read(value)
        self.created_by = get("created_by")
        self.additional_properties = NONE if data.keys() <= _KNOWN else extras(data, _KNOWN)
        return self


_KNOWN = frozenset(SavedWorkflow._JSON_NAMES)
