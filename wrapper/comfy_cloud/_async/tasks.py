"""Background tasks of the service, such as imports of models: list, read, follow, cancel.

`comfy_cloud.tasks` reads the fields of a task. Imports are started by `cloud.assets`.
"""

from __future__ import annotations

import builtins
from collections.abc import AsyncIterator
from typing import Any, Literal, Unpack

from comfy_cloud_api.api.asset import cancel_task, get_task, list_tasks
from comfy_cloud_api.models.task import Task

from .._files.progress import ProgressOption, progress_function
from .._http.page_arguments import LONGEST_TASKS_PAGE, check_page
from .._http.page_items import items_of
from ..errors import ConfigurationError
from ..tasks import (
    TaskFilter,
    created_ms,
    task_query,
    with_instants,
)
from ._http.iteration import walk_by_offset
from ._http.session import AsyncSession
from ._jobs.task_watch import wait_for_task


class AsyncTasks:
    """`cloud.tasks`: background tasks of the server, such as imports of models.

    List them, wait for one to end, cancel it. Iterate over it to read every task. A self-hosted
    ComfyUI has none.
    """

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
        """One page of tasks, by default the newest first (GET /api/tasks).

        The times of a task are aware datetimes. Lists leave out a task's input, result and error;
        `get` has them.

        Args:
            sort_order: "desc" (the default) or "asc".
            limit: The maximum number of tasks to return, 1 to 100.
            offset: How many to skip. The list may change between two calls; `iter` allows for that.
            filters: Which tasks: task_name, idempotency_key, status, created_after, created_before;
                see `comfy_cloud.tasks.TaskFilter`.

        Raises:
            ConfigurationError: An argument is not valid.
            NotSupported: The server has no tasks endpoint; self-hosted ComfyUI never does.
        """
        check_page(limit, offset, LONGEST_TASKS_PAGE)
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
        """Every task, by default the newest first (GET /api/tasks, page by page).

        A task that is there throughout is neither lost nor repeated, whatever is added between two
        pages.

        Args:
            limit: Stop after this many tasks.
            page_size: How many tasks to request at a time, 1 to 100.

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
            longest_page=LONGEST_TASKS_PAGE,
            instant=created_ms if sort_order != "asc" else lambda task: None,
        ):
            yield task

    async def get(self, task_id: str) -> Task:
        """One task with its input, result and error (GET /api/tasks/{task_id}).

        Raises:
            NotFound: You have no such task.
            ConfigurationError: The id is empty.
        """
        return with_instants(await self._session.call(get_task.build(_checked(task_id)), get_task.parse))

    async def wait(
        self, task_id: str, *, timeout: float | None = None, progress: ProgressOption = None
    ) -> Task:
        """Wait until a task has completed (GET /api/tasks/{task_id}); returns it.

        Args:
            task_id: The id of the task.
            timeout: Seconds to wait; by default there is no limit.
            progress: Called as `progress(done, total)` in bytes, with None for an unknown total,
                where the service reports them. True draws a bar, as for `cloud.files.download`.

        Raises:
            TaskFailed: The task failed or was cancelled.
            WaitTimeout: The task was not finished in time; the service continues it.
            NotFound: You have no such task.
        """
        clock = self._session.runtime.monotonic
        deadline = None if timeout is None else clock() + timeout
        with progress_function(progress, f"task {task_id}") as report:
            return await wait_for_task(self._session, self.get, task_id, timeout, deadline, report)

    async def cancel(self, task_id: str) -> None:
        """Cancel a task that has not ended (DELETE /api/tasks/{task_id}).

        Raises:
            NotFound: You have no such task.
            Conflict: The task has already ended.
            ConfigurationError: The id is empty.
        """
        await self._session.call(cancel_task.build(_checked(task_id)), cancel_task.parse)

    def _query(self, sort_order: str | None, filters: TaskFilter) -> dict[str, Any]:
        if sort_order not in (None, "asc", "desc"):
            raise ConfigurationError(f"sort_order must be asc or desc, not {sort_order!r}")
        return {**task_query(self._session.runtime.now(), **filters), "sort_order": sort_order}

    async def _page(self, query: dict[str, Any]) -> builtins.list[Task]:
        found = await self._session.call(list_tasks.build(**query), list_tasks.parse)
        return [with_instants(task) for task in items_of(found.tasks)]


def _checked(task_id: str) -> str:
    if not isinstance(task_id, str) or not task_id.strip():
        raise ConfigurationError(f"A task id is a string that is not empty, not {task_id!r}")
    return task_id
