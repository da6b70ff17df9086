# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from attrs import define as _define
from attrs import field as _field

from ..types import NONE, Model, extras


@_define
class GetMaskLayersResponse200(Model):
    """GetMaskLayersResponse200, as the contract names it.

    Attributes:
        mask: Stored name of the bare mask, or null.
        paint: Stored name of the layer with the brush strokes, or null.
        painted: Stored name of the image with the strokes on it, or null.
        painted_masked: Stored name of the finished image, strokes and mask applied, or null.
    """

    mask: str | None = None
    paint: str | None = None
    painted: str | None = None
    painted_masked: str | None = None
    additional_properties: dict[str, Any] = _field(factory=dict)

    _JSON_NAMES: ClassVar[Mapping[str, str]] = {
        "mask": "mask",
        "paint": "paint",
        "painted": "painted",
        "painted_masked": "painted_masked",
    }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        self = cls.__new__(cls)
        get = data.get
        self.mask = get("mask")
        self.paint = get("paint")
        self.painted = get("painted")
        self.painted_masked = get("painted_masked")
        self.additional_properties = NONE if data.keys() <= _KNOWN else extras(data, _KNOWN)
        return self


_KNOWN = frozenset(GetMaskLayersResponse200._JSON_NAMES)
