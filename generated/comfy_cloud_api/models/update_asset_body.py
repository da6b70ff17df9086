# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from attrs import define as _define
from attrs import field as _field

from ..types import NONE, Model, extras


@_define
class UpdateAssetBody(Model):
    """UpdateAssetBody, as the contract names it.

    Attributes:
        name: New name to show to people.
        mime_type: New media type.
        preview_id: UUID of the asset to show as preview from now on.
        user_metadata: New user metadata; it replaces the old.
    """

    name: str | None = None
    mime_type: str | None = None
    preview_id: str | None = None
    user_metadata: dict[str, Any] | None = None
    additional_properties: dict[str, Any] = _field(factory=dict)

    _JSON_NAMES: ClassVar[Mapping[str, str]] = {
        "name": "name",
        "mime_type": "mime_type",
        "preview_id": "preview_id",
        "user_metadata": "user_metadata",
    }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        self = cls.__new__(cls)
        get = data.get
        self.name = get("name")
        self.mime_type = get("mime_type")
        self.preview_id = get("preview_id")
        self.user_metadata = get("user_metadata")
        self.additional_properties = NONE if data.keys() <= _KNOWN else extras(data, _KNOWN)
        return self


_KNOWN = frozenset(UpdateAssetBody._JSON_NAMES)
