# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from attrs import define as _define
from attrs import field as _field

from ..types import NONE, Model, extras
from .web_socket_execution_interrupted_message_data import WebSocketExecutionInterruptedMessageData
from .web_socket_execution_interrupted_message_type import WebSocketExecutionInterruptedMessageType


@_define
class WebSocketExecutionInterruptedMessage(Model):
    """A job was stopped on request.

    Attributes:
        type_: Always `execution_interrupted`; identifies this kind of message.
        data: The content of the message.
    """

    type_: WebSocketExecutionInterruptedMessageType | str | None = None
    data: WebSocketExecutionInterruptedMessageData | None = None
    additional_properties: dict[str, Any] = _field(factory=dict)

    _JSON_NAMES: ClassVar[Mapping[str, str]] = {
        "type": "type_",
        "data": "data",
    }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        self = cls.__new__(cls)
        get = data.get
        self.type_ = (
            None if (value := get("type")) is None else WebSocketExecutionInterruptedMessageType.read(value)
        )
        self.data = (
            None if (value := get("data")) is None else WebSocketExecutionInterruptedMessageData.read(value)
        )
        self.additional_properties = NONE if data.keys() <= _KNOWN else extras(data, _KNOWN)
        return self


_KNOWN = frozenset(WebSocketExecutionInterruptedMessage._JSON_NAMES)
