# Made from wrapper/comfy_cloud/_async/_submission/map_watch.py by `make unasync`. Do not edit.
"""The running jobs of one `cloud.map`: each is polled when due, and their events are passed on.

As in `_jobs.watch`, the API alone decides when a job has ended.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from contextlib import nullcontext
from functools import partial

from ..._http.concurrency import Halt, run_concurrently
from ..._http.deadlines import Deadline
from ..._jobs.events import ENDINGS, Event, JobChanged, JobSubmitted, Notification
from ..._jobs.polling import MISSING_FOR
from ..._jobs.states import JobStatus
from ..._submission.journal_records import End
from ..._submission.submit_errors import concerns_all_submissions
from ..._workflows.graph import classes_of
from ...errors import ComfyCloudError, Forbidden, NotFound, WaitTimeout
from .._jobs.job_live import JobLive
from .._jobs.job_operations import JobOperations
from .._jobs.job_state import JobState
from .._jobs.watch import (
    LATE_MESSAGES_SECONDS,
    JobWatch,
    end_event,
    is_about,
    is_idle,
    is_news,
    start_event,
)
from .map_result import MapResult
from .map_variant import MapOptions, MapRecord, Variant

# How many jobs are read at the same time.
CONCURRENT_READS = 8

_ENDS: Mapping[JobStatus, End] = {
    JobStatus.COMPLETED: "completed",
    JobStatus.FAILED: "failed",
    JobStatus.CANCELLED: "cancelled",
}
# The status of a job by the end that a journal has for it. Jobs with other ends must be read.
STATUS_OF_END: Mapping[End | None, JobStatus] = {end: status for status, end in _ENDS.items()}


class MapWatcher:
    """Watches the jobs of `variants`, by job id. Their results are appended to `ready`."""

    def __init__(
        self,
        operations: JobOperations,
        live: JobLive,
        options: MapOptions,
        record: MapRecord,
        ready: deque[MapResult],
    ) -> None:
        self._operations = operations
        self._session = operations.session
        self._runtime = operations.session.runtime
        self._live = live
        self._options = options
        self._record = record
        self._ready = ready
        self._current: str | None = None  # the job that a message last named
        self.variants: dict[str, Variant] = {}

    @property
    def active(self) -> list[Variant]:
        """The variants whose job may still be running."""
        return [variant for variant in self.variants.values() if variant.recorded_end is None]

    @property
    def _earliest_deadline(self) -> float | None:
        deadlines = [each.deadline for each in self.variants.values() if each.deadline is not None]
        return min(deadlines, default=None)

    def add(self, variant: Variant, job: JobState) -> None:
        """Watch the job of a variant from now on."""
        now = self._runtime.monotonic()
        # A job that ended in an earlier call cannot be missing from the lists just for being new.
        is_new = variant.recorded_end is None
        polls = self._live.polls if is_new else None
        watch = JobWatch(self._session, job, MISSING_FOR if is_new else 0.0, polls)
        variant.job, variant.watch = job, watch
        variant.due = now
        # A job that another call has submitted, with the same key, may have ended long ago.
        is_ours = variant.submission is None or variant.submission.is_ours
        if is_ours and not variant.from_journal:
            variant.due += watch.poll_state.interval(now, self._live.is_live(job.id), self._runtime.random)
        if self._options.timeout is not None and variant.recorded_end is None:
            variant.deadline = now + self._options.timeout
            variant.due = min(variant.due, variant.deadline)
        self.variants[job.id] = variant
        if variant.recorded_end is None:
            if self._session.tracing is not None:
                job.trace = self._session.tracing.job()
                if variant.submission is not None:
                    job.node_classes = classes_of(variant.submission.body["prompt"])
            self._live.follow(job.id)
            self._emit(JobSubmitted(type="job_submitted", job_id=job.id, index=variant.index))

    def end_traces(self) -> None:
        """End the traces of the jobs that are not watched any more."""
        for variant in self.variants.values():
            if variant.job is not None and variant.job.trace is not None:
                variant.job.trace.end(variant.job)

    def poll(self) -> None:
        """Read the jobs that are due."""
        now = self._runtime.monotonic()
        due = [variant for variant in self.variants.values() if variant.due <= now]
        if len(due) == 1:
            self._read(due[0])
        elif due:
            run_concurrently([partial(self._read, variant) for variant in due], CONCURRENT_READS)
        for variant in due:
            self._handle(variant)

    def wait(self, submitting: Variant | None) -> None:
        """Wait until a variant is due, `submitting` included, or a live event arrives."""
        variants = [*self.variants.values(), *([submitting] if submitting else [])]
        next_due = min(variant.due for variant in variants)
        self._live.deadline = self._earliest_deadline
        event = self._live.receive(max(0.0, next_due - self._runtime.monotonic()))
        if self._live.take_reconnected():
            now = self._runtime.monotonic()
            for variant in self.variants.values():
                variant.due = min(variant.due, now)
        self._receive(event)

    def _read(self, variant: Variant, halt: Halt | None = None) -> None:
        """Read the job of a variant, and nothing else: this may run in a thread."""
        assert variant.watch is not None  # noqa: S101 - it has a job
        variant.change = variant.failure = None
        try:
            # The jobs are read together, so that none is late because another one cannot be read.
            trace = None if variant.job is None else variant.job.trace
            with (
                nullcontext() if trace is None else trace.current(),
                Deadline.for_request(self._runtime.monotonic, self._earliest_deadline),
            ):
                variant.change = variant.watch.poll()
        except ComfyCloudError as error:
            variant.failure = error

    def _handle(self, variant: Variant) -> None:
        """Handle a poll: the job has ended, is too late, cannot be read, or is still running."""
        job, watch = variant.job, variant.watch
        assert job is not None and watch is not None  # noqa: S101, PT018 - it was polled
        if variant.failure is not None:
            self._give_up(variant, job, variant.failure)
            return
        if variant.change is not None and variant.recorded_end is None:
            self._emit(variant.change)
            if job.status is JobStatus.IN_PROGRESS and not variant.seen.is_repeat(start := start_event(job)):
                self._emit(start)
        now = self._runtime.monotonic()
        if job.status.is_terminal and watch.poll_state.status is job.status:
            self._finish(variant, job)
        elif variant.deadline is not None and now >= variant.deadline:
            error = WaitTimeout(job_id=job.id, timeout=self._options.timeout, status=job.status.value)
            self._deliver(variant, job, error)
        else:
            variant.due = now + watch.poll_state.interval(
                now, self._live.is_live(job.id), self._runtime.random
            )
            if variant.deadline is not None:
                variant.due = min(variant.due, variant.deadline)

    def _finish(self, variant: Variant, job: JobState) -> None:
        if variant.recorded_end is None:
            until = self._runtime.monotonic() + (0.0 if self._live.is_hint else LATE_MESSAGES_SECONDS)
            while variant.ending is None and self._live.is_live(job.id) and self._runtime.monotonic() < until:
                self._receive(self._live.receive(until - self._runtime.monotonic()))
            self._emit(end_event(job, variant.ending))
            self._record.ended(variant.nonce, _ENDS[job.status])
        self._deliver(variant, job, job.failure)

    def _give_up(self, variant: Variant, job: JobState, error: ComfyCloudError) -> None:
        """Handle a job that cannot be read: it is gone, the service is down, or access denied."""
        result: ComfyCloudError | None = error
        if isinstance(error, NotFound):
            if variant.recorded_end is None:
                self._record.ended(variant.nonce, "gone")
            elif variant.recorded_end in STATUS_OF_END:
                result = job.failure  # the end in the journal still holds
        elif concerns_all_submissions(error) and not isinstance(
            error, Forbidden
        ):  # may concern only this job
            self._record.stop(error)
        self._deliver(variant, job, result)

    def _deliver(self, variant: Variant, job: JobState, error: ComfyCloudError | None) -> None:
        if job.trace is not None:
            job.trace.end(job, error)
        self._ready.append(variant.result(self._operations, error))
        del self.variants[job.id]
        self._live.leave(job.id)

    def _receive(self, event: Event | None) -> None:
        """Pass on a live event if it is about a job of this map."""
        if event is None:
            return
        if isinstance(event, Notification) and event.job_id is None:
            self._emit(event)  # a message for everybody
            return
        self._current = event.job_id or self._current
        variant = self.variants.get(event.job_id or self._current or "")
        if variant is None or variant.job is None or variant.watch is None:
            return
        if not is_about(event, variant.job.id, self._current):
            return
        if isinstance(event, JobChanged):
            if is_news(event, variant.job):
                due = variant.watch.poll_state.hinted(self._runtime.monotonic(), event.status)
                variant.due = min(variant.due, due)
        elif not isinstance(event, ENDINGS):
            if not variant.seen.is_repeat(event):
                if is_idle(event):
                    due = variant.watch.poll_state.idle(self._runtime.monotonic())
                    variant.due = min(variant.due, due)
                self._emit(event)
        else:
            # Held back until the job is read: after its end event the outputs must be there.
            variant.ending = variant.ending or event
            now = self._runtime.monotonic()
            variant.due = min(variant.due, variant.watch.poll_state.ended(now))

    def _emit(self, event: Event) -> None:
        variant = self.variants.get(event.job_id or self._current or "")
        if variant is not None and variant.job is not None and variant.job.trace is not None:
            variant.job.trace.event(event, variant.job)
        if self._options.on_event is not None:
            self._options.on_event(event)
