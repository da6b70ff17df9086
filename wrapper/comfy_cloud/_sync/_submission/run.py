# Made from wrapper/comfy_cloud/_async/_submission/run.py by `make unasync`. Do not edit.
"""Submit a workflow and wait for its job. An interruption cancels this job and no other.

`submitter` submits, `_jobs.watch` waits.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from ..._http.concurrency import shielded
from ..._jobs.events import Event
from ..._submission.options import SubmitOptions
from ...errors import ComfyCloudError, ComfyCloudWarning
from .._jobs.job_operations import JobOperations
from .._jobs.job_state import JobState
from .._jobs.watch import wait_for_end
from .submission import Submission
from .submitter import Submitter

logger = logging.getLogger("comfy_cloud")

# Seconds that cancelling may take after an interruption.
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
    """Submit a workflow and wait; returns its finished job. See `ComfyCloud.run`."""
    # Connected before the submission: messages sent without a connection are lost.
    live = operations.live(options.client_id, is_wanted=on_event is not None)
    started: list[Submission] = []
    try:
        live.open()
        options = replace(options, client_id=live.client_id)
        job = submitter.submit(workflow, inputs, options, started)
        wait_for_end(operations.session, job, live, timeout, on_event)
    except Exception:
        raise
    except BaseException:
        if not detach and started:
            _cancel(operations, started[-1])
        raise
    finally:
        live.close()
    if job.failure is not None:
        raise job.failure
    return job


def _cancel(operations: JobOperations, submission: Submission) -> None:
    """Cancel the job of a submission. Takes a bounded time, logs the outcome, and never raises."""
    results: list[str] = []

    def cancel() -> None:
        try:
            job_id = submission.find_job()
            if job_id is None:
                results.append("no job of this submission was found")
                return
            logger.warning("interrupted: cancelling job %s", job_id)
            cancelled, errors = operations.cancel([operations.state(job_id)])
            if errors:
                raise errors[0]
            results.append(f"job {job_id} was cancelled" if cancelled else f"job {job_id} had already ended")
        except (ComfyCloudError, ComfyCloudWarning) as error:
            results.append(f"the job could not be cancelled: {error}")

    is_finished = shielded(cancel, _CANCEL_SECONDS)
    if not is_finished:
        results.append(
            f"the job could not be cancelled within {_CANCEL_SECONDS:g} s; it may still be running"
        )
    logger.warning("interrupted: %s", results[-1] if results else "the job could not be cancelled")
