# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from attrs import define as _define
from attrs import field as _field

from ..types import NONE, UNREAD, LateModel, as_is, extras
from .execution_error import ExecutionError
from .job_entry_status import JobEntryStatus


@_define
class JobEntry(LateModel):
    """A job as lists show it, without graph and full outputs.

    Attributes:
        id: UUID of the job.
        status: State of the job. The last three values are final.
        execution_error: Why a run failed, in which node and with what inputs.
        create_time: Moment of submission, in milliseconds (not seconds) since 1 January 1970 UTC.
        preview_output: The output that best represents the job: a file (`filename`, `nodeId`,
            `mediaType`) or a piece of text (`content`). Present once the job has ended.
        outputs_count: How many outputs there are. Left out until the job has ended.
        workflow_id: UUID of the saved workflow that the job was started from; absent when it was
            submitted as a bare graph.
        execution_start_time: When a machine began to run it, in milliseconds since 1970. Present
            once the job has ended.
        execution_end_time: When the run was over, in milliseconds since 1970. Present once the job
            has ended.
        previewable_outputs_count: How many outputs can be shown as previews. Left out until the job
            has ended.
        priority: Running number in the queue of a self-hosted server.
    """

    id: str | None = None
    status: JobEntryStatus | str | None = None
    execution_error: ExecutionError | None = None
    create_time: int | None = None
    preview_output: dict[str, Any] | None = None
    outputs_count: int | None = None
    workflow_id: str | None = None
    execution_start_time: int | None = None
    execution_end_time: int | None = None
    previewable_outputs_count: int | None = None
    priority: float | None = None
    additional_properties: dict[str, Any] = _field(factory=dict)

    _JSON_NAMES: ClassVar[Mapping[str, str]] = {
        "id": "id",
        "status": "status",
        "execution_error": "execution_error",
        "create_time": "create_time",
        "preview_output": "preview_output",
        "outputs_count": "outputs_count",
        "workflow_id": "workflow_id",
        "execution_start_time": "execution_start_time",
        "execution_end_time": "execution_end_time",
        "previewable_outputs_count": "previewable_outputs_count",
        "priority": "priority",
    }

    _KINDS: ClassVar[Mapping[str, str]] = {
        "id": "string",
        "status": "string",
        "create_time": "integer",
        "outputs_count": "integer",
        "workflow_id": "string",
        "execution_start_time": "integer",
        "execution_end_time": "integer",
        "previewable_outputs_count": "integer",
        "priority": "number",
    }
    _WORDS: ClassVar[Mapping[str, Any]] = {
        "status": JobEntryStatus,
    }
    _READERS: ClassVar[Mapping[str, Any]] = {
        "execution_error": ExecutionError.read,
        "preview_output": as_is,
    }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        self = cls.__new__(cls)
        get = data.get
        self.id = get("id")
        self.status = None if (value := get("status")) is None else JobEntryStatus.read(value)
        self.execution_error = (
            None if (value := get("execution_error")) is None else ExecutionError.read(value)
        )
        self.create_time = get("create_time")
        self.preview_output = get("preview_output")
        self.outputs_count = get("outputs_count")
        self.workflow_id = get("workflow_id")
        self.execution_start_time = get("execution_start_time")
        self.execution_end_time = get("execution_end_time")
        self.previewable_outputs_count = get("previewable_outputs_count")
        self.priority = get("priority")
        self.additional_properties = NONE if data.keys() <= _KNOWN else extras(data, _KNOWN)
        return self

    @classmethod
    def from_records(cls, records: Any, page: Any) -> list[Any]:
        new = cls.__new__
        found = []
        for record in records:
            self: Any = new(cls)
            self.id = record.id
            self.status = record.status
            self.create_time = record.create_time
            self.outputs_count = record.outputs_count
            self.workflow_id = record.workflow_id
            self.execution_start_time = record.execution_start_time
            self.execution_end_time = record.execution_end_time
            self.previewable_outputs_count = record.previewable_outputs_count
            self.priority = record.priority
            self._late_execution_error = UNREAD
            self._late_preview_output = UNREAD
            self.additional_properties = NONE
            self._undecoded = record
            self._page = page
            found.append(self)
        return found

    def _decode_all(self, record: Any, decode: Any) -> None:
        model: Any = self
        if model._late_execution_error is UNREAD:
            value = None if record.execution_error is None else decode(record.execution_error)
            model._late_execution_error = None if value is None else ExecutionError.read(value)
        if model._late_preview_output is UNREAD:
            model._late_preview_output = (
                None if record.preview_output is None else decode(record.preview_output)
            )


_KNOWN = frozenset(JobEntry._JSON_NAMES)
