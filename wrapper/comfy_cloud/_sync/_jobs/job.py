# Made from wrapper/comfy_cloud/_async/_jobs/job.py by `make unasync`. Do not edit.
"""One job as a handle: what is known of it, reading it again, waiting for it, cancelling it, taking its files.

How the state is read is in `job_sources`, how waiting works in `watching`.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import closing
from datetime import datetime
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack, overload

from ..._files.download_options import JobDownloadOptions
from ..._jobs.entries import HistoryEntry
from ..._jobs.events import Event
from ..._jobs.outputs import Output
from ..._jobs.states import JobStatus
from ...errors import JobCancelled, JobFailed, NotFound
from ...retry import Retry
from .watch import Live, watch

if TYPE_CHECKING:
    from datetime import timedelta

    from comfy_cloud_api.models.job_output_asset import JobOutputAsset

    from ..client import ComfyCloud


class Job:
    """A job of the service. What its properties tell is as of the last time it was read: by `refresh`, `wait` or `events`.

    Attributes:
        id: The job's id; `prompt_id` in other programs.
        node_errors: What the server found wrong with the graph when it accepted the job, by node id; the outputs that
            depend on these nodes are not made. Empty unless this client submitted it.
        seeds: The seeds that `submit(randomise_seeds=True)` drew, by "node.input".
    """

    def __init__(
        self,
        cloud: ComfyCloud,
        job_id: str,
        *,
        entry: HistoryEntry | None = None,
        node_errors: Mapping[str, Any] | None = None,
        seeds: Mapping[str, int] | None = None,
        client_id: str | None = None,
        status: JobStatus = JobStatus.PENDING,
    ) -> None:
        self._cloud = cloud
        self._entry = entry
        self._status_unread = status
        self._client_id = client_id
        self._is_withdrawn = False
        self.id = job_id
        self.node_errors: Mapping[str, Any] = dict(node_errors or {})
        self.seeds: Mapping[str, int] = dict(seeds or {})

    # What is known

    @property
    def status(self) -> JobStatus:
        """Where the job stands; pending until it was read for the first time, unless more was known from elsewhere."""
        if self._is_withdrawn:
            return JobStatus.CANCELLED
        if self._entry is None:
            return self._status_unread
        status = self._entry.status
        # Some self-hosted servers call an interrupted job failed; its messages know better.
        if status is JobStatus.FAILED and self._entry._timeline.interrupted is not None:
            return JobStatus.CANCELLED
        return status

    @property
    def created_at(self) -> datetime | None:
        """When it was submitted, in UTC; None when that is not known."""
        return self._entry.created_at if self._entry is not None else None

    @property
    def started_at(self) -> datetime | None:
        """When it began to run, in UTC; None when it did not yet, or that is not known."""
        return self._entry.started_at if self._entry is not None else None

    @property
    def finished_at(self) -> datetime | None:
        """When it ended, in UTC, whether well or not."""
        return self._entry.finished_at if self._entry is not None else None

    @property
    def duration(self) -> timedelta | None:
        """How long it ran; None when that is not known."""
        return self._entry.duration if self._entry is not None else None

    @property
    def queue_position(self) -> int | None:
        """The place among the waiting jobs, counted from 1; None when it does not wait, or the server does not tell."""
        found = getattr(self._entry, "queue_position", None)
        found = getattr(self.raw, "queue_position", None) if found is None else found
        return found if isinstance(found, int) and self.status is JobStatus.PENDING else None

    @property
    def queue_reason(self) -> str | None:
        """Why it waits: "concurrency_limit" or "capacity"; None when the server does not tell."""
        found = getattr(self.raw, "queue_reason", None)
        return found if isinstance(found, str) else None

    @property
    def workflow_id(self) -> str | None:
        """The id of the saved workflow that it was run from, if any."""
        return self._entry.workflow_id if self._entry is not None else None

    @property
    def workflow(self) -> Mapping[str, Any] | None:
        """The graph in API format; None when it was not read with the job."""
        return self._entry.workflow if self._entry is not None else None

    @property
    def outputs(self) -> list[Output]:
        """The files that it made, in a stable order, each once. Of a job from a list, the one shown as its preview."""
        return self._entry.outputs if self._entry is not None else []

    @property
    def texts(self) -> list[str]:
        """The texts that it made."""
        return self._entry.texts if self._entry is not None else []

    @property
    def error(self) -> JobFailed | None:
        """Why it failed: an exception that you can read or raise. None unless `status` is failed."""
        if self._entry is None or self.status is not JobStatus.FAILED:
            return None
        return self._entry.error

    @property
    def raw(self) -> Any:
        """What the server sent: a generated model, a dict, or the list of a queue item. None until it was read."""
        return self._entry.raw if self._entry is not None else None

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.id} {self.status.value}>"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Job) and (other.id, other._cloud) == (self.id, self._cloud)

    def __hash__(self) -> int:
        return hash(self.id)

    # What can be done

    def refresh(self) -> Job:
        """Read the job again (GET /api/jobs/{job_id}); returns itself.

        A server without that endpoint is asked for its queue and history.

        Raises:
            NotFound: There is no such job, or not any more.
        """
        self._read()
        return self

    def events(self, *, timeout: float | None = None) -> Generator[Event, None, None]:
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
        return watch(self, Live(self._cloud, self._client_id), timeout)

    def wait(self, timeout: float | None = None, on_event: Callable[[Event], object] | None = None) -> Job:
        """Wait until the job has ended, well or not (GET /api/jobs/{job_id}); returns itself. Look at `status` and `error`.

        A service that is down for a while is waited for, too: ten times as long as the client's retry budget.

        Args:
            timeout: Seconds; without it, as long as it takes.
            on_event: Called with each event, as `events` gives them. Without it no websocket is opened.

        Raises:
            WaitTimeout: It has not ended in time; it still runs.
            NotFound: There is no such job, or not any more.
        """
        live = Live(self._cloud, self._client_id, is_wanted=on_event is not None)
        self._wait(live, timeout, on_event)
        return self

    def cancel(self) -> bool:
        """Cancel the job, whether it waits or runs (POST /api/jobs/{job_id}/cancel); False when it had ended already.

        A server without that endpoint is asked to take it out of the queue, or to interrupt it when it is the only one
        that runs. No other job is ever touched.

        Raises:
            NotFound: There is no such job.
            NotSupported: It runs beside others on a server that cannot cancel a single one.
        """
        return self.id in self._cloud.jobs.cancel(self)

    def delete(self) -> None:
        """Delete the job and what it made (DELETE /api/jobs/{job_id}). A job that waits or runs is left alone: cancel it first.

        On a server without that endpoint its entry of the history is deleted (POST /api/history).

        Raises:
            NotFound: There is no such job.
            Conflict: One of its files is in use elsewhere.
        """
        self._cloud.jobs.delete(self.id)

    def assets(self, *, limit: int | None = None) -> Iterator[JobOutputAsset]:
        """The files that it made, as assets (GET /api/jobs/{job_id}/assets), at most `limit` of them.

        Raises:
            NotFound: There is no such job.
            NotSupported: The server does not keep them; `outputs` has the files all the same.
        """
        return self._cloud.jobs.assets(self, limit=limit)

    @overload
    def download(self, folder: PathLike[str], **options: Unpack[JobDownloadOptions]) -> list[Path]: ...
    @overload
    def download(
        self, folder: str | PathLike[str], *, filesystem: Any = None, **options: Unpack[JobDownloadOptions]
    ) -> list[Path] | list[str]: ...
    def download(
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
        if not self.status.is_terminal or self._is_partial:
            self._read()
        return self._cloud.files.download_all(
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

    # For the modules beside this one

    @property
    def _is_partial(self) -> bool:
        """Whether what is known came from a list, which leaves out all outputs but one."""
        return self._entry is None or (
            getattr(self._entry.raw, "outputs", None) is None and not isinstance(self.raw, dict)
        )

    @property
    def _word(self) -> object:
        """The server's own word for the status."""
        return getattr(self.raw, "status", None)

    def _read(self, retry: Retry | None = None) -> None:
        try:
            self._entry = self._cloud.jobs._read(self.id, retry)
        except NotFound:
            # A self-hosted server keeps nothing of a job that was taken out of its queue.
            if not self._is_withdrawn:
                raise
        else:
            self._is_withdrawn = False

    def _wait(self, live: Live, timeout: float | None, on_event: Callable[[Event], object] | None) -> None:
        with closing(watch(self, live, timeout)) as events:
            for event in events:
                if on_event is not None:
                    on_event(event)

    def _why_not_completed(self) -> JobCancelled | JobFailed | None:
        """Why the job did not end well; None when it did, or has not ended."""
        if self.status is JobStatus.CANCELLED:
            return JobCancelled(job_id=self.id)
        if self.status is JobStatus.FAILED:
            return self.error or JobFailed("the server gave no reason", job_id=self.id)
        return None
