"""Submit a workflow and wait for its job. An interruption cancels this job and no other.

`submitter` submits, `_jobs.watch` waits, `interruption` cancels.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from ..._jobs.events import Event
from ..._submission.options import SubmitOptions
from ..._workflows.workflow import WorkflowSource
from .._jobs.job_operations import AsyncJobOperations
from .._jobs.job_state import AsyncJobState
from .._jobs.watch import wait_for_end
from .interruption import leave_submission, must_be_settled
from .submission import AsyncSubmission
from .submitter import AsyncSubmitter


async def run(
    submitter: AsyncSubmitter,
    operations: AsyncJobOperations,
    workflow: WorkflowSource,
    inputs: Mapping[str, Any] | None,
    *,
    timeout: float | None,
    detach: bool,
    on_event: Callable[[Event], object] | None,
    options: SubmitOptions,
) -> AsyncJobState:
    """Submit a workflow and wait; returns its finished job. See `AsyncComfyCloud.run`."""
    # Connected before the submission: messages sent without a connection are lost.
    live = operations.live(options.client_id, is_wanted=on_event is not None)
    started: list[AsyncSubmission] = []
    try:
        await live.open()
        options = replace(options, client_id=live.client_id)
        job = await submitter.submit(workflow, inputs, options, started)
        await wait_for_end(operations.session, job, live, timeout, on_event)
    except BaseException as error:
        if started and must_be_settled(error, started[-1]):
            await leave_submission(operations, started[-1], detach=detach)
        raise
    finally:
        await live.close()
    if job.failure is not None:
        raise job.failure
    return job
