# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar, Self

from attrs import define as _define
from attrs import field as _field

from ..types import NONE, UNREAD, LateModel, as_is, extras, read_datetime


@_define
class Asset(LateModel):
    """A stored file with its metadata; the content is fetched separately.

    Attributes:
        id: UUID of the asset.
        name: Name to show to people. Graphs refer to the content by its hash name instead.
        asset_hash: Hash of the content: `blake3:` and 64 hex digits. Equal content has an equal
            hash.
        size: Length of the content in bytes.
        mime_type: Media type of the content, such as `image/png`.
        tags: Labels attached to the asset.
        user_metadata: Whatever the owner has stored with it.
        preview_url: Address of a small image, usually relative to the service's own.
        preview_id: UUID of the asset that serves as preview, or null.
        prompt_id: UUID of the job that made the file; null for uploads.
        created_at: When the asset was made.
        updated_at: When its metadata last changed.
        last_access_time: When its content was last used.
        is_immutable: `true` if it can be neither changed nor deleted, as is the case with public
            models.
        hash_: Hash of the content. Replaces `asset_hash`; both occur.
        display_name: Name to show to people, where `name` is the stored one.
        file_path: Path of the file in its store.
        loader_path: Value to put into a loader node to use this file.
        job_id: UUID of the job that made the file. Replaces `prompt_id`; both occur.
        metadata: What the service knows about the content, such as its dimensions. Cannot be
            changed.
        short_url: Short link to the content, valid for a limited time.
    """

    id: str | None = None
    name: str | None = None
    asset_hash: str | None = None
    size: int | None = None
    mime_type: str | None = None
    tags: list[str] | None = None
    user_metadata: dict[str, Any] | None = None
    preview_url: str | None = None
    preview_id: str | None = None
    prompt_id: str | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None
    last_access_time: datetime | None = None
    is_immutable: bool | None = None
    hash_: str | None = None
    display_name: str | None = None
    file_path: str | None = None
    loader_path: str | None = None
    job_id: str | None = None
    metadata: dict[str, Any] | None = None
    short_url: str | None = None
    additional_properties: dict[str, Any] = _field(factory=dict)

    _JSON_NAMES: ClassVar[Mapping[str, str]] = {
        "id": "id",
        "name": "name",
        "asset_hash": "asset_hash",
        "size": "size",
        "mime_type": "mime_type",
        "tags": "tags",
        "user_metadata": "user_metadata",
        "preview_url": "preview_url",
        "preview_id": "preview_id",
        "prompt_id": "prompt_id",
        "created_at": "created_at",
        "updated_at": "updated_at",
        "last_access_time": "last_access_time",
        "is_immutable": "is_immutable",
        "hash": "hash_",
        "display_name": "display_name",
        "file_path": "file_path",
        "loader_path": "loader_path",
        "job_id": "job_id",
        "metadata": "metadata",
        "short_url": "short_url",
    }

    _KINDS: ClassVar[Mapping[str, str]] = {
        "id": "string",
        "name": "string",
        "size": "integer",
        "mime_type": "string",
        "preview_url": "string",
        "created_at": "string",
        "updated_at": "string",
        "last_access_time": "string",
        "is_immutable": "boolean",
    }
    _READERS: ClassVar[Mapping[str, Any]] = {
        "asset_hash": as_is,
        "tags": as_is,
        "user_metadata": as_is,
        "preview_id": as_is,
        "prompt_id": as_is,
        "hash_": as_is,
        "display_name": as_is,
        "file_path": as_is,
        "loader_path": as_is,
        "job_id": as_is,
        "metadata": as_is,
        "short_url": as_is,
    }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        self = cls.__new__(cls)
        get = data.get
        self.id = get("id")
        self.name = get("name")
        self.asset_hash = get("asset_hash")
        self.size = get("size")
        self.mime_type = get("mime_type")
        self.tags = get("tags")
        self.user_metadata = get("user_metadata")
        self.preview_url = get("preview_url")
        self.preview_id = get("preview_id")
        self.prompt_id = get("prompt_id")
        self.created_at = None if (value := get("created_at")) is None else read_datetime(value)
        self.updated_at = None if (value := get("updated_at")) is None else read_datetime(value)
        self.last_access_time = None if (value := get("last_access_time")) is None else read_datetime(value)
        self.is_immutable = get("is_immutable")
        self.hash_ = get("hash")
        self.display_name = get("display_name")
        self.file_path = get("file_path")
        self.loader_path = get("loader_path")
        self.job_id = get("job_id")
        self.metadata = get("metadata")
        self.short_url = get("short_url")
        self.additional_properties = NONE if data.keys() <= _KNOWN else extras(data, _KNOWN)
        return self

    @classmethod
    def from_records(cls, records: Any, page: Any) -> list[Any]:
        new = cls.__new__
        found = []
        for record in records:
            self: Any = new(cls)
            self.id = record.id
            self.name = record.name
            self.size = record.size
            self.mime_type = record.mime_type
            self.preview_url = record.preview_url
            self.created_at = None if (value := record.created_at) is None else read_datetime(value)
            self.updated_at = None if (value := record.updated_at) is None else read_datetime(value)
            self.last_access_time = (
                None if (value := record.last_access_time) is None else read_datetime(value)
            )
            self.is_immutable = record.is_immutable
            self._late_asset_hash = UNREAD
            self._late_tags = UNREAD
            self._late_user_metadata = UNREAD
            self._late_preview_id = UNREAD
            self._late_prompt_id = UNREAD
            self._late_hash_ = UNREAD
            self._late_display_name = UNREAD
            self._late_file_path = UNREAD
            self._late_loader_path = UNREAD
            self._late_job_id = UNREAD
            self._late_metadata = UNREAD
            self._late_short_url = UNREAD
            self.additional_properties = NONE
            self._undecoded = record
            self._page = page
            found.append(self)
        return found

    def _decode_all(self, record: Any, decode: Any) -> None:
        model: Any = self
        if model._late_asset_hash is UNREAD:
            model._late_asset_hash = None if record.asset_hash is None else decode(record.asset_hash)
        if model._late_tags is UNREAD:
            model._late_tags = None if record.tags is None else decode(record.tags)
        if model._late_user_metadata is UNREAD:
            model._late_user_metadata = None if record.user_metadata is None else decode(record.user_metadata)
        if model._late_preview_id is UNREAD:
            model._late_preview_id = None if record.preview_id is None else decode(record.preview_id)
        if model._late_prompt_id is UNREAD:
            model._late_prompt_id = None if record.prompt_id is None else decode(record.prompt_id)
        if model._late_hash_ is UNREAD:
            model._late_hash_ = None if record.hash_ is None else decode(record.hash_)
        if model._late_display_name is UNREAD:
            model._late_display_name = None if record.display_name is None else decode(record.display_name)
        if model._late_file_path is UNREAD:
            model._late_file_path = None if record.file_path is None else decode(record.file_path)
        if model._late_loader_path is UNREAD:
            model._late_loader_path = None if record.loader_path is None else decode(record.loader_path)
        if model._late_job_id is UNREAD:
            model._late_job_id = None if record.job_id is None else decode(record.job_id)
        if model._late_metadata is UNREAD:
            model._late_metadata = None if record.metadata is None else decode(record.metadata)
        if model._late_short_url is UNREAD:
            model._late_short_url = None if record.short_url is None else decode(record.short_url)


_KNOWN = frozenset(Asset._JSON_NAMES)
