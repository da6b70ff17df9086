"""From a job to the API's JSON.

Pure functions from a `Job` to dicts, one for each place where a job appears. They do not decide
which jobs are shown, and know nothing about HTTP or SQLite.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import orjson

from comfy_cloud_emulator.state.json_values import Json, is_object
from comfy_cloud_emulator.state.redaction import with_redacted_secrets, without_secrets

from .job import Job
from .outputs import output_counts, preview_output


def history_status(job: Job) -> Json:
    """The `status` block of a history entry: "error" for failed and for cancelled jobs."""
    return {
        "status_str": "success" if job.status == "completed" else "error",
        "completed": job.status == "completed",
        "messages": [[event, data] for event, data in job.messages],
    }


def history_entry(job: Job) -> Json:
    """The job as an item of `GET /api/history_v2`: without the graph and the UI workflow."""
    entry: Json = {
        "prompt_id": job.id,
        "create_time": job.create_time,
        "prompt": {
            "priority": float(job.number),
            "prompt_id": job.id,
            "extra_data": listed_extra_data(job.extra_data),
        },
        "outputs": job.outputs,
        "status": history_status(job),
        "meta": job.meta,
    }
    if job.workflow_id is not None:
        entry["workflow_id"] = job.workflow_id
    return entry


def history_detail(job: Job) -> Json:
    """The job as `GET /api/history_v2/{prompt_id}` shows it: a graph, but no create time."""
    return {
        job.id: {
            "prompt": {
                "priority": float(job.number),
                "prompt_id": job.id,
                "prompt": job.graph,
                "extra_data": without_secrets(job.extra_data),
                "outputs_to_execute": job.output_nodes,
            },
            "outputs": job.outputs,
            "status": history_status(job),
            "meta": job.meta,
        }
    }


def job_entry(job: Job) -> Json:
    """The job as an item of `GET /api/jobs`."""
    entry: Json = {"id": job.id, "status": job.status, "create_time": job.create_time}
    if job.start_time is not None:
        entry["execution_start_time"] = job.start_time
    if job.end_time is not None:
        entry["execution_end_time"] = job.end_time
    if job.workflow_id is not None:
        entry["workflow_id"] = job.workflow_id
    if job.terminal:
        preview = preview_output(job.outputs)
        if preview is not None:
            entry["preview_output"] = preview
        entry["outputs_count"], entry["previewable_outputs_count"] = output_counts(job.outputs)
    error = execution_error(job)
    if error is not None:
        entry["execution_error"] = error
    return entry


def job_detail(job: Job, *, queue_reason: str | None = None, queue_position: int | None = None) -> Json:
    """The job as `GET /api/jobs/{job_id}` shows it.

    The queue's arguments apply to pending jobs only.
    """
    detail = job_entry(job) | {
        "update_time": job.update_time,
        "workflow": {"prompt": job.graph, "extra_data": with_redacted_secrets(job.extra_data)},
    }
    if job.messages:
        detail["execution_status"] = history_status(job)
    if job.terminal:
        detail["outputs"] = job.outputs
        detail["execution_meta"] = job.meta
    if job.status == "pending":
        detail["queue_reason"] = queue_reason
        detail["queue_position"] = queue_position
    return detail


def job_status(job: Job) -> Json:
    """The job in the old `GET /api/job/{job_id}/status`: raw state, times as RFC 3339 text."""
    status: Json = {
        "id": job.id,
        "status": job.state,
        "created_at": rfc3339(job.create_time),
        "updated_at": rfc3339(job.update_time),
        "last_state_update": rfc3339(job.update_time),
        "assigned_inference": None if job.start_time is None else f"inference-{job.number % 8}",
        "error_message": None,
    }
    error = execution_error(job)
    if error is not None:
        status["error_message"] = error["exception_message"]
    return status


def queue_item(job: Job) -> list[Any]:
    """The job as an item of `GET /api/queue`: number, id, graph, output node ids, metadata."""
    return [job.number, job.id, job.graph, job.output_nodes, {"create_time": job.create_time}]


def execution_error(job: Job) -> Json | None:
    """The job's error as in the jobs routes: every field, `current_outputs` as an object."""
    data = job.execution_error
    if data is None:
        return None
    ran = data.get("current_outputs", [])
    return {
        "node_id": data.get("node_id", ""),
        "node_type": data.get("node_type", ""),
        "exception_message": data.get("exception_message", ""),
        "exception_type": data.get("exception_type", ""),
        "traceback": data.get("traceback", []),
        "current_inputs": data.get("current_inputs", {}),
        "current_outputs": ran if isinstance(ran, dict) else {node_id: [] for node_id in ran},
        "executed": data.get("executed", []),
        "prompt_id": job.id,
        "timestamp": data.get("timestamp", job.end_time),
    }


def listed_extra_data(extra_data: Json) -> Json:
    """extra_data in a list: no secrets, and no UI workflow in `extra_pnginfo`."""
    shown = without_secrets(extra_data)
    pnginfo = shown.get("extra_pnginfo")
    if is_object(pnginfo):
        shown["extra_pnginfo"] = {key: value for key, value in pnginfo.items() if key != "workflow"}
    return shown


def rfc3339(milliseconds: int) -> str:
    """An instant as text in UTC, without trailing zeros, as Go formats it."""
    seconds, rest = divmod(milliseconds, 1000)
    fraction = f".{rest:03d}".rstrip("0").rstrip(".")
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}{fraction}Z"


def to_json(document: Json) -> bytes:
    """A document as JSON bytes."""
    return orjson.dumps(document)
