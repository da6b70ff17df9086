"""Exit codes: the table that `--help` shows, and the code for an exception.

Nothing is printed here and the program is not ended here; `app.run` does both.
"""

from __future__ import annotations

import click

API = 1
USAGE = 2
JOB_FAILED = 3
AUTH = 4
NOT_FOUND = 5
PAYMENT = 6
REFUSED = 7
WAIT_TIMEOUT = 8
NETWORK = 9
INTERRUPTED = 130
TERMINATED = 143

EXIT_CODES = {
    0: "success",
    API: "the server or this program failed unexpectedly, or a comparison or check found something",
    USAGE: "wrong usage or configuration",
    JOB_FAILED: "the job failed or was cancelled",
    AUTH: "no API key, or the server does not accept it",
    NOT_FOUND: "not found",
    PAYMENT: "credits or subscription do not cover it",
    REFUSED: "the server rejected the request as invalid, or a workflow has problems",
    WAIT_TIMEOUT: "timed out waiting for the job",
    NETWORK: "no connection, or no response in time",
    INTERRUPTED: "interrupted with Ctrl-C",
    TERMINATED: "terminated by SIGTERM, such as by `kill` or `timeout`",
}


_FILES_OF_THE_USER = (
    FileExistsError,
    FileNotFoundError,
    IsADirectoryError,
    NotADirectoryError,
    PermissionError,
)


class Terminated(KeyboardInterrupt):
    """SIGTERM, which a command takes as it takes Ctrl-C: jobs of `run` are cancelled."""


class CommandError(click.ClickException):
    """An error of the command line itself: a one-line message, and `code`, the exit code."""

    def __init__(self, message: str, code: int = USAGE) -> None:
        super().__init__(message)
        self.code = code  # not click's `exit_code`, which is one for all errors of a class


def exit_code_of(error: BaseException) -> int:
    """The exit code for an exception that ended a command; 1 for an unexpected one."""
    if isinstance(error, CommandError):
        return error.code
    if isinstance(error, click.ClickException):
        return error.exit_code
    if isinstance(error, _FILES_OF_THE_USER) and error.errno is not None:
        return USAGE
    # Imported late: the table needs the library's exceptions, and most runs end without one.
    from comfy_cloud import (
        BadRequest,
        ComfyCloudError,
        ConfigurationError,
        Conflict,
        ConnectionFailed,
        Forbidden,
        IdempotencyConflict,
        JobCancelled,
        JobFailed,
        NotFound,
        PayloadTooLarge,
        PaymentRequired,
        RequestTimeout,
        Unauthorized,
        WaitTimeout,
    )

    if isinstance(error, ConfigurationError) and isinstance(error, LookupError):
        return NOT_FOUND  # an id that the mirror of the history does not have
    table: dict[int, tuple[type[ComfyCloudError], ...]] = {
        USAGE: (ConfigurationError,),
        JOB_FAILED: (JobFailed, JobCancelled),
        AUTH: (Unauthorized, Forbidden),
        NOT_FOUND: (NotFound,),
        PAYMENT: (PaymentRequired,),
        REFUSED: (
            BadRequest,
            Conflict,
            IdempotencyConflict,
            PayloadTooLarge,
        ),  # InvalidWorkflow is a BadRequest
        WAIT_TIMEOUT: (WaitTimeout,),
        NETWORK: (ConnectionFailed, RequestTimeout),
    }
    return next((code for code, classes in table.items() if isinstance(error, classes)), API)
