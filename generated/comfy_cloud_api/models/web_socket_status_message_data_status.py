# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from attrs import define as _define
from attrs import field as _field

from ..types import NONE, Model, extras
from .web_socket_status_message_data_status_exec_info import WebSocketStatusMessageDataStatusExecInfo


@_define
class WebSocketStatusMessageDataStatus(Model):
    """State of the queue.

    Attributes:
        exec_info: Wrapper kept for compatibility with ComfyUI.
    """

    exec_info: WebSocketStatusMessageDataStatusExecInfo | None = None
    additional_properties: dict[str, Any] = _field(factory=dict)

    _JSON_NAMES: ClassVar[Mapping[str, str]] = {
        "exec_info": "exec_info",
    }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        self = cls.__new__(cls)
        get = data.get
        self.exec_info = (
            None
            if (value := get("exec_info")) is None
            else WebSocketStatusMessageDataStatusExecInfo.read(value)
        )
        self.additional_properties = NONE if data.keys() <= _KNOWN else extras(data, _KNOWN)
        return self


_KNOWN = frozenset(WebSocketStatusMessageDataStatus._JSON_NAMES)
