# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar, Self

from attrs import define as _define
from attrs import field as _field

from ..types import NONE, Model, extras, read_datetime


@_define
class JobOutputAsset(Model):
    """A file that a job produced, and the output it stands for.

    Attributes:
        id: UUID of the asset.
        name: Name to show to people.
        hash_: Hash of the content, `blake3:` and 64 hex digits.
        mime_type: Media type of the content.
        size: Length of the content in bytes.
        created_at: When the asset was made.
        preview_url: Relative address of a preview.
        node_id: Node that produced it; null if unknown.
        output_key: Name of the output list it is in, such as `images`; null if unknown.
        output_index: Position in that list, counted from 0; null if unknown.
    """

    id: str | None = None
    name: str | None = None
    hash_: str | None = None
    mime_type: str | None = None
    size: int | None = None
    created_at: datetime | None = None
    preview_url: str | None = None
    node_id: str | None = None
    output_key: str | None = None
    output_index: int | None = None
    additional_properties: dict[str, Any] = _field(factory=dict)

    _JSON_NAMES: ClassVar[Mapping[str, str]] = {
        "id": "id",
        "name": "name",
        "hash": "hash_",
        "mime_type": "mime_type",
        "size": "size",
        "created_at": "created_at",
        "preview_url": "preview_url",
        "node_id": "node_id",
        "output_key": "output_key",
        "output_index": "output_index",
    }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        self = cls.__new__(cls)
        get = data.get
        self.id = get("id")
        self.name = get("name")
        self.hash_ = get("hash")
        self.mime_type = get("mime_type")
        self.size = get("size")
        self.created_at = None if (value := get("created_at")) is None else read_datetime(value)
        self.preview_url = get("preview_url")
        self.node_id = get("node_id")
        self.output_key = get("output_key")
        self.output_index = get("output_index")
        self.additional_properties = NONE if data.keys() <= _KNOWN else extras(data, _KNOWN)
        return self


_KNOWN = frozenset(JobOutputAsset._JSON_NAMES)
