# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from attrs import define as _define
from attrs import field as _field

from ..types import NONE, Model, extras


@_define
class HistoryEntryPrompt(Model):
    """What is kept of the submission in lists.

    Attributes:
        priority: Running number in the queue; without meaning on the cloud.
        prompt_id: The identifier once more.
        extra_data: The `extra_data` of the submission, without the editor's workflow.
    """

    priority: float | None = None
    prompt_id: str | None = None
    extra_data: dict[str, Any] | None = None
    additional_properties: dict[str, Any] = _field(factory=dict)

    _JSON_NAMES: ClassVar[Mapping[str, str]] = {
        "priority": "priority",
        "prompt_id": "prompt_id",
        "extra_data": "extra_data",
    }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        self = cls.__new__(cls)
        get = data.get
        self.priority = get("priority")
        self.prompt_id = get("prompt_id")
        self.extra_data = get("extra_data")
        self.additional_properties = NONE if data.keys() <= _KNOWN else extras(data, _KNOWN)
        return self


_KNOWN = frozenset(HistoryEntryPrompt._JSON_NAMES)
