"""The exception classes. `comfy_cloud.errors` exports them and shows their tree.

Every exception can be pickled and copied. Whatever looks like a secret is redacted when an
exception is made. Nothing here decides on retries, imports the HTTP library or reads a clock.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .bodies import is_web_page, node_reasons
from .redaction import clean, one_line, redact, redact_text

# The most characters of a message, and of a quoted response body, that an exception shows.
LONGEST_LINE = 500
LONGEST_EXCERPT = 200
# How much of a body is read for its excerpt.
_SEARCHED = 16 * 1024
# The command line has other words for these (cli/_console/wording.py).
_KEY_FIXES = {
    None: "",
    True: "The API key was refused. Check api_key=, COMFY_CLOUD_API_KEY or the profile: "
    "`comfy-cloud auth status` shows which key is used",
    False: "No API key was sent. Pass api_key=, set COMFY_CLOUD_API_KEY, or run `comfy-cloud auth login`",
}


class ComfyCloudError(Exception):
    """The base of every exception that a call raises.

    One about your own files is also the builtin one, such as `FileExistsError` or
    `PermissionError`. Python itself raises `TypeError` for arguments that a call does not have.

    `message` says what happened. `attempts` holds the errors of the earlier attempts of the same
    call, oldest first; the code that retries adds them. `was_sent` is False when the request
    certainly never reached the server.
    """

    was_sent = True

    def __init__(self, message: str) -> None:
        self.message = clean(message)
        self.attempts: tuple[Exception, ...] = ()
        super().__init__(self.message)

    def __str__(self) -> str:
        # Text from a server ends up in terminals: no control characters, no line breaks.
        return one_line(redact_text(self._line()), 2 * LONGEST_LINE)

    def _line(self) -> str:
        return one_line(self.message, LONGEST_LINE) + self._context()

    def _context(self) -> str:
        return f" ({len(self.attempts) + 1} attempts)" if self.attempts else ""

    def __reduce__(self) -> tuple[Any, ...]:
        # The default calls the class with `args` alone, which fails with keyword-only arguments.
        return _restore, (type(self), self.args, self.__dict__.copy())


def _restore(
    error_class: type[ComfyCloudError], args: tuple[Any, ...], state: dict[str, Any]
) -> ComfyCloudError:
    error = error_class.__new__(error_class)
    error.args = args
    error.__dict__.update(state)
    return error


# The server responded with an error status


class ApiError(ComfyCloudError):
    """The server responded with an error status.

    Attributes:
        status: The HTTP status.
        code: The server's error code, such as "QUEUE_LIMIT", or None. A billing refusal without a
            code has "PAYMENT_REQUIRED".
        message: The server's message.
        details: The server's details, of any JSON type, or None.
        retry_after: Seconds until a retry makes sense, or None.
        request_id: The server's id of the request, or None.
        method: The HTTP method of the request.
        path: Its path.
        node_errors: Node id -> what is wrong with the node. Empty unless the graph was refused.
        body: The bytes of the response, without secrets.
        content_type: Its declared media type, or None.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int,
        code: str | None = None,
        details: Any = None,
        retry_after: float | None = None,
        request_id: str | None = None,
        method: str = "",
        path: str = "",
        attempts: Sequence[Exception] = (),
        body: bytes = b"",
        content_type: str | None = None,
        node_errors: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.attempts = tuple(attempts)
        self.status = status
        self.code = None if code is None else clean(code)
        self.details = redact(details)
        self.retry_after = retry_after
        self.request_id = None if request_id is None else clean(request_id)
        self.method = method
        self.path = redact_text(path)
        self.body = redact(bytes(body))
        self.content_type = None if content_type is None else clean(content_type)
        self.node_errors: Mapping[str, Any] = redact(dict(node_errors or {}))

    def _line(self) -> str:
        text = self.message
        if isinstance(self.details, str) and self.details.strip() and self.details not in text:
            text = f"{text.rstrip('.')}: {self.details}"
        reasons = list(node_reasons(self.node_errors))
        if reasons:
            more = f" and {len(reasons) - 1} more" if len(reasons) > 1 else ""
            text = f"{text.rstrip('.')}: {reasons[0]}{more}"
        head = f"{self.status} {self.code}" if self.code else f"{self.status}"
        return f"{head}: {one_line(text, LONGEST_LINE)}{self._context()}"

    def _context(self) -> str:
        parts = [f"{self.method} {self.path}".strip()] if self.path else []
        if self.request_id:
            parts.append(f"request {self.request_id}")
        if self.attempts:
            parts.append(f"{len(self.attempts) + 1} attempts")
        return f" ({', '.join(parts)})" if parts else ""


class BadRequest(ApiError):
    """The server refused the request as malformed or unacceptable (400, 422)."""


class InvalidWorkflow(BadRequest):
    """The server refused the graph (400).

    `node_errors` maps node ids to what is wrong, if known.
    """


class Unauthorized(ApiError):
    """The API key is missing, wrong, or of a kind that this operation does not accept (401).

    `key_was_sent` is whether the request had an API key; None if that is not known.
    """

    key_was_sent: bool | None = None

    def _line(self) -> str:
        line = super()._line()
        fix = _KEY_FIXES[self.key_was_sent]
        return f"{line.rstrip('.')}. {fix}" if fix else line


class PaymentRequired(ApiError):
    """The account's plan, subscription or credits do not cover this. Never retried.

    402, or 429 with a billing code.
    """


class Forbidden(ApiError):
    """The account may not do this (403)."""


class NotFound(ApiError, LookupError):
    """It does not exist or belongs to another account (404), or it is gone for good (410)."""


class Conflict(ApiError):
    """The request conflicts with the current state: an asset in use, a file that exists (409)."""


class PayloadTooLarge(ApiError):
    """The file or graph is larger than the server accepts (413)."""


class RateLimited(ApiError):
    """Too many requests, a full queue, or a busy service (429).

    `retry_after` is the number of seconds to wait, or None.
    """


class ServerError(ApiError):
    """The server, or a proxy in front of it, failed (500 to 599)."""


# Everything else


class NotSupported(ComfyCloudError):
    """The server does not have this operation. A self-hosted ComfyUI lacks many.

    `operation` is the operation's id, or the words for a part of one, such as "smaller images".
    `method` and `path` are its HTTP call, and `status` is the HTTP status that the server sent, or
    None. `hint` is added to the message.
    """

    def __init__(
        self, operation: str, *, method: str = "", path: str = "", status: int | None = None, hint: str = ""
    ) -> None:
        is_part = " " in operation and ":" not in operation
        what = operation if is_part else f"the operation {operation}"
        call = f" ({method} {path})" if path else ""
        super().__init__(f"this server does not have {what}{call}{hint}")
        self.operation = operation
        self.method = method
        self.path = redact_text(path)
        self.status = status


class ConnectionFailed(ComfyCloudError, ConnectionError):
    """No connection could be made, or it was lost before the response was complete."""


class RequestTimeout(ComfyCloudError, TimeoutError):
    """The server did not respond to a request in time. For a slow job see WaitTimeout."""


class UnexpectedResponse(ComfyCloudError):
    """The server sent something other than what the operation promises: a web page or broken JSON.

    `status` and `content_type` are those of the response. `excerpt` is the start of its body as
    text.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int | None = None,
        content_type: str | None = None,
        body: bytes = b"",
        method: str = "",
        path: str = "",
    ) -> None:
        super().__init__(message)
        self.status = status
        self.content_type = None if content_type is None else clean(content_type)
        # Much more than is shown: no secret may be cut in two before it is recognised.
        text = clean(bytes(body[:_SEARCHED]).decode("utf-8", "replace"))
        self.excerpt = one_line(text, LONGEST_EXCERPT)
        self.method = method
        self.path = redact_text(path)

    @property
    def is_web_page(self) -> bool:
        """Whether a web page came where the API has none, as from a proxy that asks for a login."""
        return is_web_page(self.content_type, self.excerpt.encode())


class SubmissionUncertain(ComfyCloudError):
    """A workflow was sent, but whether it became a job is unknown.

    Sending it again could cost twice. `nonce` marks the submission in `extra_data`. `evidence`
    holds what was tried and found.
    """

    def __init__(
        self, message: str, *, nonce: str | None = None, evidence: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(message)
        self.nonce = nonce
        self.evidence: Mapping[str, Any] = redact(dict(evidence or {}))


class IdempotencyConflict(ComfyCloudError):
    """An idempotency key was used before, for something else. Nothing was sent.

    `job_id` is the job that the key has, if it is known.
    """

    def __init__(self, message: str, *, job_id: str | None = None) -> None:
        super().__init__(message)
        self.job_id = job_id


class JobFailed(ComfyCloudError):
    """A job ended with an error.

    Attributes:
        job_id: The job's id.
        node_id: The node that failed; None when the failure was not inside a node.
        node_class: That node's class, or None.
        exception_type: The name of the server's exception, or None.
        traceback: The lines of the server's traceback.
        inputs: The inputs of the node, without secrets.
        node_errors: Node id -> what is wrong, when the graph was refused after it had been queued.
        raw: The server's whole record of the error, without secrets.
    """

    def __init__(
        self,
        message: str,
        *,
        job_id: str,
        node_id: str | None = None,
        node_class: str | None = None,
        exception_type: str | None = None,
        traceback: Sequence[str] = (),
        inputs: Mapping[str, Any] | None = None,
        node_errors: Mapping[str, Any] | None = None,
        raw: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.job_id = clean(job_id)
        self.node_id = None if node_id is None else clean(node_id)
        self.node_class = None if node_class is None else clean(node_class)
        self.exception_type = None if exception_type is None else clean(exception_type)
        self.traceback: list[str] = redact(list(traceback))
        self.inputs: Mapping[str, Any] = redact(dict(inputs or {}))
        self.node_errors: Mapping[str, Any] = redact(dict(node_errors or {}))
        self.raw: Mapping[str, Any] = redact(dict(raw or {}))

    def _line(self) -> str:
        where = f" in node {self.node_id}" if self.node_id else ""
        where += f" ({self.node_class})" if self.node_class else ""
        what = f"{self.exception_type}: {self.message}" if self.exception_type else self.message
        reasons = list(node_reasons(self.node_errors))
        if reasons:
            what = f"{what.rstrip('.')}: {'; '.join(reasons)}"
        return f"job {self.job_id} failed{where}: {one_line(what, LONGEST_LINE)}"


class JobCancelled(ComfyCloudError):
    """A job was cancelled before it finished."""

    def __init__(self, message: str = "", *, job_id: str) -> None:
        super().__init__(message or f"job {job_id} was cancelled")
        self.job_id = clean(job_id)


class TaskFailed(ComfyCloudError):
    """A background task of the service ended without a result. `status` is failed or cancelled."""

    def __init__(self, message: str, *, task_id: str, status: str = "failed") -> None:
        super().__init__(message)
        self.task_id = clean(task_id)
        self.status = clean(status)

    def _line(self) -> str:
        message = one_line(self.message, LONGEST_LINE)
        return f"task {self.task_id} {self.status}: {message}{self._context()}"


class WaitTimeout(ComfyCloudError, TimeoutError):
    """A job did not finish within the time given. It is still running.

    `timeout` is in seconds. `status` is the last status seen, or None.
    """

    def __init__(
        self,
        message: str = "",
        *,
        job_id: str | None = None,
        timeout: float | None = None,
        status: str | None = None,
    ) -> None:
        limit = "in time" if timeout is None else f"within {timeout:g} s"
        super().__init__(
            message or f"job {job_id} was not finished {limit} (last status: {status or 'unknown'})"
        )
        self.job_id = None if job_id is None else clean(job_id)
        self.timeout = timeout
        self.status = None if status is None else clean(status)


class ConfigurationError(ComfyCloudError, ValueError):
    """An argument, variable or profile setting is not valid; the message names the fix."""


class ComfyCloudWarning(UserWarning):
    """Something works, but not as requested: a fallback is in use, or something was left out."""


# Tracebacks and pickles name the module that users import from.
for _class in list(globals().values()):
    if isinstance(_class, type) and issubclass(_class, (ComfyCloudError, ComfyCloudWarning)):
        _class.__module__ = "comfy_cloud.errors"
