# Made from openapi-v2.yaml and openapi-overlay-v2.yaml by `make generate`. Do not edit.
from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar, Self

from attrs import define as _define
from attrs import field as _field

from ..types import NONE, Model, extras, read_datetime
from .job_status import JobStatus


@_define
class JobSummary(Model):
    """One job in a list, with less than `GET /api/v2/jobs/{id}` has.

    Attributes:
        id: UUID of the job.
        status: The state of a job. It waits, runs, and ends as succeeded, failed or expired; a
            cancelled one is canceling first.
        create_time: When it was submitted.
        update_time: When it last changed.
        deployment_id: The deployment that ran it, if one did.
    """

    id: str | None = None
    status: JobStatus | str | None = None
    create_time: datetime | None = None
    update_time: datetime | None = None
    deployment_id: str | None = None
    additional_properties: dict[str, Any] = _field(factory=dict)

    _JSON_NAMES: ClassVar[Mapping[str, str]] = {
        "id": "id",
        "status": "status",
        "create_time": "create_time",
        "update_time": "update_time",
        "deployment_id": "deployment_id",
    }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        self = cls.__new__(cls)
        get = data.get
        self.id = get("id")
        self.status = None if (value := get("status")) is None else JobStatus.read(value)
        self.create_time = None if (value := get("create_time")) is None else read_datetime(value)
        self.update_time = None if (value := get("update_time")) is None else read_datetime(value)
        self.deployment_id = get("deployment_id")
        self.additional_properties = NONE if data.keys() <= _KNOWN else extras(data, _KNOWN)
        return self


_KNOWN = frozenset(JobSummary._JSON_NAMES)
