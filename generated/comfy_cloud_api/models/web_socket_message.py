# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from attrs import define as _define
from attrs import field as _field

from ..types import NONE, Model, extras
from .web_socket_message_type import WebSocketMessageType


@_define
class WebSocketMessage(Model):
    """A text frame of the websocket `wss://cloud.comfy.org/ws?clientId={uuid}&token={key}`, which
    reports on all jobs of the caller. Frames that were missed are not sent again, so read the job
    after every reconnection. Binary frames carry previews and text; see the end of this document.

    Attributes:
        type_: Kinds of messages. `notification` has a sentence for people (`value`, `id`),
            `feature_flags` the response to the client's own, `logs` lines of the server,
            `asset_download` and `asset_export` the progress of a task (`task_id`, `progress` from 0
            to 1, `status`, byte counts, `error`). Skip kinds that you do not know.
        data: The content of the message; its layout depends on the type.
    """

    type_: WebSocketMessageType | str | None = None
    data: dict[str, Any] | None = None
    additional_properties: dict[str, Any] = _field(factory=dict)

    _JSON_NAMES: ClassVar[Mapping[str, str]] = {
        "type": "type_",
        "data": "data",
    }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        self = cls.__new__(cls)
        get = data.get
        self.type_ = None if (value := get("type")) is None else WebSocketMessageType.read(value)
        self.data = get("data")
        self.additional_properties = NONE if data.keys() <= _KNOWN else extras(data, _KNOWN)
        return self


_KNOWN = frozenset(WebSocketMessage._JSON_NAMES)
