# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar, Self

from attrs import define as _define
from attrs import field as _field

from ..types import NONE, Model, extras, read_datetime
from .job_status_response_status import JobStatusResponseStatus


@_define
class JobStatusResponse(Model):
    """The raw state of a job, with times in RFC 3339 form (unlike the job routes, which use
    milliseconds).

    Attributes:
        id: UUID of the job.
        status: State in the scheduler. `success` and `completed` mean that the job went well;
            `error`, `retryable_error`, `non_retryable_error`, `erroring`, `lost` and `failed` that
            it did not; states with `cancel` that it was stopped.
        created_at: When the job was submitted.
        updated_at: When anything about the job last changed.
        last_state_update: When the job last moved to another state.
        assigned_inference: Name of the machine that runs the job, null while there is none.
        error_message: Why the job failed, or null. May itself be a JSON document with the details
            of an execution error.
    """

    id: str | None = None
    status: JobStatusResponseStatus | str | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None
    last_state_update: datetime | None = None
    assigned_inference: str | None = None
    error_message: str | None = None
    additional_properties: dict[str, Any] = _field(factory=dict)

    _JSON_NAMES: ClassVar[Mapping[str, str]] = {
        "id": "id",
        "status": "status",
        "created_at": "created_at",
        "updated_at": "updated_at",
        "last_state_update": "last_state_update",
        "assigned_inference": "assigned_inference",
        "error_message": "error_message",
    }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        self = cls.__new__(cls)
        get = data.get
        self.id = get("id")
        self.status = None if (value := get("status")) is None else JobStatusResponseStatus.read(value)
        self.created_at = None if (value := get("created_at")) is None else read_datetime(value)
        self.updated_at = None if (value := get("updated_at")) is None else read_datetime(value)
        self.last_state_update = None if (value := get("last_state_update")) is None else read_datetime(value)
        self.assigned_inference = get("assigned_inference")
        self.error_message = get("error_message")
        self.additional_properties = NONE if data.keys() <= _KNOWN else extras(data, _KNOWN)
        return self


_KNOWN = frozenset(JobStatusResponse._JSON_NAMES)
