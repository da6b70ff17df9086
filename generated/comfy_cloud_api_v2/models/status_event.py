# Made from openapi-v2.yaml and openapi-overlay-v2.yaml by `make generate`. Do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from attrs import define as _define
from attrs import field as _field

from ..types import NONE, Model, extras
from .job_status import JobStatus


@_define
class StatusEvent(Model):
    """What a `status` event contains.

    Attributes:
        status: The state of a job. It waits, runs, and ends as succeeded, failed or expired; a
            cancelled one is canceling first.
        queue_position: Place in the queue; null when it no longer waits.
    """

    status: JobStatus | str | None = None
    queue_position: int | None = None
    additional_properties: dict[str, Any] = _field(factory=dict)

    _JSON_NAMES: ClassVar[Mapping[str, str]] = {
        "status": "status",
        "queue_position": "queue_position",
    }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        self = cls.__new__(cls)
        get = data.get
        self.status = None if (value := get("status")) is None else JobStatus.read(value)
        self.queue_position = get("queue_position")
        self.additional_properties = NONE if data.keys() <= _KNOWN else extras(data, _KNOWN)
        return self


_KNOWN = frozenset(StatusEvent._JSON_NAMES)
