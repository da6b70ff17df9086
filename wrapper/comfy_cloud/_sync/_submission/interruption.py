# Made from wrapper/comfy_cloud/_async/_submission/interruption.py by `make unasync`. Do not edit.
"""What happens to a submission when Ctrl-C or task cancellation interrupts it.

A request that was interrupted may still be accepted a moment later. So the lists are searched again
and again, for as long as an interruption may take; a job that is found is cancelled. By API v2
it is sent again with its key, which makes its job known, and that is cancelled. The log always
reports the outcome, also when there is none.
"""

from __future__ import annotations

import logging
import os

from ..._http.concurrency import shielded
from ..._submission.reconciliation import NONCE_FIELD
from ...errors import ComfyCloudError
from .._jobs.job_operations import JobOperations
from .submission import Submission

logger = logging.getLogger("comfy_cloud")

# Seconds that searching and cancelling may take after an interruption.
CANCEL_SECONDS = 10.0
# Seconds of these for searching. The rest is for cancelling what was found last.
SEARCH_SECONDS = CANCEL_SECONDS - 1.0


def must_be_settled(error: BaseException, submission: Submission) -> bool:
    """Whether an exception interrupted a submission or the wait for its job.

    While the outcome of a submission is open, so does any exception that is not one of this
    package: a hook, or a signal handler, may raise anything. A forked child settles nothing, since
    its parent goes on waiting for the job.
    """
    if os.getpid() != submission.process:
        return False
    if not isinstance(error, Exception):
        return True
    return submission.is_open and not isinstance(error, ComfyCloudError)


def open_outcome(submission: Submission) -> str:
    """The log message for a submission that may have created a job that was not found."""
    if submission.api == "v2":
        sign = f"a new job with this graph; its Idempotency-Key was made of {submission.nonce}"
    else:
        sign = f"a job whose extra data has {NONCE_FIELD} {submission.nonce}"
    return (
        "a job may still be running: the response to its submission did not arrive, and it was not "
        f"found within {CANCEL_SECONDS:g} s. Check cloud.jobs.list() for {sign}"
    )


def leave_submission(operations: JobOperations, submission: Submission, *, detach: bool = False) -> None:
    """Cancel the job of an interrupted submission, or with `detach` only log what continues.

    The job of another caller with the same idempotency key continues.

    Takes a bounded time, logs the outcome, and never raises an Exception.
    """
    if detach or not submission.is_ours:
        if submission.job_id is not None:
            logger.warning("interrupted: job %s continues", submission.job_id)
        elif submission.is_open:
            logger.warning("interrupted: %s %s", "a job may continue, with the nonce", submission.nonce)
        return
    outcome = ""

    def cancel() -> None:
        nonlocal outcome
        try:
            submission.settle(SEARCH_SECONDS)
            job_id = submission.job_id
            if job_id is None:
                outcome = open_outcome(submission) if submission.is_open else "the submission created no job"
                return
            logger.warning("interrupted: cancelling job %s", job_id)
            cancelled, errors = operations.cancel([operations.state(job_id)])
            if errors:
                raise errors[0]
            outcome = f"job {job_id} was cancelled" if cancelled else f"job {job_id} had already ended"
        except Exception as error:  # noqa: BLE001 - would replace the interruption
            outcome = f"{_subject(submission)} could not be cancelled: {error}; it may still be running"

    try:
        shielded(cancel, CANCEL_SECONDS)
    finally:
        # Logged after a second interruption, too.
        if not outcome and (submission.job_id is not None or not submission.is_open):
            outcome = (
                f"{_subject(submission)} could not be cancelled within {CANCEL_SECONDS:g} s; "
                "it may still be running"
            )
        logger.warning("interrupted: %s", outcome or open_outcome(submission))


def _subject(submission: Submission) -> str:
    if submission.job_id is not None:
        return f"job {submission.job_id}"
    return f"the job with the nonce {submission.nonce}"
