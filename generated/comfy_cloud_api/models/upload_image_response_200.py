# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from attrs import define as _define
from attrs import field as _field

from ..types import NONE, Model, extras


@_define
class UploadImageResponse200(Model):
    """UploadImageResponse200, as the contract names it.

    Attributes:
        name: Name to use in the graph and with `GET /api/view`.
        subfolder: The requested folder; empty if none.
        type_: The store it was put in, `input` or `output`.
        asset: The asset made from the upload.
    """

    name: str | None = None
    subfolder: str | None = None
    type_: str | None = None
    asset: dict[str, Any] | None = None
    additional_properties: dict[str, Any] = _field(factory=dict)

    _JSON_NAMES: ClassVar[Mapping[str, str]] = {
        "name": "name",
        "subfolder": "subfolder",
        "type": "type_",
        "asset": "asset",
    }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        self = cls.__new__(cls)
        get = data.get
        self.name = get("name")
        self.subfolder = get("subfolder")
        self.type_ = get("type")
        self.asset = get("asset")
        self.additional_properties = NONE if data.keys() <= _KNOWN else extras(data, _KNOWN)
        return self


_KNOWN = frozenset(UploadImageResponse200._JSON_NAMES)
