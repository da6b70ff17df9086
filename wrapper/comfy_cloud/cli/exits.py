"""Exit codes: the table that `--help` shows, and which code an exception ends with.

It prints nothing and ends nothing; the error boundary in `app` does.
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

EXIT_CODES = {
    0: "done",
    API: "the server failed or answered unexpectedly, or this program did; a comparison found something",
    USAGE: "wrong usage or configuration",
    JOB_FAILED: "the job failed or was cancelled",
    AUTH: "no API key, or the server does not accept it",
    NOT_FOUND: "not found",
    PAYMENT: "credits or subscription do not cover it",
    REFUSED: "the server refused what was sent",
    WAIT_TIMEOUT: "the job was not finished in time",
    NETWORK: "no connection, or no answer in time",
    INTERRUPTED: "interrupted with Ctrl-C",
}


class CommandError(click.ClickException):
    """An error of the command line itself: one line for people, and `code`, the exit code."""

    def __init__(self, message: str, code: int = USAGE) -> None:
        super().__init__(message)
        self.code = code  # not click's `exit_code`, which is one for all errors of a class


def exit_code_of(error: BaseException) -> int:
    """The exit code for an exception that ended a command; 1 for one that nobody foresaw."""
    if isinstance(error, CommandError):
        return error.code
    if isinstance(error, click.ClickException):
        return error.exit_code
    # Only now: the table needs the library's exceptions, and most runs end without one.
    from comfy_cloud import (
        BadRequest,
        ComfyCloudError,
        ConfigurationError,
        Conflict,
        ConnectionFailed,
        Forbidden,
        JobCancelled,
        JobFailed,
        NotFound,
        PayloadTooLarge,
        PaymentRequired,
        RequestTimeout,
        Unauthorized,
        WaitTimeout,
    )

    table: dict[int, tuple[type[ComfyCloudError], ...]] = {
        USAGE: (ConfigurationError,),
        JOB_FAILED: (JobFailed, JobCancelled),
        AUTH: (Unauthorized, Forbidden),
        NOT_FOUND: (NotFound,),
        PAYMENT: (PaymentRequired,),
        REFUSED: (BadRequest, Conflict, PayloadTooLarge),  # InvalidWorkflow is a BadRequest
        WAIT_TIMEOUT: (WaitTimeout,),
        NETWORK: (ConnectionFailed, RequestTimeout),
    }
    return next((code for code, classes in table.items() if isinstance(error, classes)), API)
