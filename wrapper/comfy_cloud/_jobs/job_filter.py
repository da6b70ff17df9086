"""Which jobs a list shows, and in what order, where the server cannot do it. Pure rules."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from .entries import HistoryEntry
from .states import JobStatus


def matches(query: Mapping[str, Any], entry: HistoryEntry) -> bool:
    """Whether a job matches a query of GET /api/jobs.

    A parameter that is None does not restrict.
    """
    status, workflow_id, kind = (query.get(name) for name in ("status", "workflow_id", "output_type"))
    if status is not None and entry.status.value not in status.split(","):
        return False
    if workflow_id is not None and entry.workflow_id != workflow_id:
        return False
    return kind is None or has_output_type(entry, kind) is True


def has_output_type(entry: HistoryEntry, kind: str) -> bool | None:
    """Whether a job of a list made a file of this type; None if its preview cannot show it."""
    if entry.status is not JobStatus.COMPLETED:
        return False
    if any(output.kind == kind for output in entry.outputs):
        return True
    return None if entry.is_partial else False


def in_order(query: Mapping[str, Any], entries: Iterable[HistoryEntry]) -> list[HistoryEntry]:
    """Entries that come oldest first, in the order that a query of GET /api/jobs asks for.

    When sorting by duration, jobs of unknown duration are last, whatever the direction.
    """
    listed = list(entries)
    if query.get("sort_order") != "asc":
        listed.reverse()
    if query.get("sort_by") in {"execution_time", "execution_duration"}:
        # Sorting is stable: jobs of equal duration keep the order that they have.
        timed = [(entry.duration, entry) for entry in listed]
        known = [(duration, entry) for duration, entry in timed if duration is not None]
        known.sort(key=lambda pair: pair[0], reverse=query.get("sort_order") != "asc")
        listed = [entry for _, entry in known] + [entry for duration, entry in timed if duration is None]
    return listed
