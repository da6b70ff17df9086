# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from attrs import define as _define
from attrs import field as _field

from ..types import NONE, Model, extras


@_define
class PromptResponse(Model):
    """Receipt for a submitted workflow.

    Attributes:
        prompt_id: UUID of the new job. Other routes call it `job_id`.
        number: Running number in the queue; without meaning on the cloud.
        node_errors: Faults found at once, by node identifier. Empty if all is well; otherwise the
            outputs that depend on these nodes are not made.
    """

    prompt_id: str | None = None
    number: float | None = None
    node_errors: dict[str, Any] | None = None
    additional_properties: dict[str, Any] = _field(factory=dict)

    _JSON_NAMES: ClassVar[Mapping[str, str]] = {
        "prompt_id": "prompt_id",
        "number": "number",
        "node_errors": "node_errors",
    }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        self = cls.__new__(cls)
        get = data.get
        self.prompt_id = get("prompt_id")
        self.number = get("number")
        self.node_errors = get("node_errors")
        self.additional_properties = NONE if data.keys() <= _KNOWN else extras(data, _KNOWN)
        return self


_KNOWN = frozenset(PromptResponse._JSON_NAMES)
