# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from attrs import define as _define
from attrs import field as _field

from ..types import NONE, Model, extras
from .saved_workflow_creation_default_view import SavedWorkflowCreationDefaultView


@_define
class SavedWorkflowCreation(Model):
    """A workflow to save.

    Attributes:
        workflow_json: Graph in the form of the editor.
        name: Name to show to people.
        description: What it is for.
        default_view: View in which it opens.
        forked_from_workflow_id: UUID of the workflow that it is a copy of.
        forked_from_workflow_version_id: UUID of the version that it is a copy of.
    """

    workflow_json: dict[str, Any] | None = None
    name: str | None = None
    description: str | None = None
    default_view: SavedWorkflowCreationDefaultView | str | None = None
    forked_from_workflow_id: str | None = None
    forked_from_workflow_version_id: str | None = None
    additional_properties: dict[str, Any] = _field(factory=dict)

    _JSON_NAMES: ClassVar[Mapping[str, str]] = {
        "workflow_json": "workflow_json",
        "name": "name",
        "description": "description",
        "default_view": "default_view",
        "forked_from_workflow_id": "forked_from_workflow_id",
        "forked_from_workflow_version_id": "forked_from_workflow_version_id",
    }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        self = cls.__new__(cls)
        get = data.get
        self.workflow_json = get("workflow_json")
        self.name = get("name")
        self.description = get("description")
        self.default_view = (
            None if (value := get("default_view")) is None else SavedWorkflowCreationDefaultView.read(value)
        )
        self.forked_from_workflow_id = get("forked_from_workflow_id")
        self.forked_from_workflow_version_id = get("forked_from_workflow_version_id")
        self.additional_properties = NONE if data.keys() <= _KNOWN else extras(data, _KNOWN)
        return self


_KNOWN = frozenset(SavedWorkflowCreation._JSON_NAMES)
