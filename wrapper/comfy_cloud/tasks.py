"""Background tasks of the service, such as the import of a model: which are wanted, how far one is, and what came of it.

Pure rules over the generated `Task`. Who asks the server, and how long to go on, is elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, TypedDict, TypeVar, Unpack

from ._jobs.history_filter import instant_argument
from .errors import ConfigurationError, TaskFailed
from .times import parse_instant

AnyTask = TypeVar("AnyTask")

_FIRST_DELAY = 0.5
_LONGEST_DELAY = 10.0
_GROWTH = 1.5

STATUSES = ("created", "running", "completed", "failed", "cancelled")
_INSTANTS = ("create_time", "update_time", "started_at", "completed_at")
_FAILED = frozenset(("failed", "cancelled", "canceled"))


class TaskFilter(TypedDict, total=False):
    """Which tasks are wanted. All that is given must hold at once.

    `task_name` the kind of task; `idempotency_key` the one made with this key; `status` one of created, running, completed,
    failed, cancelled, or several; `created_after` and `created_before` instants: datetimes, or text such as "2 days ago".
    """

    task_name: str | None
    idempotency_key: str | None
    status: str | Iterable[str] | None
    created_after: datetime | str | None
    created_before: datetime | str | None


def task_query(now: datetime, **filters: Unpack[TaskFilter]) -> dict[str, Any]:
    """The arguments of the generated builder for a filter. Raises ConfigurationError for what cannot be sent."""
    unknown = sorted(filters.keys() - TaskFilter.__annotations__.keys())
    if unknown:
        known = ", ".join(TaskFilter.__annotations__)
        raise ConfigurationError(f"There is no filter {unknown[0]!r} for tasks; there are {known}")
    given = filters.get("status")
    words = [given] if isinstance(given, str) else None if given is None else list(given)
    for word in words or ():
        if word not in STATUSES:
            raise ConfigurationError(f"There is no status {word!r} of tasks; there are {', '.join(STATUSES)}")
    return {
        "task_name": filters.get("task_name"),
        "idempotency_key": filters.get("idempotency_key"),
        "status": None if words is None else ",".join(dict.fromkeys(words)),
        "created_after": instant_argument("created_after", filters.get("created_after"), now),
        "created_before": instant_argument("created_before", filters.get("created_before"), now),
    }


def with_instants(task: AnyTask) -> AnyTask:
    """The task with aware UTC datetimes, in whatever form the server sent them. What cannot be read stays."""
    for name in _INSTANTS:
        instant = parse_instant(getattr(task, name))
        if instant is not None:
            setattr(task, name, instant)
    return task


def created_ms(task: Any) -> float | None:
    """When a task was made, in epoch milliseconds; None when that is not known."""
    instant = parse_instant(task.create_time)
    return None if instant is None else instant.timestamp() * 1000


def poll_delays() -> Iterator[float]:
    """Seconds to wait between two looks at a task: short at first, since many imports are quick, then longer."""
    delay = _FIRST_DELAY
    while True:
        yield delay
        delay = min(delay * _GROWTH, _LONGEST_DELAY)


def is_completed(task: Any) -> bool:
    """Whether a task has ended well."""
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
    """The bytes done and their number in all, as far as a task tells them; None when it does not."""
    for part in (task, task.get("result"), task.get("payload")):
        if not hasattr(part, "get"):
            continue
        done, total = part.get("bytes_downloaded"), part.get("bytes_total")
        if _is_count(done):
            return int(done), int(total) if _is_count(total) and total > 0 else None
    return None


def asset_id_of(task: Any) -> str | None:
    """The id of the asset that an import made, wherever the task tells it."""
    result = task.get("result")
    places = [result, result.get("asset") if hasattr(result, "get") else None, task]
    for place, names in zip(places, (("asset_id", "id"), ("id", "asset_id"), ("asset_id",)), strict=True):
        for name in names:
            found = place.get(name) if hasattr(place, "get") else None
            if isinstance(found, str) and found:
                return found
    return None


def _word(status: object) -> str:
    return str(getattr(status, "value", status)).lower()


def _is_count(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and value >= 0
