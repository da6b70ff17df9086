# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from attrs import define as _define
from attrs import field as _field

from ..types import NONE, Model, extras


@_define
class SavedWorkflowChange(Model):
    """A new version to save.

    Attributes:
        base_version: Number of the version that was changed.
        workflow_json: Graph in the form of the editor.
    """

    base_version: int | None = None
    workflow_json: dict[str, Any] | None = None
    additional_properties: dict[str, Any] = _field(factory=dict)

    _JSON_NAMES: ClassVar[Mapping[str, str]] = {
        "base_version": "base_version",
        "workflow_json": "workflow_json",
    }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        self = cls.__new__(cls)
        get = data.get
        self.base_version = get("base_version")
        self.workflow_json = get("workflow_json")
        self.additional_properties = NONE if data.keys() <= _KNOWN else extras(data, _KNOWN)
        return self


_KNOWN = frozenset(SavedWorkflowChange._JSON_NAMES)
