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
    try:
        document = _decode(message)
    except Exception:  # noqa: BLE001 - whatever it is, the usual reader decides
        document = json_in(message)
    if type(document) is not dict or type(kind := document.get("type")) is not str:
        return UnknownEvent(type="unreadable", raw=document)
    data = document.get("data")
    reader = _READERS.get(kind)
    if reader is None or type(data) is not dict:
        return UnknownEvent(type=kind, job_id=_job_of(data), raw=data)
    cls, fields = reader
    get = data.get
    event: Event = cls.__new__(cls)
    # Equivalent to `__init__`, which sets the fields of a frozen dataclass one by one and is much
    # slower.
    known = event.__dict__
    known["type"] = kind
    job = get("prompt_id")
    known["job_id"] = (job or None) if type(job) is str else id_in(job)
    node = get("node")
    known["node_id"] = node if type(node) is str and node else id_in(node) or id_in(get("node_id"))
    known["at"] = parse_instant(get("timestamp")) if "timestamp" in data else None
    known["raw"] = data
    if fields is not None:
        fields(data, known)
    return event


def _import_decoder(message: str) -> Any:
    """Decode the first message, and find out what decodes the others."""
    global _decode
    try:
        from msgspec.json import Decoder  # costs import time
    except ImportError:
        _decode = json_in
    else:
        _decode = Decoder().decode
    return _decode(message)


_decode: Callable[[str], Any] = _import_decoder  # it raises where `json_in` may still read it


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


# Each sets what one kind of event has besides the common fields.


def _queue(data: dict[str, Any], known: dict[str, Any]) -> None:
    status = data.get("status")
    info = status.get("exec_info") if isinstance(status, dict) else None
    remaining = info.get("queue_remaining") if isinstance(info, dict) else None
    known["remaining"] = remaining if isinstance(remaining, int) else None
    known["session_id"] = id_in(data.get("sid"))


def _notification(data: dict[str, Any], known: dict[str, Any]) -> None:
    known["job_id"] = known["job_id"] or id_in(data.get("id"))
    known["text"] = text_in(data.get("value")) or ""


def _cached(data: dict[str, Any], known: dict[str, Any]) -> None:
    known["nodes"] = ids_in(data.get("nodes"))


def _progress(data: dict[str, Any], known: dict[str, Any]) -> None:
    known["value"] = number_in(data.get("value"))
    known["max"] = number_in(data.get("max"))


def _nodes_progress(data: dict[str, Any], known: dict[str, Any]) -> None:
    nodes = data.get("nodes")
    found = known["nodes"] = {}
    for node_id, state in nodes.items() if isinstance(nodes, dict) else ():
        if isinstance(state, dict):
            get = state.get
            word, value, most = get("state"), get("value"), get("max")
            found[node_id] = _new_state(
                NodeState,
                (
                    node_id,
                    word if type(word) is str else "",
                    value if type(value) is int else number_in(value),
                    most if type(most) is int else number_in(most),
                ),
            )


_new_state = tuple.__new__  # what a NamedTuple does, without a call of Python code


def _finished(data: dict[str, Any], known: dict[str, Any]) -> None:
    made = {id_in(data.get("display_node")) or id_in(data.get("node")) or "": data.get("output")}
    known["outputs"] = tuple(find_outputs(made))
    known["texts"] = tuple(find_texts(made))


def _error(data: dict[str, Any], known: dict[str, Any]) -> None:
    known["error"] = job_failed_from(_job_of(data) or "", data)


def _task(data: dict[str, Any], known: dict[str, Any]) -> None:
    known["task_id"] = id_in(data.get("task_id")) or ""
    known["status"] = text_in(data.get("status")) or ""
    known["done"] = count_in(data.get("bytes_downloaded", data.get("bytes_processed")))
    known["total"] = count_in(data.get("bytes_total"))
    known["error"] = text_in(data.get("error"))


def _flags(data: dict[str, Any], known: dict[str, Any]) -> None:
    known["flags"] = data


def _job_of(data: object) -> str | None:
    return id_in(data.get("prompt_id")) if isinstance(data, dict) else None


_Reader = tuple[type[Event], Callable[[dict[str, Any], dict[str, Any]], None] | None]
_READERS: Mapping[str, _Reader] = {
    "status": (QueueStatus, _queue),
    "notification": (Notification, _notification),
    "execution_start": (JobStarted, None),
    "execution_cached": (NodesCached, _cached),
    "executing": (NodeExecuting, None),
    "progress": (Progress, _progress),
    "progress_state": (NodesProgress, _nodes_progress),
    "executed": (NodeFinished, _finished),
    "execution_success": (JobSucceeded, None),
    "execution_error": (JobErrored, _error),
    "execution_interrupted": (JobInterrupted, None),
    "asset_download": (TaskProgress, _task),
    "asset_export": (TaskProgress, _task),
    "feature_flags": (FeatureFlags, _flags),
}


_MAY_REPEAT = frozenset((JobStarted, NodesCached, NodeFinished, *ENDINGS))


class SeenEvents:
    """Recognises events that came before, as after a reconnect. Remembers the last few hundred."""

    MOST: ClassVar[int] = 512

    def __init__(self) -> None:
        self._seen: dict[tuple[object, ...], None] = {}

    def is_repeat(self, event: Event) -> bool:
        """Whether the same event came before. Progress and previews never count as repeats."""
        if type(event) not in _MAY_REPEAT:
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
