"""One job, finished or not, for data formats and as text to read. Nothing is requested here."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from .._console.elastic import report_text
from .._console.formats import json_text
from .._console.sanitizing import safe_line, safe_text
from .._console.streams import write_data
from .columns import error_summary, error_value, output_value

if TYPE_CHECKING:
    from comfy_cloud import HistoryEntry, Job

    from .._console.details import Details


def write_job(job: Job | HistoryEntry, details: Details, *, raw: bool) -> None:
    """Write a job in the chosen format, or the server's own JSON."""
    if raw:
        sent: Any = job.raw.to_dict() if hasattr(job.raw, "to_dict") else job.raw
        write_data(f"{json_text(sent, indent=2)}\n")
    else:
        details.write(job_record(job), text=lambda: job_text(job, details))


def job_record(job: Job | HistoryEntry) -> dict[str, Any]:
    """A job for data formats."""
    duration = job.duration
    return {
        "id": job.id,
        "status": job.status.value,
        "created": job.created_at,
        "started": job.started_at,
        "finished": job.finished_at,
        "duration": duration.total_seconds() if duration is not None else None,
        "workflow": job.workflow_id,
        "outputs": [output_value(output) for output in job.outputs],
        "texts": job.texts,
        "error": error_value(job.error),
    }


def job_text(job: Job | HistoryEntry, details: Details) -> str:
    """A job as text to read: its fields, then its outputs and texts."""
    error = job.error
    node = None
    if error is not None and error.node_id is not None:
        node = f"{error.node_id} ({error.node_class})" if error.node_class else error.node_id
    head = details.fields(
        {
            "id": safe_line(job.id),
            "status": job.status.value,
            "position": getattr(job, "queue_position", None),
            "waits for": getattr(job, "queue_reason", None),
            "created": job.created_at,
            "started": job.started_at,
            "finished": job.finished_at,
            "duration": job.duration,
            "workflow": job.workflow_id,
            "node": node,
            "error": None if error is None else error_summary(error),
            "traceback": None if error is None else _lines(error.traceback),
        }
    )
    parts = [head]
    if job.outputs:
        rows = [
            (
                output.kind,
                output.node_id,
                output.display_name or "",
                f"{output.subfolder}/{output.filename}".lstrip("/"),
            )
            for output in job.outputs
        ]
        parts.append(report_text(("kind", "node", "name", "file"), rows, color=details.color))
    parts += [safe_text(text).rstrip("\n") + "\n" for text in job.texts]
    return "\n".join(parts)


def _lines(traceback: Iterable[str] | None) -> str:
    return "\n".join(line.rstrip("\n") for line in traceback or ())
