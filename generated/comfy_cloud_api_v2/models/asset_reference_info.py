# Made from openapi-v2.yaml and openapi-overlay-v2.yaml by `make generate`. Do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from attrs import define as _define
from attrs import field as _field

from ..types import NONE, Model, extras


@_define
class AssetReferenceInfo(Model):
    """Which asset it is.

    Attributes:
        id: UUID of the asset, which decides.
        hash_: blake3 hash, as a hint.
        file_path: File path, as a hint.
    """

    id: str | None = None
    hash_: str | None = None
    file_path: str | None = None
    additional_properties: dict[str, Any] = _field(factory=dict)

    _JSON_NAMES: ClassVar[Mapping[str, str]] = {
        "id": "id",
        "hash": "hash_",
        "file_path": "file_path",
    }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        self = cls.__new__(cls)
        get = data.get
        self.id = get("id")
        self.hash_ = get("hash")
        self.file_path = get("file_path")
        self.additional_properties = NONE if data.keys() <= _KNOWN else extras(data, _KNOWN)
        return self


_KNOWN = frozenset(AssetReferenceInfo._JSON_NAMES)
