# Made from openapi-v2.yaml and openapi-overlay-v2.yaml by `make generate`. Do not edit.
from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar, Self

from attrs import define as _define
from attrs import field as _field

from ..types import NONE, Model, extras, read_datetime


@_define
class Asset(Model):
    """A stored file of the account. Its content never changes.

    Attributes:
        id: UUID of the asset.
        hash_: blake3 hash of the content, as `blake3:` and hexadecimal digits; null until it is
            computed.
        size_bytes: Size of the content in bytes.
        content_type: Media type of the content.
        created_at: When the asset was made.
        url: Address of the content, without need of a key, for a short while.
        url_expires_at: When that address ends.
        file_path: Where the file belongs, with `/` between folders.
        created_new: Only where an asset is made, whether its content was new to the service.
        expires_at: When the asset itself is deleted; null or absent for one that is kept. Making an
            asset of content that is there can move it into the future, never closer.
        job_id: The job that made the file; absent for uploads.
    """

    id: str | None = None
    hash_: str | None = None
    size_bytes: int | None = None
    content_type: str | None = None
    created_at: datetime | None = None
    url: str | None = None
    url_expires_at: datetime | None = None
    file_path: str | None = None
    created_new: bool | None = None
    expires_at: datetime | None = None
    job_id: str | None = None
    additional_properties: dict[str, Any] = _field(factory=dict)

    _JSON_NAMES: ClassVar[Mapping[str, str]] = {
        "id": "id",
        "hash": "hash_",
        "size_bytes": "size_bytes",
        "content_type": "content_type",
        "created_at": "created_at",
        "url": "url",
        "url_expires_at": "url_expires_at",
        "file_path": "file_path",
        "created_new": "created_new",
        "expires_at": "expires_at",
        "job_id": "job_id",
    }

    _NULLS: ClassVar[frozenset[str]] = frozenset(("hash",))

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        self = cls.__new__(cls)
        get = data.get
        self.id = get("id")
        self.hash_ = get("hash")
        self.size_bytes = get("size_bytes")
        self.content_type = get("content_type")
        self.created_at = None if (value := get("created_at")) is None else read_datetime(value)
        self.url = get("url")
        self.url_expires_at = None if (value := get("url_expires_at")) is None else read_datetime(value)
        self.file_path = get("file_path")
        self.created_new = get("created_new")
        self.expires_at = None if (value := get("expires_at")) is None else read_datetime(value)
        self.job_id = get("job_id")
        self.additional_properties = NONE if data.keys() <= _KNOWN else extras(data, _KNOWN)
        return self


_KNOWN = frozenset(Asset._JSON_NAMES)
