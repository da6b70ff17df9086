# Made from wrapper/comfy_cloud/_async/_jobs/watch.py by `make unasync`. Do not edit.
"""Watching one job, or the whole account: the websocket tells what happens, polling decides what is true.

A websocket that is refused, silent, dropped or full of nonsense changes only how lively it is: a job's end is what the API
says, asked again and again, and after each reconnect. The pace and the patience are in `polling`, what messages mean is in
`events`.
"""

from __future__ import annotations

import logging
from collections.abc import Generator
from dataclasses import replace
from typing import TYPE_CHECKING
from uuid import uuid4

from comfy_cloud_api.types import Operation

from ..._http.websocket import Socket, SocketAddress, SocketFailed
from ..._jobs.event_reader import HANDSHAKE, SeenEvents, read_event
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
    NodeFinished,
    Notification,
    QueueStatus,
    TaskProgress,
)
from ..._jobs.polling import MISSING_FOR, SILENT_AFTER, PollState, reconnect_delay
from ..._jobs.states import JobStatus
from ...errors import ComfyCloudError, NotSupported, Unauthorized, WaitTimeout
from ...notices import warn
from ...retry import Retry

if TYPE_CHECKING:
    from ..client import ComfyCloud
    from .job import Job

logger = logging.getLogger("comfy_cloud")

_SOCKET = Operation("websocket", "GET", "/ws", "required")
_CONNECT_SECONDS = 5.0
_ONCE = Retry.none()
# Seconds to wait for a message of an account's websocket before looking whether it is still there.
_ACCOUNT_TURN = 30.0
# Seconds for messages of a job that has ended, for those who want to see all of them.
ON_THEIR_WAY = 0.3
_ABOUT_OTHER_THINGS = (QueueStatus, FeatureFlags, TaskProgress)


class Live:
    """The websocket of one watcher: connects when it is first listened to, and again whenever it breaks.

    It never raises. `failure` is what kept it from connecting for good, None while it may still work. With `is_wanted`
    False nothing is ever opened, and listening is sleeping.
    """

    def __init__(self, cloud: ComfyCloud, client_id: str | None = None, *, is_wanted: bool = True) -> None:
        self._cloud = cloud
        self.client_id = client_id or uuid4().hex
        self.failure: SocketFailed | None = None
        self._is_wanted = is_wanted
        self._socket: Socket | None = None
        self._failures = 0
        self._next_try = float("-inf")
        self._heard_at = float("-inf")
        self._connections = 0
        self._reconnected = False

    @property
    def is_live(self) -> bool:
        """Whether it is connected, and told something lately."""
        return self._socket is not None and self._cloud._runtime.monotonic() - self._heard_at < SILENT_AFTER

    def take_reconnected(self) -> bool:
        """Whether it was connected anew since this was last asked: what happened meanwhile is lost."""
        reconnected, self._reconnected = self._reconnected, False
        return reconnected

    def open(self) -> None:
        """Connect now, if that is possible."""
        runtime = self._cloud._runtime
        if not self._is_wanted or self.failure is not None or self._socket is not None:
            return
        settings = self._cloud.settings
        address = SocketAddress(
            settings.base_url,
            self.client_id,
            settings.api_key,
            HANDSHAKE,
            min(_CONNECT_SECONDS, settings.timeout),
        )
        try:
            self._socket = runtime.connect(address)
        except SocketFailed as error:
            self._lost(error)
            return
        logger.debug("websocket %s: connected", address.shown)
        self._connections += 1
        self._reconnected = self._reconnected or self._connections > 1
        self._heard_at = runtime.monotonic()

    def receive(self, seconds: float) -> Event | None:
        """The next event, or None when there was none within so many seconds, or the connection changed."""
        if self._socket is None:
            runtime = self._cloud._runtime
            seconds = max(0.0, seconds)
            now = runtime.monotonic()
            if self._is_wanted and self.failure is None and now >= self._next_try:
                self.open()
                return None
            if self._is_wanted and self.failure is None:
                seconds = min(seconds, self._next_try - now)
            runtime.sleep(seconds)
            return None
        try:
            message = self._socket.receive(seconds)
        except SocketFailed as error:
            self.close()
            self._lost(error)
            return None
        if message is None:
            return None
        self._heard_at = self._cloud._runtime.monotonic()
        self._failures = 0
        event = read_event(message)
        if isinstance(event, NodeFinished) and event.outputs:
            # Outputs that can be read and saved.
            bind = self._cloud.files.output
            bound = tuple(bind(output.raw, output.node_id, output.key) for output in event.outputs)
            return replace(event, outputs=bound)
        return event

    def close(self) -> None:
        """Disconnect."""
        socket, self._socket = self._socket, None
        if socket is not None:
            socket.close()

    def _lost(self, error: SocketFailed) -> None:
        self._failures += 1
        runtime = self._cloud._runtime
        delay = reconnect_delay(self._failures, runtime.random)
        self._next_try = runtime.monotonic() + delay
        if error.is_final:
            self.failure = error
            logger.info("websocket /ws: %s; going on without it", error.reason)
        else:
            logger.info("websocket /ws: %s; connecting again in %.1f s", error.reason, delay)


class JobWatch:
    """Looks at one job, and tells what changed between two looks."""

    def __init__(self, job: Job, missing_for: float = MISSING_FOR) -> None:
        cloud = job._cloud
        self._job = job
        self._runtime = cloud._runtime
        self._told: tuple[JobStatus, int | None] | None = None
        self.patience = PollState(self._runtime.monotonic(), cloud.settings.retry.budget, missing_for)

    def look(self) -> JobChanged | None:
        """Read the job once, and say what changed. Raises an error that cannot pass, or has lasted too long."""
        job = self._job
        try:
            job._read(_ONCE)
        except ComfyCloudError as error:
            if self.patience.failed(self._runtime.monotonic(), error):
                raise
            logger.info("job %s could not be read; asking again: %s", job.id, error)
            return None
        if self.patience.saw(self._runtime.monotonic(), job.status, job._word):
            warn(
                f"job {job.id} has had a status that this version does not know for minutes: {job._word!r}. It is waited "
                "for as if it ran; a newer version of comfy-cloud may know better"
            )
        now = (job.status, job.queue_position)
        if now == self._told:
            return None
        self._told = now
        return JobChanged(
            type="job_changed",
            job_id=job.id,
            status=job.status,
            queue_position=job.queue_position,
            queue_reason=job.queue_reason,
            raw=job.raw,
        )


def watch(job: Job, live: Live, timeout: float | None = None) -> Generator[Event, None, None]:
    """The events of a job until the API says that it has ended; closes `live`. See `Job.events`."""
    runtime = job._cloud._runtime
    watched = JobWatch(job)
    patience = watched.patience
    deadline = None if timeout is None else runtime.monotonic() + timeout
    next_look = runtime.monotonic()
    repeats = SeenEvents()
    ending: Event | None = None
    at_work: str | None = None  # the job that the websocket spoke of last: some messages do not name theirs
    try:
        while True:
            now = runtime.monotonic()
            is_late = deadline is not None and now >= deadline
            if now >= next_look or is_late:
                changed = watched.look()
                if changed is not None:
                    yield changed
                    if job.status is JobStatus.IN_PROGRESS:
                        started = start_of(job)
                        if not repeats.is_repeat(started):
                            yield started
                if job.status.is_terminal and patience.status is job.status:
                    until = runtime.monotonic() + ON_THEIR_WAY
                    while ending is None and live.is_live and runtime.monotonic() < until:
                        event = live.receive(until - runtime.monotonic())
                        if event is None or not is_about(event, job.id, event.job_id or at_work):
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
                next_look = now + patience.interval(now, live.is_live, runtime.random)
            until = next_look if deadline is None else min(next_look, deadline)
            event = live.receive(until - now)
            if live.take_reconnected():
                next_look = min(next_look, runtime.monotonic())
            if event is None:
                continue
            if at_work is None and job.status is JobStatus.IN_PROGRESS and _is_what_was_missed(event):
                event = replace(event, job_id=job.id)
            at_work = event.job_id or at_work
            if not is_about(event, job.id, at_work):
                continue
            if isinstance(event, ENDINGS):
                # Not told yet: whoever hears of the end shall find the outputs there.
                if ending is None:
                    ending = event
                    patience.ended(runtime.monotonic())
                    next_look = min(next_look, runtime.monotonic())
            elif not repeats.is_repeat(event):
                yield event
    finally:
        live.close()


def watch_account(cloud: ComfyCloud) -> Generator[Event, None, None]:
    """Everything that the websocket tells of this account, for ever. See `ComfyCloud.events`."""
    cloud._check_key(_SOCKET)
    live = Live(cloud)
    repeats = SeenEvents()
    try:
        while True:
            event = live.receive(_ACCOUNT_TURN)
            if live.failure is not None:
                raise _refusal(live.failure)
            if event is not None and not repeats.is_repeat(event):
                yield event
    finally:
        live.close()


def is_about(event: Event, job_id: str, at_work: str | None) -> bool:
    """Whether an event is this job's. Some kinds do not name their job; they belong to the one spoken of last."""
    if isinstance(event, _ABOUT_OTHER_THINGS):
        return False
    if event.job_id is not None:
        return event.job_id == job_id
    if isinstance(event, Notification):
        return True  # a line for everybody, such as that machines are scarce
    return at_work == job_id and not event.type.startswith(("unreadable", "binary"))


def _is_what_was_missed(event: Event) -> bool:
    """Whether this is what a self-hosted ComfyUI tells who connects while a job of theirs runs: its node, without its id."""
    return isinstance(event, NodeExecuting) and event.job_id is None and event.node_id is not None


def start_of(job: Job) -> JobStarted:
    """That a job runs, as the API tells it."""
    return JobStarted(type="execution_start", job_id=job.id, at=job.started_at)


def ending_of(job: Job, told: Event | None) -> Event:
    """The last event: what the websocket told if the API agrees, else what the API says."""
    match job.status:
        case JobStatus.COMPLETED:
            made: Event = JobSucceeded(type="execution_success", job_id=job.id, at=job.finished_at)
        case JobStatus.FAILED:
            made = JobErrored(type="execution_error", job_id=job.id, at=job.finished_at, error=job.error)
        case _:
            made = JobInterrupted(type="execution_interrupted", job_id=job.id, at=job.finished_at)
    return told if told is not None and type(told) is type(made) else made


def _refusal(failure: SocketFailed) -> ComfyCloudError:
    """The error for a websocket that will not work, where nothing takes its place."""
    if failure.status in (401, 403):
        return Unauthorized(
            f"The websocket refused the API key: {failure.reason}",
            status=failure.status,
            method=_SOCKET.method,
            path=_SOCKET.path,
        )
    return NotSupported(
        f"websocket: {failure.reason}", method=_SOCKET.method, path=_SOCKET.path, status=failure.status
    )
