"""A job of the history as rows. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from .._errors.redaction import redact_text
from .._jobs.entries import HistoryEntry
from .._jobs.outputs import Output
from .._jobs.states import JobStatus
from .._jobs.v2_entries import hash_of_output
from .._lenient import count_in, field_in
from ..times import EPOCH
from .facts import GraphFacts, graph_facts
from .facts.graph import short_key

_LARGEST = 2**63 - 1


@dataclass(slots=True)
class JobRecord:
    """One job, as an entry of the history has it.

    Attributes:
        outputs: The rows of `outputs` without the job's id and their position.
        facts: What its graph says; None for an entry without one.
        is_whole: Whether the entry had everything that the server has.
    """

    id: str
    status: str
    created_ms: int | None
    started_ms: int | None
    finished_ms: int | None
    workflow_id: str | None
    error: tuple[str | None, str | None, str | None, str | None]
    credits: float | None
    outputs: list[tuple[Any, ...]]
    texts: list[str]
    facts: GraphFacts | None
    is_whole: bool

    @property
    def queue_seconds(self) -> float | None:
        """From the creation to the start."""
        return seconds_between(self.created_ms, self.started_ms)

    @property
    def run_seconds(self) -> float | None:
        """From the start to the end."""
        return seconds_between(self.started_ms, self.finished_ms)


NO_ERROR = (None, None, None, None)
"""The class, node, class of that node and message of the error of a job without one."""


def record_of(
    entry: HistoryEntry, graph: Mapping[str, Any] | None = None, *, is_whole: bool = False
) -> JobRecord:
    """The record of an entry; `graph` is what its job ran, if the entry does not have it itself.

    An entry with a graph is whole in any case.
    """
    status = entry.status
    graph = entry.workflow if graph is None else graph
    raw = entry.unredacted
    return JobRecord(
        id=short_key(entry.id),
        status=status.value,
        created_ms=_whole(entry.created_ms),
        started_ms=_milliseconds(entry.started_at),
        finished_ms=_milliseconds(entry.finished_at),
        workflow_id=entry.workflow_id,
        error=_error(entry) if status is JobStatus.FAILED else NO_ERROR,
        credits=_credits(raw),
        outputs=[output_row(output) for output in entry.outputs],
        texts=[redact_text(text) for text in entry.texts],
        facts=None if graph is None else graph_facts(graph),
        is_whole=(is_whole or graph is not None) and not entry.is_partial,
    )


def output_row(output: Output) -> tuple[Any, ...]:
    """The columns of `outputs` after the id of the job and the position."""
    size = count_in(output.raw.get("size"))
    return (
        output.node_id,
        output.key,
        output.kind,
        output.filename,
        output.display_name,
        output.subfolder,
        output.type,
        output.media_type,
        None if size is None or size > _LARGEST else size,
        hash_of_output(output),
        None,
        None,
    )


def _error(entry: HistoryEntry) -> tuple[str | None, str | None, str | None, str | None]:
    error = entry.error
    if error is None:
        return NO_ERROR
    return error.exception_type, error.node_id, error.node_class, error.message


def _credits(raw: Any) -> float | None:
    value = field_in(raw, "credits")
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return float(value) if is_number and abs(value) < 1e15 else None


def _milliseconds(instant: datetime | None) -> int | None:
    return None if instant is None else round((instant - EPOCH).total_seconds() * 1000)


def _whole(number: float | None) -> int | None:
    return int(number) if number is not None and math.isfinite(number) and abs(number) < _LARGEST else None


def seconds_between(start: int | None, end: int | None) -> float | None:
    """The time between two instants; None if one is not known, or they are out of order."""
    return None if start is None or end is None or end < start else (end - start) / 1000
