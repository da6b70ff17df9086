# Made from openapi-v2.yaml and openapi-overlay-v2.yaml by `make generate`. Do not edit.
from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar, Self

from attrs import define as _define
from attrs import field as _field

from ..types import NONE, Model, extras, read_datetime, read_list
from .job_error import JobError
from .job_status import JobStatus
from .job_urls import JobUrls
from .output import Output
from .progress import Progress


@_define
class Job(Model):
    """A submitted workflow. It can be read until `expires_at`; outputs appear while it runs.

    Attributes:
        id: UUID of the job.
        status: The state of a job. It waits, runs, and ends as succeeded, failed or expired; a
            cancelled one is canceling first.
        created_at: When it was submitted.
        started_at: When it began to run; null before.
        completed_at: When it ended, in whatever way; null before.
        expires_at: Until when it can be read. How long that is, each server decides.
        queue_position: Place in the queue; null when it no longer waits.
        progress: The latest progress, as the events show it.
        outputs: What exists so far.
        error: Why it failed; else null.
        urls: Addresses of a job. One that begins with `/` belongs to the origin of the request and
            has every prefix already; do not put it behind a base URL with a path.
        metrics: Measured times in milliseconds by name, such as `queue_ms`; null while unknown.
    """

    id: str | None = None
    status: JobStatus | str | None = None
    created_at: datetime | None = None
    started_at: datetime | None = None
    completed_at: datetime | None = None
    expires_at: datetime | None = None
    queue_position: int | None = None
    progress: Progress | None = None
    outputs: list[Output] | None = None
    error: JobError | None = None
    urls: JobUrls | None = None
    metrics: dict[str, int | None] | None = None
    additional_properties: dict[str, Any] = _field(factory=dict)

    _JSON_NAMES: ClassVar[Mapping[str, str]] = {
        "id": "id",
        "status": "status",
        "created_at": "created_at",
        "started_at": "started_at",
        "completed_at": "completed_at",
        "expires_at": "expires_at",
        "queue_position": "queue_position",
        "progress": "progress",
        "outputs": "outputs",
        "error": "error",
        "urls": "urls",
        "metrics": "metrics",
    }

    _NULLS: ClassVar[frozenset[str]] = frozenset(
        (
            "started_at",
            "completed_at",
            "queue_position",
            "progress",
            "error",
        )
    )

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        self = cls.__new__(cls)
        get = data.get
        self.id = get("id")
        self.status = None if (value := get("status")) is None else JobStatus.read(value)
        self.created_at = None if (value := get("created_at")) is None else read_datetime(value)
        self.started_at = None if (value := get("started_at")) is None else read_datetime(value)
        self.completed_at = None if (value := get("completed_at")) is None else read_datetime(value)
        self.expires_at = None if (value := get("expires_at")) is None else read_datetime(value)
        self.queue_position = get("queue_position")
        self.progress = None if (value := get("progress")) is None else Progress.read(value)
        self.outputs = None if (value := get("outputs")) is None else read_list(Output.read, value)
        self.error = None if (value := get("error")) is None else JobError.read(value)
        self.urls = None if (value := get("urls")) is None else JobUrls.read(value)
        self.metrics = get("metrics")
        self.additional_properties = NONE if data.keys() <= _KNOWN else extras(data, _KNOWN)
        return self


_KNOWN = frozenset(Job._JSON_NAMES)
