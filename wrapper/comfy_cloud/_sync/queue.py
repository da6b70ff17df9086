# Made from wrapper/comfy_cloud/_async/queue.py by `make unasync`. Do not edit.
"""The queue: what runs and waits, taking jobs out of it, and interrupting what runs.

To cancel a job, `cloud.jobs.cancel` is the better way: it knows how each server does it, and never touches another job.
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
    """`cloud.queue`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def get(self) -> QueueState:
        """What runs and waits now (GET /api/queue).

        Raises UnexpectedResponse when the server sends something that is no queue.
        """
        found = self._session.call(get_queue_info.build(), get_queue_info.parse)
        if not (isinstance(found.queue_running, list) and isinstance(found.queue_pending, list)):
            operation = get_queue_info.OPERATION
            raise UnexpectedResponse(
                f"{operation.method} {operation.path} answered 200 without its two lists",
                status=200,
                method=operation.method,
                path=operation.path,
            )
        return read_queue(found.queue_running, found.queue_pending)

    def cancel(self, *job_ids: str) -> list[str]:
        """Take waiting jobs out of the queue (POST /api/queue); returns the ids that are out of it.

        Newer versions of the service stop listed jobs that run, too. A self-hosted ComfyUI does not say what it did; there
        the result are those ids that stand in the queue no more. Without ids nothing is sent.

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
        """Cancel every waiting job of this account (POST /api/queue). What runs goes on."""
        self._manage(QueueManageRequest(clear=True))

    def interrupt(self, job_id: str | None = None) -> None:
        """Stop the running job of this id (POST /api/interrupt).

        Without an id, servers differ in what they stop: one running job, or all of them, or one that waits. Older versions
        of a self-hosted ComfyUI do not look at the id: they stop what runs.

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
        """What the server says it deleted, None when it does not say."""

        def parse(response: Any) -> list[str] | None:
            if not response.content.strip():  # a self-hosted ComfyUI
                return None
            return manage_queue.parse(response).deleted or []

        return self._session.call(manage_queue.build(body=body), parse)
