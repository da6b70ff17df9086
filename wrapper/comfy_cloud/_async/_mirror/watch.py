"""When the next sync of a mirror that is watched is due: a job ended, or it is time to poll."""

from __future__ import annotations

from ..._jobs.events import JobErrored, JobInterrupted, JobSucceeded
from ..._jobs.outputs import Output
from .._http.session import AsyncSession
from .._jobs.live import AsyncLive

_ENDS = (JobSucceeded, JobErrored, JobInterrupted)
# Seconds between two syncs without an event: the websocket may miss some.
_LIVE_SECONDS = 300.0
_POLL_SECONDS = 15.0
# Seconds that the history may lag behind an event, and in which several jobs may end.
_SETTLE_SECONDS = 1.0


class AsyncSyncWatch:
    """Follows the websocket of an account between syncs. It connects again after a break."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session
        self._live = AsyncLive(session, Output)

    async def until_due(self, *, is_broken: bool = False) -> None:
        """Wait for the end of a job, a new connection, or the time to poll.

        That is soon when the last sync failed: `is_broken`.
        """
        runtime = self._session.runtime
        began = runtime.monotonic()
        while True:
            pause = _LIVE_SECONDS if self._live.is_connected and not is_broken else _POLL_SECONDS
            left = began + pause - runtime.monotonic()
            if left <= 0:
                return
            event = await self._live.receive(left)
            if isinstance(event, _ENDS) or self._live.take_reconnected():
                await runtime.sleep(_SETTLE_SECONDS)
                return

    async def close(self) -> None:
        """Disconnect."""
        await self._live.close()
