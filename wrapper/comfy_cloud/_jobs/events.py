"""Websocket messages as typed events: JSON text and binary frames in, events out. Nothing here opens a socket.

Reading never raises: what is unknown or broken becomes an `UnknownEvent` with the message kept in `raw`, so a new message kind never
ends a program that watches. Numbers may be ints or floats, ids may be missing, unknown fields are kept.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, Literal, NamedTuple

import orjson

from ..errors import JobFailed, job_failed_from
from ..times import parse_instant
from .outputs import Output, find_outputs, find_texts
from .states import JobStatus


@dataclass(frozen=True, kw_only=True)
class Event:
    """Something that happened. `type` is the server's word for it, `raw` the message's data (bytes for a binary frame).

    `job_id` and `node_id` are None where the message does not say; `at` is the server's time where it does.
    """

    type: str
    job_id: str | None = None
    node_id: str | None = None
    at: datetime | None = None
    raw: Any = field(default=None, repr=False)


@dataclass(frozen=True, kw_only=True)
class QueueStatus(Event):
    """How many jobs of this account wait or run. `session_id` comes with the first one of a connection."""

    remaining: int | None = None
    session_id: str | None = None


@dataclass(frozen=True, kw_only=True)
class Notification(Event):
    """A line for people, such as "waiting for a machine"."""

    text: str = ""


@dataclass(frozen=True, kw_only=True)
class JobStarted(Event):
    """Execution of a job has begun."""


@dataclass(frozen=True, kw_only=True)
class NodesCached(Event):
    """Nodes whose results were there already."""

    nodes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class NodeExecuting(Event):
    """A node has begun; `node_id` is None when the last one has ended."""


@dataclass(frozen=True, kw_only=True)
class Progress(Event):
    """Step `value` of `max` within a node."""

    value: float = 0
    max: float = 0

    @property
    def fraction(self) -> float | None:
        """From 0 to 1; None when the server gave no maximum."""
        return min(self.value / self.max, 1.0) if self.max > 0 else None


class NodeState(NamedTuple):
    """How far one node is: `state` is pending, running, finished or error."""

    node_id: str
    state: str
    value: float = 0
    max: float = 0


@dataclass(frozen=True, kw_only=True)
class NodesProgress(Event):
    """The state of every node that has begun, by node id."""

    nodes: Mapping[str, NodeState] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class NodeFinished(Event):
    """A node has ended and made these outputs."""

    outputs: tuple[Output, ...] = ()
    texts: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Preview(Event):
    """A picture of the work so far: its bytes, and "jpeg" or "png"."""

    image: bytes = field(default=b"", repr=False)
    format: Literal["jpeg", "png"] = "jpeg"


@dataclass(frozen=True, kw_only=True)
class NodeText(Event):
    """A line of text that a node sent while it worked."""

    text: str = ""


@dataclass(frozen=True, kw_only=True)
class JobSucceeded(Event):
    """The job has ended well. What it made is complete once the job says so, too."""


@dataclass(frozen=True, kw_only=True)
class JobErrored(Event):
    """The job has failed; `error` says why."""

    error: JobFailed | None = None


@dataclass(frozen=True, kw_only=True)
class JobInterrupted(Event):
    """The job was cancelled."""


@dataclass(frozen=True, kw_only=True)
class JobChanged(Event):
    """A look at the job showed another status or place in the queue than before. It comes from polling, not the websocket."""

    status: JobStatus = JobStatus.UNKNOWN
    queue_position: int | None = None
    queue_reason: str | None = None


@dataclass(frozen=True, kw_only=True)
class JobSubmitted(Event):
    """A variant of `cloud.map` became this job, in this call or an earlier one; `index` says which of its inputs."""

    index: int = 0


@dataclass(frozen=True, kw_only=True)
class TaskProgress(Event):
    """A background task moves on: an import of a file, or an export. Sizes are in bytes, None when not known."""

    task_id: str = ""
    status: str = ""
    done: int | None = None
    total: int | None = None
    error: str | None = None


@dataclass(frozen=True, kw_only=True)
class FeatureFlags(Event):
    """What the server can do, in answer to what the client said it can."""

    flags: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class UnknownEvent(Event):
    """A message of a kind that this version does not know, or that could not be read."""


ENDINGS: tuple[type[Event], ...] = (JobSucceeded, JobErrored, JobInterrupted)
# What this client can read, said in the first message of a connection.
HANDSHAKE = orjson.dumps({"type": "feature_flags", "data": {"supports_preview_metadata": True}}).decode()


def read_event(message: str | bytes) -> Event:
    """The event of one websocket message. Text is JSON, bytes are a binary frame. Never raises."""
    if isinstance(message, str):
        return _read_text(message)
    return _read_binary(message)


def _read_text(message: str) -> Event:
    try:
        document = orjson.loads(message)
    except ValueError:
        return UnknownEvent(type="unreadable", raw=message)
    if not isinstance(document, dict) or not isinstance(document.get("type"), str):
        return UnknownEvent(type="unreadable", raw=document)
    data = document.get("data")
    kind: str = document["type"]
    reader = _READERS.get(kind)
    if reader is None or not isinstance(data, dict):
        return UnknownEvent(type=kind, job_id=_job_of(data), raw=data)
    cls, fields = reader
    get = data.get
    event: Event = cls.__new__(cls)
    # As `__init__` would, which sets the fields of a frozen dataclass one by one, and takes several times as long.
    known = event.__dict__
    known["type"] = kind
    known["job_id"] = _text(get("prompt_id")) or (_text(get("id")) if cls is Notification else None)
    known["node_id"] = _text(get("node")) or _text(get("node_id"))
    known["at"] = parse_instant(get("timestamp")) if "timestamp" in data else None
    known["raw"] = data
    if fields is not None:
        known.update(fields(data))
    return event


def _read_binary(frame: bytes) -> Event:
    """Type 1: a picture. Type 3: text of a node. Type 4: a picture with its job and node. Numbers are big-endian."""
    if len(frame) < 8:
        return UnknownEvent(type="binary", raw=frame)
    kind, number = struct.unpack_from(">II", frame)
    body = memoryview(frame)[8:]
    if kind == 1:
        return Preview(type="preview", image=bytes(body), format=_format(number == 2, body), raw=frame)
    if kind in {3, 4} and number > len(body):
        return UnknownEvent(type="binary", raw=frame)
    if kind == 3:
        node = bytes(body[:number]).decode("utf-8", "replace")
        return NodeText(
            type="text", node_id=node or None, text=bytes(body[number:]).decode("utf-8", "replace"), raw=frame
        )
    if kind == 4:
        return _read_described_preview(frame, bytes(body[:number]), body[number:])
    return UnknownEvent(type="binary", raw=frame)


def _read_described_preview(frame: bytes, description: bytes, image: memoryview) -> Event:
    try:
        about = orjson.loads(description)
    except ValueError:
        about = None
    if not isinstance(about, dict):
        return UnknownEvent(type="binary", raw=frame)
    return Preview(
        type="preview",
        job_id=_job_of(about),
        node_id=_text(about.get("display_node_id")) or _text(about.get("node_id")),
        image=bytes(image),
        format=_format(about.get("image_type") == "image/png", image),
        raw=about,
    )


def _format(says_png: bool, image: memoryview) -> Literal["jpeg", "png"]:
    """What the bytes are decides; the server's word only where they do not tell."""
    start = bytes(image[:4])
    if start == b"\x89PNG":
        return "png"
    if start[:2] == b"\xff\xd8":
        return "jpeg"
    return "png" if says_png else "jpeg"


def _queue(data: Mapping[str, Any]) -> dict[str, Any]:
    status = data.get("status")
    info = status.get("exec_info") if isinstance(status, dict) else None
    remaining = info.get("queue_remaining") if isinstance(info, dict) else None
    return {
        "remaining": remaining if isinstance(remaining, int) else None,
        "session_id": _text(data.get("sid")),
    }


def _progress(data: Mapping[str, Any]) -> dict[str, Any]:
    return {"value": _number(data.get("value")), "max": _number(data.get("max"))}


def _nodes_progress(data: Mapping[str, Any]) -> dict[str, Any]:
    nodes = data.get("nodes")
    found = {}
    for node_id, state in nodes.items() if isinstance(nodes, dict) else ():
        if isinstance(state, dict):
            get = state.get
            found[node_id] = NodeState(
                node_id, _text(get("state")) or "", _number(get("value")), _number(get("max"))
            )
    return {"nodes": found}


def _finished(data: Mapping[str, Any]) -> dict[str, Any]:
    made = {_text(data.get("display_node")) or _text(data.get("node")) or "": data.get("output")}
    return {"outputs": tuple(find_outputs(made)), "texts": tuple(find_texts(made))}


def _task(data: Mapping[str, Any]) -> dict[str, Any]:
    done = data.get("bytes_downloaded", data.get("bytes_processed"))
    total = data.get("bytes_total")
    return {
        "task_id": _text(data.get("task_id")) or "",
        "status": _text(data.get("status")) or "",
        "done": int(_number(done)) if done is not None else None,
        "total": int(_number(total)) if total is not None else None,
        "error": _text(data.get("error")),
    }


def _job_of(data: object) -> str | None:
    return _text(data.get("prompt_id")) if isinstance(data, dict) else None


def _text(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value or None
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else None


def _number(value: object) -> float:
    if type(value) is int:  # nearly always
        return value
    return value if isinstance(value, (int, float)) and not isinstance(value, bool) else 0


def _strings(value: object) -> tuple[str, ...]:
    return tuple(str(item) for item in value) if isinstance(value, list) else ()


_Reader = tuple[type[Event], Callable[[Mapping[str, Any]], dict[str, Any]] | None]
_READERS: Mapping[str, _Reader] = {
    "status": (QueueStatus, _queue),
    "notification": (Notification, lambda data: {"text": _text(data.get("value")) or ""}),
    "execution_start": (JobStarted, None),
    "execution_cached": (NodesCached, lambda data: {"nodes": _strings(data.get("nodes"))}),
    "executing": (NodeExecuting, None),
    "progress": (Progress, _progress),
    "progress_state": (NodesProgress, _nodes_progress),
    "executed": (NodeFinished, _finished),
    "execution_success": (JobSucceeded, None),
    "execution_error": (JobErrored, lambda data: {"error": job_failed_from(_job_of(data) or "", data)}),
    "execution_interrupted": (JobInterrupted, None),
    "asset_download": (TaskProgress, _task),
    "asset_export": (TaskProgress, _task),
    "feature_flags": (FeatureFlags, lambda data: {"flags": data}),
}


class Repeats:
    """Tells messages that came before, as they do after a reconnect: the last few hundred endings and node results."""

    MOST: ClassVar[int] = 512

    def __init__(self) -> None:
        self._seen: dict[tuple[str, str | None, str | None], None] = {}

    def is_repeat(self, event: Event) -> bool:
        """Whether this very thing was told before. Progress and previews are never called repeats."""
        if not isinstance(event, (JobStarted, NodesCached, NodeFinished, *ENDINGS)):
            return False
        key = (event.type, event.job_id, event.node_id)
        if key in self._seen:
            return True
        self._seen[key] = None
        if len(self._seen) > self.MOST:
            del self._seen[next(iter(self._seen))]
        return False
