# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar, Self

from attrs import define as _define
from attrs import field as _field

from ..types import NONE, Model, extras, read_datetime


@_define
class AssetUpdated(Model):
    """The values of an asset after a change.

    Attributes:
        id: UUID of the asset.
        updated_at: When the change was made.
        name: Name shown to people.
        asset_hash: Hash of the content: `blake3:` and 64 hex digits. Equal content has an equal
            hash.
        tags: Labels attached to the asset.
        mime_type: Media type of the content, such as `image/png`.
        user_metadata: Whatever the owner has stored with it.
        hash_: Hash of the content. Replaces `asset_hash`; both occur.
        display_name: Name to show to people, where `name` is the stored one.
        file_path: Path of the file in its store.
        loader_path: Value to put into a loader node to use this file.
        job_id: UUID of the job that made the file. Replaces `prompt_id`; both occur.
    """

    id: str | None = None
    updated_at: datetime | None = None
    name: str | None = None
    asset_hash: str | None = None
    tags: list[str] | None = None
    mime_type: str | None = None
    user_metadata: dict[str, Any] | None = None
    hash_: str | None = None
    display_name: str | None = None
    file_path: str | None = None
    loader_path: str | None = None
    job_id: str | None = None
    additional_properties: dict[str, Any] = _field(factory=dict)

    _JSON_NAMES: ClassVar[Mapping[str, str]] = {
        "id": "id",
        "updated_at": "updated_at",
        "name": "name",
        "asset_hash": "asset_hash",
        "tags": "tags",
        "mime_type": "mime_type",
        "user_metadata": "user_metadata",
        "hash": "hash_",
        "display_name": "display_name",
        "file_path": "file_path",
        "loader_path": "loader_path",
        "job_id": "job_id",
    }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        self = cls.__new__(cls)
        get = data.get
        self.id = get("id")
        self.updated_at = None if (value := get("updated_at")) is None else read_datetime(value)
        self.name = get("name")
        self.asset_hash = get("asset_hash")
        self.tags = get("tags")
        self.mime_type = get("mime_type")
        self.user_metadata = get("user_metadata")
        self.hash_ = get("hash")
        self.display_name = get("display_name")
        self.file_path = get("file_path")
        self.loader_path = get("loader_path")
        self.job_id = get("job_id")
        self.additional_properties = NONE if data.keys() <= _KNOWN else extras(data, _KNOWN)
        return self


_KNOWN = frozenset(AssetUpdated._JSON_NAMES)
