# Made from openapi-v2.yaml and openapi-overlay-v2.yaml by `make generate`. Do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from attrs import define as _define
from attrs import field as _field

from ..types import NONE, Model, extras


@_define
class PreviewEvent(Model):
    """What a `preview` event contains.

    Attributes:
        node_id: Id of the node that works on the image.
        content_type: Media type of the image, a JPEG.
        data_base64: The image in base64.
    """

    node_id: str | None = None
    content_type: str | None = None
    data_base64: str | None = None
    additional_properties: dict[str, Any] = _field(factory=dict)

    _JSON_NAMES: ClassVar[Mapping[str, str]] = {
        "node_id": "node_id",
        "content_type": "content_type",
        "data_base64": "data_base64",
    }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        self = cls.__new__(cls)
        get = data.get
        self.node_id = get("node_id")
        self.content_type = get("content_type")
        self.data_base64 = get("data_base64")
        self.additional_properties = NONE if data.keys() <= _KNOWN else extras(data, _KNOWN)
        return self


_KNOWN = frozenset(PreviewEvent._JSON_NAMES)
