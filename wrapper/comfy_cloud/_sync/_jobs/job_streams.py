# Made from wrapper/comfy_cloud/_async/_jobs/job_streams.py by `make unasync`. Do not edit.
"""The event streams of the jobs that are followed by API v2, one for each, as typed events.

They only inform; whether a job has ended, the API decides. `job_stream` reads one of them,
`_jobs.v2_events` has the meaning of its events, `_jobs.polling` the delays before reconnecting.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from functools import partial
from itertools import chain
from typing import Any

from ..._http.server_sent_events import EventStreamParser
from ..._http.stream_readers import ReaderEnded
from ..._jobs.events import Event, JobChanged
from ..._jobs.outputs import Factory, Output
from ..._jobs.polling import SILENT_AFTER, reconnect_delay
from ..._jobs.v2_events import V2EventReader
from .._http.session import Session
from .job_stream import StreamFailed, read_job_stream

logger = logging.getLogger("comfy_cloud")

# Each takes a connection. The other jobs of a map are polled.
_MOST_STREAMS = 16
# A stream that was open for so many seconds has worked, and is opened again soon.
_WORKED_SECONDS = 10.0
# The longest delay that a server can ask for.
_LONGEST_DELAY = 300.0


class _JobStream:
    """What is known about the stream of one job."""

    def __init__(self, job_id: str, output: Factory[Output]) -> None:
        self.reader = V2EventReader(job_id, output)
        self.parser = EventStreamParser()
        self.is_reading = False
        self.is_over = False  # the end of the job was reported
        self.opened_at: float | None = None
        self.received_at = float("-inf")
        self.next_attempt = float("-inf")
        self.connections = 0
        self.failures = 0


class JobStreams:
    """The streams of the jobs that are followed. Each is opened by `receive`, and after a break.

    They never raise, except for what a hook of the client raises. `failure` is the reason why none
    can ever be opened, or None while that may succeed.
    """

    def __init__(self, session: Session, output: Factory[Output]) -> None:
        self._session = session
        self._output = output
        self._readers = session.runtime.readers()
        self._streams: dict[str, _JobStream] = {}
        self._events: Iterator[Event] = iter(())
        self._reconnected = False
        self._most = min(_MOST_STREAMS, session.max_connections // 2)
        self.failure: str | None = None

    def follow(self, job_id: str) -> None:
        """Open the stream of this job on the next `receive`."""
        self._streams.setdefault(job_id, _JobStream(job_id, self._output))

    def leave(self, job_id: str) -> None:
        """Close the stream of this job."""
        self._streams.pop(job_id, None)
        self._readers.stop(job_id)

    def is_live(self, job_id: str) -> bool:
        """Whether the stream of this job is open and something arrived lately."""
        stream = self._streams.get(job_id)
        now = self._session.runtime.monotonic()
        return stream is not None and stream.opened_at is not None and now - stream.received_at < SILENT_AFTER

    def take_reconnected(self) -> bool:
        """Whether one was opened again since the last call. Events sent in between are lost."""
        reconnected, self._reconnected = self._reconnected, False
        return reconnected

    def receive(self, seconds: float) -> Event | None:
        """The next event, or None if none arrived in time or a connection changed."""
        event = next(self._events, None)
        if event is not None:
            return self._noted(event)
        runtime = self._session.runtime
        seconds = max(0.0, seconds)
        if self.failure is None:
            now = runtime.monotonic()
            seconds = min(seconds, self._start_due(now) - now)
        if self._readers.is_empty:
            runtime.sleep(max(0.0, seconds))
            return None
        received = self._readers.receive(seconds)
        if received is None:
            return None
        job_id, item = received
        stream = self._streams.get(job_id)
        if stream is None:
            return None
        if isinstance(item, ReaderEnded):
            self._ended(job_id, stream, item.error)
            return None
        self._opened(stream)
        self._events = chain.from_iterable(map(stream.reader.read, item))
        event = next(self._events, None)
        return None if event is None else self._noted(event)

    def close(self) -> None:
        """Close all streams."""
        self._streams.clear()
        self._events = iter(())
        self._readers.close()

    def _noted(self, event: Event) -> Event:
        """The event. After the end of a job its stream has nothing more to send."""
        if isinstance(event, JobChanged) and event.status.is_terminal and event.job_id is not None:
            stream = self._streams.get(event.job_id)
            if stream is not None:
                stream.is_over, stream.is_reading, stream.opened_at = True, False, None
                self._readers.stop(event.job_id)
                self._events = iter(())
        return event

    def _start_due(self, now: float) -> float:
        """Open the streams that are due, as many as there may be; returns when the next one is."""
        free = self._most - sum(stream.is_reading for stream in self._streams.values())
        next_due = float("inf")
        for job_id, stream in self._streams.items():
            if stream.is_reading or stream.is_over or free <= 0:
                continue
            if stream.next_attempt > now:
                next_due = min(next_due, stream.next_attempt)
                continue
            free -= 1
            try:
                self._readers.start(job_id, self._read(job_id, stream))
            except RuntimeError as error:  # no thread is left, or there is no asyncio
                self._give_up(f"it cannot be read in the background: {error}")
                break
            stream.is_reading = True
        return next_due

    def _read(self, job_id: str, stream: _JobStream) -> Callable[[Any], Any]:
        parser = stream.parser = EventStreamParser(stream.parser.last_id)
        return partial(read_job_stream, self._session, job_id, parser)

    def _opened(self, stream: _JobStream) -> None:
        stream.received_at = self._session.runtime.monotonic()
        if stream.opened_at is None:
            stream.opened_at = stream.received_at
            stream.connections += 1
            self._reconnected = self._reconnected or stream.connections > 1

    def _ended(self, job_id: str, stream: _JobStream, error: BaseException | None) -> None:
        runtime = self._session.runtime
        now = runtime.monotonic()
        if stream.opened_at is not None and now - stream.opened_at >= _WORKED_SECONDS:
            stream.failures = 0
        stream.is_reading, stream.opened_at = False, None
        stream.failures += 1
        if error is not None and not isinstance(error, (StreamFailed, OSError)):
            raise error
        reason = str(error) if error is not None else "it ended before the job did"
        if isinstance(error, StreamFailed) and error.is_final:
            self._give_up(reason)
            return
        asked = [stream.parser.retry_seconds, getattr(error, "retry_after", None)]
        delay = max(reconnect_delay(stream.failures, runtime.random), *(each or 0.0 for each in asked))
        delay = min(delay, _LONGEST_DELAY)
        stream.next_attempt = now + delay
        logger.info("event stream of job %s: %s; reconnecting in %.1f s", job_id, reason, delay)

    def _give_up(self, reason: str) -> None:
        self.failure = reason
        logger.info("event streams: %s; continuing without them", reason)
