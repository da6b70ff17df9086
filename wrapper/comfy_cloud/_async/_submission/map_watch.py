"""The running jobs of one `cloud.map`: each is polled when it is due, and websocket events about them are passed on.

As in `_jobs.watch`, only the API says when a job has ended.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from functools import partial

from ..._http.runtime import Halt, async_run_side_by_side
from ..._jobs.events import ENDINGS, Event, JobSubmitted, Notification
from ..._jobs.polling import MISSING_FOR
from ..._jobs.states import JobStatus
from ..._submission.journal_records import End
from ..._submission.submit_errors import concerns_all_submissions
from ...errors import ComfyCloudError, Forbidden, NotFound, WaitTimeout
from .._jobs.job_operations import AsyncJobOperations
from .._jobs.job_state import AsyncJobState
from .._jobs.live import AsyncLive
from .._jobs.watch import LATE_MESSAGES, AsyncJobWatch, ending_of, is_about, start_of
from .map_result import AsyncMapResult
from .map_variant import AsyncMapNotes, AsyncVariant, MapOptions

# The most jobs that are read at the same time.
READ_AT_ONCE = 8

_ENDS: Mapping[JobStatus, End] = {
    JobStatus.COMPLETED: "completed",
    JobStatus.FAILED: "failed",
    JobStatus.CANCELLED: "cancelled",
}
# How a job stands by what a journal says of its end; what is not there has to be read.
STATUS_OF_END: Mapping[End | None, JobStatus] = {end: status for status, end in _ENDS.items()}


class AsyncMapWatcher:
    """What is under way. `variants` are by the id of their job; their results go to `ready`."""

    def __init__(
        self,
        operations: AsyncJobOperations,
        live: AsyncLive,
        how: MapOptions,
        notes: AsyncMapNotes,
        ready: deque[AsyncMapResult],
    ) -> None:
        self._operations = operations
        self._session = operations.session
        self._runtime = operations.session.runtime
        self._live = live
        self._how = how
        self._notes = notes
        self._ready = ready
        self._current: str | None = None  # the job of the last message that named one
        self.variants: dict[str, AsyncVariant] = {}

    @property
    def at_work(self) -> list[AsyncVariant]:
        """Those whose job may still run, as far as is known."""
        return [variant for variant in self.variants.values() if variant.known_end is None]

    def add(self, variant: AsyncVariant, job: AsyncJobState) -> None:
        """Watch the job of a variant from now on."""
        now = self._runtime.monotonic()
        # What has ended before is not late in any list: it is there, or it is gone.
        watch = AsyncJobWatch(self._session, job, MISSING_FOR if variant.known_end is None else 0.0)
        variant.job, variant.watch = job, watch
        variant.due = now
        if not variant.from_journal:
            variant.due += watch.patience.interval(now, self._live.is_live, self._runtime.random)
        if self._how.timeout is not None and variant.known_end is None:
            variant.deadline = now + self._how.timeout
            variant.due = min(variant.due, variant.deadline)
        self.variants[job.id] = variant
        if variant.known_end is None:
            self._emit(JobSubmitted(type="job_submitted", job_id=job.id, index=variant.index))

    async def poll(self) -> None:
        """Read the jobs whose time has come."""
        now = self._runtime.monotonic()
        due = [variant for variant in self.variants.values() if variant.due <= now]
        if len(due) == 1:
            await self._read(due[0])
        elif due:
            await async_run_side_by_side([partial(self._read, variant) for variant in due], READ_AT_ONCE)
        for variant in due:
            await self._handle(variant)

    async def wait(self, head: AsyncVariant | None) -> None:
        """Wait until something is due, `head` included, or the websocket tells something."""
        instants = [variant.due for variant in (*self.variants.values(), *([head] if head else []))]
        event = await self._live.receive(max(0.0, min(instants) - self._runtime.monotonic()))
        if self._live.take_reconnected():
            now = self._runtime.monotonic()
            for variant in self.variants.values():
                variant.due = min(variant.due, now)
        self._receive(event)

    async def _read(self, variant: AsyncVariant, halt: Halt | None = None) -> None:
        """Read the job of a variant. Nothing but reading: it may happen in a thread."""
        assert variant.watch is not None  # noqa: S101 - it has a job
        variant.changed = variant.failure = None
        try:
            variant.changed = await variant.watch.poll()
        except ComfyCloudError as error:
            variant.failure = error

    async def _handle(self, variant: AsyncVariant) -> None:
        """Decide what a poll means: the job has ended, is too late, cannot be read, or still runs."""
        job, watch = variant.job, variant.watch
        assert job is not None and watch is not None  # noqa: S101, PT018 - it was polled
        if variant.failure is not None:
            await self._give_up(variant, job, variant.failure)
            return
        if variant.changed is not None and variant.known_end is None:
            self._emit(variant.changed)
            if job.status is JobStatus.IN_PROGRESS and not variant.repeats.is_repeat(start := start_of(job)):
                self._emit(start)
        now = self._runtime.monotonic()
        if job.status.is_terminal and watch.patience.status is job.status:
            await self._finish(variant, job)
        elif variant.deadline is not None and now >= variant.deadline:
            late = WaitTimeout(job_id=job.id, timeout=self._how.timeout, status=job.status.value)
            self._deliver(variant, job, late)
        else:
            variant.due = now + watch.patience.interval(now, self._live.is_live, self._runtime.random)
            if variant.deadline is not None:
                variant.due = min(variant.due, variant.deadline)

    async def _finish(self, variant: AsyncVariant, job: AsyncJobState) -> None:
        if variant.known_end is None:
            until = self._runtime.monotonic() + LATE_MESSAGES
            while variant.ending is None and self._live.is_live and self._runtime.monotonic() < until:
                self._receive(await self._live.receive(until - self._runtime.monotonic()))
            self._emit(ending_of(job, variant.ending))
            await self._notes.ended(variant.nonce, _ENDS[job.status])
        self._deliver(variant, job, job.failure)

    async def _give_up(self, variant: AsyncVariant, job: AsyncJobState, error: ComfyCloudError) -> None:
        """A job that cannot be read: it is gone, the service is down for too long, or the account may not."""
        why: ComfyCloudError | None = error
        if isinstance(error, NotFound):
            if variant.known_end is None:
                await self._notes.ended(variant.nonce, "gone")
            elif variant.known_end in STATUS_OF_END:
                why = job.failure  # what the journal says of its end still holds
        elif concerns_all_submissions(error) and not isinstance(
            error, Forbidden
        ):  # which may be about this very job
            self._notes.stop(error)
        self._deliver(variant, job, why)

    def _deliver(self, variant: AsyncVariant, job: AsyncJobState, error: ComfyCloudError | None) -> None:
        self._ready.append(variant.result(self._operations, error))
        del self.variants[job.id]

    def _receive(self, event: Event | None) -> None:
        """Pass on an event of the websocket, when it is about a job of this map."""
        if event is None:
            return
        if isinstance(event, Notification) and event.job_id is None:
            self._emit(event)  # a line for everybody
            return
        self._current = event.job_id or self._current
        variant = self.variants.get(event.job_id or self._current or "")
        if variant is None or variant.job is None or variant.watch is None:
            return
        if not is_about(event, variant.job.id, self._current):
            return
        if not isinstance(event, ENDINGS):
            if not variant.repeats.is_repeat(event):
                self._emit(event)
        elif variant.ending is None:
            # Held back: whoever receives the end must find the outputs there.
            variant.ending = event
            now = self._runtime.monotonic()
            variant.watch.patience.ended(now)
            variant.due = min(variant.due, now)

    def _emit(self, event: Event) -> None:
        if self._how.on_event is not None:
            self._how.on_event(event)
