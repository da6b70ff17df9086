"""Jobs in any state: list, iterate, read, wait for, cancel, delete.

A server that lacks an endpoint is asked in the next best way. A warning says so once; `strict=True` forbids it.
"""

from __future__ import annotations

import builtins
from collections.abc import AsyncIterator, Iterable
from typing import Literal

from comfy_cloud_api.api.job import get_job_status
from comfy_cloud_api.models.job_output_asset import JobOutputAsset

from .._http.page_arguments import check_page, check_walk
from .._jobs.entries import HistoryEntry
from .._jobs.states import JobStatus, status_from_word
from ..errors import NotSupported
from ._http.iteration import at_most
from ._http.session import AsyncSession
from ._jobs.job import AsyncJob, checked_id, state_of
from ._jobs.job_lists import AsyncJobLists, list_query
from ._jobs.job_operations import AsyncJobOperations
from ._jobs.watch import wait_for_end

_MOST_PER_PAGE = 1000


class AsyncJobs:
    """`cloud.jobs`."""

    def __init__(self, session: AsyncSession, operations: AsyncJobOperations, lists: AsyncJobLists) -> None:
        self._session = session
        self._operations = operations
        self._lists = lists

    async def list(
        self,
        *,
        status: JobStatus | str | Iterable[JobStatus | str] | None = None,
        workflow_id: str | None = None,
        output_type: Literal["image", "video", "audio", "3d"] | str | None = None,
        sort_by: Literal["create_time", "execution_time"] | str | None = None,
        sort_order: Literal["asc", "desc"] | str | None = None,
        limit: int = 100,
        offset: int = 0,
    ) -> builtins.list[AsyncJob]:
        """One page of jobs, the newest first unless told otherwise (GET /api/jobs).

        Of a job from a list, `outputs` holds the one shown as its preview, until it is refreshed. A server without that list
        is asked for its queue and history, which are chosen from and sorted here.

        Args:
            status: Only jobs in this state, or in one of these.
            workflow_id: Only jobs that ran this saved workflow.
            output_type: Only completed jobs that made such a file.
            sort_by: "create_time", or "execution_time": how long the run took.
            sort_order: "desc" or "asc".
            limit: The most jobs to return, up to 1000.
            offset: How many to skip. Between two calls the list may move; `iter` allows for that.

        Raises:
            ConfigurationError: An argument cannot be used.
            NotSupported: The server has no list of jobs, and `strict` is set.
        """
        check_page(limit, offset, _MOST_PER_PAGE)
        query = list_query(status, workflow_id, output_type, sort_by, sort_order)
        page = await self._lists.page(query, limit, offset)
        return [self._from_list(entry) for entry in page]

    async def iter(
        self,
        *,
        status: JobStatus | str | Iterable[JobStatus | str] | None = None,
        workflow_id: str | None = None,
        output_type: Literal["image", "video", "audio", "3d"] | str | None = None,
        sort_by: Literal["create_time", "execution_time"] | str | None = None,
        sort_order: Literal["asc", "desc"] | str | None = None,
        limit: int | None = None,
        page_size: int = 200,
    ) -> AsyncIterator[AsyncJob]:
        """Every job, the newest first unless told otherwise (GET /api/jobs, page by page).

        Pages go by cursor where the server has them, else by offset; in the order of creation no job that is there
        throughout is lost or repeated, whatever is added or deleted between two pages.

        Args:
            limit: Stop after this many.
            page_size: How many to ask for at a time, up to 1000.

        The other arguments and the errors are those of `list`.
        """
        check_walk(limit, page_size, _MOST_PER_PAGE)
        query = list_query(status, workflow_id, output_type, sort_by, sort_order)
        async for entry in at_most(limit, self._lists.walk(query, page_size)):
            yield self._from_list(entry)

    async def get(self, job_id: str) -> AsyncJob:
        """One job, with its outputs when it has ended (GET /api/jobs/{job_id}).

        Raises:
            NotFound: There is no such job.
            ConfigurationError: The id is empty.
        """
        state = self._operations.state(checked_id(job_id))
        await state.read()
        return AsyncJob(self._operations, state)

    async def status(self, job_id: str) -> JobStatus:
        """Where one job stands (GET /api/job/{job_id}/status; where that is missing, GET /api/jobs/{job_id}).

        Raises:
            NotFound: There is no such job.
            ConfigurationError: The id is empty.
        """
        try:
            request = get_job_status.build(checked_id(job_id))
            found = await self._session.call(request, get_job_status.parse)
        except NotSupported:
            return (await self.get(job_id)).status
        return status_from_word(found.status)

    async def wait(self, *jobs: AsyncJob | str, timeout: float | None = None) -> builtins.list[AsyncJob]:
        """Wait until all of these jobs have ended, well or not (GET /api/jobs/{job_id}); returns them in this order.

        Args:
            jobs: Ids, or job handles.
            timeout: Seconds for all together; without it, as long as it takes.

        Raises:
            WaitTimeout: One has not ended in time; it still runs.
            NotFound: One does not exist, or not any more.
        """
        runtime = self._session.runtime
        deadline = None if timeout is None else runtime.monotonic() + timeout
        states = [state_of(job, self._operations) for job in jobs]
        for state in states:
            left = None if deadline is None else max(0.0, deadline - runtime.monotonic())
            live = self._operations.live(is_wanted=False)
            await wait_for_end(self._session, state, live, left, None)
        return [
            job if isinstance(job, AsyncJob) else AsyncJob(self._operations, state)
            for job, state in zip(jobs, states, strict=True)
        ]

    async def cancel(self, *jobs: AsyncJob | str) -> builtins.list[str]:
        """Cancel these jobs, whether they wait or run; returns the ids that were.

        Several go by the hundred (POST /api/jobs/cancel), one by itself (POST /api/jobs/{job_id}/cancel). A server without
        these endpoints is asked to take them out of the queue (POST /api/queue), or to interrupt one that is the only one
        to run (POST /api/interrupt). No other job is ever touched. An id is left out of the result when the job had ended
        already. An error about one job is raised after all others were seen to.

        Raises:
            NotFound: A job does not exist.
            NotSupported: A job runs beside others on a server that cannot cancel a single one.
        """
        cancelled, errors = await self._operations.cancel([state_of(job, self._operations) for job in jobs])
        if errors:
            raise errors[0]
        return cancelled

    async def delete(self, job_id: str) -> None:
        """Delete a job that has ended, and what it made (DELETE /api/jobs/{job_id}).

        On a server without that endpoint its entry of the history is deleted (POST /api/history); files stay there.

        Raises:
            NotFound: There is no such job.
            Conflict: One of its files is in use elsewhere.
            NotSupported: The server cannot delete jobs, and `strict` is set.
        """
        await self._operations.delete(checked_id(job_id))

    def assets(
        self, job: AsyncJob | str, *, limit: int | None = None, page_size: int = 100
    ) -> AsyncIterator[JobOutputAsset]:
        """The files that a job made, as assets with the output that each stands for (GET /api/jobs/{job_id}/assets).

        Args:
            job: An id, or a job handle.
            limit: Stop after this many.
            page_size: How many to ask for at a time, up to 500.

        Raises:
            NotFound: There is no such job.
            NotSupported: The server does not keep them; `job.outputs` has the files all the same.
            ConfigurationError: An argument cannot be used.
        """
        job_id = state_of(job, self._operations).id
        return self._operations.assets(job_id, limit=limit, page_size=page_size)

    def _from_list(self, entry: HistoryEntry) -> AsyncJob:
        return AsyncJob(self._operations, self._operations.state(entry.prompt_id, entry=entry))
