# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from attrs import define as _define
from attrs import field as _field

from ..types import NONE, Model, extras
from .validation_result import ValidationResult


@_define
class AssetMetadataResponse(Model):
    """What a model site reports about a file.

    Attributes:
        content_length: Length of the file in bytes; -1 when the site does not report it.
        content_type: Media type that the site reports.
        filename: File name that the site suggests.
        name: Title of the model at the site.
        tags: Labels derived from what the site reports.
        preview_image: An image from the site as a `data:` URL.
        validation: Outcome of the checks on a file.
    """

    content_length: int | None = None
    content_type: str | None = None
    filename: str | None = None
    name: str | None = None
    tags: list[str] | None = None
    preview_image: str | None = None
    validation: ValidationResult | None = None
    additional_properties: dict[str, Any] = _field(factory=dict)

    _JSON_NAMES: ClassVar[Mapping[str, str]] = {
        "content_length": "content_length",
        "content_type": "content_type",
        "filename": "filename",
        "name": "name",
        "tags": "tags",
        "preview_image": "preview_image",
        "validation": "validation",
    }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        self = cls.__new__(cls)
        get = data.get
        self.content_length = get("content_length")
        self.content_type = get("content_type")
        self.filename = get("filename")
        self.name = get("name")
        self.tags = get("tags")
        self.preview_image = get("preview_image")
        self.validation = None if (value := get("validation")) is None else ValidationResult.read(value)
        self.additional_properties = NONE if data.keys() <= _KNOWN else extras(data, _KNOWN)
        return self


_KNOWN = frozenset(AssetMetadataResponse._JSON_NAMES)
