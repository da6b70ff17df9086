"""Background tasks of the service, such as imports of models: list, read, follow, cancel.

What a task says is read in `comfy_cloud.tasks`. Imports begin in `cloud.assets`.
"""

from __future__ import annotations

import builtins
from collections.abc import AsyncIterator
from typing import Any, Literal, Unpack

from comfy_cloud_api.api.asset import cancel_task, get_task, list_tasks
from comfy_cloud_api.models.task import Task

from .._files.progress import ProgressCallback
from .._http.page_arguments import check_page
from ..errors import ConfigurationError, WaitTimeout
from ..tasks import (
    TaskFilter,
    created_ms,
    failure_of,
    is_completed,
    poll_delays,
    task_progress,
    task_query,
    with_instants,
)
from ._http.iteration import walk_by_offset
from ._http.session import AsyncSession

_MOST_PER_PAGE = 100


class AsyncTasks:
    """`cloud.tasks`."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    def __aiter__(self) -> AsyncIterator[Task]:
        return self.iter()

    async def list(
        self,
        *,
        sort_order: Literal["asc", "desc"] | None = None,
        limit: int = 20,
        offset: int = 0,
        **filters: Unpack[TaskFilter],
    ) -> builtins.list[Task]:
        """One page of tasks, the newest first unless told otherwise (GET /api/tasks). Their instants are aware datetimes.

        Lists leave out a task's input, result and error; `get` has them.

        Args:
            sort_order: "desc" or "asc".
            limit: The most tasks to return, up to 100.
            offset: How many to skip. Between two calls the list may move; `iter` allows for that.
            filters: Which tasks: task_name, idempotency_key, status, created_after, created_before; see
                `comfy_cloud.tasks.TaskFilter`.

        Raises:
            ConfigurationError: An argument cannot be used.
            NotSupported: The server has no tasks endpoint; self-hosted ComfyUI never does.
        """
        check_page(limit, offset, _MOST_PER_PAGE)
        query = self._query(sort_order, filters)
        return await self._page({**query, "limit": limit, "offset": offset or None})

    async def iter(
        self,
        *,
        sort_order: Literal["asc", "desc"] | None = None,
        limit: int | None = None,
        page_size: int = 100,
        **filters: Unpack[TaskFilter],
    ) -> AsyncIterator[Task]:
        """Every task, the newest first unless told otherwise (GET /api/tasks, page by page).

        No task that is there throughout is lost or repeated, whatever is added between two pages.

        Args:
            limit: Stop after this many.
            page_size: How many to ask for at a time, up to 100.

        The other arguments and the errors are those of `list`.
        """
        query = self._query(sort_order, filters)

        async def fetch(size: int, offset: int | None) -> builtins.list[Task]:
            return await self._page({**query, "limit": size, "offset": offset})

        async for task in walk_by_offset(
            fetch,
            lambda task: task.id or "",
            limit=limit,
            page_size=page_size,
            longest_page=_MOST_PER_PAGE,
            instant=created_ms if sort_order != "asc" else lambda task: None,
        ):
            yield task

    async def get(self, task_id: str) -> Task:
        """One task with its input, result and error (GET /api/tasks/{task_id}).

        Raises:
            NotFound: There is no such task of yours.
            ConfigurationError: The id is empty.
        """
        return with_instants(await self._session.call(get_task.build(_checked(task_id)), get_task.parse))

    async def wait(
        self, task_id: str, *, timeout: float | None = None, progress: ProgressCallback | None = None
    ) -> Task:
        """Wait until a task has ended well (GET /api/tasks/{task_id}); returns it.

        Args:
            task_id: Its id.
            timeout: Seconds to wait; without end unless told.
            progress: Called with the bytes done and their number in all (None when unknown), where the service tells them.

        Raises:
            TaskFailed: It failed or was cancelled.
            WaitTimeout: It was not finished in time; the service goes on with it.
            NotFound: There is no such task of yours.
        """
        runtime = self._session.runtime
        ends = None if timeout is None else runtime.monotonic() + timeout
        for delay in poll_delays():
            task = await self.get(task_id)
            failure = failure_of(task, task_id)
            if failure is not None:
                raise failure
            done = task_progress(task)
            if progress is not None and done is not None:
                progress(*done)
            if is_completed(task):
                return task
            left = None if ends is None else ends - runtime.monotonic()
            if left is not None and left <= 0:
                raise WaitTimeout(
                    f"task {task_id} was not finished within {timeout:g} s; the server goes on with it",
                    timeout=timeout,
                    status=str(task.status),
                )
            await runtime.sleep(delay if left is None else min(delay, left))
        raise AssertionError("unreachable")

    async def cancel(self, task_id: str) -> None:
        """Cancel a task that has not ended (DELETE /api/tasks/{task_id}).

        Raises:
            NotFound: There is no such task of yours.
            Conflict: It has ended already.
            ConfigurationError: The id is empty.
        """
        await self._session.call(cancel_task.build(_checked(task_id)), cancel_task.parse)

    def _query(self, sort_order: str | None, filters: TaskFilter) -> dict[str, Any]:
        if sort_order not in (None, "asc", "desc"):
            raise ConfigurationError(f"sort_order must be asc or desc, not {sort_order!r}")
        return {**task_query(self._session.runtime.now(), **filters), "sort_order": sort_order}

    async def _page(self, query: dict[str, Any]) -> builtins.list[Task]:
        found = await self._session.call(list_tasks.build(**query), list_tasks.parse)
        return [with_instants(task) for task in found.tasks or []]


def _checked(task_id: str) -> str:
    if not isinstance(task_id, str) or not task_id.strip():
        raise ConfigurationError(f"A task id is text that is not empty, not {task_id!r}")
    return task_id
