"""From a job to a self-hosted ComfyUI's JSON: five-part lists in history and queue, jobs entries.

Pure functions over a job and its submission; nothing about HTTP.
"""

from __future__ import annotations

from typing import Any

from comfy_cloud_emulator.engine.job_engine import JobEngine
from comfy_cloud_emulator.state.jobs import documents
from comfy_cloud_emulator.state.jobs.job import Job
from comfy_cloud_emulator.state.jobs.outputs import output_counts, preview_output
from comfy_cloud_emulator.state.json_values import Json, is_object
from comfy_cloud_emulator.state.redaction import without_secrets


def prompt_parts(job: Job, engine: JobEngine, extra_data: Json) -> list[Any]:
    """Number, id, graph, extra data, and the ids of the output nodes that run."""
    submission = engine.submission(job.id)
    targets = None if submission is None else submission.partial_execution_targets
    outputs = job.output_nodes if targets is None else list(targets)
    return [engine.number(job), job.id, job.graph, extra_data, outputs]


def shown_extra_data(job: Job, engine: JobEngine) -> Json:
    """A job's extra data without keys; in newer versions, with the submission time."""
    shown = without_secrets(job.extra_data)
    return shown | {"create_time": job.create_time} if engine.quirks.newer_comfyui else shown


def queued_extra_data(job: Job, engine: JobEngine) -> Json:
    """A job's extra data as the queue shows it: older versions include the user's keys."""
    submission = engine.submission(job.id)
    if engine.quirks.newer_comfyui or engine.quirks.drop_extra_data or submission is None:
        return shown_extra_data(job, engine)
    return submission.extra_data


def history_entry(job: Job, engine: JobEngine) -> Json:
    """The job in `GET /api/history`."""
    return {
        "prompt": prompt_parts(job, engine, shown_extra_data(job, engine)),
        "outputs": job.outputs,
        "status": documents.history_status(job),
        "meta": job.meta,
    }


def queue_item(job: Job, engine: JobEngine) -> list[Any]:
    """The job in `GET /api/queue`."""
    return prompt_parts(job, engine, queued_extra_data(job, engine))


def workflow_id(job: Job) -> str | None:
    """The id of the saved workflow, which only the workflow sent along contains."""
    pnginfo = job.extra_data.get("extra_pnginfo")
    workflow = pnginfo.get("workflow") if is_object(pnginfo) else None
    id = workflow.get("id") if is_object(workflow) else None
    return id if isinstance(id, str) else None


def job_entry(job: Job, engine: JobEngine, *, is_detail: bool = False) -> Json:
    """The job in `GET /api/jobs`; with `is_detail`, as in `GET /api/jobs/{job_id}`.

    Omits None values.
    """
    count, previewable = output_counts(job.outputs)
    entry: dict[str, Any] = {
        "id": job.id,
        "status": job.status,
        "priority": engine.number(job),
        "create_time": job.create_time if engine.quirks.newer_comfyui else None,
        "execution_start_time": job.start_time if job.terminal else None,
        "execution_end_time": job.end_time,
        "execution_error": job.execution_error,
        "outputs_count": count,
        "previewable_outputs_count": previewable,
        "preview_output": preview_output(job.outputs),
        "workflow_id": workflow_id(job),
    }
    entry = {name: value for name, value in entry.items() if value is not None}
    if is_detail:
        if job.terminal:
            entry |= {"outputs": job.outputs, "execution_status": documents.history_status(job)}
        entry["workflow"] = {"prompt": job.graph, "extra_data": shown_extra_data(job, engine)}
    return entry
