# Made from openapi-v2.yaml and openapi-overlay-v2.yaml by `make generate`. Do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from attrs import define as _define
from attrs import field as _field

from ..types import NONE, Model, extras
from .asset_reference_field_1 import AssetReferenceField1
from .asset_reference_info import AssetReferenceInfo


@_define
class AssetReference(Model):
    """An asset in a graph, in the place where a file name would be. It is part of the graph, and no
    body. A reference to an asset that the caller does not have gets 422 `missing_asset`.

    Attributes:
        field_type_: What the object is.
        info: Which asset it is.
    """

    field_type_: AssetReferenceField1 | str | None = None
    info: AssetReferenceInfo | None = None
    additional_properties: dict[str, Any] = _field(factory=dict)

    _JSON_NAMES: ClassVar[Mapping[str, str]] = {
        "__type": "field_type_",
        "info": "info",
    }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        self = cls.__new__(cls)
        get = data.get
        self.field_type_ = None if (value := get("__type")) is None else AssetReferenceField1.read(value)
        self.info = None if (value := get("info")) is None else AssetReferenceInfo.read(value)
        self.additional_properties = NONE if data.keys() <= _KNOWN else extras(data, _KNOWN)
        return self


_KNOWN = frozenset(AssetReference._JSON_NAMES)
