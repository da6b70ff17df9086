"""Reading background tasks of the service, such as the import of a model: how far it is, and what came of it.

Pure rules over the generated `Task`. Who asks the server, and how long to go on, is elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .errors import TaskFailed

_FIRST_DELAY = 0.5
_LONGEST_DELAY = 10.0
_GROWTH = 1.5

_FAILED = frozenset(("failed", "cancelled", "canceled"))


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
