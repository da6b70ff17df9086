# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from attrs import define as _define
from attrs import field as _field

from ..types import NONE, File, Model, extras


@_define
class UploadAssetBody(Model):
    """UploadAssetBody, as the contract names it.

    Attributes:
        file: The content to store.
        id: UUID to give to the new asset. Sending the same one again does not make a second asset,
            so an upload can be repeated safely.
        preview_id: UUID of another asset to show as preview; an image is its own preview by
            default.
        name: Name shown to people; the file name of the upload by default.
        mime_type: Media type of the content, such as `image/webp`; guessed when absent.
        user_metadata: Anything you want to keep with the asset: a JSON object, serialised as text.
        hash_: Hash of the content, to be checked: `blake3:` or `sha256:` and 64 hex digits.
        tags: Labels to attach: a JSON array as text.
    """

    file: File | None = None
    id: str | None = None
    preview_id: str | None = None
    name: str | None = None
    mime_type: str | None = None
    user_metadata: str | None = None
    hash_: str | None = None
    tags: str | None = None
    additional_properties: dict[str, Any] = _field(factory=dict)

    _JSON_NAMES: ClassVar[Mapping[str, str]] = {
        "file": "file",
        "id": "id",
        "preview_id": "preview_id",
        "name": "name",
        "mime_type": "mime_type",
        "user_metadata": "user_metadata",
        "hash": "hash_",
        "tags": "tags",
    }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        self = cls.__new__(cls)
        get = data.get
        self.file = get("file")
        self.id = get("id")
        self.preview_id = get("preview_id")
        self.name = get("name")
        self.mime_type = get("mime_type")
        self.user_metadata = get("user_metadata")
        self.hash_ = get("hash")
        self.tags = get("tags")
        self.additional_properties = NONE if data.keys() <= _KNOWN else extras(data, _KNOWN)
        return self


_KNOWN = frozenset(UploadAssetBody._JSON_NAMES)
