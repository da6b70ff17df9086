# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from attrs import define as _define
from attrs import field as _field

from ..types import NONE, Model, extras


@_define
class WebSocketProgressStateMessageDataNodesAdditionalProperty(Model):
    """Progress of one node.

    Attributes:
        node_id: Identifier of the node.
        display_node_id: Node to highlight in an editor.
        real_node_id: Node of the submitted graph that this one stems from.
        prompt_id: UUID of the job.
        class_type: Class of the node, for example `VAEDecode`; often left out.
        value: Steps done.
        max_: Steps in all.
        state: `pending`, `running`, `finished` or `error`.
        parent_node_id: Node that this one was made by; null for nodes of the submitted graph.
    """

    node_id: str | None = None
    display_node_id: str | None = None
    real_node_id: str | None = None
    prompt_id: str | None = None
    class_type: str | None = None
    value: float | None = None
    max_: float | None = None
    state: str | None = None
    parent_node_id: str | None = None
    additional_properties: dict[str, Any] = _field(factory=dict)

    _JSON_NAMES: ClassVar[Mapping[str, str]] = {
        "node_id": "node_id",
        "display_node_id": "display_node_id",
        "real_node_id": "real_node_id",
        "prompt_id": "prompt_id",
        "class_type": "class_type",
        "value": "value",
        "max": "max_",
        "state": "state",
        "parent_node_id": "parent_node_id",
    }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        self = cls.__new__(cls)
        get = data.get
        self.node_id = get("node_id")
        self.display_node_id = get("display_node_id")
        self.real_node_id = get("real_node_id")
        self.prompt_id = get("prompt_id")
        self.class_type = get("class_type")
        self.value = get("value")
        self.max_ = get("max")
        self.state = get("state")
        self.parent_node_id = get("parent_node_id")
        self.additional_properties = NONE if data.keys() <= _KNOWN else extras(data, _KNOWN)
        return self


_KNOWN = frozenset(WebSocketProgressStateMessageDataNodesAdditionalProperty._JSON_NAMES)
