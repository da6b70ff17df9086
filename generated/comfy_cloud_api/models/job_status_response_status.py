# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
from __future__ import annotations

from ..types import OpenEnum


class JobStatusResponseStatus(OpenEnum):
    """State in the scheduler. `success` and `completed` mean that the job went well; `error`,
    `retryable_error`, `non_retryable_error`, `erroring`, `lost` and `failed` that it did not;
    states with `cancel` that it was stopped.
    """

    ALLOCATED = "allocated"
    CANCELED = "canceled"
    CANCELLED = "cancelled"
    CANCELLING_PREPARING = "cancelling_preparing"
    CANCEL_PENDING = "cancel_pending"
    CANCEL_REQUESTED = "cancel_requested"
    COMPLETED = "completed"
    ERROR = "error"
    ERRORING = "erroring"
    EXECUTED = "executed"
    EXECUTING = "executing"
    FAILED = "failed"
    IN_PROGRESS = "in_progress"
    LOST = "lost"
    NON_RETRYABLE_ERROR = "non_retryable_error"
    PENDING = "pending"
    PENDING_EXECUTION = "pending_execution"
    PREPARING = "preparing"
    QUEUED_LIMITED = "queued_limited"
    QUEUED_WAITING = "queued_waiting"
    RETRYABLE_ERROR = "retryable_error"
    SUBMITTED = "submitted"
    SUCCESS = "success"
    WAITING_TO_DISPATCH = "waiting_to_dispatch"
