# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from attrs import define as _define
from attrs import field as _field

from ..types import NONE, Model, extras


@_define
class ModelFolder(Model):
    """A kind of models.

    Attributes:
        name: Name of the folder, to be used in other model routes.
        folders: Storage locations of the folder; a model's `pathIndex` points into this list.
    """

    name: str | None = None
    folders: list[str] | None = None
    additional_properties: dict[str, Any] = _field(factory=dict)

    _JSON_NAMES: ClassVar[Mapping[str, str]] = {
        "name": "name",
        "folders": "folders",
    }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        self = cls.__new__(cls)
        get = data.get
        self.name = get("name")
        self.folders = get("folders")
        self.additional_properties = NONE if data.keys() <= _KNOWN else extras(data, _KNOWN)
        return self


_KNOWN = frozenset(ModelFolder._JSON_NAMES)
