# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from attrs import define as _define
from attrs import field as _field

from ..types import NONE, Model, extras


@_define
class CreateAssetFromHashBody(Model):
    """CreateAssetFromHashBody, as the contract names it.

    Attributes:
        hash_: Which content: the algorithm, a colon and 64 lower-case hex digits. BLAKE3 and
            SHA-256 are understood.
        tags: Labels to attach, in any order. By convention one names the kind (`models`, `input`,
            `output`, `temp`) and further ones the category. At least one is needed.
        name: Name shown to people.
        mime_type: Media type of the content, such as `video/mp4`.
        user_metadata: Anything you want to keep with the asset.
    """

    hash_: str | None = None
    tags: list[str] | None = None
    name: str | None = None
    mime_type: str | None = None
    user_metadata: dict[str, Any] | None = None
    additional_properties: dict[str, Any] = _field(factory=dict)

    _JSON_NAMES: ClassVar[Mapping[str, str]] = {
        "hash": "hash_",
        "tags": "tags",
        "name": "name",
        "mime_type": "mime_type",
        "user_metadata": "user_metadata",
    }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        self = cls.__new__(cls)
        get = data.get
        self.hash_ = get("hash")
        self.tags = get("tags")
        self.name = get("name")
        self.mime_type = get("mime_type")
        self.user_metadata = get("user_metadata")
        self.additional_properties = NONE if data.keys() <= _KNOWN else extras(data, _KNOWN)
        return self


_KNOWN = frozenset(CreateAssetFromHashBody._JSON_NAMES)
