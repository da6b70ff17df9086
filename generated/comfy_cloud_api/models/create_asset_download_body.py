# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from attrs import define as _define
from attrs import field as _field

from ..types import NONE, Model, extras


@_define
class CreateAssetDownloadBody(Model):
    """CreateAssetDownloadBody, as the contract names it.

    Attributes:
        source_url: Download address of the file, on huggingface.co or civitai.com.
        tags: Labels for the new asset; for a model `models` and the name of its folder, for example
            `loras`.
        user_metadata: Anything you want to keep with the asset.
        preview_id: UUID of a stored image to show as preview of the model.
    """

    source_url: str | None = None
    tags: list[str] | None = None
    user_metadata: dict[str, Any] | None = None
    preview_id: str | None = None
    additional_properties: dict[str, Any] = _field(factory=dict)

    _JSON_NAMES: ClassVar[Mapping[str, str]] = {
        "source_url": "source_url",
        "tags": "tags",
        "user_metadata": "user_metadata",
        "preview_id": "preview_id",
    }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        self = cls.__new__(cls)
        get = data.get
        self.source_url = get("source_url")
        self.tags = get("tags")
        self.user_metadata = get("user_metadata")
        self.preview_id = get("preview_id")
        self.additional_properties = NONE if data.keys() <= _KNOWN else extras(data, _KNOWN)
        return self


_KNOWN = frozenset(CreateAssetDownloadBody._JSON_NAMES)
