# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from attrs import define as _define
from attrs import field as _field

from ..types import NONE, Model, extras
from .execution_error import ExecutionError
from .job_detail_response_status import JobDetailResponseStatus


@_define
class JobDetailResponse(Model):
    """Everything known about a job.

    Attributes:
        id: UUID of the job.
        status: State of the job. The last three values are final.
        workflow: What was submitted: the graph under `prompt` and, if sent, `extra_data` with the
            editor's workflow. Usually 10 to 100 kB.
        execution_error: Why a run failed, in which node and with what inputs.
        create_time: Moment of submission, in milliseconds (not seconds) since 1 January 1970 UTC.
        update_time: Moment of the last change to the job, in milliseconds (not seconds) since 1
            January 1970 UTC.
        outputs: What the nodes produced: node identifier to an object of named lists. An item with
            a `filename` is a file for `GET /api/view`, whatever the list is called (`images`,
            `video`, `audio`, `3d`...). Present once the job has ended.
        preview_output: The output that best represents the job: a file (`filename`, `nodeId`,
            `mediaType`) or a piece of text (`content`). Present once the job has ended.
        outputs_count: How many outputs there are. Left out until the job has ended.
        workflow_id: UUID of the saved workflow that the job was started from; absent when it was
            submitted as a bare graph.
        execution_status: How the run ended: `status_str` is `success` or `error`, and `messages`
            holds the run's events with millisecond timestamps. A cancelled run also has `error`;
            its `execution_interrupted` message tells it apart. Present once the job has ended.
        execution_meta: Per node, which node of the editor it belongs to; needed to place the
            outputs of subgraphs. Present once the job has ended.
        queue_reason: Why a waiting job does not run: `concurrency_limit` (the plan's number of
            parallel jobs is reached) or `capacity` (no machine is free). Null or absent otherwise.
        queue_position: Position among the caller's own waiting jobs, counted from 1; null unless
            the reason is `concurrency_limit`.
        workflow_version_id: UUID of the saved version that was run.
        user_id: Identifier of the account that submitted the job.
        workspace_id: Identifier of the workspace that the job is charged to.
        execution_start_time: When a machine began to run the job, in milliseconds since 1970.
        execution_end_time: When the run was over, in milliseconds since 1970.
        previewable_outputs_count: How many outputs can be shown as previews. Left out until the job
            has ended.
        priority: Running number in the queue of a self-hosted server.
    """

    id: str | None = None
    status: JobDetailResponseStatus | str | None = None
    workflow: dict[str, Any] | None = None
    execution_error: ExecutionError | None = None
    create_time: int | None = None
    update_time: int | None = None
    outputs: dict[str, Any] | None = None
    preview_output: dict[str, Any] | None = None
    outputs_count: int | None = None
    workflow_id: str | None = None
    execution_status: dict[str, Any] | None = None
    execution_meta: dict[str, Any] | None = None
    queue_reason: str | None = None
    queue_position: int | None = None
    workflow_version_id: str | None = None
    user_id: str | None = None
    workspace_id: str | None = None
    execution_start_time: int | None = None
    execution_end_time: int | None = None
    previewable_outputs_count: int | None = None
    priority: float | None = None
    additional_properties: dict[str, Any] = _field(factory=dict)

    _JSON_NAMES: ClassVar[Mapping[str, str]] = {
        "id": "id",
        "status": "status",
        "workflow": "workflow",
        "execution_error": "execution_error",
        "create_time": "create_time",
        "update_time": "update_time",
        "outputs": "outputs",
        "preview_output": "preview_output",
        "outputs_count": "outputs_count",
        "workflow_id": "workflow_id",
        "execution_status": "execution_status",
        "execution_meta": "execution_meta",
        "queue_reason": "queue_reason",
        "queue_position": "queue_position",
        "workflow_version_id": "workflow_version_id",
        "user_id": "user_id",
        "workspace_id": "workspace_id",
        "execution_start_time": "execution_start_time",
        "execution_end_time": "execution_end_time",
        "previewable_outputs_count": "previewable_outputs_count",
        "priority": "priority",
    }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        self = cls.__new__(cls)
        get = data.get
        self.id = get("id")
        self.status = None if (value := get("status")) is None else JobDetailResponseStatus.read(value)
        self.workflow = get("workflow")
        self.execution_error = (
            None if (value := get("execution_error")) is None else ExecutionError.read(value)
        )
        self.create_time = get("create_time")
        self.update_time = get("update_time")
        self.outputs = get("outputs")
        self.preview_output = get("preview_output")
        self.outputs_count = get("outputs_count")
        self.workflow_id = get("workflow_id")
        self.execution_status = get("execution_status")
        self.execution_meta = get("execution_meta")
        self.queue_reason = get("queue_reason")
        self.queue_position = get("queue_position")
        self.workflow_version_id = get("workflow_version_id")
        self.user_id = get("user_id")
        self.workspace_id = get("workspace_id")
        self.execution_start_time = get("execution_start_time")
        self.execution_end_time = get("execution_end_time")
        self.previewable_outputs_count = get("previewable_outputs_count")
        self.priority = get("priority")
        self.additional_properties = NONE if data.keys() <= _KNOWN else extras(data, _KNOWN)
        return self


_KNOWN = frozenset(JobDetailResponse._JSON_NAMES)
