"""One vocabulary for the state of a job, and how to read it from what servers send.

Comfy Cloud and ComfyUI use several vocabularies: the five words of the jobs list, the raw states
of the status endpoint, and the status object of a history entry. In the latter, cancelled and
failed runs both have "error", and only the list of messages shows which it was.

Nothing here raises on malformed input; what cannot be read is UNKNOWN or None.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from .._lenient import ids_in
from ..times import parse_instant

if TYPE_CHECKING:
    from datetime import datetime


class JobStatus(StrEnum):
    """The state of a job.

    Each member is a str equal to its word in the jobs list, like "in_progress".
    """

    PENDING = "pending"
    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"

    @property
    def is_terminal(self) -> bool:
        """True when the job will not change any more: completed, failed or cancelled."""
        return self in _TERMINAL


_TERMINAL = frozenset((JobStatus.COMPLETED, JobStatus.FAILED, JobStatus.CANCELLED))

_WORDS: dict[str, JobStatus] = {
    word: status
    for status, words in {
        JobStatus.PENDING: (
            "pending created queued submitted queued_limited queued_waiting waiting_to_dispatch allocated "
            "preparing pending_execution"
        ),
        JobStatus.IN_PROGRESS: "in_progress running executing executed",
        JobStatus.COMPLETED: "completed complete success succeeded",
        # retryable_error is here despite its name: no first-party client waits for a retry.
        JobStatus.FAILED: "failed failure error erroring non_retryable_error retryable_error lost expired",
        JobStatus.CANCELLED: (
            "cancelled canceled cancel_requested cancel_pending cancelling canceling cancelling_preparing "
            "canceling_preparing interrupted"
        ),
    }.items()
    for word in words.split()
}


def status_from_word(word: object) -> JobStatus:
    """The status for a word of any of the vocabularies. Case and separators do not matter.

    UNKNOWN for a word that is not known, and for anything that is not text.
    """
    if not isinstance(word, str):
        return JobStatus.UNKNOWN
    return _WORDS.get(word.strip().lower().replace("-", "_").replace(" ", "_"), JobStatus.UNKNOWN)


def status_from_history(status: object) -> JobStatus:
    """The status of a history entry, from its ComfyUI status object.

    It has `status_str`, `completed` and `messages`. "error" with an `execution_interrupted`
    message is CANCELLED, any other "error" is FAILED. `status_str` counts before `completed`;
    without either, the messages decide. UNKNOWN when nothing can be read.
    """
    if not isinstance(status, Mapping):
        return status_from_word(status)
    events = {event for event, _ in _messages(status)}
    found = status_from_word(status.get("status_str"))
    if found is JobStatus.FAILED and "execution_interrupted" in events:
        return JobStatus.CANCELLED
    if found is not JobStatus.UNKNOWN:
        return found
    if status.get("completed") is True:
        return JobStatus.COMPLETED
    if "execution_interrupted" in events:
        return JobStatus.CANCELLED
    if "execution_error" in events:
        return JobStatus.FAILED
    if "execution_success" in events:
        return JobStatus.COMPLETED
    return JobStatus.UNKNOWN


@dataclass(frozen=True, slots=True)
class Timeline:
    """What the list of messages of a run contains.

    `started_at` and `finished_at` are aware UTC datetimes or None. `cached_nodes` are the ids of
    nodes whose results were reused. `error` is the data of the `execution_error` message and
    `interrupted` that of `execution_interrupted`, as the server sent them. They may contain
    secrets: redact before showing.
    """

    started_at: datetime | None = None
    finished_at: datetime | None = None
    cached_nodes: tuple[str, ...] = ()
    error: Mapping[str, Any] | None = None
    interrupted: Mapping[str, Any] | None = None


_ENDS = frozenset(("execution_success", "execution_error", "execution_interrupted"))


def timeline(status: object) -> Timeline:
    """Read the messages of a ComfyUI status object. Timestamps may be epoch numbers or text."""
    started_at = finished_at = None
    cached: dict[str, None] = {}
    error = interrupted = None
    for event, data in _messages(status):
        if event == "execution_start":
            started_at = started_at or parse_instant(data.get("timestamp"))
        elif event == "execution_cached":
            cached.update(dict.fromkeys(ids_in(data.get("nodes"))))
        elif event in _ENDS:
            finished_at = parse_instant(data.get("timestamp")) or finished_at
            if event == "execution_error":
                error = data
            elif event == "execution_interrupted":
                interrupted = data
    return Timeline(started_at, finished_at, tuple(cached), error, interrupted)


def _messages(status: object) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The well-formed `[event, data]` pairs of a status object.

    An event without data has an empty mapping.
    """
    messages = status.get("messages") if isinstance(status, Mapping) else None
    if not isinstance(messages, (list, tuple)):
        return
    for message in messages:
        if isinstance(message, (list, tuple)):
            event, data = (*message, None, None)[:2]
            if isinstance(event, str):
                yield event, data if isinstance(data, Mapping) else {}
