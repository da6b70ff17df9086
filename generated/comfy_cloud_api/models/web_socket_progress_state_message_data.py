# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from attrs import define as _define
from attrs import field as _field

from ..types import NONE, Model, extras, read_map
from .web_socket_progress_state_message_data_nodes_additional_property import (
    WebSocketProgressStateMessageDataNodesAdditionalProperty,
)


@_define
class WebSocketProgressStateMessageData(Model):
    """The content of the message.

    Attributes:
        prompt_id: UUID of the job that the message is about.
        nodes: Node identifier to the state of that node.
    """

    prompt_id: str | None = None
    nodes: dict[str, WebSocketProgressStateMessageDataNodesAdditionalProperty] | None = None
    additional_properties: dict[str, Any] = _field(factory=dict)

    _JSON_NAMES: ClassVar[Mapping[str, str]] = {
        "prompt_id": "prompt_id",
        "nodes": "nodes",
    }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        self = cls.__new__(cls)
        get = data.get
        self.prompt_id = get("prompt_id")
        self.nodes = (
            None
            if (value := get("nodes")) is None
            else read_map(WebSocketProgressStateMessageDataNodesAdditionalProperty.read, value)
        )
        self.additional_properties = NONE if data.keys() <= _KNOWN else extras(data, _KNOWN)
        return self


_KNOWN = frozenset(WebSocketProgressStateMessageData._JSON_NAMES)
