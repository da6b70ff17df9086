"""Where the state of one job is read, behind one shape. Which source is used is decided in `jobs`.

Comfy Cloud and newer self-hosted servers tell it at /api/jobs/{id}. Others have it in the queue while the job waits or runs,
and in their history afterwards. The queue is read first: a job moves from there to the history, and never back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from comfy_cloud_api.api.job import get_job_detail

from ..._jobs.entries import HistoryEntry, JobHistoryEntry
from ..._jobs.queue_items import entry_of
from ...retry import Retry
from .history_sources import AsyncComfyHistory, AsyncHistorySource, AsyncHistoryV2

if TYPE_CHECKING:
    from ..client import AsyncComfyCloud


class AsyncJobSource:
    """One way to read a job."""

    def __init__(self, cloud: AsyncComfyCloud) -> None:
        self._cloud = cloud

    async def read(self, job_id: str, retry: Retry | None = None) -> HistoryEntry:
        """The job as it is now. `retry` replaces the client's policy. Raises NotFound and NotSupported."""
        raise NotImplementedError


class AsyncJobDetail(AsyncJobSource):
    """GET /api/jobs/{job_id}: the state, and in the end the outputs or the error."""

    async def read(self, job_id: str, retry: Retry | None = None) -> HistoryEntry:
        request = get_job_detail.build(job_id)
        found = await self._cloud._call(request, get_job_detail.parse, retry=retry)
        return JobHistoryEntry(found, self._cloud.files.output)


class AsyncQueueThenHistory(AsyncJobSource):
    """GET /api/queue, then the history."""

    history: type[AsyncHistorySource]

    async def read(self, job_id: str, retry: Retry | None = None) -> HistoryEntry:
        queued = entry_of(await self._cloud.queue.get(), job_id, self._cloud.files.output)
        if queued is not None:
            return queued
        return await self.history(self._cloud).entry(job_id)


class AsyncQueueThenV2(AsyncQueueThenHistory):
    """GET /api/queue, then GET /api/history_v2/{prompt_id}."""

    history = AsyncHistoryV2


class AsyncQueueThenComfy(AsyncQueueThenHistory):
    """GET /api/queue, then GET /api/history/{prompt_id} of a self-hosted ComfyUI."""

    history = AsyncComfyHistory


# In the order in which they are tried.
SOURCES: tuple[type[AsyncJobSource], ...] = (AsyncJobDetail, AsyncQueueThenV2, AsyncQueueThenComfy)
