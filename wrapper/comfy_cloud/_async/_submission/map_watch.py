"""The jobs of one `cloud.map` that are under way: each is read when it is time for it, and what the websocket tells of them is
passed on. As in `watching`, only the API says when a job has ended.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING

from ..._http.concurrency import Halt, async_run_concurrently
from ..._jobs.events import ENDINGS, Event, JobSubmitted, Notification
from ..._jobs.polling import MISSING_FOR
from ..._jobs.states import JobStatus
from ..._submission.journal import End
from ..._submission.options import holds_for_all
from ...errors import ComfyCloudError, Forbidden, NotFound, WaitTimeout
from .._jobs.job import AsyncJob
from .._jobs.watch import ON_THEIR_WAY, AsyncJobWatch, AsyncLive, ending_of, is_about, start_of
from .map_result import AsyncMapResult
from .map_variant import AsyncMapNotes, AsyncVariant, MapOptions

if TYPE_CHECKING:
    from ..client import AsyncComfyCloud

# So many jobs are read side by side at the most.
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
        cloud: AsyncComfyCloud,
        live: AsyncLive,
        how: MapOptions,
        notes: AsyncMapNotes,
        ready: deque[AsyncMapResult],
    ) -> None:
        self._runtime = cloud._runtime
        self._live = live
        self._how = how
        self._notes = notes
        self._ready = ready
        self._at_work: str | None = None  # the job that the websocket spoke of last
        self.variants: dict[str, AsyncVariant] = {}

    @property
    def at_work(self) -> list[AsyncVariant]:
        """Those whose job may still run, as far as is known."""
        return [variant for variant in self.variants.values() if variant.known_end is None]

    def add(self, variant: AsyncVariant, job: AsyncJob) -> None:
        """Watch the job of a variant from now on."""
        now = self._runtime.monotonic()
        # What has ended before is not late in any list: it is there, or it is gone.
        watch = AsyncJobWatch(job, MISSING_FOR if variant.known_end is None else 0.0)
        variant.job, variant.watch = job, watch
        variant.due = now
        if not variant.from_journal:
            variant.due += watch.patience.interval(now, self._live.is_live, self._runtime.random)
        if self._how.timeout is not None and variant.known_end is None:
            variant.deadline = now + self._how.timeout
            variant.due = min(variant.due, variant.deadline)
        self.variants[job.id] = variant
        if variant.known_end is None:
            self._tell(JobSubmitted(type="job_submitted", job_id=job.id, index=variant.index))

    async def look(self) -> None:
        """Read the jobs whose time has come."""
        now = self._runtime.monotonic()
        due = [variant for variant in self.variants.values() if variant.due <= now]
        if len(due) == 1:
            await self._read(due[0])
        elif due:
            await async_run_concurrently([partial(self._read, variant) for variant in due], READ_AT_ONCE)
        for variant in due:
            await self._heed(variant)

    async def wait(self, head: AsyncVariant | None) -> None:
        """Wait until something is due, `head` included, or the websocket tells something."""
        instants = [variant.due for variant in (*self.variants.values(), *([head] if head else []))]
        event = await self._live.receive(max(0.0, min(instants) - self._runtime.monotonic()))
        if self._live.take_reconnected():
            now = self._runtime.monotonic()
            for variant in self.variants.values():
                variant.due = min(variant.due, now)
        self._hear(event)

    async def _read(self, variant: AsyncVariant, halt: Halt | None = None) -> None:
        """Read the job of a variant. Nothing but reading: it may happen in a thread."""
        assert variant.watch is not None  # noqa: S101 - it has a job
        variant.changed = variant.failure = None
        try:
            variant.changed = await variant.watch.look()
        except ComfyCloudError as error:
            variant.failure = error

    async def _heed(self, variant: AsyncVariant) -> None:
        """Decide what a look means: the job has ended, is too late, cannot be read, or goes on."""
        job, watch = variant.job, variant.watch
        assert job is not None and watch is not None  # noqa: S101, PT018 - it was looked at
        if variant.failure is not None:
            await self._give_up(variant, job, variant.failure)
            return
        if variant.changed is not None and variant.known_end is None:
            self._tell(variant.changed)
            if job.status is JobStatus.IN_PROGRESS and not variant.repeats.is_repeat(start := start_of(job)):
                self._tell(start)
        now = self._runtime.monotonic()
        if job.status.is_terminal and watch.patience.status is job.status:
            await self._finish(variant, job)
        elif variant.deadline is not None and now >= variant.deadline:
            late = WaitTimeout(job_id=job.id, timeout=self._how.timeout, status=job.status.value)
            self._give_out(variant, job, late)
        else:
            variant.due = now + watch.patience.interval(now, self._live.is_live, self._runtime.random)
            if variant.deadline is not None:
                variant.due = min(variant.due, variant.deadline)

    async def _finish(self, variant: AsyncVariant, job: AsyncJob) -> None:
        if variant.known_end is None:
            until = self._runtime.monotonic() + ON_THEIR_WAY
            while variant.ending is None and self._live.is_live and self._runtime.monotonic() < until:
                self._hear(await self._live.receive(until - self._runtime.monotonic()))
            self._tell(ending_of(job, variant.ending))
            await self._notes.ended(variant.nonce, _ENDS[job.status])
        self._give_out(variant, job, job._why_not_completed())

    async def _give_up(self, variant: AsyncVariant, job: AsyncJob, error: ComfyCloudError) -> None:
        """A job that cannot be read: it is gone, the service is down for too long, or the account may not."""
        why: ComfyCloudError | None = error
        if isinstance(error, NotFound):
            if variant.known_end is None:
                await self._notes.ended(variant.nonce, "gone")
            elif variant.known_end in STATUS_OF_END:
                why = job._why_not_completed()  # what the journal says of its end still holds
        elif holds_for_all(error) and not isinstance(error, Forbidden):  # which may be about this very job
            self._notes.stop(error)
        self._give_out(variant, job, why)

    def _give_out(self, variant: AsyncVariant, job: AsyncJob, error: ComfyCloudError | None) -> None:
        self._ready.append(variant.result(error))
        del self.variants[job.id]

    def _hear(self, event: Event | None) -> None:
        """Pass on an event of the websocket, when it is about a job of this map."""
        if event is None:
            return
        if isinstance(event, Notification) and event.job_id is None:
            self._tell(event)  # a line for everybody
            return
        self._at_work = event.job_id or self._at_work
        variant = self.variants.get(event.job_id or self._at_work or "")
        if variant is None or variant.job is None or variant.watch is None:
            return
        if not is_about(event, variant.job.id, self._at_work):
            return
        if not isinstance(event, ENDINGS):
            if not variant.repeats.is_repeat(event):
                self._tell(event)
        elif variant.ending is None:
            # Not told yet: whoever hears of the end shall find the outputs there.
            variant.ending = event
            now = self._runtime.monotonic()
            variant.watch.patience.ended(now)
            variant.due = min(variant.due, now)

    def _tell(self, event: Event) -> None:
        if self._how.on_event is not None:
            self._how.on_event(event)
