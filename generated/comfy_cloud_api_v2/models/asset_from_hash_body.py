# Made from openapi-v2.yaml and openapi-overlay-v2.yaml by `make generate`. Do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from attrs import define as _define
from attrs import field as _field

from ..types import NONE, Model, extras


@_define
class AssetFromHashBody(Model):
    """AssetFromHashBody, as the contract names it.

    Attributes:
        hash_: blake3 hash of the content, as `blake3:` and hexadecimal digits.
        file_path: Where the file belongs, with `/` between folders.
        tags: Words to file the asset under.
        expires_in: Seconds from now until the asset expires, instead of the service's own period.
    """

    hash_: str | None = None
    file_path: str | None = None
    tags: list[str] | None = None
    expires_in: int | None = None
    additional_properties: dict[str, Any] = _field(factory=dict)

    _JSON_NAMES: ClassVar[Mapping[str, str]] = {
        "hash": "hash_",
        "file_path": "file_path",
        "tags": "tags",
        "expires_in": "expires_in",
    }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        self = cls.__new__(cls)
        get = data.get
        self.hash_ = get("hash")
        self.file_path = get("file_path")
        self.tags = get("tags")
        self.expires_in = get("expires_in")
        self.additional_properties = NONE if data.keys() <= _KNOWN else extras(data, _KNOWN)
        return self


_KNOWN = frozenset(AssetFromHashBody._JSON_NAMES)
