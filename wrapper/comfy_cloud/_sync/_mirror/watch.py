# Made from wrapper/comfy_cloud/_async/_mirror/watch.py by `make unasync`. Do not edit.
"""When the next sync of a mirror that is watched is due: a job ended, or it is time to poll."""

from __future__ import annotations

from ..._jobs.events import JobErrored, JobInterrupted, JobSucceeded
from ..._jobs.outputs import Output
from .._http.session import Session
from .._jobs.live import Live

_ENDS = (JobSucceeded, JobErrored, JobInterrupted)
# Seconds between two syncs without an event: the websocket may miss some.
_LIVE_SECONDS = 300.0
_POLL_SECONDS = 15.0
# Seconds that the history may lag behind an event, and in which several jobs may end.
_SETTLE_SECONDS = 1.0


class SyncWatch:
    """Follows the websocket of an account between syncs. It connects again after a break."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._live = Live(session, Output)

    def until_due(self, *, is_broken: bool = False) -> None:
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
            event = self._live.receive(left)
            if isinstance(event, _ENDS) or self._live.take_reconnected():
                runtime.sleep(_SETTLE_SECONDS)
                return

    def close(self) -> None:
        """Disconnect."""
        self._live.close()
