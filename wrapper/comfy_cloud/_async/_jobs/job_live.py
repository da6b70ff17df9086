"""What reports the events of jobs while they run: the websocket, or the event streams of API v2."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..._jobs.events import Event
from ..._jobs.outputs import Factory, Output
from .._http.session import AsyncSession
from .live import AsyncLive

if TYPE_CHECKING:
    from .job_streams import AsyncJobStreams
    from .shared_live import AsyncLiveShare, AsyncSharedLive
    from .shared_polls import AsyncSharedPolls


class AsyncJobLive:
    """Live events of the jobs that are followed. It connects on the first `receive`.

    The client changes to API v2 when version 1 turns out to be gone, and this changes with it.
    It never raises. With `is_hint` nobody wants the events: they only tell when to poll.

    Hints share the websocket of the client, and so does whoever follows jobs that were submitted
    with its id: of several with one id, a self-hosted ComfyUI sends to the last alone.

    Attributes:
        client_id: The id of the websocket, which a submission names.
        is_hint: Whether nobody wants the events.
        polls: Reads the followed jobs together with those of others, if that is enough.
    """

    def __init__(
        self,
        session: AsyncSession,
        output: Factory[Output],
        client_id: str | None = None,
        *,
        is_hint: bool = False,
        polls: AsyncSharedPolls | None = None,
        shared: AsyncSharedLive | None = None,
    ) -> None:
        self._session = session
        self._output = output
        self.is_hint = is_hint
        self.polls = polls
        self._heard: set[str] = set()
        self._websocket: AsyncLive | AsyncLiveShare
        if shared is not None and (is_hint or client_id == shared.client_id):
            self._websocket = shared.share(is_hint=is_hint)
        else:
            self._websocket = AsyncLive(session, output, client_id)
        self.client_id = client_id or self._websocket.client_id
        self._streams: AsyncJobStreams | None = None
        self._followed: dict[str, None] = {}

    @property
    def deadline(self) -> float | None:
        """The time on the client's monotonic clock by which an attempt to connect ends."""
        return self._websocket.deadline

    @deadline.setter
    def deadline(self, deadline: float | None) -> None:
        self._websocket.deadline = deadline

    def follow(self, job_id: str) -> None:
        """Report the events of this job."""
        if self.polls is not None and job_id not in self._followed:
            self.polls.follow(job_id)
        self._followed[job_id] = None
        self._websocket.follow(job_id)
        if self._streams is not None:
            self._streams.follow(job_id)

    def leave(self, job_id: str) -> None:
        """Report the events of this job no more."""
        if self.polls is not None and job_id in self._followed:
            self.polls.leave(job_id)
        self._followed.pop(job_id, None)
        self._heard.discard(job_id)
        self._websocket.leave(job_id)
        if self._streams is not None:
            self._streams.leave(job_id)

    def is_live(self, job_id: str) -> bool:
        """Whether events of this job would arrive now. A hint must have reported one before."""
        if self.is_hint and job_id not in self._heard:
            return False
        return self._websocket.is_live if self._streams is None else self._streams.is_live(job_id)

    def take_reconnected(self) -> bool:
        """Whether it has reconnected since the last call. Events sent in between are lost."""
        return (self._websocket if self._streams is None else self._streams).take_reconnected()

    async def open(self) -> None:
        """Connect the websocket now, unless there is none. Streams need a job."""
        if not self._session.uses_v2:
            await self._websocket.open()

    async def receive(self, seconds: float) -> Event | None:
        """The next event, or None if none arrived in time or a connection changed."""
        if self._streams is None and self._session.uses_v2:
            from .job_streams import AsyncJobStreams  # hardly ever needed

            await self._websocket.close()
            self._streams = AsyncJobStreams(self._session, self._output)
            for job_id in self._followed:
                self._streams.follow(job_id)
        event = await (self._websocket if self._streams is None else self._streams).receive(seconds)
        if event is not None and event.job_id in self._followed:
            self._heard.add(event.job_id)
        return event

    async def close(self) -> None:
        """Disconnect, and follow nothing any more."""
        for job_id in tuple(self._followed):
            self.leave(job_id)
        await self._websocket.close()
        if self._streams is not None:
            await self._streams.close()
