# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from attrs import define as _define
from attrs import field as _field

from ..types import NONE, Model, extras


@_define
class ModelFile(Model):
    """A model that workflows can load.

    Attributes:
        name: File name; the value for the input of a loader node.
        path_index: Storage location of the file: an index into the `folders` of its model folder.
    """

    name: str | None = None
    path_index: int | None = None
    additional_properties: dict[str, Any] = _field(factory=dict)

    _JSON_NAMES: ClassVar[Mapping[str, str]] = {
        "name": "name",
        "pathIndex": "path_index",
    }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        self = cls.__new__(cls)
        get = data.get
        self.name = get("name")
        self.path_index = get("pathIndex")
        self.additional_properties = NONE if data.keys() <= _KNOWN else extras(data, _KNOWN)
        return self


_KNOWN = frozenset(ModelFile._JSON_NAMES)
