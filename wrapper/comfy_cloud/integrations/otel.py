"""Spans of OpenTelemetry for calls, jobs and nodes (extra `otel`).

    from comfy_cloud import ComfyCloud
    from comfy_cloud.integrations.otel import OpenTelemetry

    cloud = ComfyCloud(tracing=OpenTelemetry())

Spans go where the program's own tracer provider sends them. They contain no key, no query, no
input of a workflow, and of an error only its class.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from .._errors.redaction import one_line, redact_text
from .._jobs.events import (
    Event,
    JobErrored,
    JobInterrupted,
    JobStarted,
    JobSubmitted,
    JobSucceeded,
    NodeExecuting,
    NodeFinished,
    NodesCached,
)
from .._version import __version__
from ..errors import ConfigurationError
from ..hooks import GENERAL_CALL, ResponseInfo
from ..tracing import CallInfo, TracedJob

try:
    from opentelemetry import trace
    from opentelemetry.trace import Span, SpanKind, Status, StatusCode
except ModuleNotFoundError as missing:
    if (missing.name or "").split(".")[0] != "opentelemetry":
        raise
    raise ConfigurationError(
        "comfy_cloud.integrations.otel needs the package opentelemetry-api: pip install 'comfy-cloud[otel]'"
    ) from None

if TYPE_CHECKING:
    from opentelemetry.trace import Tracer, TracerProvider

_ENDS = (JobSucceeded, JobErrored, JobInterrupted)
# An id or a class that a server sends; longer ones are cut.
_LONGEST = 200
_DEFAULT_PORTS = {"http": 80, "https": 443}


class OpenTelemetry:
    """What `tracing=` of a client takes. One can serve many clients, sync and async.

    Args:
        tracer_provider: Makes the spans; by default the global one, when the first span begins.
    """

    def __init__(self, tracer_provider: TracerProvider | None = None) -> None:
        self._provider = tracer_provider

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"

    @property
    def _tracer(self) -> Tracer:
        return trace.get_tracer("comfy_cloud", __version__, self._provider)

    @contextmanager
    def call(self, info: CallInfo) -> Iterator[_CallSpan]:
        """The span of one call, such as `GET /api/jobs/{job_id}`, with all its attempts.

        That of `cloud.request()` has the name of the method alone.
        """
        url = urlsplit(info.url)
        attributes: dict[str, Any] = {
            "http.request.method": info.method,
            "url.full": info.url,
            "server.address": url.hostname or "",
            "server.port": url.port or _DEFAULT_PORTS.get(url.scheme, 0),
            "comfy_cloud.operation": info.operation,
        }
        name = info.method
        if info.operation != GENERAL_CALL:  # else the path is not one of a few
            name = f"{info.method} {info.path}"
            attributes["url.template"] = info.path
        span = self._tracer.start_span(name, kind=SpanKind.CLIENT, attributes=attributes)
        with _used(span, ends=True):
            try:
                yield _CallSpan(span)
            except BaseException as error:
                _set_error(span, error)
                raise

    def job(self) -> _JobSpan:
        """The span of one job, from its submission to its end."""
        return _JobSpan(self._tracer)


class _CallSpan:
    """The span of a call that goes on."""

    def __init__(self, span: Span) -> None:
        self._span = span

    def attempt(self, info: ResponseInfo) -> None:
        """The status of the last attempt counts; one that is retried is an event."""
        span = self._span
        if info.status is not None:
            span.set_attribute("http.response.status_code", info.status)
        if info.request_id is not None:
            span.set_attribute("comfy_cloud.request_id", _short(info.request_id))
        if info.attempt > 1:
            span.set_attribute("http.request.resend_count", info.attempt - 1)
        if info.retry_in is not None:
            attributes: dict[str, Any] = {"comfy_cloud.retry.delay_seconds": info.retry_in}
            if info.error is not None:
                attributes["error.type"] = type(info.error).__name__
            span.add_event("retry", attributes)


class _Node:
    """One execution of a node."""

    def __init__(self, node_id: str) -> None:
        self.node_id = node_id
        self.begun = time.time_ns()
        self.ended: int | None = None


class _JobSpan:
    """The span of a job. Those of its nodes are made when it ends: then their classes are known.

    A job that nobody waits for keeps its span open until its handle is given up.
    """

    def __init__(self, tracer: Tracer) -> None:
        self._tracer = tracer
        self._span = tracer.start_span("comfy_cloud.job", kind=SpanKind.CLIENT)
        self._nodes: list[_Node] = []
        self._is_over = False

    def __del__(self) -> None:
        if not getattr(self, "_is_over", True):
            self._span.end()

    def current(self) -> AbstractContextManager[object]:
        """Calls meanwhile are children of the job."""
        return _used(self._span, ends=False)

    def event(self, event: Event, job: TracedJob) -> None:
        """Note when the job started, and when which node ran; end with the job."""
        match event:
            case _ if self._is_over:
                return
            case JobSubmitted():
                self._span.set_attribute("comfy_cloud.map.index", event.index)
            case JobStarted():
                self._span.add_event("started")
            case NodesCached() if event.nodes:
                self._span.set_attribute("comfy_cloud.job.cached_nodes", len(event.nodes))
            case NodeExecuting():
                self._end_node()
                if event.node_id is not None:
                    self._nodes.append(_Node(event.node_id))
            case NodeFinished():
                if self._nodes and self._nodes[-1].node_id == event.node_id:
                    self._end_node()
            case _ if isinstance(event, _ENDS):
                self.end(job)
            case _:
                pass

    def end(self, job: TracedJob | None, error: BaseException | None = None) -> None:
        """End the span, and those of its nodes. Only the first call counts."""
        if self._is_over:
            return
        self._is_over = True
        self._end_node()
        failure = error if job is None else job.failure or error
        if job is not None:
            self._describe(job)
        for node in self._nodes:
            self._make(node, job, failure)
        if failure is not None:
            _set_error(self._span, failure)
        self._span.end()

    def _end_node(self) -> None:
        if self._nodes and self._nodes[-1].ended is None:
            self._nodes[-1].ended = time.time_ns()

    def _describe(self, job: TracedJob) -> None:
        span = self._span
        span.set_attribute("comfy_cloud.job.id", _short(job.id))
        span.set_attribute("comfy_cloud.job.status", job.status.value)
        entry = job.entry
        if entry is None:
            return
        times = entry.created_at, entry.started_at, entry.finished_at
        for name, begun, ended in (("queue", *times[:2]), ("run", *times[1:])):
            if begun is not None and ended is not None:
                span.set_attribute(f"comfy_cloud.job.{name}_seconds", (ended - begun).total_seconds())

    def _make(self, node: _Node, job: TracedJob | None, failure: BaseException | None) -> None:
        node_class = "" if job is None else job.node_classes.get(node.node_id, "")
        attributes = {"comfy_cloud.node.id": _short(node.node_id)}
        if node_class:
            attributes["comfy_cloud.node.class"] = _short(node_class)
        span = self._tracer.start_span(
            f"comfy_cloud.node {_short(node_class)}".strip(),
            trace.set_span_in_context(self._span),
            attributes=attributes,
            start_time=node.begun,
        )
        if failure is not None and getattr(failure, "node_id", None) == node.node_id:
            _set_error(span, failure)
        span.end(node.ended)


def _used(span: Span, *, ends: bool) -> AbstractContextManager[object]:
    return trace.use_span(span, end_on_exit=ends, record_exception=False, set_status_on_exception=False)


def _set_error(span: Span, error: BaseException) -> None:
    """The class of an error and nothing else: its text may quote what a server said."""
    span.set_attribute("error.type", type(error).__name__)
    span.set_status(Status(StatusCode.ERROR))


def _short(text: str) -> str:
    return one_line(redact_text(text), _LONGEST)
