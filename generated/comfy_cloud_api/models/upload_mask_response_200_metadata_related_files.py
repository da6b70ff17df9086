# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from attrs import define as _define
from attrs import field as _field

from ..types import NONE, Model, extras


@_define
class UploadMaskResponse200MetadataRelatedFiles(Model):
    """The other layers, as far as they are kept.

    Attributes:
        mask: Hash of the bare mask.
        paint: Hash of the layer with the brush strokes.
        painted: Hash of the image with the strokes on it.
    """

    mask: str | None = None
    paint: str | None = None
    painted: str | None = None
    additional_properties: dict[str, Any] = _field(factory=dict)

    _JSON_NAMES: ClassVar[Mapping[str, str]] = {
        "mask": "mask",
        "paint": "paint",
        "painted": "painted",
    }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        self = cls.__new__(cls)
        get = data.get
        self.mask = get("mask")
        self.paint = get("paint")
        self.painted = get("painted")
        self.additional_properties = NONE if data.keys() <= _KNOWN else extras(data, _KNOWN)
        return self


_KNOWN = frozenset(UploadMaskResponse200MetadataRelatedFiles._JSON_NAMES)
