"""Cancel jobs on every kind of server, and never any other job.

Several jobs share one request, a single one has its own. On a server that cannot cancel single
jobs, waiting ones are removed from its queue, and one that runs alone is interrupted.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from comfy_cloud_api.api.job import cancel_job, cancel_jobs
from comfy_cloud_api.models.jobs_cancel_request import JobsCancelRequest

from ..._jobs.outputs import Output
from ..._jobs.states import JobStatus
from ...errors import BadRequest, ComfyCloudError, NotFound, NotSupported
from .._http.session import AsyncSession
from .job_state import AsyncJobState

if TYPE_CHECKING:
    from ..queue import AsyncQueue

_MAX_BATCH = 100
_NOTICE = (
    "This server cannot cancel single jobs; waiting jobs are removed from its queue, and a job that "
    "runs alone is interrupted"
)


class AsyncCancellation:
    """Cancels the jobs of one account."""

    def __init__(self, session: AsyncSession, queue: AsyncQueue) -> None:
        self._session = session
        self._queue = queue
        self._uses_queue = False

    async def cancel(self, jobs: Iterable[AsyncJobState]) -> tuple[list[str], list[ComfyCloudError]]:
        """Cancel the jobs that can be cancelled; returns their ids, and the errors about others.

        It warns when all that is done: a program may let warnings be errors.
        """
        distinct = [*{job.id: job for job in jobs}.values()]
        cancelled: list[str] = []
        errors: list[ComfyCloudError] = []
        for start in range(0, len(distinct), _MAX_BATCH):
            batch = distinct[start : start + _MAX_BATCH]
            try:
                cancelled_ids = await self._cancel_batch(batch) if self._is_batch(batch) else None
            except ComfyCloudError as error:
                errors.append(error)
                continue
            if cancelled_ids is not None:
                cancelled += cancelled_ids
                continue
            for job in batch:
                try:
                    if await self._cancel_one(job):
                        cancelled.append(job.id)
                except ComfyCloudError as error:
                    errors.append(error)
        if self._uses_queue:
            self._session.warn_once(_NOTICE)
        return cancelled, errors

    def _is_batch(self, jobs: list[AsyncJobState]) -> bool:
        return len(jobs) > 1 and not self._session.uses_v2

    async def _cancel_batch(self, jobs: list[AsyncJobState]) -> list[str] | None:
        """Cancel several jobs by one request; returns the ids of those that were cancelled.

        None when each needs its own request: the server cannot do it, or one job does not exist.
        """
        body = JobsCancelRequest(job_ids=[job.id for job in jobs])
        try:
            found = await self._session.call(cancel_jobs.build(body=body), cancel_jobs.parse)
        except (NotSupported, NotFound, BadRequest):
            return None
        if isinstance(found.cancelled, list):
            cancelled = {str(job_id).lower() for job_id in found.cancelled}
            return [job.id for job in jobs if job.id.lower() in cancelled]
        # A self-hosted server only reports whether there was anything to cancel.
        return [job.id for job in jobs if found.cancelled and await self._is_cancelled(job)]

    async def _is_cancelled(self, job: AsyncJobState) -> bool:
        job.was_dequeued = True  # such a server keeps no record of a job that never started
        await job.read()
        # A job that still runs was told to stop, and will at its next step.
        return job.status is JobStatus.CANCELLED or not job.status.is_terminal

    async def _cancel_by_v2(self, job: AsyncJobState) -> bool:
        from .v2_jobs import AsyncV2Jobs  # hardly ever needed

        await job.read()
        if job.status.is_terminal:
            return False
        status = await AsyncV2Jobs(self._session, Output).cancel(job.id)
        return status is JobStatus.CANCELLED or not status.is_terminal

    async def _cancel_one(self, job: AsyncJobState) -> bool:
        if self._session.uses_v2:
            return await self._cancel_by_v2(job)
        try:
            found = await self._session.call(cancel_job.build(job.id), cancel_job.parse)
        except NotSupported as error:
            if self._session.settings.strict:
                raise
            return await self._cancel_by_queue(job, error)
        except NotFound as error:
            await job.read()  # raises if the job is missing, not the endpoint
            if job.status.is_terminal:
                return False
            operation = cancel_job.OPERATION
            missing = NotSupported(
                operation.id, method=operation.method, path=operation.path, status=error.status
            )
            return await self._cancel_by_queue(job, missing)
        if found.cancelled:
            job.was_dequeued = True  # newer self-hosted servers keep no record of a waiting job
            return True
        await job.read()  # the response is the same for a job that does not exist: this raises
        return False

    async def _cancel_by_queue(self, job: AsyncJobState, missing: NotSupported) -> bool:
        """Cancel without an endpoint for it. Raises `missing` if another job would be at risk."""
        queue = self._queue
        try:
            state = await queue.get()
        except NotSupported:
            if self._session.settings.api == "v1":
                raise
            return await self._cancel_by_v2(job)
        if state.position(job.id) is not None:
            await queue.cancel(job.id)
            state = await queue.get()  # it may have started meanwhile
            if job.id not in state:
                job.was_dequeued = self._uses_queue = True
                await job.read()
                return job.status is JobStatus.CANCELLED
        if all(item.job_id != job.id for item in state.running):
            await job.read()
            return False
        if len(state.running) > 1:
            raise missing
        await queue.interrupt(job.id)
        self._uses_queue = True
        return True
