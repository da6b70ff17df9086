"""Background tasks of the service, such as the import of a model: filters, progress and results.

Pure rules over the generated `Task`. Requests, and how long to wait, are in the client.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, TypedDict, TypeVar, Unpack

from ._jobs.history_filter import instant_argument
from ._lenient import count_in, field_in, text_in
from .errors import ConfigurationError, TaskFailed
from .times import epoch_ms, parse_instant

AnyTask = TypeVar("AnyTask")

_FIRST_DELAY = 0.5
_MAX_DELAY = 10.0
_DELAY_GROWTH = 1.5

STATUSES = ("created", "running", "completed", "failed", "cancelled")
_INSTANTS = ("create_time", "update_time", "started_at", "completed_at")
_FAILED = frozenset(("failed", "cancelled", "canceled"))


class TaskFilter(TypedDict, total=False):
    """Which tasks to list. A task has to match everything that is given."""

    task_name: str | None
    """The kind of task."""

    idempotency_key: str | None
    """The key that the task was created with."""

    status: str | Iterable[str] | None
    """One or more of created, running, completed, failed and cancelled."""

    created_after: datetime | str | None
    """A datetime, or text such as "2 days ago"."""

    created_before: datetime | str | None
    """A datetime, or text such as "2 days ago"."""


def task_query(now: datetime, **filters: Unpack[TaskFilter]) -> dict[str, Any]:
    """A filter as arguments of the generated request builder (GET /api/tasks).

    Raises ConfigurationError for an unknown filter or status, and for an instant that cannot be
    read.
    """
    unknown = sorted(filters.keys() - TaskFilter.__annotations__.keys())
    if unknown:
        known = ", ".join(TaskFilter.__annotations__)
        raise ConfigurationError(f"There is no filter {unknown[0]!r} for tasks; the filters are {known}")
    given = filters.get("status")
    words = [given] if isinstance(given, str) else None if given is None else list(given)
    for word in words or ():
        if word not in STATUSES:
            raise ConfigurationError(f"Tasks have no status {word!r}; the statuses are {', '.join(STATUSES)}")
    return {
        "task_name": filters.get("task_name"),
        "idempotency_key": filters.get("idempotency_key"),
        "status": None if words is None else ",".join(dict.fromkeys(words)),
        "created_after": instant_argument("created_after", filters.get("created_after"), now),
        "created_before": instant_argument("created_before", filters.get("created_before"), now),
    }


def with_instants(task: AnyTask) -> AnyTask:
    """The task with aware UTC datetimes, in whatever form the server sent them.

    What cannot be read as an instant stays as it is.
    """
    for name in _INSTANTS:
        instant = parse_instant(getattr(task, name))
        if instant is not None:
            setattr(task, name, instant)
    return task


def created_ms(task: Any) -> float | None:
    """When a task was created, in epoch milliseconds; None if that is not known."""
    return epoch_ms(task.create_time)


def poll_delays() -> Iterator[float]:
    """Seconds to wait before each poll of a task: short at first, since many imports are quick."""
    delay = _FIRST_DELAY
    while True:
        yield delay
        delay = min(delay * _DELAY_GROWTH, _MAX_DELAY)


def is_completed(task: Any) -> bool:
    """Whether a task has completed."""
    return _word(task.get("status")) == "completed"


def failure_of(task: Any, task_id: str) -> TaskFailed | None:
    """The exception for a task that failed or was cancelled; None for any other."""
    status = _word(task.get("status"))
    if status not in _FAILED:
        return None
    message = task.get("error_message")
    if not (isinstance(message, str) and message.strip()):
        message = "the server gave no reason" if status == "failed" else "it was cancelled"
    return TaskFailed(message, task_id=task_id, status=status)


def task_progress(task: Any) -> tuple[int, int | None] | None:
    """The bytes downloaded and their total, as far as a task contains them; None if it does not."""
    for part in (task, task.get("result"), task.get("payload")):
        if not hasattr(part, "get"):
            continue
        done, total = count_in(part.get("bytes_downloaded")), count_in(part.get("bytes_total"))
        if done is not None:
            return done, total or None
    return None


def asset_id_of(task: Any) -> str | None:
    """The id of the asset that an import created, wherever the task contains it."""
    result = task.get("result")
    parts: tuple[tuple[Any, tuple[str, ...]], ...] = (
        (result, ("asset_id", "id")),
        (field_in(result, "asset"), ("id", "asset_id")),
        (task, ("asset_id",)),
    )
    for part, names in parts:
        for name in names:
            found = text_in(field_in(part, name))
            if found is not None:
                return found
    return None


def _word(status: object) -> str:
    return str(getattr(status, "value", status)).lower()
