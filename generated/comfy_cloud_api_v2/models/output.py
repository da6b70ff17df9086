# Made from openapi-v2.yaml and openapi-overlay-v2.yaml by `make generate`. Do not edit.
from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar, Self

from attrs import define as _define
from attrs import field as _field

from ..types import NONE, Model, extras, read_datetime
from .output_type import OutputType


@_define
class Output(Model):
    """Something that a job made. It is an asset, and kept as long as the job.

    Attributes:
        node_id: Id of the node that made it.
        name: Name of the file.
        type_: What kind of output it is; `file` for anything without a kind.
        content_type: Media type of the content.
        size_bytes: Size of the content in bytes.
        id: UUID of the asset that it is.
        hash_: blake3 hash of the content; null until it is computed.
        url: Address of the content, for a short while.
        url_expires_at: When that address ends.
        job_id: The job that made it.
    """

    node_id: str | None = None
    name: str | None = None
    type_: OutputType | str | None = None
    content_type: str | None = None
    size_bytes: int | None = None
    id: str | None = None
    hash_: str | None = None
    url: str | None = None
    url_expires_at: datetime | None = None
    job_id: str | None = None
    additional_properties: dict[str, Any] = _field(factory=dict)

    _JSON_NAMES: ClassVar[Mapping[str, str]] = {
        "node_id": "node_id",
        "name": "name",
        "type": "type_",
        "content_type": "content_type",
        "size_bytes": "size_bytes",
        "id": "id",
        "hash": "hash_",
        "url": "url",
        "url_expires_at": "url_expires_at",
        "job_id": "job_id",
    }

    _NULLS: ClassVar[frozenset[str]] = frozenset(("hash",))

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        self = cls.__new__(cls)
        get = data.get
        self.node_id = get("node_id")
        self.name = get("name")
        self.type_ = None if (value := get("type")) is None else OutputType.read(value)
        self.content_type = get("content_type")
        self.size_bytes = get("size_bytes")
        self.id = get("id")
        self.hash_ = get("hash")
        self.url = get("url")
        self.url_expires_at = None if (value := get("url_expires_at")) is None else read_datetime(value)
        self.job_id = get("job_id")
        self.additional_properties = NONE if data.keys() <= _KNOWN else extras(data, _KNOWN)
        return self


_KNOWN = frozenset(Output._JSON_NAMES)
