# Made from wrapper/comfy_cloud/_async/_jobs/task_watch.py by `make unasync`. Do not edit.
"""Follow one background task to its end, by polling. `comfy_cloud.tasks` reads its fields."""

from __future__ import annotations

from comfy_cloud_api.models.task import Task

from ..._files.progress import ProgressCallback
from ..._http.concurrency import Call
from ..._http.deadlines import Deadline
from ...errors import ComfyCloudError, WaitTimeout
from ...tasks import failure_of, is_completed, poll_delays, task_progress
from .._http.session import Session


def wait_for_task(
    session: Session,
    get: Call[str, Task],
    task_id: str,
    timeout: float | None,
    deadline: float | None,
    progress: ProgressCallback | None,
) -> Task:
    """Wait until a task has completed; returns it. See `Tasks.wait`.

    It ends at `deadline` on the client's monotonic clock. `timeout` is for the message.
    """
    runtime = session.runtime
    status = "unknown"
    for delay in poll_delays():
        limit = Deadline.for_request(runtime.monotonic, deadline)
        try:
            with limit:
                task = get(task_id)
        except ComfyCloudError as error:
            if limit.is_over:
                raise _too_late(task_id, timeout, status) from error
            raise
        status = str(task.status)
        failure = failure_of(task, task_id)
        if failure is not None:
            raise failure
        counts = task_progress(task)
        if progress is not None and counts is not None:
            progress(*counts)
        if is_completed(task):
            return task
        remaining = None if deadline is None else deadline - runtime.monotonic()
        if remaining is not None and remaining <= 0:
            raise _too_late(task_id, timeout, status)
        runtime.sleep(delay if remaining is None else min(delay, remaining))
    raise AssertionError("unreachable")


def _too_late(task_id: str, timeout: float | None, status: str) -> WaitTimeout:
    message = f"task {task_id} was not finished within {timeout:g} s; the server continues it"
    return WaitTimeout(message, timeout=timeout, status=status)
