"""The handle of one job: its properties and its methods.

`job_state` holds what is known about the job, `watch` waits for it, `job_operations` has the
operations.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from datetime import datetime, timedelta
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack, overload

from ..._errors.redaction import redact_text
from ..._files.download_options import IfExists, JobDownloadOptions
from ..._files.progress import ProgressOption
from ..._files.saved_files import SavedFiles
from ..._jobs.events import Event
from ..._jobs.outputs import Output
from ..._jobs.states import JobStatus
from ..._late_names import names_imported_late
from ...errors import ConfigurationError, JobFailed
from .job_operations import AsyncJobOperations
from .job_state import AsyncJobState
from .watch import traced, wait_for_end, watch

if TYPE_CHECKING:
    from comfy_cloud_api.models.job_output_asset import JobOutputAsset


@names_imported_late(JobOutputAsset="comfy_cloud_api.models.job_output_asset")
class AsyncJob:
    """A job of the service. Its properties are as of the last `refresh`, `wait` or event.

    Attributes:
        id: The id of the job; other programs call it `prompt_id`.
        node_errors: The errors in the graph that the server reported on accepting the job, by node
            id. Outputs that depend on these nodes are not made. Empty unless this client submitted
            the job.
        seeds: The seeds that `submit(randomise_seeds=True)` drew, by "node.input".
    """

    def __init__(self, operations: AsyncJobOperations, state: AsyncJobState) -> None:
        self._operations = operations
        self._state = state
        self.id = state.id
        self.node_errors: Mapping[str, Any] = state.node_errors
        self.seeds: Mapping[str, int] = state.seeds

    # What is known

    @property
    def status(self) -> JobStatus:
        """The status of the job. Until its first read it is pending, unless more is known."""
        return self._state.status

    @property
    def created_at(self) -> datetime | None:
        """When the job was submitted, in UTC; None if not known."""
        entry = self._state.entry
        return entry.created_at if entry is not None else None

    @property
    def started_at(self) -> datetime | None:
        """When the job started, in UTC; None if it has not started, or if not known."""
        entry = self._state.entry
        return entry.started_at if entry is not None else None

    @property
    def finished_at(self) -> datetime | None:
        """When the job ended, whether well or not, in UTC; None if it has not, or if not known."""
        entry = self._state.entry
        return entry.finished_at if entry is not None else None

    @property
    def duration(self) -> timedelta | None:
        """How long the job ran; None if not known."""
        entry = self._state.entry
        return entry.duration if entry is not None else None

    @property
    def queue_position(self) -> int | None:
        """The position among the waiting jobs, from 1; None if not waiting, or if not reported."""
        return self._state.queue_position

    @property
    def queue_reason(self) -> str | None:
        """Why the job waits: "concurrency_limit" or "capacity"; None if not reported."""
        return self._state.queue_reason

    @property
    def workflow_id(self) -> str | None:
        """The id of the saved workflow that the job ran, if any."""
        entry = self._state.entry
        return entry.workflow_id if entry is not None else None

    @property
    def workflow(self) -> Mapping[str, Any] | None:
        """The graph in API format; None if it was not read with the job."""
        entry = self._state.entry
        return entry.workflow if entry is not None else None

    @property
    def outputs(self) -> list[Output]:
        """The files that the job made, in a stable order, each once.

        They are known once the job has ended and was read: wait for it first. A job from a list has
        only the one shown as its preview.
        """
        entry = self._state.entry
        return entry.outputs if entry is not None else []

    @property
    def texts(self) -> list[str]:
        """The texts that the job made."""
        entry = self._state.entry
        return entry.texts if entry is not None else []

    @property
    def error(self) -> JobFailed | None:
        """Why the job failed: an exception to read or to raise. None unless `status` is failed."""
        return self._state.error

    @property
    def raw(self) -> Any:
        """The data that the server sent; None until the job was read.

        A generated model, a dict, or the list of a queue item.
        """
        return self._state.raw

    def __repr__(self) -> str:
        return redact_text(f"<{type(self).__name__} {self.id} {self.status.value}>")

    def _repr_html_(self) -> str:
        from ..._notebook.representations import job_html

        return job_html(self)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, AsyncJob) and (other.id, other._operations) == (self.id, self._operations)

    def __hash__(self) -> int:
        return hash(self.id)

    # What can be done

    async def refresh(self) -> AsyncJob:
        """Read the job again (GET /api/jobs/{job_id}); returns itself.

        By API v2 it is GET /api/v2/jobs/{id}.

        On a server without this endpoint the job is read from the queue and the history.

        Raises:
            NotFound: The job does not exist, or no longer.
        """
        await self._state.read()
        if self._state.trace is not None and self.status.is_terminal:
            self._state.trace.end(self._state)
        return self

    def events(self, *, timeout: float | None = None) -> AsyncGenerator[Event, None]:
        """The events of the job until its end: live over the websocket (GET /ws), or over the event
        stream of API v2 (GET /api/v2/jobs/{id}/events), and from polling (GET /api/jobs/{job_id}),
        which alone decides that the job has ended.

        By API v2 the polling is GET /api/v2/jobs/{id}.

        The last event is a `JobSucceeded`, `JobErrored` or `JobInterrupted`; by then the job has
        been read again, and its outputs are there. `JobChanged` has its status and its position in
        the queue. Without a working websocket only the events from polling arrive. Events sent
        while the websocket was not connected are not repeated.

        Args:
            timeout: Seconds after which to stop; by default there is no limit.

        Raises:
            WaitTimeout: The job has not ended in time; it is still running.
            NotFound: The job does not exist, or no longer.
        """
        live = self._operations.live(self._state.client_id)
        return traced(watch(self._operations.session, self._state, live, timeout), self._state)

    async def wait(
        self, timeout: float | None = None, on_event: Callable[[Event], object] | None = None
    ) -> AsyncJob:
        """Wait until the job has ended, well or not (GET /api/jobs/{job_id}); returns itself.

        By API v2 it is GET /api/v2/jobs/{id}.

        `status` and `error` have the outcome. An outage of the service is tolerated for ten times
        the client's retry budget.

        Args:
            timeout: Seconds to wait; by default there is no limit.
            on_event: Called with each event, as in `events`. Without it events only tell when to
                poll, so that `wait` returns soon after the end.

        Raises:
            WaitTimeout: The job has not ended in time; it is still running.
            NotFound: The job does not exist, or no longer.
        """
        live = self._operations.live(self._state.client_id, is_hint=on_event is None)
        await wait_for_end(self._operations.session, self._state, live, timeout, on_event)
        return self

    async def cancel(self) -> bool:
        """Cancel the waiting or running job (POST /api/jobs/{job_id}/cancel).

        By API v2 it is POST /api/v2/jobs/{id}/cancel.

        Returns False if it had already ended. On a server without this endpoint it is removed from
        the queue, or interrupted when no other job is running. No other job is ever touched.

        Raises:
            NotFound: There is no such job.
            NotSupported: It runs beside others on a server that cannot cancel a single job.
        """
        cancelled, errors = await self._operations.cancel([self._state])
        if errors:
            raise errors[0]
        return self.id in cancelled

    async def delete(self) -> None:
        """Delete the job and its outputs (DELETE /api/jobs/{job_id}).

        A waiting or running job is left alone: cancel it first. On a server without this endpoint
        only its history entry is deleted (POST /api/history).

        Raises:
            NotFound: There is no such job.
            Conflict: One of its files is in use elsewhere.
        """
        await self._operations.delete(self.id)

    def assets(self, *, limit: int | None = None) -> AsyncIterator[JobOutputAsset]:
        """The outputs as assets (GET /api/jobs/{job_id}/assets), at most `limit` of them.

        Raises:
            NotFound: There is no such job.
            NotSupported: The server has no assets; the files are still in `outputs`.
        """
        return self._operations.assets(self.id, limit=limit, page_size=100)

    @overload
    async def download(
        self, folder: PathLike[str], **options: Unpack[JobDownloadOptions]
    ) -> SavedFiles[Path]: ...
    @overload
    async def download(
        self, folder: str | PathLike[str], *, filesystem: Any = None, **options: Unpack[JobDownloadOptions]
    ) -> SavedFiles[Path] | SavedFiles[str]: ...
    async def download(
        self,
        folder: str | PathLike[str],
        *,
        filesystem: Any = None,
        name: str = "{name}{ext}",
        concurrency: int | None = None,
        if_exists: IfExists | None = None,
        overwrite: bool = False,
        verify: bool = True,
        progress: ProgressOption = None,
        timeout: float | None = None,
        partial: bool = False,
    ) -> SavedFiles[Path] | SavedFiles[str]:
        """Save the outputs concurrently (GET /api/view); returns their paths in order.

        An output of API v2 is read by GET /api/v2/assets/{id}/content.

        A job that has not ended is waited for, as `wait` does, at most `timeout` seconds. If it
        failed or was cancelled, its error is raised; with `partial=True` the files that it made
        before are saved instead.

        With the extra `fsspec`, `folder` may be a URL such as `s3://bucket/folder`, or a path on a
        `filesystem`; then URLs are returned. The other arguments and errors are those of
        `cloud.files.download_all`. A job that has not been read since its end is read first.

        Raises:
            JobFailed: The job failed.
            JobCancelled: The job was cancelled.
            WaitTimeout: The job has not ended in time; it is still running.
        """
        if not self.status.is_terminal:
            await self.wait(timeout)
        elif self._state.is_partial:
            await self._state.read()
        if self._state.failure is not None and not partial:
            raise self._state.failure
        return await self._operations.files.download_all(
            self.outputs,
            folder,
            filesystem=filesystem,
            name=name,
            concurrency=concurrency,
            if_exists=if_exists,
            overwrite=overwrite,
            job=self.id,
            created=self.created_at,
            verify=verify,
            progress=progress,
        )


def state_of(job: AsyncJob | str, operations: AsyncJobOperations) -> AsyncJobState:
    """The state of a job that is given as a handle or an id.

    Raises ConfigurationError for other values.
    """
    if isinstance(job, AsyncJob):
        return job._state
    return operations.state(checked_id(job))


def checked_id(job_id: object) -> str:
    """The id itself. Raises ConfigurationError for a value that is not valid as a job id."""
    if not isinstance(job_id, str) or not job_id.strip():
        raise ConfigurationError(f"A job id is a string that is not empty, not {job_id!r}")
    return job_id
