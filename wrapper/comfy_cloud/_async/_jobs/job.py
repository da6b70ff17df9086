"""One job as a handle for users: what is known of it, and what can be done with it.

What is known is kept in `job_state`, how waiting works in `watch`, the operations are in `job_operations`.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from datetime import datetime
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack, overload

from ..._files.download_options import JobDownloadOptions
from ..._jobs.events import Event
from ..._jobs.outputs import Output
from ..._jobs.states import JobStatus
from ...errors import ConfigurationError, JobFailed
from .job_operations import AsyncJobOperations
from .job_state import AsyncJobState
from .watch import wait_for_end, watch

if TYPE_CHECKING:
    from datetime import timedelta

    from comfy_cloud_api.models.job_output_asset import JobOutputAsset


class AsyncJob:
    """A job of the service. Its properties are as of the last time it was read: by `refresh`, `wait` or `events`.

    Attributes:
        id: The job's id; `prompt_id` in other programs.
        node_errors: Errors of the graph that the server reported when it accepted the job, by node id; the outputs that
            depend on these nodes are not made. Empty unless this client submitted it.
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
        """Where the job stands; pending until it was read for the first time, unless more was known from elsewhere."""
        return self._state.status

    @property
    def created_at(self) -> datetime | None:
        """When it was submitted, in UTC; None when that is not known."""
        entry = self._state.entry
        return entry.created_at if entry is not None else None

    @property
    def started_at(self) -> datetime | None:
        """When it began to run, in UTC; None when it did not yet, or that is not known."""
        entry = self._state.entry
        return entry.started_at if entry is not None else None

    @property
    def finished_at(self) -> datetime | None:
        """When it ended, in UTC, whether well or not."""
        entry = self._state.entry
        return entry.finished_at if entry is not None else None

    @property
    def duration(self) -> timedelta | None:
        """How long it ran; None when that is not known."""
        entry = self._state.entry
        return entry.duration if entry is not None else None

    @property
    def queue_position(self) -> int | None:
        """The place among the waiting jobs, counted from 1; None when it does not wait, or the server does not tell."""
        return self._state.queue_position

    @property
    def queue_reason(self) -> str | None:
        """Why it waits: "concurrency_limit" or "capacity"; None when the server does not tell."""
        return self._state.queue_reason

    @property
    def workflow_id(self) -> str | None:
        """The id of the saved workflow that it was run from, if any."""
        entry = self._state.entry
        return entry.workflow_id if entry is not None else None

    @property
    def workflow(self) -> Mapping[str, Any] | None:
        """The graph in API format; None when it was not read with the job."""
        entry = self._state.entry
        return entry.workflow if entry is not None else None

    @property
    def outputs(self) -> list[Output]:
        """The files that it made, in a stable order, each once. Of a job from a list, the one shown as its preview."""
        entry = self._state.entry
        return entry.outputs if entry is not None else []

    @property
    def texts(self) -> list[str]:
        """The texts that it made."""
        entry = self._state.entry
        return entry.texts if entry is not None else []

    @property
    def error(self) -> JobFailed | None:
        """Why it failed: an exception that you can read or raise. None unless `status` is failed."""
        return self._state.error

    @property
    def raw(self) -> Any:
        """What the server sent: a generated model, a dict, or the list of a queue item. None until it was read."""
        return self._state.raw

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.id} {self.status.value}>"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, AsyncJob) and (other.id, other._operations) == (self.id, self._operations)

    def __hash__(self) -> int:
        return hash(self.id)

    # What can be done

    async def refresh(self) -> AsyncJob:
        """Read the job again (GET /api/jobs/{job_id}); returns itself.

        A server without that endpoint is asked for its queue and history.

        Raises:
            NotFound: There is no such job, or not any more.
        """
        await self._state.read()
        return self

    def events(self, *, timeout: float | None = None) -> AsyncGenerator[Event, None]:
        """What happens to the job, until the API says that it has ended. Live over the websocket (GET /ws), and polling
        (GET /api/jobs/{job_id}) beneath it, which decides.

        The last event is one of `JobSucceeded`, `JobErrored`, `JobInterrupted`; by then the job was read again, and its
        outputs are there. `JobChanged` tells of its status and place in the queue. Without a working websocket, these are
        all that comes. Events that were sent before it was connected, or while it was not, are not repeated.

        Args:
            timeout: Seconds after which to stop; without it, as long as it takes.

        Raises:
            WaitTimeout: It has not ended in time; it still runs.
            NotFound: There is no such job, or not any more.
        """
        live = self._operations.live(self._state.client_id)
        return watch(self._operations.session, self._state, live, timeout)

    async def wait(
        self, timeout: float | None = None, on_event: Callable[[Event], object] | None = None
    ) -> AsyncJob:
        """Wait until the job has ended, well or not (GET /api/jobs/{job_id}); returns itself. Look at `status` and `error`.

        A service that is down for a while is waited for, too: ten times as long as the client's retry budget.

        Args:
            timeout: Seconds; without it, as long as it takes.
            on_event: Called with each event, as `events` gives them. Without it no websocket is opened.

        Raises:
            WaitTimeout: It has not ended in time; it still runs.
            NotFound: There is no such job, or not any more.
        """
        live = self._operations.live(self._state.client_id, is_wanted=on_event is not None)
        await wait_for_end(self._operations.session, self._state, live, timeout, on_event)
        return self

    async def cancel(self) -> bool:
        """Cancel the job, whether it waits or runs (POST /api/jobs/{job_id}/cancel); False when it had ended already.

        A server without that endpoint is asked to take it out of the queue, or to interrupt it when it is the only one
        that runs. No other job is ever touched.

        Raises:
            NotFound: There is no such job.
            NotSupported: It runs beside others on a server that cannot cancel a single one.
        """
        cancelled, errors = await self._operations.cancel([self._state])
        if errors:
            raise errors[0]
        return self.id in cancelled

    async def delete(self) -> None:
        """Delete the job and what it made (DELETE /api/jobs/{job_id}). A job that waits or runs is left alone: cancel it first.

        On a server without that endpoint its entry of the history is deleted (POST /api/history).

        Raises:
            NotFound: There is no such job.
            Conflict: One of its files is in use elsewhere.
        """
        await self._operations.delete(self.id)

    def assets(self, *, limit: int | None = None) -> AsyncIterator[JobOutputAsset]:
        """The files that it made, as assets (GET /api/jobs/{job_id}/assets), at most `limit` of them.

        Raises:
            NotFound: There is no such job.
            NotSupported: The server does not keep them; `outputs` has the files all the same.
        """
        return self._operations.assets(self.id, limit=limit, page_size=100)

    @overload
    async def download(self, folder: PathLike[str], **options: Unpack[JobDownloadOptions]) -> list[Path]: ...
    @overload
    async def download(
        self, folder: str | PathLike[str], *, filesystem: Any = None, **options: Unpack[JobDownloadOptions]
    ) -> list[Path] | list[str]: ...
    async def download(
        self,
        folder: str | PathLike[str],
        *,
        filesystem: Any = None,
        name: str = "{name}{ext}",
        concurrency: int = 8,
        overwrite: bool = False,
        verify: bool = True,
        progress: Callable[[int, int | None], object] | None = None,
    ) -> list[Path] | list[str]:
        """Save the files that it made, side by side (GET /api/view); returns their paths in the order of the outputs.

        With the extra `fsspec`, `folder` may be a URL such as `s3://bucket/folder`, or a path on a `filesystem`; then URLs are
        returned. Arguments and errors are those of `cloud.files.download_all`. A job that was not read since it ended is read
        first.
        """
        if not self.status.is_terminal or self._state.is_partial:
            await self._state.read()
        return await self._operations.files.download_all(
            self.outputs,
            folder,
            filesystem=filesystem,
            name=name,
            concurrency=concurrency,
            overwrite=overwrite,
            job=self.id,
            created=self.created_at,
            verify=verify,
            progress=progress,
        )


def state_of(job: AsyncJob | str, operations: AsyncJobOperations) -> AsyncJobState:
    """The state behind a handle, or of a job that is given by its id. Raises ConfigurationError for other values."""
    if isinstance(job, AsyncJob):
        return job._state
    return operations.state(checked_id(job))


def checked_id(job_id: object) -> str:
    """A job id as it is. Raises ConfigurationError for what cannot be one."""
    if not isinstance(job_id, str) or not job_id.strip():
        raise ConfigurationError(f"A job id is text that is not empty, not {job_id!r}")
    return job_id
