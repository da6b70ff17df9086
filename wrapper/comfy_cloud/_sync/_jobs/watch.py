# Made from wrapper/comfy_cloud/_async/_jobs/watch.py by `make unasync`. Do not edit.
"""Follow one job to its end: polling decides, live events inform.

A websocket, or a stream of API v2, that is refused, silent, dropped or full of nonsense only delays
the events. A job has ended when the API says so, which is polled regularly, after each reconnect,
and when a stream reports another state. `_jobs.polling` has
the intervals, `_jobs.events` the meaning of the messages.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Generator
from contextlib import closing, nullcontext
from dataclasses import replace

from ..._http.deadlines import Deadline
from ..._jobs.event_reader import SeenEvents
from ..._jobs.events import (
    ENDINGS,
    Event,
    FeatureFlags,
    JobChanged,
    JobErrored,
    JobInterrupted,
    JobStarted,
    JobSucceeded,
    NodeExecuting,
    Notification,
    QueueStatus,
    TaskProgress,
)
from ..._jobs.polling import ALONE_AFTER, MISSING_FOR, PollState
from ..._jobs.states import JobStatus
from ...errors import ComfyCloudError, WaitTimeout
from ...notices import warn
from ...retry import Retry
from .._http.session import Session
from .job_live import JobLive
from .job_state import JobState
from .shared_polls import SharedPolls

logger = logging.getLogger("comfy_cloud")

_ONCE = Retry.none()
# Seconds to wait for outstanding messages about a job that has ended.
LATE_MESSAGES_SECONDS = 0.3
_NOT_ABOUT_A_JOB = (QueueStatus, FeatureFlags, TaskProgress)


class JobWatch:
    """Polls one job, and reports changes from one poll to the next."""

    def __init__(
        self,
        session: Session,
        job: JobState,
        missing_for: float = MISSING_FOR,
        polls: SharedPolls | None = None,
    ) -> None:
        self._job = job
        self._polls = polls
        self._runtime = session.runtime
        self._reported: tuple[JobStatus, int | None] | None = None
        self._read_at = self._runtime.monotonic()  # by itself
        self.poll_state = PollState(self._runtime.monotonic(), session.settings.retry.budget, missing_for)

    def poll(self) -> JobChanged | None:
        """Read the job once; returns the change. Raises permanent errors, and long-lasting ones."""
        job = self._job
        try:
            self._read()
        except ComfyCloudError as error:
            if self.poll_state.failed(self._runtime.monotonic(), error):
                raise
            logger.info("job %s could not be read; polling again: %s", job.id, error)
            return None
        if self.poll_state.saw(self._runtime.monotonic(), job.status, job.raw_status):
            warn(
                f"job {job.id} has had an unknown status for minutes: {job.raw_status!r}. "
                "It is treated as running; a newer version of comfy-cloud may know this status"
            )
        current = (job.status, job.queue_position)
        if current == self._reported:
            return None
        self._reported = current
        return JobChanged(
            type="job_changed",
            job_id=job.id,
            status=job.status,
            queue_position=job.queue_position,
            queue_reason=job.queue_reason,
            raw=job.raw,
        )

    def _read(self) -> None:
        now = self._runtime.monotonic()
        tolerated = self.poll_state.tolerates(now)
        polls = self._polls if tolerated and now - self._read_at < ALONE_AFTER else None
        if polls is not None and polls.read(self._job, tolerated):
            return
        self._job.read(_ONCE)
        self._read_at = now


def watch(
    session: Session,
    job: JobState,
    live: JobLive,
    timeout: float | None = None,
    deadline: float | None = None,
) -> Generator[Event, None, None]:
    """The events of a job until its end; closes `live`. See `Job.events`.

    With a `deadline` on the client's monotonic clock, `timeout` is only for the message.
    """
    runtime = session.runtime
    job_watch = JobWatch(session, job, polls=live.polls)
    poll_state = job_watch.poll_state
    if deadline is None and timeout is not None:
        deadline = runtime.monotonic() + timeout
    live.deadline = deadline
    live.follow(job.id)
    next_poll = runtime.monotonic()
    seen = SeenEvents()
    ending: Event | None = None
    current: str | None = None  # the job that a message last named: some messages do not name theirs
    try:
        while True:
            now = runtime.monotonic()
            is_late = deadline is not None and now >= deadline
            if now >= next_poll or is_late:
                with Deadline.for_request(runtime.monotonic, deadline) as limit:
                    change = job_watch.poll()
                is_late = limit.is_over or (deadline is not None and runtime.monotonic() >= deadline)
                if change is not None:
                    yield change
                    if job.status is JobStatus.IN_PROGRESS:
                        start = start_event(job)
                        if not seen.is_repeat(start):
                            yield start
                if job.status.is_terminal and poll_state.status is job.status:
                    until = runtime.monotonic() + (0.0 if live.is_hint else LATE_MESSAGES_SECONDS)
                    while ending is None and live.is_live(job.id) and runtime.monotonic() < until:
                        event = live.receive(until - runtime.monotonic())
                        if event is None or not is_about(event, job.id, event.job_id or current):
                            continue
                        if isinstance(event, ENDINGS):
                            ending = event
                        elif not isinstance(event, JobChanged) and not seen.is_repeat(event):
                            yield event
                    yield end_event(job, ending)
                    return
                if is_late:
                    raise WaitTimeout(job_id=job.id, timeout=timeout, status=job.status.value)
                now = runtime.monotonic()
                next_poll = now + poll_state.interval(now, live.is_live(job.id), runtime.random)
            until = next_poll if deadline is None else min(next_poll, deadline)
            event = live.receive(until - now)
            if live.take_reconnected():
                next_poll = min(next_poll, runtime.monotonic())
            if event is None:
                continue
            if current is None and job.status is JobStatus.IN_PROGRESS and _is_missed_start(event):
                event = replace(event, job_id=job.id)
            current = event.job_id or current
            if not is_about(event, job.id, current):
                continue
            if isinstance(event, JobChanged):
                if is_news(event, job):
                    next_poll = min(next_poll, poll_state.hinted(runtime.monotonic(), event.status))
            elif isinstance(event, ENDINGS):
                # Held back until the job is read: after its end event the outputs must be there.
                ending = ending or event
                next_poll = min(next_poll, poll_state.ended(runtime.monotonic()))
            elif not seen.is_repeat(event):
                if is_idle(event):
                    next_poll = min(next_poll, poll_state.idle(runtime.monotonic()))
                yield event
    finally:
        live.close()


def wait_for_end(
    session: Session,
    job: JobState,
    live: JobLive,
    timeout: float | None,
    on_event: Callable[[Event], object] | None,
    deadline: float | None = None,
) -> None:
    """Follow a job to its end; closes `live`. Raises WaitTimeout and NotFound."""
    with nullcontext() if job.trace is None else job.trace.current():
        with closing(traced(watch(session, job, live, timeout, deadline), job)) as events:
            for event in events:
                if on_event is not None:
                    on_event(event)


def traced(events: Generator[Event, None, None], job: JobState) -> Generator[Event, None, None]:
    """The same events, of which the trace of the job is told."""
    with closing(events):
        for event in events:
            if job.trace is not None:
                job.trace.event(event, job)
            yield event


def is_about(event: Event, job_id: str, current: str | None) -> bool:
    """Whether an event is about this job. Without a job id it belongs to `current`."""
    if isinstance(event, _NOT_ABOUT_A_JOB):
        return False
    if event.job_id is not None:
        return event.job_id == job_id
    if isinstance(event, Notification):
        return True  # a message for everybody, such as a shortage of machines
    return current == job_id and not event.type.startswith(("unreadable", "binary"))


def is_idle(event: Event) -> bool:
    """Whether no node is running any more, which servers send once the end is in their history."""
    return isinstance(event, NodeExecuting) and event.node_id is None


def is_news(event: JobChanged, job: JobState) -> bool:
    """Whether a stream reports a state that no poll has found yet."""
    return (event.status, event.queue_position) != (job.status, job.queue_position)


def _is_missed_start(event: Event) -> bool:
    """Whether this is the message that a self-hosted ComfyUI sends on connecting during a job.

    It contains the running node, but not the job's id.
    """
    return isinstance(event, NodeExecuting) and event.job_id is None and event.node_id is not None


def start_event(job: JobState) -> JobStarted:
    """The event for the start of a job, with what the API reports."""
    return JobStarted(type="execution_start", job_id=job.id, at=job.entry.started_at if job.entry else None)


def end_event(job: JobState, received: Event | None) -> Event:
    """The last event: the received one if the API agrees with it, else one made from the API."""
    ended_at = job.entry.finished_at if job.entry else None
    match job.status:
        case JobStatus.COMPLETED:
            expected: Event = JobSucceeded(type="execution_success", job_id=job.id, at=ended_at)
        case JobStatus.FAILED:
            expected = JobErrored(type="execution_error", job_id=job.id, at=ended_at, error=job.error)
        case _:
            expected = JobInterrupted(type="execution_interrupted", job_id=job.id, at=ended_at)
    return received if received is not None and type(received) is type(expected) else expected
