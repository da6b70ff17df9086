# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from attrs import define as _define
from attrs import field as _field

from ..types import NONE, Model, extras


@_define
class ExecutionError(Model):
    """Why a run failed, in which node and with what inputs.

    Attributes:
        exception_message: What went wrong, in the words of the node or the service.
        node_id: Identifier of the node that failed; empty when no node is to blame.
        node_type: Class of that node, for example `VAEDecode`.
        exception_type: Class of the Python exception, such as `ValueError`, or a word of the
            service, such as `OOMError`.
        traceback: Lines of the Python traceback, outermost call first; empty if there is none.
        current_inputs: Inputs the node had when it failed, by name; empty if not recorded. They may
            hold private values: do not log them as they are.
        executed: Identifiers of the nodes that had finished before.
        prompt_id: UUID of the job.
        timestamp: When it happened, in milliseconds since 1970.
        current_outputs: Outputs that existed when the node failed: an object, or a list of node
            identifiers.
    """

    exception_message: str | None = None
    node_id: str | None = None
    node_type: str | None = None
    exception_type: str | None = None
    traceback: list[str] | None = None
    current_inputs: dict[str, Any] | None = None
    executed: list[str] | None = None
    prompt_id: str | None = None
    timestamp: int | None = None
    current_outputs: Any = None
    additional_properties: dict[str, Any] = _field(factory=dict)

    _JSON_NAMES: ClassVar[Mapping[str, str]] = {
        "exception_message": "exception_message",
        "node_id": "node_id",
        "node_type": "node_type",
        "exception_type": "exception_type",
        "traceback": "traceback",
        "current_inputs": "current_inputs",
        "executed": "executed",
        "prompt_id": "prompt_id",
        "timestamp": "timestamp",
        "current_outputs": "current_outputs",
    }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        self = cls.__new__(cls)
        get = data.get
        self.exception_message = get("exception_message")
        self.node_id = get("node_id")
        self.node_type = get("node_type")
        self.exception_type = get("exception_type")
        self.traceback = get("traceback")
        self.current_inputs = get("current_inputs")
        self.executed = get("executed")
        self.prompt_id = get("prompt_id")
        self.timestamp = get("timestamp")
        self.current_outputs = get("current_outputs")
        self.additional_properties = NONE if data.keys() <= _KNOWN else extras(data, _KNOWN)
        return self


_KNOWN = frozenset(ExecutionError._JSON_NAMES)
