# Made from wrapper/comfy_cloud/_async/queue.py by `make unasync`. Do not edit.
"""The queue: list the running and waiting jobs, remove waiting ones, interrupt running ones.

`cloud.jobs.cancel` is the better way to cancel a job: it knows how each kind of server does it, and
never touches another job.
"""

from __future__ import annotations

from typing import Any

from comfy_cloud_api.api.job import get_queue_info, interrupt_job, manage_queue
from comfy_cloud_api.api.workflow import get_prompt_info
from comfy_cloud_api.models.interrupt_job_body import InterruptJobBody
from comfy_cloud_api.models.queue_manage_request import QueueManageRequest

from .._jobs.queue_items import QueueState, read_queue
from ..errors import ConfigurationError, UnexpectedResponse
from ._http.session import Session


class Queue:
    """`cloud.queue`: the jobs that run and wait now. Read, cancel and interrupt them.

    `get` returns a `QueueState`, `remaining` the number of jobs in it.
    """

    def __init__(self, session: Session) -> None:
        self._session = session

    def get(self) -> QueueState:
        """The jobs that run and wait now (GET /api/queue).

        Raises UnexpectedResponse when the response does not contain a queue.
        """
        found = self._session.call(get_queue_info.build(), get_queue_info.parse)
        if not (isinstance(found.queue_running, list) and isinstance(found.queue_pending, list)):
            operation = get_queue_info.OPERATION
            raise UnexpectedResponse(
                f"The response to {operation.method} {operation.path} does not contain the two lists "
                "of a queue",
                status=200,
                method=operation.method,
                path=operation.path,
            )
        return read_queue(found.queue_running, found.queue_pending)

    def cancel(self, *job_ids: str) -> list[str]:
        """Remove waiting jobs from the queue (POST /api/queue); returns the ids of those removed.

        Newer versions of the service also stop running jobs among them. A self-hosted ComfyUI does
        not report what it removed; there the result contains the ids that are no longer in the
        queue. Without ids nothing is sent.

        Raises:
            ConfigurationError: An id is empty.
        """
        if not all(job_ids):
            raise ConfigurationError("queue.cancel() takes ids that are not empty")
        if not job_ids:
            return []
        deleted = self._manage(QueueManageRequest(delete=list(job_ids)))
        if deleted is not None:
            return deleted
        left = self.get()
        return [job_id for job_id in job_ids if job_id not in left]

    def clear(self) -> None:
        """Cancel every waiting job of this account (POST /api/queue). Running jobs continue."""
        self._manage(QueueManageRequest(clear=True))

    def interrupt(self, job_id: str | None = None) -> None:
        """Stop the running job with this id (POST /api/interrupt).

        Without an id, servers differ in what they stop: one running job, all of them, or a waiting
        one. Older versions of a self-hosted ComfyUI ignore the id and stop whatever runs.

        Raises:
            NotFound: There is no such job.
        """
        body = InterruptJobBody(prompt_id=job_id or None)
        self._session.call(interrupt_job.build(body=body), interrupt_job.parse)

    def remaining(self) -> int:
        """How many jobs of this account run or wait (GET /api/prompt)."""
        found = self._session.call(get_prompt_info.build(), get_prompt_info.parse)
        number = getattr(found.exec_info, "queue_remaining", None)
        if isinstance(number, int):
            return number
        return len(self.get())

    def _manage(self, body: QueueManageRequest) -> list[str] | None:
        """Change the queue; returns the ids that the server reports as removed, or None."""

        def parse(response: Any) -> list[str] | None:
            if not response.content.strip():  # a self-hosted ComfyUI
                return None
            return manage_queue.parse(response).deleted or []

        return self._session.call(manage_queue.build(body=body), parse)
