"""Every exception of the library, and how an answer of a server becomes one.

    ComfyCloudError
    ├── ApiError                    the server answered with an error status
    │   ├── BadRequest              400, 422
    │   │   └── InvalidWorkflow     400 about the graph; `node_errors` says which nodes
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
    ├── RequestTimeout              no answer in time (also a TimeoutError)
    ├── UnexpectedResponse          an answer that is not what the operation promises
    ├── SubmissionUncertain         a workflow may or may not have been submitted
    ├── JobFailed                   the job ended with an error
    ├── JobCancelled                the job was cancelled
    ├── TaskFailed                  a background task, such as an import, failed or was cancelled
    ├── WaitTimeout                 a job or task was not finished in time (also a TimeoutError)
    └── ConfigurationError          an argument or setting cannot be used (also a ValueError)

    ComfyCloudWarning               not an error: something was done in a lesser way (a UserWarning)

Every exception can be pickled and copied, and redacts what looks like a secret when it is made. This module does not
decide on retries, does not import the HTTP library, and reads no clock.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ._errors.bodies import ErrorBody, decode_json, job_error_fields, node_reasons
from ._errors.redaction import clean, one_line, redact, redact_text
from ._errors.types import BUSY_TYPES, RATE_LIMIT_TYPES, WORKFLOW_TYPES, is_billing
from .times import parse_instant, retry_after_seconds

if TYPE_CHECKING:
    from datetime import datetime

__all__ = [
    "ApiError",
    "BadRequest",
    "ComfyCloudError",
    "ComfyCloudWarning",
    "ConfigurationError",
    "Conflict",
    "ConnectionFailed",
    "Forbidden",
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

# The most characters of a message, and of a quoted body or header, that an exception shows.
LONGEST_LINE = 500
LONGEST_EXCERPT = 200

_REQUEST_ID_HEADERS = ("x-request-id", "request-id", "x-cloud-trace-context", "cf-ray")


class ComfyCloudError(Exception):
    """The base of every exception this library raises.

    `message` says what happened, on its own. `attempts` holds the errors of the earlier tries of the same call, oldest
    first; whoever retries attaches them. `was_sent` is False when the request surely never reached the server.
    """

    was_sent = True

    def __init__(self, message: str) -> None:
        self.message = clean(message)
        self.attempts: tuple[Exception, ...] = ()
        super().__init__(self.message)

    def __str__(self) -> str:
        # What the server sent is shown in a terminal: no control characters, no line breaks.
        return one_line(self._line(), 2 * LONGEST_LINE)

    def _line(self) -> str:
        return one_line(self.message, LONGEST_LINE) + self._context()

    def _context(self) -> str:
        return f" ({len(self.attempts) + 1} attempts)" if self.attempts else ""

    def __reduce__(self) -> tuple[Any, ...]:
        # The default would call the class with `args`, which keyword-only arguments do not survive.
        return _restore, (type(self), self.args, self.__dict__.copy())


class ApiError(ComfyCloudError):
    """The server answered with an error status.

    `status` is the HTTP status and `code` the server's word for the error, such as "QUEUE_LIMIT", or None; a billing
    refusal that came without a word has "PAYMENT_REQUIRED". `message` and `details` are the server's. `retry_after` is
    in seconds, or None. `node_errors` maps node id -> what is wrong with it and is empty unless the graph was refused.
    `body` holds the raw bytes of the answer, without secrets, and `content_type` what they were said to be, or None.
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
    """The server refused the request as malformed or not acceptable (400, 422)."""


class InvalidWorkflow(BadRequest):
    """The server refused the graph (400). `node_errors` says what is wrong with which node, if the server knew."""


class Unauthorized(ApiError):
    """The API key is missing, wrong, or of a kind that this operation does not take (401)."""


class PaymentRequired(ApiError):
    """The account's plan, subscription or credits do not cover this (402, or 429 with a billing type). Never retried."""


class Forbidden(ApiError):
    """The account may not do this (403)."""


class NotFound(ApiError, LookupError):
    """There is no such thing, or it belongs to somebody else (404), or it is gone for good (410)."""


class Conflict(ApiError):
    """The request clashes with the present state, such as an asset in use or a file that exists (409)."""


class PayloadTooLarge(ApiError):
    """The file or graph is larger than the server takes (413)."""


class RateLimited(ApiError):
    """Too many requests, a full queue, or a busy service (429). `retry_after` says in seconds when to return."""


class ServerError(ApiError):
    """The server, or something in front of it, failed (500 to 599)."""


class NotSupported(ComfyCloudError):
    """The server has no such operation, as a self-hosted ComfyUI lacks many.

    `operation` is its name, `method` and `path` its HTTP call; `status` is the HTTP status that told, or None.
    """

    def __init__(
        self, operation: str, *, method: str = "", path: str = "", status: int | None = None
    ) -> None:
        call = f" ({method} {path})" if path else ""
        super().__init__(f"this server does not have the operation {operation}{call}")
        self.operation = operation
        self.method = method
        self.path = redact_text(path)
        self.status = status


class ConnectionFailed(ComfyCloudError, ConnectionError):
    """No connection could be made, or it broke off before the answer was complete."""


class RequestTimeout(ComfyCloudError, TimeoutError):
    """The server did not answer a request in time. For a job that takes long see WaitTimeout."""


class UnexpectedResponse(ComfyCloudError):
    """The server answered, but not with what the operation promises: a web page, say, or broken JSON.

    `status` and `content_type` are the answer's; `excerpt` is the beginning of its body as text.
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
        self.content_type = content_type
        self.excerpt = one_line(
            clean(bytes(body[: 4 * LONGEST_EXCERPT]).decode("utf-8", "replace")), LONGEST_EXCERPT
        )
        self.method = method
        self.path = redact_text(path)


class SubmissionUncertain(ComfyCloudError):
    """A workflow was sent, but whether a job came of it is unknown; sending again could be charged twice.

    `nonce` marks the submission in `extra_data`; `evidence` holds what was tried and seen.
    """

    def __init__(
        self, message: str, *, nonce: str | None = None, evidence: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(message)
        self.nonce = nonce
        self.evidence: Mapping[str, Any] = redact(dict(evidence or {}))


class JobFailed(ComfyCloudError):
    """A job ended with an error.

    `node_id`, `node_class`, `exception_type` are None when the failure was not inside a node. `traceback` holds the
    server's lines, `inputs` the node's inputs and `raw` the whole record, both redacted. `node_errors` is filled when
    the graph was refused after it had been queued.
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
        self.job_id = job_id
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
        self.job_id = job_id


class TaskFailed(ComfyCloudError):
    """A background task of the service ended without a result. `status` is failed or cancelled."""

    def __init__(self, message: str, *, task_id: str, status: str = "failed") -> None:
        super().__init__(message)
        self.task_id = clean(task_id)
        self.status = status

    def _line(self) -> str:
        return f"task {self.task_id} {self.status}: {one_line(self.message, LONGEST_LINE)}{self._context()}"


class WaitTimeout(ComfyCloudError, TimeoutError):
    """A job was not finished within the time given; it still runs. `timeout` is in seconds, `status` the last seen."""

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
        self.job_id = job_id
        self.timeout = timeout
        self.status = status


class ConfigurationError(ComfyCloudError, ValueError):
    """An argument, environment variable or profile setting cannot be used; the message names the fix."""


_BY_STATUS: dict[int, type[ApiError]] = {
    400: BadRequest,
    401: Unauthorized,
    402: PaymentRequired,
    403: Forbidden,
    404: NotFound,
    409: Conflict,
    410: NotFound,
    413: PayloadTooLarge,
    422: BadRequest,
    429: RateLimited,
}


def error_from_response(
    *,
    status: int,
    headers: Mapping[str, str],
    body: bytes,
    method: str,
    path: str,
    now: datetime | None = None,
) -> ApiError:
    """The exception for an answer with an error status, whatever its body; returned, not raised.

    `now` is the instant from which a Retry-After date counts; without it the answer's own Date header serves. The body
    may be any of the shapes that servers send: nested or flat JSON, a bare string, plain text, a web page, nothing.
    A message that cannot be found there is the phrase of the status. Never raises.
    """
    fields = {
        name.lower(): value
        for name, value in headers.items()
        if isinstance(name, str) and isinstance(value, str)
    }
    wait = fields.get("retry-after")
    if wait is not None and now is None:
        now = parse_instant(fields.get("date"))
    text = body.decode("utf-8", "replace").lstrip("\ufeff").strip()
    found = ErrorBody(decode_json(text), status)
    code = found.code
    error_class = _class_for(status, found)
    if error_class is PaymentRequired and (code is None or code.upper() in RATE_LIMIT_TYPES):
        code = "PAYMENT_REQUIRED"
    return error_class(
        found.message,
        status=status,
        code=code,
        details=found.details,
        retry_after=retry_after_seconds(wait, now),
        request_id=request_id_of(fields),
        method=method,
        path=path,
        body=body,
        content_type=fields.get("content-type") or None,
        node_errors=found.node_errors,
    )


def request_id_of(headers: Mapping[str, str]) -> str | None:
    """The id under which the server knows a request, from whichever header holds it (names in lower case)."""
    return next((headers[name][:LONGEST_EXCERPT] for name in _REQUEST_ID_HEADERS if headers.get(name)), None)


def job_failed_from(job_id: str, execution_error: object) -> JobFailed:
    """The exception for a failed job, from the record the server keeps of its error.

    `execution_error` is the `execution_error` object (of a job, a history message or a websocket event), the same as
    JSON text, or plain text. A graph that was refused only after it had been queued comes with the refusal embedded in
    the text of the message; its reasons and node errors are taken out. Never raises.
    """
    return JobFailed(job_id=job_id, **job_error_fields(execution_error))


def _class_for(status: int, found: ErrorBody) -> type[ApiError]:
    if status in (402, 429):
        if (found.code or "").upper() in BUSY_TYPES:
            return RateLimited
        return PaymentRequired if status == 402 or is_billing(found.code, found.message) else RateLimited
    if status == 400 and (found.node_errors or found.code in WORKFLOW_TYPES):
        return InvalidWorkflow
    return ServerError if 500 <= status <= 599 else _BY_STATUS.get(status, ApiError)


def _restore(
    error_class: type[ComfyCloudError], args: tuple[Any, ...], state: dict[str, Any]
) -> ComfyCloudError:
    error = error_class.__new__(error_class)
    error.args = args
    error.__dict__.update(state)
    return error


class ComfyCloudWarning(UserWarning):
    """Something works, but not the way that was asked for: a substitute is in use, or a part was dropped."""
