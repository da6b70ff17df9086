# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from attrs import define as _define
from attrs import field as _field

from ..types import NONE, Model, extras


@_define
class QueueInfo(Model):
    """The caller's unfinished jobs.

    Attributes:
        queue_running: Jobs that run now.
        queue_pending: Jobs that wait, the earliest submitted first.
    """

    queue_running: list[list[Any]] | None = None
    queue_pending: list[list[Any]] | None = None
    additional_properties: dict[str, Any] = _field(factory=dict)

    _JSON_NAMES: ClassVar[Mapping[str, str]] = {
        "queue_running": "queue_running",
        "queue_pending": "queue_pending",
    }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        self = cls.__new__(cls)
        get = data.get
        self.queue_running = get("queue_running")
        self.queue_pending = get("queue_pending")
        self.additional_properties = NONE if data.keys() <= _KNOWN else extras(data, _KNOWN)
        return self


_KNOWN = frozenset(QueueInfo._JSON_NAMES)
