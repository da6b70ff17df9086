"""The records of entries as Comfy Cloud usually lists them: jobs that completed. Pure.

They are read from the bytes of an entry, without making a dict of each part. An entry that differs
in anything from what is expected here is left to `records.record_of`, which reads whatever a server
sends, and takes several times as long.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, lru_cache
from typing import Annotated, Any, Literal, NamedTuple

from comfy_cloud_api.types import peek

from .._jobs.entries import HistoryEntry
from .._jobs.outputs import Output
from ..hashing import hash_in_name
from ..times import MILLISECONDS_FROM

_TEXT_KEYS = frozenset(("text", "texts"))
_LATEST = 253_402_300_799_000
_NO_ERROR = (None, None, None, None)
_LONGEST_ID = 100


def usual_record(entry: HistoryEntry) -> tuple[Any, ...] | None:
    """The fields of `JobRecord` for an entry; None if it is not a usual one."""
    decoders = _decoders()
    if decoders is None or type(entry) is not HistoryEntry:
        return None
    raw = entry.unredacted
    status, nodes, prompt = peek(raw, "status"), peek(raw, "outputs"), peek(raw, "prompt")
    if status is None or nodes is None or prompt is None:
        return None
    job_id, created, workflow_id = entry.id, raw.create_time, raw.workflow_id
    if type(created) is not int or not MILLISECONDS_FROM <= created <= _LATEST or len(job_id) > _LONGEST_ID:
        return None
    if (type(workflow_id) is not str and workflow_id is not None) or "credits" in raw.additional_properties:
        return None
    try:
        decoders.submission(prompt)
        times = _times(decoders, status)
        outputs = _outputs(decoders.nodes(nodes))
    except decoders.errors:
        return None
    if times is None or outputs is None:
        return None
    return (
        job_id, "completed", created, *times, workflow_id or None, _NO_ERROR, None, outputs, [], None, False,
    )  # fmt: skip


def _times(decoders: _Decoders, status: Any) -> tuple[int | None, int | None] | None:
    """When the run started and finished; None if anything else happened."""
    try:
        events = decoders.usual_status(status).messages
    except decoders.errors:
        pass
    else:
        return events.start.data.timestamp, events.end.data.timestamp
    started = finished = None
    for event, data in decoders.status(status).messages:
        if event == "execution_start" and started is None:
            started = data.timestamp
            if started is None:
                return None
        elif event == "execution_success" and finished is None:
            finished = data.timestamp
            if finished is None:
                return None
        elif event != "execution_cached":
            return None
    return started, finished


def _outputs(nodes: dict[str, dict[str, list[Any]]]) -> list[tuple[Any, ...]] | None:
    found: list[tuple[Any, ...]] = []
    seen: set[tuple[str, str, str, str]] = set()
    for node_id, lists in nodes.items():
        for key, files in lists.items():
            if key in _TEXT_KEYS:
                return None
            for file in files:
                name, subfolder, kind = file.filename, file.subfolder, file.type
                if "/" in name or "\\" in name or "[" in name or "/" in subfolder or "\\" in subfolder:
                    return None
                stem, _, extension = name.rpartition(".")
                if not stem:
                    return None
                identity = (node_id, name, subfolder, kind)
                if identity in seen:
                    continue
                seen.add(identity)
                what, media_type = _of_extension(extension, key)
                found.append(
                    (node_id, key, what, name, file.display_name or None, subfolder, kind, media_type,
                     None, hash_in_name(name), None, None)
                )  # fmt: skip
    return found


@lru_cache(maxsize=1000)
def _of_extension(extension: str, key: str) -> tuple[str, str | None]:
    output = Output({"filename": f"a.{extension}"}, "", key)
    return output.kind, output.media_type


class _Decoders(NamedTuple):
    """What reads each part of an entry, from bytes or what msgspec left undecoded."""

    usual_status: Callable[[Any], Any]
    status: Callable[[Any], Any]
    submission: Callable[[Any], Any]
    nodes: Callable[[Any], dict[str, dict[str, list[Any]]]]
    errors: tuple[type[Exception], ...]


@cache
def _decoders() -> _Decoders | None:
    """The decoders, made when they are first needed; None where msgspec is missing."""
    try:
        from msgspec import DecodeError, Meta, defstruct, json
    except ImportError:
        return None
    instant: Any = Annotated[int, Meta(ge=int(MILLISECONDS_FROM), le=_LATEST)]
    success: Any = Literal["success"]
    moment: Any = defstruct("Moment", [("timestamp", instant)], gc=False)
    perhaps: Any = defstruct("Perhaps", [("timestamp", instant | None, None)], gc=False)
    nothing: Any = defstruct("Nothing", [], gc=False)

    def event(word: str, data: Any) -> Any:
        return defstruct(
            "Event", [("data", data)], tag=word, array_like=True, forbid_unknown_fields=True, gc=False
        )

    # Nearly all: started, some nodes were cached, ended.
    events: Any = defstruct(
        "Events",
        [
            ("start", event("execution_start", moment)),
            ("cached", event("execution_cached", nothing)),
            ("end", event("execution_success", moment)),
        ],
        array_like=True,
        forbid_unknown_fields=True,
        gc=False,
    )

    def status(messages: Any) -> Any:
        return defstruct("Status", [("status_str", success), ("messages", messages)], gc=False)

    text = Annotated[str, Meta(min_length=1)]
    file: Any = defstruct(
        "File",
        [
            ("filename", text),
            ("subfolder", str, ""),
            ("type", text, "output"),
            ("display_name", str | None, None),
        ],
        forbid_unknown_fields=True,
        gc=False,
    )
    nodes: Any = dict[str, dict[str, list[file]]]
    # A list has no graphs.
    submission: Any = defstruct("Submission", [("prompt", type(None), None)], gc=False)
    return _Decoders(
        json.Decoder(status(events)).decode,
        json.Decoder(status(list[tuple[str, perhaps]])).decode,
        json.Decoder(submission).decode,
        json.Decoder(nodes).decode,
        (DecodeError, RecursionError),
    )
