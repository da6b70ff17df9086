# Made from wrapper/comfy_cloud/_async/_jobs/watch.py by `make unasync`. Do not edit.
"""Following one job to its end: polling decides, websocket events inform.

A websocket that is refused, silent, dropped or full of nonsense changes only how lively the events are. A job has ended
when the API says so, asked again and again, and after each reconnect. The intervals are in `_jobs.polling`, what messages
mean is in `_jobs.events`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Generator
from contextlib import closing
from dataclasses import replace

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
    Repeats,
    TaskProgress,
)
from ..._jobs.polling import MISSING_FOR, Patience
from ..._jobs.states import JobStatus
from ...errors import ComfyCloudError, WaitTimeout
from ...notices import warn
from ...retry import Retry
from .._http.session import Session
from .job_state import JobState
from .live import Live

logger = logging.getLogger("comfy_cloud")

_ONCE = Retry.none()
# Seconds to wait for the messages of a job that has ended, for those who want all of them.
LATE_MESSAGES = 0.3
_NOT_ABOUT_A_JOB = (QueueStatus, FeatureFlags, TaskProgress)


class JobWatch:
    """Polls one job, and reports what changed between two polls."""

    def __init__(self, session: Session, job: JobState, missing_for: float = MISSING_FOR) -> None:
        self._job = job
        self._runtime = session.runtime
        self._reported: tuple[JobStatus, int | None] | None = None
        self.patience = Patience(self._runtime.monotonic(), session.settings.retry.budget, missing_for)

    def poll(self) -> JobChanged | None:
        """Read the job once; returns what changed. Raises an error that will not pass, or has lasted too long."""
        job = self._job
        try:
            job.read(_ONCE)
        except ComfyCloudError as error:
            if self.patience.failed(self._runtime.monotonic(), error):
                raise
            logger.info("job %s could not be read; asking again: %s", job.id, error)
            return None
        if self.patience.saw(self._runtime.monotonic(), job.status, job.raw_status):
            warn(
                f"job {job.id} has had a status that this version does not know for minutes: "
                f"{job.raw_status!r}. It is treated as running; a newer version of comfy-cloud may know the word"
            )
        now = (job.status, job.queue_position)
        if now == self._reported:
            return None
        self._reported = now
        return JobChanged(
            type="job_changed",
            job_id=job.id,
            status=job.status,
            queue_position=job.queue_position,
            queue_reason=job.queue_reason,
            raw=job.raw,
        )


def watch(
    session: Session, job: JobState, live: Live, timeout: float | None = None
) -> Generator[Event, None, None]:
    """The events of a job until the API says that it has ended; closes `live`. See `Job.events`."""
    runtime = session.runtime
    watched = JobWatch(session, job)
    patience = watched.patience
    deadline = None if timeout is None else runtime.monotonic() + timeout
    next_poll = runtime.monotonic()
    repeats = Repeats()
    ending: Event | None = None
    current: str | None = None  # the job of the last message that named one: some messages do not
    try:
        while True:
            now = runtime.monotonic()
            is_late = deadline is not None and now >= deadline
            if now >= next_poll or is_late:
                changed = watched.poll()
                if changed is not None:
                    yield changed
                    if job.status is JobStatus.IN_PROGRESS:
                        started = start_of(job)
                        if not repeats.is_repeat(started):
                            yield started
                if job.status.is_terminal and patience.status is job.status:
                    until = runtime.monotonic() + LATE_MESSAGES
                    while ending is None and live.is_live and runtime.monotonic() < until:
                        event = live.receive(until - runtime.monotonic())
                        if event is None or not is_about(event, job.id, event.job_id or current):
                            continue
                        if isinstance(event, ENDINGS):
                            ending = event
                        elif not repeats.is_repeat(event):
                            yield event
                    yield ending_of(job, ending)
                    return
                if is_late:
                    raise WaitTimeout(job_id=job.id, timeout=timeout, status=job.status.value)
                now = runtime.monotonic()
                next_poll = now + patience.interval(now, live.is_live, runtime.random)
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
            if isinstance(event, ENDINGS):
                # Held back: whoever receives the end must find the outputs there.
                if ending is None:
                    ending = event
                    patience.ended(runtime.monotonic())
                    next_poll = min(next_poll, runtime.monotonic())
            elif not repeats.is_repeat(event):
                yield event
    finally:
        live.close()


def wait_for_end(
    session: Session,
    job: JobState,
    live: Live,
    timeout: float | None,
    on_event: Callable[[Event], object] | None,
) -> None:
    """Follow a job to its end; closes `live`. Raises WaitTimeout and NotFound."""
    with closing(watch(session, job, live, timeout)) as events:
        for event in events:
            if on_event is not None:
                on_event(event)


def is_about(event: Event, job_id: str, current: str | None) -> bool:
    """Whether an event is this job's. Some kinds do not name their job; they belong to the one spoken of last."""
    if isinstance(event, _NOT_ABOUT_A_JOB):
        return False
    if event.job_id is not None:
        return event.job_id == job_id
    if isinstance(event, Notification):
        return True  # a line for everybody, such as that machines are scarce
    return current == job_id and not event.type.startswith(("unreadable", "binary"))


def _is_missed_start(event: Event) -> bool:
    """Whether this is what a self-hosted ComfyUI tells who connects while a job of theirs runs: its node, without its id."""
    return isinstance(event, NodeExecuting) and event.job_id is None and event.node_id is not None


def start_of(job: JobState) -> JobStarted:
    """The event of a job that began to run, as the API reports it."""
    return JobStarted(type="execution_start", job_id=job.id, at=job.entry.started_at if job.entry else None)


def ending_of(job: JobState, received: Event | None) -> Event:
    """The last event: the one that the websocket sent if the API agrees, else one made from what the API says."""
    ended = job.entry.finished_at if job.entry else None
    match job.status:
        case JobStatus.COMPLETED:
            made: Event = JobSucceeded(type="execution_success", job_id=job.id, at=ended)
        case JobStatus.FAILED:
            made = JobErrored(type="execution_error", job_id=job.id, at=ended, error=job.error)
        case _:
            made = JobInterrupted(type="execution_interrupted", job_id=job.id, at=ended)
    return received if received is not None and type(received) is type(made) else made
