"""Cancelling jobs on every kind of server, and never any other job.

Many go at once, one goes alone; a server that cannot cancel single jobs takes them out of its queue, or interrupts the only
one that runs.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from comfy_cloud_api.api.job import cancel_job, cancel_jobs
from comfy_cloud_api.models.jobs_cancel_request import JobsCancelRequest

from ..._jobs.states import JobStatus
from ...errors import BadRequest, ComfyCloudError, NotFound, NotSupported
from .._http.session import AsyncSession
from .job_state import AsyncJobState

if TYPE_CHECKING:
    from ..queue import AsyncQueue

_MOST_AT_ONCE = 100
_BY_QUEUE = (
    "This server cannot cancel single jobs; those that wait are taken out of its queue, and one that runs alone is "
    "interrupted"
)


class AsyncCancellation:
    """Cancels the jobs of one account."""

    def __init__(self, session: AsyncSession, queue: AsyncQueue) -> None:
        self._session = session
        self._queue = queue

    async def cancel(self, jobs: Iterable[AsyncJobState]) -> tuple[list[str], list[ComfyCloudError]]:
        """Cancel all that can be cancelled; returns the ids of these, and the errors about others."""
        handles = [*{job.id: job for job in jobs}.values()]
        cancelled: list[str] = []
        errors: list[ComfyCloudError] = []
        for start in range(0, len(handles), _MOST_AT_ONCE):
            batch = handles[start : start + _MOST_AT_ONCE]
            try:
                together = await self._cancel_together(batch) if len(batch) > 1 else None
            except ComfyCloudError as error:
                errors.append(error)
                continue
            if together is not None:
                cancelled += together
                continue
            for job in batch:
                try:
                    if await self._cancel_one(job):
                        cancelled.append(job.id)
                except ComfyCloudError as error:
                    errors.append(error)
        return cancelled, errors

    async def _cancel_together(self, jobs: list[AsyncJobState]) -> list[str] | None:
        """Cancel several at once. None when each needs its own request: the server cannot, or one does not exist."""
        body = JobsCancelRequest(job_ids=[job.id for job in jobs])
        try:
            found = await self._session.call(cancel_jobs.build(body=body), cancel_jobs.parse)
        except (NotSupported, NotFound, BadRequest):
            return None
        if isinstance(found.cancelled, list):
            cancelled = {str(job_id).lower() for job_id in found.cancelled}
            return [job.id for job in jobs if job.id.lower() in cancelled]
        # A self-hosted server says only whether there was anything to cancel.
        return [job.id for job in jobs if found.cancelled and await self._is_cancelled(job)]

    async def _is_cancelled(self, job: AsyncJobState) -> bool:
        job.is_withdrawn = True  # such a server keeps nothing of a job that did not begin to run
        await job.read()
        return job.status is JobStatus.CANCELLED

    async def _cancel_one(self, job: AsyncJobState) -> bool:
        try:
            found = await self._session.call(cancel_job.build(job.id), cancel_job.parse)
        except NotSupported as error:
            if self._session.settings.strict:
                raise
            return await self._cancel_by_queue(job, error)
        except NotFound as error:
            await job.read()  # raises when it is the job that is missing
            if job.status.is_terminal:
                return False
            operation = cancel_job.OPERATION
            missing = NotSupported(
                operation.id, method=operation.method, path=operation.path, status=error.status
            )
            return await self._cancel_by_queue(job, missing)
        if found.cancelled:
            job.is_withdrawn = True  # newer self-hosted servers keep nothing of one that waited
            return True
        await job.read()  # they answer the same for a job that does not exist; reading it tells
        return False

    async def _cancel_by_queue(self, job: AsyncJobState, missing: NotSupported) -> bool:
        """Cancel on a server without an endpoint for it. Raises `missing` when another job might be hit."""
        queue = self._queue
        before = await queue.get()
        if before.position(job.id) is not None:
            await queue.cancel(job.id)
            before = await queue.get()  # it may have begun to run meanwhile
            if job.id not in before:
                job.is_withdrawn = True
                self._session.warn_once(_BY_QUEUE)
                await job.read()
                return job.status is JobStatus.CANCELLED
        if all(item.job_id != job.id for item in before.running):
            await job.read()
            return False
        if len(before.running) > 1:
            raise missing
        await queue.interrupt(job.id)
        self._session.warn_once(_BY_QUEUE)
        return True
