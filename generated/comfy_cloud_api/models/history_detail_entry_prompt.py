# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from attrs import define as _define
from attrs import field as _field

from ..types import NONE, Model, extras


@_define
class HistoryDetailEntryPrompt(Model):
    """The submission.

    Attributes:
        priority: Running number in the queue; without meaning on the cloud.
        prompt_id: UUID of the job.
        prompt: The graph in API format, ready to be submitted again.
        extra_data: The `extra_data` of the submission; keys in it are blanked out.
        outputs_to_execute: Identifiers of the output nodes that were run.
    """

    priority: float | None = None
    prompt_id: str | None = None
    prompt: dict[str, Any] | None = None
    extra_data: dict[str, Any] | None = None
    outputs_to_execute: list[str] | None = None
    additional_properties: dict[str, Any] = _field(factory=dict)

    _JSON_NAMES: ClassVar[Mapping[str, str]] = {
        "priority": "priority",
        "prompt_id": "prompt_id",
        "prompt": "prompt",
        "extra_data": "extra_data",
        "outputs_to_execute": "outputs_to_execute",
    }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        self = cls.__new__(cls)
        get = data.get
        self.priority = get("priority")
        self.prompt_id = get("prompt_id")
        self.prompt = get("prompt")
        self.extra_data = get("extra_data")
        self.outputs_to_execute = get("outputs_to_execute")
        self.additional_properties = NONE if data.keys() <= _KNOWN else extras(data, _KNOWN)
        return self


_KNOWN = frozenset(HistoryDetailEntryPrompt._JSON_NAMES)
