"""The events of a job or an account: what `job.events()` and `cloud.events()` yield.

Messages become events in `event_reader`. Ids may be missing, and numbers may be ints or floats.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, NamedTuple

from ..errors import JobFailed
from .outputs import Output
from .states import JobStatus


@dataclass(frozen=True, kw_only=True)
class Event:
    """Something that happened.

    Attributes:
        type: The server's name for it.
        job_id: The job it is about; None where the message does not say.
        node_id: The node it is about; None where the message does not say.
        at: The server's time in UTC; None where the message has none.
        raw: The data of the message; bytes for a binary frame.
    """

    type: str
    job_id: str | None = None
    node_id: str | None = None
    at: datetime | None = None
    raw: Any = field(default=None, repr=False)


@dataclass(frozen=True, kw_only=True)
class QueueStatus(Event):
    """How many jobs of this account are waiting or running.

    `session_id` comes with the first one of a connection.
    """

    remaining: int | None = None
    session_id: str | None = None


@dataclass(frozen=True, kw_only=True)
class Notification(Event):
    """A line for people, such as "waiting for a machine"."""

    text: str = ""


@dataclass(frozen=True, kw_only=True)
class JobStarted(Event):
    """A job has started to run."""


@dataclass(frozen=True, kw_only=True)
class NodesCached(Event):
    """These nodes are not run: their results are cached."""

    nodes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class NodeExecuting(Event):
    """A node has started. `node_id` is None when the last one has finished."""


@dataclass(frozen=True, kw_only=True)
class Progress(Event):
    """Step `value` of `max` within a node."""

    value: float = 0
    max: float = 0

    @property
    def fraction(self) -> float | None:
        """From 0 to 1; None when the server sent no maximum, or a number that is not finite."""
        fraction = self.value / self.max if self.max > 0 else math.nan
        return None if math.isnan(fraction) else max(0.0, min(fraction, 1.0))


class NodeState(NamedTuple):
    """The progress of one node: step `value` of `max`.

    `state` is pending, running, finished or error.
    """

    node_id: str
    state: str
    value: float = 0
    max: float = 0


@dataclass(frozen=True, kw_only=True)
class NodesProgress(Event):
    """The state of every node that has started, by node id."""

    nodes: Mapping[str, NodeState] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class NodeFinished(Event):
    """A node has finished, with these outputs."""

    outputs: tuple[Output, ...] = ()
    texts: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Preview(Event):
    """An image of the unfinished work: its bytes, and "jpeg" or "png"."""

    image: bytes = field(default=b"", repr=False)
    format: Literal["jpeg", "png"] = "jpeg"


@dataclass(frozen=True, kw_only=True)
class NodeText(Event):
    """A line of text from a running node."""

    text: str = ""


@dataclass(frozen=True, kw_only=True)
class JobSucceeded(Event):
    """The job has succeeded. Its outputs are complete once the API reports the end, too."""


@dataclass(frozen=True, kw_only=True)
class JobErrored(Event):
    """The job has failed; `error` has the reason."""

    error: JobFailed | None = None


@dataclass(frozen=True, kw_only=True)
class JobInterrupted(Event):
    """The job was cancelled."""


@dataclass(frozen=True, kw_only=True)
class JobChanged(Event):
    """A poll found another status or position in the queue than before. Not from the websocket."""

    status: JobStatus = JobStatus.UNKNOWN
    queue_position: int | None = None
    queue_reason: str | None = None


@dataclass(frozen=True, kw_only=True)
class JobSubmitted(Event):
    """A variant of `cloud.map` became this job, in this call or an earlier one.

    `index` is the position of the variant among the inputs.
    """

    index: int = 0


@dataclass(frozen=True, kw_only=True)
class TaskProgress(Event):
    """Progress of a background task: the import of a file, or an export.

    `done` and `total` are in bytes, None when not known.
    """

    task_id: str = ""
    status: str = ""
    done: int | None = None
    total: int | None = None
    error: str | None = None


@dataclass(frozen=True, kw_only=True)
class FeatureFlags(Event):
    """What the server supports, in reply to what the client said that it supports."""

    flags: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class UnknownEvent(Event):
    """A message of a kind that this version does not know, or that could not be read."""


ENDINGS: tuple[type[Event], ...] = (JobSucceeded, JobErrored, JobInterrupted)
