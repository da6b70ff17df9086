# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from attrs import define as _define
from attrs import field as _field

from ..types import NONE, Model, extras


@_define
class WebSocketExecutedMessageData(Model):
    """The content of the message.

    Attributes:
        prompt_id: UUID of the job that the message is about.
        node: Identifier of the node.
        display_node: Node to highlight in an editor.
        output: What the node produced, laid out as in the history: named lists, in which an item
            with a `filename` is a file for `GET /api/view`.
    """

    prompt_id: str | None = None
    node: str | None = None
    display_node: str | None = None
    output: dict[str, Any] | None = None
    additional_properties: dict[str, Any] = _field(factory=dict)

    _JSON_NAMES: ClassVar[Mapping[str, str]] = {
        "prompt_id": "prompt_id",
        "node": "node",
        "display_node": "display_node",
        "output": "output",
    }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        self = cls.__new__(cls)
        get = data.get
        self.prompt_id = get("prompt_id")
        self.node = get("node")
        self.display_node = get("display_node")
        self.output = get("output")
        self.additional_properties = NONE if data.keys() <= _KNOWN else extras(data, _KNOWN)
        return self


_KNOWN = frozenset(WebSocketExecutedMessageData._JSON_NAMES)
