# Made from openapi-v2.yaml and openapi-overlay-v2.yaml by `make generate`. Do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from attrs import define as _define
from attrs import field as _field

from ..types import NONE, File, Model, extras


@_define
class PostAssetsBody(Model):
    """PostAssetsBody, as the contract names it.

    Attributes:
        file: The content.
        content_type: Media type of the content.
        file_path: Where the file belongs, with `/` between folders; a bare name is allowed.
        expected_hash: blake3 hash that the sender computed, as `blake3:` and hexadecimal digits.
            With another content the service answers 409 and stores nothing.
        tags: Words to file the asset under, such as `input`.
        expires_in: Seconds from now until the asset expires, instead of the service's own period.
            Servers that keep everything ignore it.
    """

    file: File | None = None
    content_type: str | None = None
    file_path: str | None = None
    expected_hash: str | None = None
    tags: list[str] | None = None
    expires_in: int | None = None
    additional_properties: dict[str, Any] = _field(factory=dict)

    _JSON_NAMES: ClassVar[Mapping[str, str]] = {
        "file": "file",
        "content_type": "content_type",
        "file_path": "file_path",
        "expected_hash": "expected_hash",
        "tags": "tags",
        "expires_in": "expires_in",
    }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        self = cls.__new__(cls)
        get = data.get
        self.file = get("file")
        self.content_type = get("content_type")
        self.file_path = get("file_path")
        self.expected_hash = get("expected_hash")
        self.tags = get("tags")
        self.expires_in = get("expires_in")
        self.additional_properties = NONE if data.keys() <= _KNOWN else extras(data, _KNOWN)
        return self


_KNOWN = frozenset(PostAssetsBody._JSON_NAMES)
