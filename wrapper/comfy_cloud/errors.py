"""Every exception of the library, and how an error response becomes one.

    ComfyCloudError
    ├── ApiError                    the server responded with an error status
    │   ├── BadRequest              400, 422
    │   │   └── InvalidWorkflow     400 about the graph; `node_errors` has the reason for each node
    │   ├── Unauthorized            401
    │   ├── PaymentRequired         402, and 429 when it means billing
    │   ├── Forbidden               403
    │   ├── NotFound                404, 410 (also a LookupError)
    │   ├── Conflict                409
    │   ├── PayloadTooLarge         413
    │   ├── RateLimited             429, and 402 when it means a busy service
    │   └── ServerError             500 to 599
    ├── NotSupported                the server lacks an operation
    ├── ConnectionFailed            no connection, or it broke (also a ConnectionError)
    ├── RequestTimeout              no response in time (also a TimeoutError)
    ├── UnexpectedResponse          a response that is not what the operation promises
    ├── SubmissionUncertain         a workflow may or may not have been submitted
    ├── IdempotencyConflict         an idempotency key was used before, for something else
    ├── JobFailed                   the job ended with an error
    ├── JobCancelled                the job was cancelled
    ├── TaskFailed                  a background task, such as an import, failed or was cancelled
    ├── WaitTimeout                 a job or task did not finish in time (also a TimeoutError)
    └── ConfigurationError          an argument or setting is not valid (also a ValueError)

    About a file of yours, the error is a ComfyCloudError and a FileNotFoundError, FileExistsError,
    PermissionError, IsADirectoryError, NotADirectoryError or another OSError.

    ComfyCloudWarning               not an error: a fallback was used (a UserWarning)

The classes are defined in `_errors/exceptions.py`. A response becomes an exception in
`_errors/from_response.py`, the record of a failed job in `_errors/job_errors.py`.
"""

from __future__ import annotations

from ._errors.exceptions import (
    ApiError,
    BadRequest,
    ComfyCloudError,
    ComfyCloudWarning,
    ConfigurationError,
    Conflict,
    ConnectionFailed,
    Forbidden,
    IdempotencyConflict,
    InvalidWorkflow,
    JobCancelled,
    JobFailed,
    NotFound,
    NotSupported,
    PayloadTooLarge,
    PaymentRequired,
    RateLimited,
    RequestTimeout,
    ServerError,
    SubmissionUncertain,
    TaskFailed,
    Unauthorized,
    UnexpectedResponse,
    WaitTimeout,
)
from ._errors.from_response import error_from_response
from ._errors.job_errors import job_failed_from

__all__ = [
    "ApiError",
    "BadRequest",
    "ComfyCloudError",
    "ComfyCloudWarning",
    "ConfigurationError",
    "Conflict",
    "ConnectionFailed",
    "Forbidden",
    "IdempotencyConflict",
    "InvalidWorkflow",
    "JobCancelled",
    "JobFailed",
    "NotFound",
    "NotSupported",
    "PayloadTooLarge",
    "PaymentRequired",
    "RateLimited",
    "RequestTimeout",
    "ServerError",
    "SubmissionUncertain",
    "TaskFailed",
    "Unauthorized",
    "UnexpectedResponse",
    "WaitTimeout",
    "error_from_response",
    "job_failed_from",
]
