# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from attrs import define as _define
from attrs import field as _field

from ..types import NONE, Model, extras
from .web_socket_execution_success_message_data import WebSocketExecutionSuccessMessageData
from .web_socket_execution_success_message_type import WebSocketExecutionSuccessMessageType


@_define
class WebSocketExecutionSuccessMessage(Model):
    """A job has ended well. Its outputs can be read now.

    Attributes:
        type_: Always `execution_success`; identifies this kind of message.
        data: The content of the message.
    """

    type_: WebSocketExecutionSuccessMessageType | str | None = None
    data: WebSocketExecutionSuccessMessageData | None = None
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
            None if (value := get("type")) is None else WebSocketExecutionSuccessMessageType.read(value)
        )
        self.data = (
            None if (value := get("data")) is None else WebSocketExecutionSuccessMessageData.read(value)
        )
        self.additional_properties = NONE if data.keys() <= _KNOWN else extras(data, _KNOWN)
        return self


_KNOWN = frozenset(WebSocketExecutionSuccessMessage._JSON_NAMES)
