# Made from wrapper/comfy_cloud/_async/_submission/run.py by `make unasync`. Do not edit.
"""Submit a workflow and wait for its job; whoever interrupts that, cancels this job and no other.

Submitting is in `submission`, waiting in `watching`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ..._http.concurrency import shielded
from ..._jobs.events import Event
from ..._submission.options import SubmitOptions
from ...errors import ComfyCloudError, ComfyCloudWarning
from .._jobs.job import Job
from .._jobs.watch import Live
from .submission import Submission

if TYPE_CHECKING:
    from ..client import ComfyCloud

logger = logging.getLogger("comfy_cloud")

# Seconds that cancelling may take when somebody wants the program to end.
_LAST_WORDS = 10.0


def run(
    cloud: ComfyCloud,
    workflow: object,
    inputs: Mapping[str, Any] | None,
    *,
    timeout: float | None,
    detach: bool,
    on_event: Callable[[Event], object] | None,
    options: SubmitOptions,
) -> Job:
    """See `ComfyCloud.run`."""
    # Connected before the submission: what is told before somebody listens is lost.
    live = Live(cloud, options.client_id, is_wanted=on_event is not None)
    under_way: list[Submission] = []
    try:
        live.open()
        options = replace(options, client_id=live.client_id)
        job = cloud._submitter.submit(workflow, inputs, options, under_way)
        job._wait(live, timeout, on_event)
    except Exception:
        raise
    except BaseException:
        if not detach and under_way:
            _cancel(cloud, under_way[-1])
        raise
    finally:
        live.close()
    error = job._why_not_completed()
    if error is not None:
        raise error
    return job


def _cancel(cloud: ComfyCloud, submission: Submission) -> None:
    """Cancel the job of a submission within a bounded time, and say what came of it. Never raises an error."""
    told: list[str] = []

    def cancel() -> None:
        try:
            job_id = submission.find_now()
            if job_id is None:
                told.append("no job of this submission was found")
                return
            logger.warning("interrupted: cancelling job %s", job_id)
            cancelled = cloud.jobs.cancel(job_id)
            told.append(f"job {job_id} was cancelled" if cancelled else f"job {job_id} had ended already")
        except (ComfyCloudError, ComfyCloudWarning) as error:
            told.append(f"the job could not be cancelled: {error}")

    is_over = shielded(cancel, _LAST_WORDS)
    if not is_over:
        told.append(f"the job could not be cancelled within {_LAST_WORDS:g} s; it may still run")
    logger.warning("interrupted: %s", told[-1] if told else "the job could not be cancelled")
