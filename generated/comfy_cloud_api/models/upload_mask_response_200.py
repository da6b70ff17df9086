# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from attrs import define as _define
from attrs import field as _field

from ..types import NONE, Model, extras
from .upload_mask_response_200_metadata import UploadMaskResponse200Metadata


@_define
class UploadMaskResponse200(Model):
    """UploadMaskResponse200, as the contract names it.

    Attributes:
        name: Name to use in the graph and with `GET /api/view`.
        subfolder: Folder of the stored file; empty if none.
        type_: The store it was put in, `input` or `output`.
        metadata: How the mask was made, for editing it again.
    """

    name: str | None = None
    subfolder: str | None = None
    type_: str | None = None
    metadata: UploadMaskResponse200Metadata | None = None
    additional_properties: dict[str, Any] = _field(factory=dict)

    _JSON_NAMES: ClassVar[Mapping[str, str]] = {
        "name": "name",
        "subfolder": "subfolder",
        "type": "type_",
        "metadata": "metadata",
    }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        self = cls.__new__(cls)
        get = data.get
        self.name = get("name")
        self.subfolder = get("subfolder")
        self.type_ = get("type")
        self.metadata = (
            None if (value := get("metadata")) is None else UploadMaskResponse200Metadata.read(value)
        )
        self.additional_properties = NONE if data.keys() <= _KNOWN else extras(data, _KNOWN)
        return self


_KNOWN = frozenset(UploadMaskResponse200._JSON_NAMES)
