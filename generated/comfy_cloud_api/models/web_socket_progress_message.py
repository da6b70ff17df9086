# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from attrs import define as _define
from attrs import field as _field

from ..types import NONE, Model, extras
from .web_socket_progress_message_data import WebSocketProgressMessageData
from .web_socket_progress_message_type import WebSocketProgressMessageType


@_define
class WebSocketProgressMessage(Model):
    """A node has advanced by a step, for example in sampling.

    Attributes:
        type_: Always `progress`; identifies this kind of message.
        data: The content of the message.
    """

    type_: WebSocketProgressMessageType | str | None = None
    data: WebSocketProgressMessageData | None = None
    additional_properties: dict[str, Any] = _field(factory=dict)

    _JSON_NAMES: ClassVar[Mapping[str, str]] = {
        "type": "type_",
        "data": "data",
    }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        self = cls.__new__(cls)
        get = data.get
        self.type_ = None if (value := get("type")) is None else WebSocketProgressMessageType.read(value)
        self.data = None if (value := get("data")) is None else WebSocketProgressMessageData.read(value)
        self.additional_properties = NONE if data.keys() <= _KNOWN else extras(data, _KNOWN)
        return self


_KNOWN = frozenset(WebSocketProgressMessage._JSON_NAMES)
