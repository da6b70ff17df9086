"""What most programs ask of an entry of the history, read from its bytes without a dict for each.

These functions read the usual form alone: how a run that succeeded went, and outputs that are
files. They return None for everything else, and where msgspec is missing; then `states` and
`outputs` decide, which read every form. For the usual form both give the same.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from itertools import chain
from typing import Any, NamedTuple

from ..times import MILLISECONDS_FROM, from_timestamp, parse_instant
from .states import JobStatus, status_from_word


class QuickRun(NamedTuple):
    """How a run went: its status and times."""

    status: JobStatus
    started_at: datetime | None
    finished_at: datetime | None


class _Decoders(NamedTuple):
    usual_run: Callable[[Any], Any]
    run: Callable[[Any], Any]
    images: Callable[[Any], Any]
    files: Callable[[Any], Any]
    errors: tuple[type[Exception], ...]


def quick_run(content: Any) -> QuickRun | None:
    """The status and times in the status object of a run that succeeded; else None.

    `content` is JSON, as bytes or undecoded.
    """
    decoders = _cached[0] if _cached else _decoders()
    if decoders is None:
        return None
    try:
        events = decoders.usual_run(content).messages
    except decoders.errors:
        pass
    else:
        # The decoder takes no time that is not in milliseconds and exact.
        start, end = events.start.data.timestamp, events.end.data.timestamp
        started = None if start is None else from_timestamp(start / 1000, UTC)
        finished = None if end is None else from_timestamp(end / 1000, UTC)
        return _new_run(QuickRun, (_COMPLETED, started, finished))
    try:
        found = decoders.run(content)
    except decoders.errors:
        return None
    status = status_from_word(found.status_str)
    if status is not JobStatus.COMPLETED:
        return None
    started = finished = None
    for event, data in found.messages:
        if event == "execution_start":
            started = started or data.timestamp
        elif event == "execution_success":
            finished = data.timestamp or finished
        elif event != "execution_cached":
            return None
    return QuickRun(status, parse_instant(started), parse_instant(finished))


_new_run = tuple.__new__  # what a NamedTuple does, without a call of Python code
_COMPLETED = JobStatus.COMPLETED  # members of an enum are found slowly


def quick_count(content: Any) -> int | None:
    """The number of files in an outputs map with nothing but files; else None.

    `content` is JSON, as bytes or undecoded.
    """
    decoders = _cached[0] if _cached else _decoders()
    if decoders is None:
        return None
    text = bytes(content)  # read faster than a part of a page, which may not be in the cache any more
    try:
        found = decoders.images(text)
    except decoders.errors:
        return _count_of_files(decoders, text)
    if b"/" in text or b"\\" in text:  # perhaps in a name, which then has a folder
        names = "".join(file.filename for node in found.values() for file in node.images)
        if "/" in names or "\\" in names:
            return _count_of_files(decoders, text)
    count = 0
    for node in found.values():
        images = node.images
        number = len(images)
        if number == 2:  # nearly as often as one; a set of long names takes longer
            is_repeated = images[0].filename == images[1].filename
        else:
            is_repeated = number > 2 and len({image.filename for image in images}) < number
        if is_repeated:  # rare: a node has listed a file twice
            return _count_of_files(decoders, text)
        count += number
    return count


def _count_of_files(decoders: _Decoders, content: Any) -> int | None:
    try:
        found = decoders.files(content)
    except decoders.errors:
        return None
    count = 0
    for lists in found.values():
        for files in lists.values() if len(lists) == 1 else [list(chain(*lists.values()))]:
            if len(files) > 1:
                if any("/" in file.filename or "\\" in file.filename for file in files):
                    return None
                count += len(set(files))  # a node that lists a file twice has made one
            else:
                count += len(files)
    return count


_cached: list[_Decoders | None] = []


def _decoders() -> _Decoders | None:
    """The decoders, made when they are first needed; None where msgspec is missing."""
    if not _cached:
        _cached.append(_new_decoders())
    return _cached[0]


def _new_decoders() -> _Decoders | None:
    try:
        from msgspec import DecodeError, Meta, defstruct, json  # costs import time
    except ImportError:
        return None
    from typing import Annotated, Literal

    instant = Annotated[int, Meta(ge=int(MILLISECONDS_FROM), lt=2**42)]
    message = defstruct("Message", [("timestamp", instant, None)], gc=False)
    pair: Any = tuple[str, message]  # type: ignore[valid-type]
    run = defstruct("Run", [("status_str", str), ("messages", list[pair])], gc=False)
    nothing = defstruct("Nothing", [], gc=False)

    def event(word: str, data: Any) -> Any:
        return defstruct(
            "Event", [("data", data)], tag=word, array_like=True, forbid_unknown_fields=True, gc=False
        )

    # Nearly all: started, some nodes were cached, ended.
    events: Any = defstruct(
        "Events",
        [
            ("start", event("execution_start", message)),
            ("cached", event("execution_cached", nothing)),
            ("end", event("execution_success", message)),
        ],
        array_like=True,
        forbid_unknown_fields=True,
        gc=False,
    )
    success: Any = Literal["success"]
    usual_run = defstruct("UsualRun", [("status_str", success), ("messages", events)], gc=False)

    text = Annotated[str, Meta(min_length=1)]
    fields: Any = [("filename", text), ("subfolder", str, ""), ("type", text, "output")]
    file: Any = defstruct("File", fields, frozen=True, gc=False)
    files: Any = dict[str, dict[str, list[file]]]
    named: Any = defstruct("Named", [("filename", text)], gc=False)
    node: Any = defstruct("Node", [("images", list[named])], forbid_unknown_fields=True, gc=False)
    nodes: Any = dict[str, node]
    return _Decoders(
        json.Decoder(usual_run).decode,
        json.Decoder(run).decode,
        json.Decoder(nodes).decode,
        json.Decoder(files).decode,
        (DecodeError, RecursionError),
    )
