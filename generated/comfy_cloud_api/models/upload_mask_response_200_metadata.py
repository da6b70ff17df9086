# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from attrs import define as _define
from attrs import field as _field

from ..types import NONE, Model, extras
from .upload_mask_response_200_metadata_related_files import UploadMaskResponse200MetadataRelatedFiles


@_define
class UploadMaskResponse200Metadata(Model):
    """How the mask was made, for editing it again.

    Attributes:
        is_mask: `true` when the stored file is part of a mask.
        original_hash: Hash of the image before anything was applied to it.
        mask_type: Which layer the stored file is, for example `painted_masked`.
        related_files: The other layers, as far as they are kept.
    """

    is_mask: bool | None = None
    original_hash: str | None = None
    mask_type: str | None = None
    related_files: UploadMaskResponse200MetadataRelatedFiles | None = None
    additional_properties: dict[str, Any] = _field(factory=dict)

    _JSON_NAMES: ClassVar[Mapping[str, str]] = {
        "is_mask": "is_mask",
        "original_hash": "original_hash",
        "mask_type": "mask_type",
        "related_files": "related_files",
    }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        self = cls.__new__(cls)
        get = data.get
        self.is_mask = get("is_mask")
        self.original_hash = get("original_hash")
        self.mask_type = get("mask_type")
        self.related_files = (
            None
            if (value := get("related_files")) is None
            else UploadMaskResponse200MetadataRelatedFiles.read(value)
        )
        self.additional_properties = NONE if data.keys() <= _KNOWN else extras(data, _KNOWN)
        return self


_KNOWN = frozenset(UploadMaskResponse200Metadata._JSON_NAMES)
