# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from attrs import define as _define
from attrs import field as _field

from ..types import NONE, Model, extras


@_define
class WebSocketProgressMessageData(Model):
    """The content of the message.

    Attributes:
        prompt_id: UUID of the job that the message is about.
        node: Identifier of the node at work.
        value: Steps done.
        max_: Steps in all.
    """

    prompt_id: str | None = None
    node: str | None = None
    value: float | None = None
    max_: float | None = None
    additional_properties: dict[str, Any] = _field(factory=dict)

    _JSON_NAMES: ClassVar[Mapping[str, str]] = {
        "prompt_id": "prompt_id",
        "node": "node",
        "value": "value",
        "max": "max_",
    }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        self = cls.__new__(cls)
        get = data.get
        self.prompt_id = get("prompt_id")
        self.node = get("node")
        self.value = get("value")
        self.max_ = get("max")
        self.additional_properties = NONE if data.keys() <= _KNOWN else extras(data, _KNOWN)
        return self


_KNOWN = frozenset(WebSocketProgressMessageData._JSON_NAMES)
