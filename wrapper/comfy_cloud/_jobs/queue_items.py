"""The queue as values: running and waiting jobs, from the positional lists that servers send.

After the graph, Comfy Cloud sends the ids of the output nodes and then a metadata object; a
self-hosted ComfyUI sends the extra data and then the ids. Both are read here, by type. Malformed
items are left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from .._errors.redaction import redact_partner_keys
from .._lenient import number_in
from ..times import parse_instant
from .entries import HistoryEntry, workflow_id_in
from .outputs import Factory, Output
from .states import JobStatus


@dataclass(frozen=True, slots=True)
class QueueItem:
    """One job that is running or waiting.

    Attributes:
        job_id: The job's id, the same as `id`.
        number: Orders the queue. It may be negative or a fraction.
        graph: The graph that was submitted.
        output_nodes: The ids of the nodes whose outputs were asked for.
        created_at: When the job was submitted, in UTC; None on a self-hosted server.
        extra_data: What was submitted along with the graph; None on Comfy Cloud, which does not
            send it.
        raw: The list that the server sent, without keys for partner nodes.
    """

    job_id: str
    number: float
    graph: Mapping[str, Any] = field(repr=False)
    output_nodes: tuple[str, ...] = ()
    created_at: datetime | None = None
    extra_data: Mapping[str, Any] | None = field(default=None, repr=False)
    raw: Any = field(default=None, repr=False, compare=False)

    @property
    def id(self) -> str:
        """The job's id; `prompt_id` in other programs."""
        return self.job_id


@dataclass(frozen=True, slots=True)
class QueueState:
    """The queue at one instant: running jobs, and waiting jobs, the next one first.

    Iterating yields all of them. `job_id in queue` says whether a job is among them.
    """

    running: tuple[QueueItem, ...] = ()
    pending: tuple[QueueItem, ...] = ()

    def __iter__(self) -> Iterator[QueueItem]:
        yield from self.running
        yield from self.pending

    def __len__(self) -> int:
        return len(self.running) + len(self.pending)

    def __contains__(self, job_id: object) -> bool:
        return any(item.id == job_id for item in self)

    def position(self, job_id: str) -> int | None:
        """The position among the waiting jobs, counted from 1; None if it is not waiting."""
        for position, item in enumerate(self.pending, start=1):
            if item.id == job_id:
                return position
        return None


class QueuedEntry(HistoryEntry):
    """A running or waiting job of the queue in the form of a history entry, without outputs."""

    def __init__(
        self,
        item: QueueItem,
        status: JobStatus,
        position: int | None = None,
        output: Factory[Output] = Output,
    ) -> None:
        super().__init__(item.raw, item.id, output)
        self.item = item
        self.queue_position = position
        self._queued_status = status

    @property
    def status(self) -> JobStatus:
        """Pending or in_progress, by the half of the queue that the job is in."""
        return self._queued_status

    @property
    def created_at(self) -> datetime | None:
        """When the job was submitted, in UTC; None when the server did not say."""
        return self.item.created_at

    @property
    def workflow_id(self) -> str | None:
        """The id of the workflow submitted along with the graph, if the server sends it."""
        return workflow_id_in(self.item.extra_data)

    @property
    def _prompt(self) -> Any:
        return {"prompt": self.item.graph, "extra_data": self.item.extra_data}


def read_queue(running: object, pending: object) -> QueueState:
    """The queue from the two lists of GET /api/queue."""
    return QueueState(tuple(_items(running)), tuple(sorted(_items(pending), key=lambda item: item.number)))


def entry_of(queue: QueueState, job_id: str, output: Factory[Output] = Output) -> QueuedEntry | None:
    """A job of the queue as an entry; None when it is neither running nor waiting."""
    return next((entry for entry in entries_of(queue, output) if entry.id == job_id), None)


def entries_of(queue: QueueState, output: Factory[Output] = Output) -> list[QueuedEntry]:
    """Every job of the queue as an entry: running ones, then waiting ones, the next one first."""
    running = [QueuedEntry(item, JobStatus.IN_PROGRESS, output=output) for item in queue.running]
    pending = [
        QueuedEntry(item, JobStatus.PENDING, position, output)
        for position, item in enumerate(queue.pending, start=1)
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
    graph, third, fourth = (*raw[2:5], None, None, None)[:3]
    is_cloud = isinstance(third, list)
    nodes, beside = (third, fourth) if is_cloud else (fourth, third)
    data = beside if isinstance(beside, dict) else {}
    redact_partner_keys(data)
    return QueueItem(
        job_id=raw[1],
        number=number_in(raw[0]),
        graph=graph if isinstance(graph, dict) else {},
        output_nodes=tuple(str(node) for node in nodes) if isinstance(nodes, list) else (),
        created_at=parse_instant(data["create_time"]) if "create_time" in data else None,
        extra_data=None if is_cloud or not isinstance(beside, dict) else data,
        raw=raw,
    )
