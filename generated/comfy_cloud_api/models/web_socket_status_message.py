# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from attrs import define as _define
from attrs import field as _field

from ..types import NONE, Model, extras
from .web_socket_status_message_data import WebSocketStatusMessageData
from .web_socket_status_message_type import WebSocketStatusMessageType


@_define
class WebSocketStatusMessage(Model):
    """The queue has changed; also the first message of a connection.

    Attributes:
        type_: Always `status`; identifies this kind of message.
        data: The content of the message.
    """

    type_: WebSocketStatusMessageType | str | None = None
    data: WebSocketStatusMessageData | None = None
    additional_properties: dict[str, Any] = _field(factory=dict)

    _JSON_NAMES: ClassVar[Mapping[str, str]] = {
        "type": "type_",
        "data": "data",
    }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        self = cls.__new__(cls)
        get = data.get
        self.type_ = None if (value := get("type")) is None else WebSocketStatusMessageType.read(value)
        self.data = None if (value := get("data")) is None else WebSocketStatusMessageData.read(value)
        self.additional_properties = NONE if data.keys() <= _KNOWN else extras(data, _KNOWN)
        return self


_KNOWN = frozenset(WebSocketStatusMessage._JSON_NAMES)
