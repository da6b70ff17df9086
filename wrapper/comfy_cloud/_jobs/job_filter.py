"""Which jobs a list shows, and in which order, where the server does not choose by itself: pure rules over entries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from .entries import HistoryEntry
from .states import JobStatus


def admits(query: Mapping[str, Any], entry: HistoryEntry) -> bool:
    """Whether a list with this query shows a job. The query is that of GET /api/jobs; what is None does not choose."""
    status, workflow_id, kind = (query.get(name) for name in ("status", "workflow_id", "output_type"))
    if status is not None and entry.status.value not in status.split(","):
        return False
    if workflow_id is not None and entry.workflow_id != workflow_id:
        return False
    if kind is None:
        return True
    return entry.status is JobStatus.COMPLETED and any(output.kind == kind for output in entry.outputs)


def in_order(query: Mapping[str, Any], entries: Iterable[HistoryEntry]) -> list[HistoryEntry]:
    """The entries, which come oldest first, in the order that a query of GET /api/jobs asks for.

    Those whose length is unknown are last when sorted by it, whatever the direction.
    """
    is_falling = query.get("sort_order") != "asc"
    if query.get("sort_by") in {"execution_time", "execution_duration"}:
        known = [entry for entry in entries if entry.duration is not None]
        known.sort(key=lambda entry: entry.duration.total_seconds() if entry.duration else 0.0)
        rest = [entry for entry in entries if entry.duration is None]
        return [*(reversed(known) if is_falling else known), *(reversed(rest) if is_falling else rest)]
    listed = list(entries)
    return listed[::-1] if is_falling else listed


def newest_first(entries: Sequence[HistoryEntry]) -> list[HistoryEntry]:
    """Entries that come as they ended, the last one first, by when they were submitted, where all of them tell that.

    They differ when a job was put in front of others.
    """
    created = [(entry.created_ms, entry) for entry in entries]
    if any(instant is None for instant, _ in created):
        return list(entries)
    return [entry for _, entry in sorted(created, key=lambda pair: pair[0] or 0, reverse=True)]
