# Made from wrapper/comfy_cloud/_async/_submission/run.py by `make unasync`. Do not edit.
"""Submit a workflow and wait for its job. Whoever interrupts that cancels this job and no other.

Submitting is in `submitter`, waiting in `_jobs.watch`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from ..._http.runtime import shielded
from ..._jobs.events import Event
from ..._submission.options import SubmitOptions
from ...errors import ComfyCloudError, ComfyCloudWarning
from .._jobs.job_operations import JobOperations
from .._jobs.job_state import JobState
from .._jobs.watch import wait_for_end
from .submission import Submission
from .submitter import Submitter

logger = logging.getLogger("comfy_cloud")

# Seconds that cancelling may take after the caller was interrupted.
_CANCEL_SECONDS = 10.0


def run(
    submitter: Submitter,
    operations: JobOperations,
    workflow: object,
    inputs: Mapping[str, Any] | None,
    *,
    timeout: float | None,
    detach: bool,
    on_event: Callable[[Event], object] | None,
    options: SubmitOptions,
) -> JobState:
    """The job of a workflow, after its end. See `ComfyCloud.run`."""
    # Connected before the submission: messages sent before anybody listens are lost.
    live = operations.live(options.client_id, is_wanted=on_event is not None)
    under_way: list[Submission] = []
    try:
        live.open()
        options = replace(options, client_id=live.client_id)
        job = submitter.submit(workflow, inputs, options, under_way)
        wait_for_end(operations.session, job, live, timeout, on_event)
    except Exception:
        raise
    except BaseException:
        if not detach and under_way:
            _cancel(operations, under_way[-1])
        raise
    finally:
        live.close()
    if job.failure is not None:
        raise job.failure
    return job


def _cancel(operations: JobOperations, submission: Submission) -> None:
    """Cancel the job of a submission within a bounded time, and log the result. Never raises an error."""
    results: list[str] = []

    def cancel() -> None:
        try:
            job_id = submission.find_now()
            if job_id is None:
                results.append("no job of this submission was found")
                return
            logger.warning("interrupted: cancelling job %s", job_id)
            cancelled, errors = operations.cancel([operations.state(job_id)])
            if errors:
                raise errors[0]
            results.append(f"job {job_id} was cancelled" if cancelled else f"job {job_id} had ended already")
        except (ComfyCloudError, ComfyCloudWarning) as error:
            results.append(f"the job could not be cancelled: {error}")

    is_over = shielded(cancel, _CANCEL_SECONDS)
    if not is_over:
        results.append(f"the job could not be cancelled within {_CANCEL_SECONDS:g} s; it may still run")
    logger.warning("interrupted: %s", results[-1] if results else "the job could not be cancelled")
