# Made from wrapper/comfy_cloud/_async/jobs.py by `make unasync`. Do not edit.
"""Jobs in any state: list, iterate, read, wait for, cancel, delete.

Where a server lacks an endpoint, a fallback is used. It warns once; `strict=True` forbids it.
"""

from __future__ import annotations

import builtins
from collections.abc import Iterable, Iterator
from typing import Literal

from comfy_cloud_api.api.job import get_job_status
from comfy_cloud_api.models.job_output_asset import JobOutputAsset

from .._http.deadlines import Deadline
from .._http.page_arguments import LONGEST_JOBS_PAGE, check_page, check_walk
from .._jobs.entries import HistoryEntry
from .._jobs.states import JobStatus, status_from_word
from ..errors import NotSupported
from ._http.iteration import at_most
from ._http.session import Session
from ._jobs.job import Job, checked_id, state_of
from ._jobs.job_lists import JobLists, list_query
from ._jobs.job_operations import JobOperations
from ._jobs.watch import wait_for_end


class Jobs:
    """`cloud.jobs`: jobs in any state. List, read, wait for, cancel and delete them by their ids.

    `get` returns a `Job`, which has the methods, outputs and events of one job.
    `list` and `iter` filter by state, workflow and kind of output.
    """

    def __init__(self, session: Session, operations: JobOperations, lists: JobLists) -> None:
        self._session = session
        self._operations = operations
        self._lists = lists

    def list(
        self,
        *,
        status: JobStatus | str | Iterable[JobStatus | str] | None = None,
        workflow_id: str | None = None,
        output_type: Literal["image", "video", "audio", "3d"] | str | None = None,
        sort_by: Literal["create_time", "execution_time"] | str | None = None,
        sort_order: Literal["asc", "desc"] | str | None = None,
        limit: int = 100,
        offset: int = 0,
    ) -> builtins.list[Job]:
        """One page of jobs, by default the newest first (GET /api/jobs).

        By API v2 it is GET /api/v2/jobs, and GET /api/v2/jobs/{id} for each job where `output_type`
        or `sort_by` need more than that list has.

        The `outputs` of a listed job contain only the output shown as its preview, until the job is
        refreshed. On a server without this list, the queue and the history are read, filtered and
        sorted here.

        Args:
            status: Only jobs with this status, or with one of these.
            workflow_id: Only jobs that ran this saved workflow.
            output_type: Only completed jobs that made a file of this type. A self-hosted server
                ignores it, so the list is filtered here; where the preview does not decide, the
                job is read.
            sort_by: "create_time" (the default), or "execution_time": how long the run took.
            sort_order: "desc" (the default) or "asc".
            limit: The maximum number of jobs to return, 1 to 1000.
            offset: How many to skip. The list may change between two calls; `iter` allows for that.

        Raises:
            ConfigurationError: An argument is not valid.
            NotSupported: The server has no list of jobs, and `strict` is set.
        """
        check_page(limit, offset, LONGEST_JOBS_PAGE)
        query = list_query(status, workflow_id, output_type, sort_by, sort_order)
        page = self._lists.page(query, limit, offset)
        return [self._from_list(entry) for entry in page]

    def iter(
        self,
        *,
        status: JobStatus | str | Iterable[JobStatus | str] | None = None,
        workflow_id: str | None = None,
        output_type: Literal["image", "video", "audio", "3d"] | str | None = None,
        sort_by: Literal["create_time", "execution_time"] | str | None = None,
        sort_order: Literal["asc", "desc"] | str | None = None,
        limit: int | None = None,
        page_size: int = 200,
    ) -> Iterator[Job]:
        """Every job, by default the newest first (GET /api/jobs, page by page).

        By API v2 it is GET /api/v2/jobs, and GET /api/v2/jobs/{id} for each job where `output_type`
        or `sort_by` need more than that list has.

        Pages are requested by cursor where the server has cursors, else by offset. In the order of
        creation a job that is there throughout is neither lost nor repeated, whatever is added or
        deleted between two pages.

        Args:
            limit: Stop after this many jobs.
            page_size: How many jobs to request at a time, 1 to 1000.

        The other arguments and the errors are those of `list`.
        """
        check_walk(limit, page_size, LONGEST_JOBS_PAGE)
        query = list_query(status, workflow_id, output_type, sort_by, sort_order)
        for entry in at_most(limit, self._lists.walk(query, page_size)):
            yield self._from_list(entry)

    def get(self, job_id: str) -> Job:
        """One job, with its outputs when it has ended (GET /api/jobs/{job_id}).

        By API v2 it is GET /api/v2/jobs/{id}.

        Raises:
            NotFound: There is no such job.
            ConfigurationError: The id is empty.
        """
        state = self._operations.state(checked_id(job_id))
        state.read()
        return Job(self._operations, state)

    def status(self, job_id: str) -> JobStatus:
        """The status of one job (GET /api/job/{job_id}/status, else GET /api/jobs/{job_id}).

        By API v2 it is GET /api/v2/jobs/{id}.

        Raises:
            NotFound: There is no such job.
            ConfigurationError: The id is empty.
        """
        try:
            request = get_job_status.build(checked_id(job_id))
            found = self._session.call(request, get_job_status.parse)
        except NotSupported:
            return (self.get(job_id)).status
        return status_from_word(found.status)

    def wait(self, *jobs: Job | str, timeout: float | None = None) -> builtins.list[Job]:
        """Wait until all of these jobs have ended, whether well or not (GET /api/jobs/{job_id}).

        By API v2 it is GET /api/v2/jobs/{id}.

        Returns them in this order.

        Args:
            jobs: Job ids or job handles.
            timeout: Seconds for all jobs together; by default there is no limit.

        Raises:
            WaitTimeout: A job has not ended in time; it is still running.
            NotFound: A job does not exist, or no longer.
        """
        runtime = self._session.runtime
        deadline = None if timeout is None else runtime.monotonic() + timeout
        states = [state_of(job, self._operations) for job in jobs]
        websocket = self._operations.shared_live.share(is_hint=True)
        try:
            websocket.hold()  # from one job to the next
            with Deadline.for_request(runtime.monotonic, deadline):
                for state in states:
                    live = self._operations.live(state.client_id, is_hint=True)
                    wait_for_end(self._session, state, live, timeout, None, deadline)
        finally:
            websocket.close()
        return [
            job if isinstance(job, Job) else Job(self._operations, state)
            for job, state in zip(jobs, states, strict=True)
        ]

    def cancel(self, *jobs: Job | str) -> builtins.list[str]:
        """Cancel waiting or running jobs; returns the ids of those that were cancelled.

        By API v2 it is POST /api/v2/jobs/{id}/cancel.

        Up to a hundred are cancelled by one request (POST /api/jobs/cancel), a single one by its
        own (POST /api/jobs/{job_id}/cancel). On a server without these endpoints jobs are removed
        from the queue (POST /api/queue), or interrupted when no other job is running
        (POST /api/interrupt). No other job is ever touched. The result leaves out jobs that had
        already ended. An error about one job is raised after all others have been handled.

        Raises:
            NotFound: A job does not exist.
            NotSupported: A job runs beside others on a server that cannot cancel a single job.
        """
        cancelled, errors = self._operations.cancel([state_of(job, self._operations) for job in jobs])
        if errors:
            raise errors[0]
        return cancelled

    def delete(self, job_id: str) -> None:
        """Delete a job that has ended, and its outputs (DELETE /api/jobs/{job_id}).

        On a server without this endpoint only its history entry is deleted (POST /api/history); its
        files remain.

        Raises:
            NotFound: There is no such job.
            Conflict: One of its files is in use elsewhere.
            NotSupported: The server cannot delete jobs, and `strict` is set.
        """
        self._operations.delete(checked_id(job_id))

    def assets(
        self, job: Job | str, *, limit: int | None = None, page_size: int = 100
    ) -> Iterator[JobOutputAsset]:
        """The outputs of a job as assets (GET /api/jobs/{job_id}/assets, page by page).

        Each has the asset's fields, and the node and output that the file came from.

        Args:
            job: A job id or a job handle.
            limit: Stop after this many assets.
            page_size: How many assets to request at a time, 1 to 500.

        Raises:
            NotFound: There is no such job.
            NotSupported: The server has no assets; the files are still in `job.outputs`.
            ConfigurationError: An argument is not valid.
        """
        job_id = state_of(job, self._operations).id
        return self._operations.assets(job_id, limit=limit, page_size=page_size)

    def _from_list(self, entry: HistoryEntry) -> Job:
        return Job(self._operations, self._operations.state(entry.prompt_id, entry=entry))
