# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from attrs import define as _define
from attrs import field as _field

from ..types import NONE, Model, extras


@_define
class WebSocketExecutionStartMessageData(Model):
    """The content of the message.

    Attributes:
        prompt_id: UUID of the job that the message is about.
        timestamp: When it happened, in milliseconds since 1970.
    """

    prompt_id: str | None = None
    timestamp: int | None = None
    additional_properties: dict[str, Any] = _field(factory=dict)

    _JSON_NAMES: ClassVar[Mapping[str, str]] = {
        "prompt_id": "prompt_id",
        "timestamp": "timestamp",
    }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        self = cls.__new__(cls)
        get = data.get
        self.prompt_id = get("prompt_id")
        self.timestamp = get("timestamp")
        self.additional_properties = NONE if data.keys() <= _KNOWN else extras(data, _KNOWN)
        return self


_KNOWN = frozenset(WebSocketExecutionStartMessageData._JSON_NAMES)
