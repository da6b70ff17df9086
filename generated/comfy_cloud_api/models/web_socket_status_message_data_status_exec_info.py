# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from attrs import define as _define
from attrs import field as _field

from ..types import NONE, Model, extras


@_define
class WebSocketStatusMessageDataStatusExecInfo(Model):
    """Wrapper kept for compatibility with ComfyUI.

    Attributes:
        queue_remaining: Number of the caller's jobs that are waiting or running.
    """

    queue_remaining: int | None = None
    additional_properties: dict[str, Any] = _field(factory=dict)

    _JSON_NAMES: ClassVar[Mapping[str, str]] = {
        "queue_remaining": "queue_remaining",
    }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        self = cls.__new__(cls)
        get = data.get
        self.queue_remaining = get("queue_remaining")
        self.additional_properties = NONE if data.keys() <= _KNOWN else extras(data, _KNOWN)
        return self


_KNOWN = frozenset(WebSocketStatusMessageDataStatusExecInfo._JSON_NAMES)
