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
from .._http.fallback import AsyncFallback
from .._http.session import AsyncSession
from .history_sources import AsyncComfyHistory, AsyncHistorySource, AsyncHistoryV2
from .source_interfaces import AsyncJobSource

if TYPE_CHECKING:
    from ..queue import AsyncQueue

_NOTICE = "This server has no /api/jobs/{job_id}; jobs are read from /api/queue and its history"


class AsyncJobDetail(AsyncJobSource):
    """GET /api/jobs/{job_id}: the state of a job, and after its end the outputs or the error."""

    def __init__(self, session: AsyncSession, output: Factory[Output]) -> None:
        self._session = session
        self._output = output

    async def read(self, job_id: str, retry: Retry | None = None) -> HistoryEntry:
        request = get_job_detail.build(job_id)
        found = await self._session.call(request, get_job_detail.parse, retry=retry)
        return JobHistoryEntry(found, self._output)


class AsyncQueueThenHistory(AsyncJobSource):
    """GET /api/queue, then an entry of the history."""

    def __init__(self, queue: AsyncQueue, history: AsyncHistorySource, output: Factory[Output]) -> None:
        self._queue = queue
        self._history = history
        self._output = output

    async def read(self, job_id: str, retry: Retry | None = None) -> HistoryEntry:
        queued = entry_of(await self._queue.get(), job_id, self._output)
        if queued is not None:
            return queued
        return await self._history.entry(job_id)


def _v2_jobs(session: AsyncSession, output: Factory[Output]) -> AsyncJobSource:
    from .v2_jobs import AsyncV2Jobs  # hardly ever needed

    return AsyncV2Jobs(session, output)


class AsyncJobReader:
    """Reads jobs from the first source that this server has."""

    def __init__(self, session: AsyncSession, queue: AsyncQueue, output: Factory[Output]) -> None:
        sources: list[AsyncJobSource] = [
            AsyncJobDetail(session, output),
            AsyncQueueThenHistory(queue, AsyncHistoryV2(session, output), output),
            AsyncQueueThenHistory(queue, AsyncComfyHistory(session, output), output),
        ]
        self._fallback = AsyncFallback[AsyncJobSource](
            session, sources, lambda source: _NOTICE, lambda: _v2_jobs(session, output)
        )

    async def read(self, job_id: str, retry: Retry | None = None, *, is_quiet: bool = False) -> HistoryEntry:
        """The current state of a job. Raises NotFound. With `is_quiet` a fallback does not warn."""
        return await self._fallback.call(lambda source: source.read(job_id, retry), is_quiet=is_quiet)
