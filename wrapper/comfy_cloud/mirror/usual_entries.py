"""Jobs of entries as Comfy Cloud usually lists them: jobs that completed. Pure.

They are read from the bytes of an entry in one go, without making a dict of each part, and their
rows are made at once. An entry that differs in anything from what is expected here is left to
`records.record_of`, which reads whatever a server sends, and takes several times as long. Both
ways give the same rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache, lru_cache
from typing import Annotated, Any, Literal, NamedTuple

from .._jobs.outputs import Output
from ..hashing import hash_in_name
from ..times import MILLISECONDS_FROM
from .exact_text import is_storable
from .records import NO_ERROR, JobRecord, seconds_between
from .search_index import filter_words

_TEXT_KEYS = frozenset(("text", "texts"))
_LATEST = 253_402_300_799_000
_LONGEST_ID = 100
STATUS = "completed"
"""The status of all usual jobs."""


class UsualJob(NamedTuple):
    """A job that has nothing but times, a workflow and outputs.

    Attributes:
        files: The names of its outputs for people, as `jobs` has them.
        outputs: The rows of `outputs`, without the last columns, which are NULL but for `hash`.
        filters: The text of `filters` in the full-text index.
        names: The names for people, as the full-text index is given them.
    """

    id: str
    created_ms: int
    started_ms: int | None
    finished_ms: int | None
    queue_seconds: float | None
    run_seconds: float | None
    workflow_id: str | None
    outputs_count: int
    files: str | None
    outputs: list[tuple[Any, ...]]
    filters: str
    names: str

    def record(self) -> JobRecord:
        """The job as any other is written."""
        outputs = [(*row[2:-1], None, row[-1], None, None) for row in self.outputs]
        return JobRecord(
            self.id,
            STATUS,
            self.created_ms,
            self.started_ms,
            self.finished_ms,
            self.workflow_id,
            NO_ERROR,
            None,
            outputs,
            [],
            None,
            False,
        )


_new_job = tuple.__new__  # what a NamedTuple does, without a call of Python code


def usual_jobs(entries: Iterable[Any]) -> list[UsualJob | None]:
    """The jobs of entries, given as what msgspec has left undecoded; None for each unusual one."""
    decoders = _decoders()
    if decoders is None:
        return [None for _ in entries]
    decode, errors = decoders.usual_entry, decoders.errors
    found: list[UsualJob | None] = []
    for raw in entries:
        try:
            entry = decode(raw)
        except errors:
            found.append(_nearly_usual_job(decoders, raw))
            continue
        events = entry.status.messages
        found.append(_job(entry, events.start.data.timestamp, events.end.data.timestamp))
    return found


def _nearly_usual_job(decoders: _Decoders, raw: Any) -> UsualJob | None:
    """The job of an entry with other messages, unless they say that anything else happened."""
    try:
        entry = decoders.entry(raw)
    except decoders.errors:
        return None
    started = finished = None
    for event, data in entry.status.messages:
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
    return _job(entry, started, finished)


def _job(entry: Any, started_ms: int | None, finished_ms: int | None) -> UsualJob | None:
    job_id, created_ms, workflow_id = entry.prompt_id, entry.create_time, entry.workflow_id or None
    if not is_storable(f"{job_id}{workflow_id}"):
        return None
    outputs: list[tuple[Any, ...]] = []
    names: list[str] = []
    for node_id, lists in entry.outputs.items():
        for key, files in lists.items():
            if key in _TEXT_KEYS:
                return None
            for file in files:
                name, subfolder, location = file.filename, file.subfolder, file.type
                display_name = file.display_name or None
                stem, _, extension = name.rpartition(".")
                path = f"{name}{subfolder}"
                if not stem or "/" in path or "\\" in path or "[" in name:
                    return None
                if not is_storable(f"{node_id}{key}{path}{location}{display_name}"):
                    return None
                kind, media_type = _of_extension(extension, key)
                outputs.append(
                    (job_id, len(outputs), node_id, key, kind, name, display_name, subfolder, location,
                     media_type, hash_in_name(name))
                )  # fmt: skip
                names.append(display_name or name)
    if len(outputs) > 1 and len({(row[2], row[5], row[7], row[8]) for row in outputs}) < len(outputs):
        return None  # a node has listed a file twice
    return _new_job(
        UsualJob,
        (
            job_id, created_ms, started_ms, finished_ms, seconds_between(created_ms, started_ms),
            seconds_between(started_ms, finished_ms), workflow_id, len(outputs), ", ".join(names) or None,
            outputs, filter_words(STATUS, workflow_id, ()), " ".join(names),
        ),
    )  # fmt: skip


@lru_cache(maxsize=1000)
def _of_extension(extension: str, key: str) -> tuple[str, str | None]:
    output = Output({"filename": f"a.{extension}"}, "", key)
    return output.kind, output.media_type


class _Decoders(NamedTuple):
    """What reads an entry that msgspec left undecoded: with the usual messages, and with any."""

    usual_entry: Callable[[Any], Any]
    entry: Callable[[Any], Any]
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
    nothing_or_null: Any = type(None)
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
    text: Any = Annotated[str, Meta(min_length=1)]
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
    submission: Any = defstruct("Submission", [("prompt", nothing_or_null, None)], gc=False)

    def entry(messages: Any) -> Any:
        status: Any = defstruct("Status", [("status_str", success), ("messages", messages)], gc=False)
        return defstruct(
            "Entry",
            [
                ("prompt_id", Annotated[str, Meta(min_length=1, max_length=_LONGEST_ID)]),
                ("create_time", instant),
                ("prompt", submission),
                ("outputs", nodes),
                ("status", status),
                ("workflow_id", str | None, None),
                ("credits", nothing_or_null, None),
            ],
            gc=False,
        )

    return _Decoders(
        json.Decoder(entry(events)).decode,
        json.Decoder(entry(list[tuple[str, perhaps]])).decode,
        (DecodeError, RecursionError),
    )
