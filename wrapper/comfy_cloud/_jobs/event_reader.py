"""Read websocket messages as events: JSON text and binary frames in, events out. Opens no socket.

Reading never raises. A message that is unknown or broken becomes an `UnknownEvent` with the
message in `raw`, so a new kind of message never ends a program that watches. JSON is read as it
is in HTTP responses: NaN and Infinity, which Python servers write, are floats.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Literal

import orjson

from comfy_cloud_api.types import UnreadableBody, decode_json

from .._lenient import count_in, id_in, ids_in, number_in, text_in
from ..errors import job_failed_from
from ..times import parse_instant
from .events import (
    ENDINGS,
    Event,
    FeatureFlags,
    JobErrored,
    JobInterrupted,
    JobStarted,
    JobSucceeded,
    NodeExecuting,
    NodeFinished,
    NodesCached,
    NodesProgress,
    NodeState,
    NodeText,
    Notification,
    Preview,
    Progress,
    QueueStatus,
    TaskProgress,
    UnknownEvent,
)
from .outputs import find_outputs, find_texts

# The first message of a connection: what this client can read.
HANDSHAKE = orjson.dumps({"type": "feature_flags", "data": {"supports_preview_metadata": True}}).decode()


def read_event(message: str | bytes) -> Event:
    """The event of one websocket message. Text is JSON, bytes are a binary frame. Never raises."""
    if isinstance(message, str):
        return _read_text(message)
    return _read_binary(message)


def json_in(content: bytes | str) -> Any:
    """The JSON value of a message; the message when it is not JSON."""
    try:
        return decode_json(content)
    except (UnreadableBody, RecursionError):
        return content


def _read_text(message: str) -> Event:
    document = json_in(message)
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
    # Equivalent to `__init__`, which sets the fields of a frozen dataclass one by one and is much
    # slower.
    known = event.__dict__
    known["type"] = kind
    known["job_id"] = id_in(get("prompt_id")) or (id_in(get("id")) if cls is Notification else None)
    known["node_id"] = id_in(get("node")) or id_in(get("node_id"))
    known["at"] = parse_instant(get("timestamp")) if "timestamp" in data else None
    known["raw"] = data
    if fields is not None:
        known.update(fields(data))
    return event


def _read_binary(frame: bytes) -> Event:
    """Type 1 is an image, type 3 the text of a node, type 4 an image with its job and node.

    Numbers are big-endian.
    """
    if len(frame) < 8:
        return UnknownEvent(type="binary", raw=frame)
    kind, number = struct.unpack_from(">II", frame)
    body = memoryview(frame)[8:]
    if kind == 1:
        return Preview(type="preview", image=bytes(body), format=image_format(number == 2, body), raw=frame)
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
    about = json_in(description)
    if not isinstance(about, dict):
        return UnknownEvent(type="binary", raw=frame)
    return Preview(
        type="preview",
        job_id=_job_of(about),
        node_id=id_in(about.get("display_node_id")) or id_in(about.get("node_id")),
        image=bytes(image),
        format=image_format(about.get("image_type") == "image/png", image),
        raw=about,
    )


def image_format(says_png: bool, image: memoryview | bytes) -> Literal["jpeg", "png"]:
    """The format that the bytes show, else the one that the server declared."""
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
        "session_id": id_in(data.get("sid")),
    }


def _progress(data: Mapping[str, Any]) -> dict[str, Any]:
    return {"value": number_in(data.get("value")), "max": number_in(data.get("max"))}


def _nodes_progress(data: Mapping[str, Any]) -> dict[str, Any]:
    nodes = data.get("nodes")
    found = {}
    for node_id, state in nodes.items() if isinstance(nodes, dict) else ():
        if isinstance(state, dict):
            get = state.get
            found[node_id] = NodeState(
                node_id, text_in(get("state")) or "", number_in(get("value")), number_in(get("max"))
            )
    return {"nodes": found}


def _finished(data: Mapping[str, Any]) -> dict[str, Any]:
    made = {id_in(data.get("display_node")) or id_in(data.get("node")) or "": data.get("output")}
    return {"outputs": tuple(find_outputs(made)), "texts": tuple(find_texts(made))}


def _task(data: Mapping[str, Any]) -> dict[str, Any]:
    done = data.get("bytes_downloaded", data.get("bytes_processed"))
    total = data.get("bytes_total")
    return {
        "task_id": id_in(data.get("task_id")) or "",
        "status": text_in(data.get("status")) or "",
        "done": count_in(done),
        "total": count_in(total),
        "error": text_in(data.get("error")),
    }


def _job_of(data: object) -> str | None:
    return id_in(data.get("prompt_id")) if isinstance(data, dict) else None


_Reader = tuple[type[Event], Callable[[Mapping[str, Any]], dict[str, Any]] | None]
_READERS: Mapping[str, _Reader] = {
    "status": (QueueStatus, _queue),
    "notification": (Notification, lambda data: {"text": text_in(data.get("value")) or ""}),
    "execution_start": (JobStarted, None),
    "execution_cached": (NodesCached, lambda data: {"nodes": ids_in(data.get("nodes"))}),
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


class SeenEvents:
    """Recognises events that came before, as after a reconnect. Remembers the last few hundred."""

    MOST: ClassVar[int] = 512

    def __init__(self) -> None:
        self._seen: dict[tuple[object, ...], None] = {}

    def is_repeat(self, event: Event) -> bool:
        """Whether the same event came before. Progress and previews never count as repeats."""
        if not isinstance(event, (JobStarted, NodesCached, NodeFinished, *ENDINGS)):
            return False
        key: tuple[object, ...] = (event.type, event.job_id, event.node_id)
        if isinstance(event, NodeFinished):  # API v2 reports each output of a node for itself
            key += tuple(output.identity for output in event.outputs)
        if key in self._seen:
            return True
        self._seen[key] = None
        if len(self._seen) > self.MOST:
            del self._seen[next(iter(self._seen))]
        return False
