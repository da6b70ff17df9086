# Made from wrapper/comfy_cloud/_async/_jobs/job_state.py by `make unasync`. Do not edit.
"""The state of one job as of its last read. The handle that users get is in `job`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..._jobs.entries import HistoryEntry
from ..._jobs.states import JobStatus
from ...errors import JobCancelled, JobFailed, NotFound
from ...retry import Retry
from .job_sources import JobReader

if TYPE_CHECKING:
    from ...tracing import JobTrace


class JobState:
    """One job: its id, the server's last report, and what is known from submitting it.

    Attributes:
        id: The id of the job.
        entry: The entry that the server sent; None until the job was read.
        node_errors: The errors in the graph that the server reported on accepting the job, by node
            id.
        seeds: The seeds that were drawn for the job, by "node.input".
        client_id: The id of the websocket that a self-hosted ComfyUI sends the job's messages to.
        was_dequeued: Whether it was removed from the queue before it started. Some servers keep no
            record of such a job.
        trace: Is told of the events and the end of a job that this client submitted with tracing.
        node_classes: For the trace, the classes of the submitted nodes by their ids.
    """

    def __init__(
        self,
        reader: JobReader,
        job_id: str,
        *,
        entry: HistoryEntry | None = None,
        node_errors: Mapping[str, Any] | None = None,
        seeds: Mapping[str, int] | None = None,
        client_id: str | None = None,
        status: JobStatus = JobStatus.PENDING,
    ) -> None:
        self._reader = reader
        self._unread_status = status
        self.id = job_id
        self.entry = entry
        self.node_errors: Mapping[str, Any] = dict(node_errors or {})
        self.seeds: Mapping[str, int] = dict(seeds or {})
        self.client_id = client_id
        self.was_dequeued = False
        self.trace: JobTrace | None = None
        self.node_classes: dict[str, str] = {}

    @property
    def status(self) -> JobStatus:
        """The status as last read, or until then as known from elsewhere."""
        if self.was_dequeued:
            return JobStatus.CANCELLED
        if self.entry is None:
            return self._unread_status
        status = self.entry.status
        # Some self-hosted servers report an interrupted job as failed; only its messages differ.
        if status is JobStatus.FAILED and self.entry.was_interrupted:
            return JobStatus.CANCELLED
        return status

    @property
    def raw(self) -> Any:
        """The data that the server sent; None until the job was read."""
        return self.entry.raw if self.entry is not None else None

    @property
    def raw_status(self) -> object:
        """The server's own word for the status."""
        return getattr(self.raw, "status", None)

    @property
    def queue_position(self) -> int | None:
        """The position among the waiting jobs, from 1; None if not waiting, or if not reported."""
        found = getattr(self.entry, "queue_position", None)
        found = getattr(self.raw, "queue_position", None) if found is None else found
        return found if isinstance(found, int) and self.status is JobStatus.PENDING else None

    @property
    def queue_reason(self) -> str | None:
        """Why it waits, where the server reports it."""
        found = getattr(self.raw, "queue_reason", None)
        return found if isinstance(found, str) else None

    @property
    def error(self) -> JobFailed | None:
        """Why the job failed; None unless it did."""
        if self.entry is None or self.status is not JobStatus.FAILED:
            return None
        return self.entry.error

    @property
    def is_partial(self) -> bool:
        """Whether the entry came from a list, which leaves out all outputs but one."""
        return self.entry is None or (
            getattr(self.raw, "outputs", None) is None and not isinstance(self.raw, dict)
        )

    @property
    def failure(self) -> JobCancelled | JobFailed | None:
        """The error to raise for a job that ended without completing, else None."""
        if self.status is JobStatus.CANCELLED:
            return JobCancelled(job_id=self.id)
        if self.status is JobStatus.FAILED:
            return self.error or JobFailed("the server gave no reason", job_id=self.id)
        return None

    def read(self, retry: Retry | None = None) -> None:
        """Read the job again. `retry` replaces the client's policy. Raises NotFound."""
        try:
            self.entry = self._reader.read(self.id, retry)
        except NotFound:
            # A self-hosted server keeps no record of a job that was removed from its queue.
            if not self.was_dequeued:
                raise
        else:
            self.was_dequeued = False
