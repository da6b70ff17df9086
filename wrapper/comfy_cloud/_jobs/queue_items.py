"""The queue as values: which jobs run and wait, from the positional lists that servers send.

Comfy Cloud puts the ids of output nodes and then a metadata object behind the graph; a self-hosted ComfyUI puts the extra
data and then the ids. Both are read here, by type. Nothing here fetches anything; what cannot be read is left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ..times import parse_instant
from .entries import HistoryEntry, workflow_id_in
from .outputs import Factory, Output
from .states import JobStatus


@dataclass(frozen=True, slots=True)
class QueueItem:
    """One job that runs or waits.

    `number` orders the queue; it may be negative or a fraction. `graph` is what was submitted, and `extra_data` what came
    beside it: None on Comfy Cloud, which does not tell. `created_at` is in UTC, None on a self-hosted server. `raw` is the
    list that the server sent; it may hold an API key.
    """

    job_id: str
    number: float
    graph: Mapping[str, Any] = field(repr=False)
    output_nodes: tuple[str, ...] = ()
    created_at: datetime | None = None
    extra_data: Mapping[str, Any] | None = field(default=None, repr=False)
    raw: Any = field(default=None, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class QueueState:
    """The queue at one instant: jobs that run, and jobs that wait, the next one first. Iterating gives all of them."""

    running: tuple[QueueItem, ...] = ()
    pending: tuple[QueueItem, ...] = ()

    def __iter__(self) -> Iterator[QueueItem]:
        yield from self.running
        yield from self.pending

    def __len__(self) -> int:
        return len(self.running) + len(self.pending)

    def __contains__(self, job_id: object) -> bool:
        return any(item.job_id == job_id for item in self)

    def position(self, job_id: str) -> int | None:
        """The place among the waiting jobs, counted from 1; None for a job that does not wait."""
        for place, item in enumerate(self.pending, start=1):
            if item.job_id == job_id:
                return place
        return None


class QueuedEntry(HistoryEntry):
    """A job that runs or waits, as the queue tells it; in the form of a history entry, without outputs."""

    def __init__(
        self,
        item: QueueItem,
        status: JobStatus,
        position: int | None = None,
        output: Factory[Output] = Output,
    ) -> None:
        super().__init__(item.raw, item.job_id, output)
        self.item = item
        self.queue_position = position
        self._queued_status = status

    @property
    def status(self) -> JobStatus:
        """Pending or in_progress, by the half of the queue that it stands in."""
        return self._queued_status

    @property
    def created_at(self) -> datetime | None:
        """When the job was submitted, in UTC; None when the server did not say."""
        return self.item.created_at

    @property
    def workflow_id(self) -> str | None:
        """The id of the workflow that was sent along with the graph, where the server tells."""
        return workflow_id_in(self.item.extra_data)

    @property
    def _prompt(self) -> Any:
        return {"prompt": self.item.graph, "extra_data": self.item.extra_data}


def read_queue(running: object, pending: object) -> QueueState:
    """The queue from the two lists of GET /api/queue."""
    return QueueState(tuple(_items(running)), tuple(sorted(_items(pending), key=lambda item: item.number)))


def entry_of(queue: QueueState, job_id: str, output: Factory[Output] = Output) -> QueuedEntry | None:
    """The job as an entry, None when it neither runs nor waits."""
    return next((entry for entry in entries_of(queue, output) if entry.prompt_id == job_id), None)


def entries_of(queue: QueueState, output: Factory[Output] = Output) -> list[QueuedEntry]:
    """Every job of the queue as an entry: those that run, then those that wait, the next one first."""
    running = [QueuedEntry(item, JobStatus.IN_PROGRESS, output=output) for item in queue.running]
    pending = [
        QueuedEntry(item, JobStatus.PENDING, place, output)
        for place, item in enumerate(queue.pending, start=1)
    ]
    return running + pending


def _items(found: object) -> Iterator[QueueItem]:
    for raw in found if isinstance(found, list) else ():
        item = _item(raw)
        if item is not None:
            yield item


def _item(raw: object) -> QueueItem | None:
    if not isinstance(raw, list) or len(raw) < 2 or not isinstance(raw[1], str):
        return None
    number = raw[0] if isinstance(raw[0], (int, float)) and not isinstance(raw[0], bool) else 0
    graph, third, fourth = (*raw[2:5], None, None, None)[:3]
    is_cloud = isinstance(third, list)
    nodes, beside = (third, fourth) if is_cloud else (fourth, third)
    data = beside if isinstance(beside, dict) else {}
    return QueueItem(
        job_id=raw[1],
        number=number,
        graph=graph if isinstance(graph, dict) else {},
        output_nodes=tuple(str(node) for node in nodes) if isinstance(nodes, list) else (),
        created_at=parse_instant(data["create_time"]) if "create_time" in data else None,
        extra_data=None if is_cloud or not isinstance(beside, dict) else data,
        raw=raw,
    )
