"""The records of entries as Comfy Cloud usually lists them: jobs that completed. Pure.

An entry that differs in anything from what is expected here is left to `records.record_of`, which
reads whatever a server sends, and takes several times as long.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from .._jobs.entries import HistoryEntry
from .._jobs.outputs import Output
from ..hashing import hash_in_name
from ..times import MILLISECONDS_FROM

_TEXT_KEYS = frozenset(("text", "texts"))
_LATEST = 253_402_300_799_000
_NO_ERROR = (None, None, None, None)
_LONGEST_ID = 100


def usual_record(entry: HistoryEntry) -> dict[str, Any] | None:
    """The fields of `JobRecord` for an entry; None if it is not a usual one."""
    if type(entry) is not HistoryEntry:
        return None
    raw = entry.unredacted
    status = getattr(raw, "status", None)
    created = getattr(raw, "create_time", None)
    workflow_id = getattr(raw, "workflow_id", None)
    if type(status) is not dict or not _is_instant(created) or len(entry.id) > _LONGEST_ID:
        return None
    if status.get("status_str") != "success" or (type(workflow_id) is not str and workflow_id is not None):
        return None
    times = _times(status.get("messages"))
    outputs = _outputs(getattr(raw, "outputs", None))
    if times is None or outputs is None or _has_more(raw):
        return None
    return {
        "id": entry.id,
        "status": "completed",
        "created_ms": created,
        "started_ms": times[0],
        "finished_ms": times[1],
        "workflow_id": workflow_id or None,
        "error": _NO_ERROR,
        "credits": None,
        "outputs": outputs,
        "texts": [],
        "facts": None,
        "is_whole": False,
    }


def _has_more(raw: Any) -> bool:
    """Whether there is a graph, or what it cost."""
    prompt = getattr(raw, "prompt", None)
    graph = prompt.get("prompt") if prompt is not None and hasattr(prompt, "get") else None
    return isinstance(graph, dict) or "credits" in getattr(raw, "additional_properties", ())


def _times(messages: object) -> tuple[int | None, int | None] | None:
    started = finished = None
    if type(messages) is not list:
        return None
    for message in messages:
        if type(message) is not list or len(message) != 2 or type(message[1]) is not dict:
            return None
        event, data = message
        if event == "execution_start" and started is None:
            started = data.get("timestamp")
            if not _is_instant(started):
                return None
        elif event == "execution_success" and finished is None:
            finished = data.get("timestamp")
            if not _is_instant(finished):
                return None
        elif event != "execution_cached":
            return None
    return started, finished


def _is_instant(value: object) -> bool:
    return type(value) is int and MILLISECONDS_FROM <= value <= _LATEST


def _outputs(nodes: object) -> list[tuple[Any, ...]] | None:
    found: list[tuple[Any, ...]] = []
    seen: set[tuple[str, str, str, str]] = set()
    if type(nodes) is not dict:
        return None
    for node_id, keys in nodes.items():
        if type(keys) is not dict:
            return None
        for key, items in keys.items():
            if type(items) is not list or key in _TEXT_KEYS:
                return None
            for item in items:
                row = _output(node_id, key, item)
                if row is None:
                    return None
                identity = (node_id, row[3], row[5], row[6])
                if identity not in seen:
                    seen.add(identity)
                    found.append(row)
    return found


def _output(node_id: str, key: str, item: object) -> tuple[Any, ...] | None:
    if type(item) is not dict or item.keys() - _FIELDS:
        return None
    name, subfolder, kind = item.get("filename"), item.get("subfolder", ""), item.get("type", "output")
    display_name = item.get("display_name")
    if type(name) is not str or type(subfolder) is not str or type(kind) is not str or not (name and kind):
        return None
    if "/" in name or "\\" in name or "[" in name or "/" in subfolder or "\\" in subfolder:
        return None
    if display_name is not None and type(display_name) is not str:
        return None
    stem, _, extension = name.rpartition(".")
    if not stem:
        return None
    what, media_type = _of_extension(extension, key)
    digest = hash_in_name(name)
    return (
        node_id, key, what, name, display_name or None, subfolder, kind, media_type, None, digest, None, None,
    )  # fmt: skip


_FIELDS = frozenset(("filename", "subfolder", "type", "display_name"))


@lru_cache(maxsize=1000)
def _of_extension(extension: str, key: str) -> tuple[str, str | None]:
    output = Output({"filename": f"a.{extension}"}, "", key)
    return output.kind, output.media_type
