"""The columns of history entries, most of which jobs have too.

Each has a value for JSON, and a text for tables and CSV where that differs.
Nothing is written or requested here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from .._console.records import Column
from .._console.times import duration_text

if TYPE_CHECKING:
    from comfy_cloud import HistoryEntry, Job, JobFailed, Output


def outputs_text(outputs: list[Output], texts: Sequence[str] = ()) -> str:
    """How many outputs of each kind: `2 image, 1 video`. Texts that are not files count as text."""
    kinds = Counter(output.kind for output in outputs)
    if texts:
        kinds["text"] += len(texts)
    return ", ".join(f"{count} {kind}" for kind, count in kinds.items())


def output_value(output: Output) -> dict[str, Any]:
    """One output for JSON."""
    names = ("filename", "display_name", "kind", "media_type", "node_id", "subfolder", "type")
    return {name: getattr(output, name) for name in names}


def error_value(error: JobFailed | None) -> dict[str, Any] | None:
    """The reason why a job failed, for JSON."""
    if error is None:
        return None
    names = ("message", "node_id", "node_class", "exception_type")
    return {name: getattr(error, name) for name in names}


def error_summary(error: JobFailed) -> str:
    """The type and message of the exception that made a job fail."""
    typed = f"{error.exception_type}: {error.message}" if error.exception_type else error.message
    return typed.strip()


def error_text(error: JobFailed | None) -> str:
    """The reason why a job failed, on one line, with the node."""
    if error is None:
        return ""
    summary = error_summary(error)
    if error.node_id is None:
        return summary
    return f"{summary} (node {error.node_id}{f', {error.node_class}' if error.node_class else ''})"


def seconds_of(entry: HistoryEntry | Job) -> float | None:
    """How long a job ran, in seconds; None if not known."""
    return entry.duration.total_seconds() if entry.duration is not None else None


COLUMNS: dict[str, Column[Any]] = {
    "id": Column(lambda entry: entry.id, is_id=True, rank=0),
    "status": Column(lambda entry: entry.status.value, is_status=True, rank=1),
    "created": Column(lambda entry: entry.created_at, is_instant=True, rank=2),
    "started": Column(lambda entry: entry.started_at, is_instant=True, rank=5),
    "finished": Column(lambda entry: entry.finished_at, is_instant=True, rank=5),
    "duration": Column(
        seconds_of, lambda entry: duration_text(entry.duration), csv_has_value=True, is_number=True, rank=4
    ),
    "workflow": Column(lambda entry: entry.workflow_id, rank=6),
    "outputs": Column(
        lambda entry: [output_value(output) for output in entry.outputs],
        lambda entry: outputs_text(entry.outputs, entry.texts),
        least=7,
    ),
    "files": Column(
        lambda entry: [output.filename for output in entry.outputs],
        lambda entry: " ".join(output.filename for output in entry.outputs),
        rank=5,
    ),
    "texts": Column(lambda entry: entry.texts, lambda entry: "\n".join(entry.texts), rank=5),
    "error": Column(
        lambda entry: error_value(entry.error), lambda entry: error_text(entry.error), least=12, rank=3
    ),
}
TABLE_COLUMNS = ("id", "status", "created", "duration", "outputs", "error")
DATA_COLUMNS = tuple(name for name in COLUMNS if name != "files")  # files only repeats a part of outputs
