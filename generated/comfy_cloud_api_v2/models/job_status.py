# Made from openapi-v2.yaml and openapi-overlay-v2.yaml by `make generate`. Do not edit.
from __future__ import annotations

from ..types import OpenEnum


class JobStatus(OpenEnum):
    """The state of a job. It waits, runs, and ends as succeeded, failed or expired; a cancelled one
    is canceling first.
    """

    CANCELED = "canceled"
    CANCELING = "canceling"
    EXPIRED = "expired"
    FAILED = "failed"
    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
