"""What is known about a run while it goes on, from its events.

Nothing is shown or requested here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING, Any

from .._console.amounts import size_text

if TYPE_CHECKING:
    from comfy_cloud import Event


@dataclass(slots=True)
class NodeRun:
    """One node of the run.

    `state` is pending, running, finished, cached or error. `started` and `ended` are seconds on the
    clock of `RunState.apply`.
    """

    id: str
    title: str
    state: str = "pending"
    value: float = 0
    max: float = 0
    started: float | None = None
    ended: float | None = None

    @property
    def fraction(self) -> float | None:
        """How much of it is done, from 0 to 1; None if it does not say."""
        if not 0 < self.max < float("inf") or self.value != self.value:
            return None
        return max(0.0, min(self.value / self.max, 1.0))

    def seconds_left(self, now: float) -> float | None:
        """How long it will still take at this rate; None while there is too little to tell."""
        fraction = self.fraction
        if self.state != "running" or self.started is None or fraction is None or fraction < 0.05:
            return None
        return (now - self.started) * (1 - fraction) / fraction


@dataclass(slots=True)
class RunState:
    """A run as its events tell it.

    Attributes:
        status: What people read: submitting, pending, in_progress, completed, failed or cancelled.
        position, reason: The place in the queue, and why it waits there.
        preview: The newest image of the unfinished work, and its format.
        started: When the first node began, in seconds on the clock of `apply`.
        uploaded: The bytes of the input that is being uploaded: those sent, and all.
    """

    graph: Mapping[str, Any]
    job_id: str | None = None
    status: str = "submitting"
    position: int | None = None
    reason: str | None = None
    message: str = ""
    preview: tuple[bytes, str] | None = None
    started: float | None = None
    uploaded: tuple[int, int | None] | None = None
    nodes: dict[str, NodeRun] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for node_id in _in_order(self.graph):
            self.nodes[node_id] = NodeRun(node_id, node_title(self.graph.get(node_id), node_id))

    def apply(self, event: Event, now: float) -> list[str]:
        """Take in an event at the instant `now`; returns lines to print where nothing moves."""
        import comfy_cloud as library

        if event.job_id is not None and self.job_id is None:
            self.job_id = event.job_id
        if isinstance(event, library.JobChanged):
            return self._changed(event)
        if isinstance(event, library.JobStarted):
            return self._begin(now)
        if isinstance(event, library.NodesCached):
            return [*self._begin(now), *self._cached(event.nodes)]
        if isinstance(event, library.NodeExecuting):
            return [*self._begin(now), *self._executing(event.node_id, now)]
        if isinstance(event, library.Progress) and event.node_id is not None:
            return self._progress(event.node_id, "running", event.value, event.max, now)
        if isinstance(event, library.NodesProgress):
            lines: list[str] = []
            for node in event.nodes.values():
                lines += self._progress(node.node_id, node.state, node.value, node.max, now)
            return lines
        if isinstance(event, library.NodeFinished) and event.node_id is not None:
            self._end(event.node_id, "finished", now)
        elif isinstance(event, library.Preview):
            self.preview = (event.image, event.format)
        elif isinstance(event, (library.Notification, library.NodeText)) and event.text:
            self.message = event.text
            return [event.text]
        elif isinstance(event, (library.JobSucceeded, library.JobErrored, library.JobInterrupted)):
            return self._ended(event, now)
        return []

    def _changed(self, event: Any) -> list[str]:
        before = (self.status, self.position, self.reason)
        if self.status not in ("completed", "failed", "cancelled"):
            self.status = event.status.value
        self.position, self.reason = event.queue_position, event.queue_reason
        if (self.status, self.position, self.reason) == before:
            return []
        return [self.summary()]

    def uploading(self, sent: int, total: int | None) -> None:
        """Take in how much of an input has been uploaded."""
        self.uploaded = sent, total

    def summary(self) -> str:
        """The status in words: `pending, position 3 (capacity)`."""
        if self.status == "submitting" and self.uploaded is not None:
            sent, total = self.uploaded
            if sent != total:
                done = f"{sent * 100 // total} % of {size_text(total)}" if total else size_text(sent)
                return f"uploading {done}"
        text = self.status
        if self.status == "pending" and self.position is not None:
            text += f", position {self.position}"
        if self.status == "pending" and self.reason:
            text += f" ({self.reason.replace('_', ' ')})"
        return text

    def _begin(self, now: float) -> list[str]:
        if self.started is not None:
            return []
        before = self.summary()
        self.started, self.status, self.position = now, "in_progress", None
        return [] if self.summary() == before else [self.summary()]

    def _cached(self, node_ids: tuple[str, ...]) -> list[str]:
        for node_id in node_ids:
            self._node(node_id).state = "cached"
        return [f"{len(node_ids)} of {len(self.nodes)} nodes cached"] if node_ids else []

    def _executing(self, node_id: str | None, now: float) -> list[str]:
        for node in self.nodes.values():
            if node.state == "running" and node.id != node_id:
                self._end(node.id, "finished", now)
        if node_id is None:
            return []
        node = self._node(node_id)
        if node.state == "running":
            return []
        node.state, node.started = "running", now
        return [f"node {node.id}: {node.title} ({self.done() + 1} of {len(self.nodes)})"]

    def _progress(self, node_id: str, state: str, value: float, top: float, now: float) -> list[str]:
        node = self._node(node_id)
        node.value, node.max = value, top
        if state == "running" and node.state in ("pending", "running"):
            return self._executing(node_id, now) if node.state == "pending" else []
        if state in ("finished", "error"):
            self._end(node_id, state, now)
        return []

    def _end(self, node_id: str, state: str, now: float) -> None:
        node = self._node(node_id)
        if node.state in ("pending", "running"):
            node.state, node.ended = state, now

    def _ended(self, event: Any, now: float) -> list[str]:
        import comfy_cloud as library

        before = self.status
        self.status = {
            library.JobSucceeded: "completed",
            library.JobErrored: "failed",
            library.JobInterrupted: "cancelled",
        }[type(event)]
        for node in self.nodes.values():
            if node.state == "running":
                self._end(node.id, "finished" if self.status == "completed" else "error", now)
        return [] if self.status == before else [self.summary()]

    def done(self) -> int:
        """How many nodes have ended."""
        return sum(node.state in ("finished", "cached") for node in self.nodes.values())

    def running(self) -> NodeRun | None:
        """The node that runs now; the last one, if there are several."""
        return next((node for node in reversed(self.nodes.values()) if node.state == "running"), None)

    def _node(self, node_id: str) -> NodeRun:
        if node_id not in self.nodes:
            # A node that another node made while the graph ran.
            self.nodes[node_id] = NodeRun(node_id, node_title(self.graph.get(node_id), node_id))
        return self.nodes[node_id]


def node_title(node: object, node_id: str) -> str:
    """The title that its author gave a node, else its class."""
    if not isinstance(node, Mapping):
        return f"node {node_id}"
    meta = node.get("_meta")
    title = meta.get("title") if isinstance(meta, Mapping) else None
    return str(title or node.get("class_type") or f"node {node_id}")


def _in_order(graph: Mapping[str, Any]) -> Iterator[str]:
    """The ids of the nodes, each after those it needs; as they stand if they form a circle."""
    sorter: TopologicalSorter[str] = TopologicalSorter()
    for node_id, node in graph.items():
        inputs = node.get("inputs") if isinstance(node, Mapping) else None
        values = inputs.values() if isinstance(inputs, Mapping) else ()
        sorter.add(
            node_id,
            *(v[0] for v in values if isinstance(v, list) and len(v) == 2 and str(v[0]) in graph),
        )
    try:
        yield from sorter.static_order()
    except CycleError:
        yield from graph
