# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar, Self

from attrs import define as _define
from attrs import field as _field

from ..types import NONE, Model, extras, read_datetime


@_define
class SavedWorkflowContent(Model):
    """A version of a saved workflow with its graph.

    Attributes:
        id: UUID of the version.
        version: Number of the version, counted from 1.
        workflow_json: Graph in the form of the editor.
        created_at: Moment when it was saved.
        dependency_asset_ids: Assets that the graph uses.
        created_by: Identifier of the account that saved it.
    """

    id: str | None = None
    version: int | None = None
    workflow_json: dict[str, Any] | None = None
    created_at: datetime | None = None
    dependency_asset_ids: list[str] | None = None
    created_by: str | None = None
    additional_properties: dict[str, Any] = _field(factory=dict)

    _JSON_NAMES: ClassVar[Mapping[str, str]] = {
        "id": "id",
        "version": "version",
        "workflow_json": "workflow_json",
        "created_at": "created_at",
        "dependency_asset_ids": "dependency_asset_ids",
        "created_by": "created_by",
    }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        self = cls.__new__(cls)
        get = data.get
        self.id = get("id")
        self.version = get("version")
        self.workflow_json = get("workflow_json")
        self.created_at = None if (value := get("created_at")) is None else read_datetime(value)
        self.dependency_asset_ids = get("dependency_asset_ids")
        self.created_by = get("created_by")
        self.additional_properties = NONE if data.keys() <= _KNOWN else extras(data, _KNOWN)
        return self


_KNOWN = frozenset(SavedWorkflowContent._JSON_NAMES)
