# Made from openapi-v2.yaml and openapi-overlay-v2.yaml by `make generate`. Do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from attrs import define as _define
from attrs import field as _field

from ..types import NONE, Model, extras


@_define
class Progress(Model):
    """How far a job is. Each one is complete, so the latest is enough.

    Attributes:
        value: The part of the job that is done, by nodes and sampler steps.
        nodes_done: How many nodes are done.
        nodes_total: How many nodes there are.
        current_node: Id of the node that runs.
        current_node_class: Class of that node.
        step: Which step of that node is done.
        steps: How many steps it has.
        message: The same as a text for people.
    """

    value: float | None = None
    nodes_done: int | None = None
    nodes_total: int | None = None
    current_node: str | None = None
    current_node_class: str | None = None
    step: int | None = None
    steps: int | None = None
    message: str | None = None
    additional_properties: dict[str, Any] = _field(factory=dict)

    _JSON_NAMES: ClassVar[Mapping[str, str]] = {
        "value": "value",
        "nodes_done": "nodes_done",
        "nodes_total": "nodes_total",
        "current_node": "current_node",
        "current_node_class": "current_node_class",
        "step": "step",
        "steps": "steps",
        "message": "message",
    }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        self = cls.__new__(cls)
        get = data.get
        self.value = get("value")
        self.nodes_done = get("nodes_done")
        self.nodes_total = get("nodes_total")
        self.current_node = get("current_node")
        self.current_node_class = get("current_node_class")
        self.step = get("step")
        self.steps = get("steps")
        self.message = get("message")
        self.additional_properties = NONE if data.keys() <= _KNOWN else extras(data, _KNOWN)
        return self


_KNOWN = frozenset(Progress._JSON_NAMES)
