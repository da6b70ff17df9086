# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from attrs import define as _define
from attrs import field as _field

from ..types import NONE, Model, extras


@_define
class SavedWorkflowOrigin(Model):
    """Where a copied workflow comes from.

    Attributes:
        workflow_id: UUID of the workflow that was copied.
        workflow_version_id: UUID of the version that was copied.
    """

    workflow_id: str | None = None
    workflow_version_id: str | None = None
    additional_properties: dict[str, Any] = _field(factory=dict)

    _JSON_NAMES: ClassVar[Mapping[str, str]] = {
        "workflow_id": "workflow_id",
        "workflow_version_id": "workflow_version_id",
    }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        self = cls.__new__(cls)
        get = data.get
        self.workflow_id = get("workflow_id")
        self.workflow_version_id = get("workflow_version_id")
        self.additional_properties = NONE if data.keys() <= _KNOWN else extras(data, _KNOWN)
        return self


_KNOWN = frozenset(SavedWorkflowOrigin._JSON_NAMES)
