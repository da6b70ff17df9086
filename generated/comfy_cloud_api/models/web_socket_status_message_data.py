# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from attrs import define as _define
from attrs import field as _field

from ..types import NONE, Model, extras
from .web_socket_status_message_data_status import WebSocketStatusMessageDataStatus


@_define
class WebSocketStatusMessageData(Model):
    """The content of the message.

    Attributes:
        status: State of the queue.
        sid: Name of the connection; sent once, right after connecting.
    """

    status: WebSocketStatusMessageDataStatus | None = None
    sid: str | None = None
    additional_properties: dict[str, Any] = _field(factory=dict)

    _JSON_NAMES: ClassVar[Mapping[str, str]] = {
        "status": "status",
        "sid": "sid",
    }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        self = cls.__new__(cls)
        get = data.get
        self.status = (
            None if (value := get("status")) is None else WebSocketStatusMessageDataStatus.read(value)
        )
        self.sid = get("sid")
        self.additional_properties = NONE if data.keys() <= _KNOWN else extras(data, _KNOWN)
        return self


_KNOWN = frozenset(WebSocketStatusMessageData._JSON_NAMES)
