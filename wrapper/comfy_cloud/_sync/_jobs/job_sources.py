# Made from wrapper/comfy_cloud/_async/_jobs/job_sources.py by `make unasync`. Do not edit.
"""The three ways to read one job, with one interface, and the choice among them.

Comfy Cloud and newer self-hosted servers have /api/jobs/{job_id}. Others list a job in the queue
while it waits or runs, and in their history afterwards. The queue is read first: a job moves from
there to the history, and never back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from comfy_cloud_api.api.job import get_job_detail

from ..._jobs.entries import HistoryEntry, JobHistoryEntry
from ..._jobs.outputs import Factory, Output
from ..._jobs.queue_items import entry_of
from ...retry import Retry
from .._http.fallback import Fallback
from .._http.session import Session
from .history_sources import ComfyHistory, HistorySource, HistoryV2
from .source_interfaces import JobSource

if TYPE_CHECKING:
    from ..queue import Queue

_NOTICE = "This server has no /api/jobs/{job_id}; jobs are read from /api/queue and its history"


class JobDetail(JobSource):
    """GET /api/jobs/{job_id}: the state of a job, and after its end the outputs or the error."""

    def __init__(self, session: Session, output: Factory[Output]) -> None:
        self._session = session
        self._output = output

    def read(self, job_id: str, retry: Retry | None = None) -> HistoryEntry:
        request = get_job_detail.build(job_id)
        found = self._session.call(request, get_job_detail.parse, retry=retry)
        return JobHistoryEntry(found, self._output)


class QueueThenHistory(JobSource):
    """GET /api/queue, then an entry of the history."""

    def __init__(self, queue: Queue, history: HistorySource, output: Factory[Output]) -> None:
        self._queue = queue
        self._history = history
        self._output = output

    def read(self, job_id: str, retry: Retry | None = None) -> HistoryEntry:
        queued = entry_of(self._queue.get(), job_id, self._output)
        if queued is not None:
            return queued
        return self._history.entry(job_id)


def _v2_jobs(session: Session, output: Factory[Output]) -> JobSource:
    from .v2_jobs import V2Jobs  # hardly ever needed

    return V2Jobs(session, output)


class JobReader:
    """Reads jobs from the first source that this server has."""

    def __init__(self, session: Session, queue: Queue, output: Factory[Output]) -> None:
        sources: list[JobSource] = [
            JobDetail(session, output),
            QueueThenHistory(queue, HistoryV2(session, output), output),
            QueueThenHistory(queue, ComfyHistory(session, output), output),
        ]
        self._fallback = Fallback[JobSource](
            session, sources, lambda source: _NOTICE, lambda: _v2_jobs(session, output)
        )

    def read(self, job_id: str, retry: Retry | None = None, *, is_quiet: bool = False) -> HistoryEntry:
        """The current state of a job. Raises NotFound. With `is_quiet` a fallback does not warn."""
        return self._fallback.call(lambda source: source.read(job_id, retry), is_quiet=is_quiet)
