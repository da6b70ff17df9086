"""What `tracing=` of a client takes: an object that is told of calls and jobs while they go on.

`comfy_cloud.integrations.otel.OpenTelemetry` is one. Its methods are called in the thread or task
that makes the call, and an error that they raise ends the call.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from ._late_names import names_imported_late
from .hooks import ResponseInfo

if TYPE_CHECKING:
    from ._jobs.events import Event
    from ._jobs.states import JobStatus


@dataclass(frozen=True, slots=True)
class CallInfo:
    """A call, with all its attempts.

    `operation`, `method` and `path` are as in `RequestInfo`. `url` is the address that is called,
    without user, password, query and fragment.
    """

    operation: str
    method: str
    path: str
    url: str


@names_imported_late(JobStatus="._jobs.states")
class TracedJob(Protocol):
    """What is known of a job that is traced.

    `entry` is what the server last said of it, and `failure` the error of a job that did not
    complete. `node_classes` are the classes of the nodes that were submitted, by node id.
    """

    id: str
    node_classes: dict[str, str]

    @property
    def status(self) -> JobStatus:
        """The status as last read."""
        ...

    @property
    def entry(self) -> Any:
        """The entry of the history or of a list; None before the first read."""
        ...

    @property
    def failure(self) -> Exception | None:
        """The error of a job that failed or was cancelled."""
        ...


class CallTrace(Protocol):
    """One call, until its context ends. An error of the call leaves the context."""

    def attempt(self, info: ResponseInfo) -> None:
        """One attempt has ended."""
        ...


@names_imported_late(Event="._jobs.events")
class JobTrace(Protocol):
    """One job, from its submission to its end."""

    def current(self) -> AbstractContextManager[object]:
        """While it lasts, calls belong to this job."""
        ...

    def event(self, event: Event, job: TracedJob) -> None:
        """Something happened to the job."""
        ...

    def end(self, job: TracedJob | None, error: BaseException | None = None) -> None:
        """The job has ended, or is not followed any more because of `error`. Later calls are void.

        Without a job, it was not submitted.
        """
        ...


class Tracing(Protocol):
    """Is told of the calls and jobs of a client."""

    def call(self, info: CallInfo) -> AbstractContextManager[CallTrace]:
        """A call begins, and lasts as long as the context."""
        ...

    def job(self) -> JobTrace:
        """A job is about to be submitted."""
        ...
