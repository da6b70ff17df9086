# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from attrs import define as _define
from attrs import field as _field

from ..types import NONE, File, Model, extras


@_define
class UploadMaskBody(Model):
    """UploadMaskBody, as the contract names it.

    Attributes:
        image: The mask: an image whose alpha channel is used.
        original_ref: The stored image to apply it to: a JSON object as text, with `filename`,
            `subfolder` and `type`.
    """

    image: File | None = None
    original_ref: str | None = None
    additional_properties: dict[str, Any] = _field(factory=dict)

    _JSON_NAMES: ClassVar[Mapping[str, str]] = {
        "image": "image",
        "original_ref": "original_ref",
    }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        self = cls.__new__(cls)
        get = data.get
        self.image = get("image")
        self.original_ref = get("original_ref")
        self.additional_properties = NONE if data.keys() <= _KNOWN else extras(data, _KNOWN)
        return self


_KNOWN = frozenset(UploadMaskBody._JSON_NAMES)
