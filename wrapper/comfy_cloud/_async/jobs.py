"""Jobs in any state: list, iterate, read, wait for, cancel, delete.

How a job is cancelled on each kind of server is in `cancelling`. A server that lacks an endpoint is asked in the next best way; a warning says so once, and `strict=True` forbids it.
"""

from __future__ import annotations

import builtins
from collections.abc import AsyncIterator, Iterable
from typing import TYPE_CHECKING, Any, Literal

from comfy_cloud_api.api.job import delete_job, get_job_status, list_job_assets
from comfy_cloud_api.models.job_output_asset import JobOutputAsset

from .._jobs.entries import HistoryEntry
from .._jobs.states import JobStatus, status_from_word
from ..errors import ConfigurationError, NotSupported
from ..notices import warn
from ..retry import Retry
from ._http.offset_walk import walk_by_offset
from ._jobs.cancellation import AsyncCancelling
from ._jobs.job import AsyncJob
from ._jobs.job_lists import SYNONYMS, AsyncJobLists
from ._jobs.job_sources import SOURCES, AsyncJobDetail, AsyncJobSource

if TYPE_CHECKING:
    from .client import AsyncComfyCloud

_MOST_PER_PAGE = 1000
_MOST_ASSETS_PER_PAGE = 500
_BY_QUEUE_AND_HISTORY = "This server has no /api/jobs/{job_id}; jobs are read from /api/queue and its history"


class AsyncJobs:
    """`cloud.jobs`."""

    def __init__(self, cloud: AsyncComfyCloud) -> None:
        self._cloud = cloud
        self._lists = AsyncJobLists(cloud)
        self._source: AsyncJobSource = AsyncJobDetail(cloud)
        self._told: set[str] = set()  # the substitutes that were warned of
        self._cancelling = AsyncCancelling(cloud)

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
        if not 1 <= limit <= _MOST_PER_PAGE or offset < 0:
            raise ConfigurationError(
                f"limit must be 1 to {_MOST_PER_PAGE} and offset 0 or more, not {limit} and {offset}"
            )
        query = _query(status, workflow_id, output_type, sort_by, sort_order)
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
        if not 1 <= page_size <= _MOST_PER_PAGE or (limit is not None and limit < 0):
            raise ConfigurationError(
                f"page_size must be 1 to {_MOST_PER_PAGE} and limit 0 or more, not {page_size} and {limit}"
            )
        query = _query(status, workflow_id, output_type, sort_by, sort_order)
        left = limit
        if left == 0:
            return
        async for entry in self._lists.walk(query, page_size):
            yield self._from_list(entry)
            if left is not None:
                left -= 1
                if left == 0:
                    return

    async def get(self, job_id: str) -> AsyncJob:
        """One job, with its outputs when it has ended (GET /api/jobs/{job_id}).

        Raises:
            NotFound: There is no such job.
            ConfigurationError: The id is empty.
        """
        job = AsyncJob(self._cloud, _checked(job_id))
        await job._read()
        return job

    async def status(self, job_id: str) -> JobStatus:
        """Where one job stands (GET /api/job/{job_id}/status; where that is missing, GET /api/jobs/{job_id}).

        Raises:
            NotFound: There is no such job.
            ConfigurationError: The id is empty.
        """
        try:
            request = get_job_status.build(_checked(job_id))
            found = await self._cloud._call(request, get_job_status.parse)
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
        runtime = self._cloud._runtime
        deadline = None if timeout is None else runtime.monotonic() + timeout
        handles = [self._handle(job) for job in jobs]
        for job in handles:
            await job.wait(None if deadline is None else max(0.0, deadline - runtime.monotonic()))
        return handles

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
        cancelled, errors = await self._cancelling.cancel([self._handle(job) for job in jobs])
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
        try:
            await self._cloud._call(delete_job.build(_checked(job_id)), delete_job.parse)
        except NotSupported:
            if self._cloud.settings.strict:
                raise
            # Raises when there is none: the history deletes what it does not know without a word.
            await self._read(job_id, is_quiet=True)
            await self._cloud.history.delete(job_id)
            self._tell(
                "This server cannot delete jobs; their entries in the history are deleted, and files stay"
            )

    async def assets(
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
        job_id = self._handle(job).id

        async def fetch(size: int, offset: int | None) -> builtins.list[JobOutputAsset]:
            request = list_job_assets.build(job_id, limit=size, offset=offset)
            return (await self._cloud._call(request, list_job_assets.parse)).assets or []

        async for asset in walk_by_offset(
            fetch,
            lambda asset: asset.id or "",
            limit=limit,
            page_size=page_size,
            longest_page=_MOST_ASSETS_PER_PAGE,
        ):
            yield asset

    # One job

    def _from_list(self, entry: HistoryEntry) -> AsyncJob:
        return AsyncJob(self._cloud, entry.prompt_id, entry=entry)

    def _handle(self, job: AsyncJob | str) -> AsyncJob:
        return AsyncJob(self._cloud, _checked(job)) if isinstance(job, str) else job

    async def _read(self, job_id: str, retry: Retry | None = None, *, is_quiet: bool = False) -> HistoryEntry:
        """The state of a job from the first source that this server has. Raises NotFound.

        With `is_quiet` nothing is said of a substitute: whoever reads is one, and says so.
        """
        while True:
            source = self._source
            try:
                entry = await source.read(job_id, retry)
            except NotSupported as error:
                self._fall_back(source, error)
            else:
                if not (is_quiet or isinstance(source, AsyncJobDetail)):
                    self._tell(_BY_QUEUE_AND_HISTORY)
                return entry

    def _fall_back(self, source: AsyncJobSource, error: NotSupported) -> None:
        """Turn to the next source; raise `error` when there is none, or in strict mode."""
        if self._source is not source:
            return  # another task has turned already
        following = SOURCES.index(type(source)) + 1
        if self._cloud.settings.strict or following == len(SOURCES):
            raise error
        self._source = SOURCES[following](self._cloud)

    def _tell(self, substitute: str) -> None:
        """Warn, once, of what is done in the place of something else."""
        if substitute not in self._told:
            self._told.add(substitute)
            warn(substitute)


def _checked(job_id: str) -> str:
    if not isinstance(job_id, str) or not job_id.strip():
        raise ConfigurationError(f"A job id is text that is not empty, not {job_id!r}")
    return job_id


def _query(
    status: object,
    workflow_id: str | None,
    output_type: str | None,
    sort_by: str | None,
    sort_order: str | None,
) -> dict[str, Any]:
    if sort_by is not None and sort_by not in SYNONYMS:
        raise ConfigurationError(f"sort_by must be create_time or execution_time, not {sort_by!r}")
    if sort_order not in (None, "asc", "desc"):
        raise ConfigurationError(f"sort_order must be asc or desc, not {sort_order!r}")
    return {
        "status": _status_words(status),
        "workflow_id": workflow_id,
        "output_type": output_type,
        "sort_by": sort_by,
        "sort_order": sort_order,
    }


def _status_words(status: object) -> str | None:
    if status is None:
        return None
    words = (
        [status] if isinstance(status, str) else list(status) if isinstance(status, Iterable) else [status]
    )
    found = [status_from_word(word) for word in words]
    if not found or JobStatus.UNKNOWN in found:
        known = ", ".join(each.value for each in JobStatus if each is not JobStatus.UNKNOWN)
        raise ConfigurationError(f"There is no status {status!r} to ask for; the list knows {known}")
    return ",".join(dict.fromkeys(each.value for each in found))
