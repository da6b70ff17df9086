# Made from wrapper/comfy_cloud/_async/_submission/run.py by `make unasync`. Do not edit.
"""Submit a workflow and wait for its job. An interruption cancels this job and no other.

`submitter` submits, `_jobs.watch` waits, `interruption` cancels.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from ..._http.deadlines import LAST_REQUEST_SECONDS, Deadline
from ..._jobs.events import Event
from ..._submission.options import SubmitOptions
from ..._workflows.workflow import WorkflowSource
from ...errors import ComfyCloudError, WaitTimeout
from .._jobs.job_operations import JobOperations
from .._jobs.job_state import JobState
from .._jobs.watch import wait_for_end
from .interruption import leave_submission, must_be_settled
from .submission import Submission
from .submitter import Submitter


def run(
    submitter: Submitter,
    operations: JobOperations,
    workflow: WorkflowSource,
    inputs: Mapping[str, Any] | None,
    *,
    timeout: float | None,
    detach: bool,
    on_event: Callable[[Event], object] | None,
    options: SubmitOptions,
) -> JobState:
    """Submit a workflow and wait; returns its finished job. See `ComfyCloud.run`."""
    # Connected before the submission: messages sent without a connection are lost. Where nobody
    # wants them, the submission does not wait for that: the first poll comes after the connection.
    live = operations.live(options.client_id, is_hint=on_event is None)
    started: list[Submission] = []
    clock = operations.session.runtime.monotonic
    deadline = None if timeout is None else clock() + timeout
    limit = Deadline.for_request(clock, deadline)
    live.deadline = deadline
    job: JobState | None = None
    try:
        try:
            with limit:
                if not live.is_hint:
                    live.open()
                options = replace(options, client_id=live.client_id)
                job = submitter.submit(workflow, inputs, options, started)
                if live.is_hint:
                    live.open()
                    live.take_reconnected()
        except ComfyCloudError as error:
            if limit.is_over and timeout is not None:
                _raise_late(error, started, operations, timeout)
            raise
        wait_for_end(operations.session, job, live, timeout, on_event, deadline)
    except BaseException as error:
        if job is not None and job.trace is not None:
            job.trace.end(job, error)
        if started and must_be_settled(error, started[-1]):
            leave_submission(operations, started[-1], detach=detach)
        raise
    finally:
        live.close()
    if job.failure is not None:
        raise job.failure
    return job


def _raise_late(
    error: ComfyCloudError, started: list[Submission], operations: JobOperations, timeout: float
) -> None:
    """Raise WaitTimeout when it is known what became of a submission that was not accepted in time.

    That may take another second.
    """
    submission = started[-1] if started else None
    must_settle = submission is not None and submission.is_open
    if submission is not None and must_settle:
        clock = operations.session.runtime.monotonic
        with Deadline.for_request(clock, clock()):
            submission.settle(LAST_REQUEST_SECONDS)
        if submission.is_open:
            return
        if submission.job_id is not None:
            raise WaitTimeout(job_id=submission.job_id, timeout=timeout) from error
    raise WaitTimeout(f"the workflow was not submitted within {timeout:g} s", timeout=timeout) from error
