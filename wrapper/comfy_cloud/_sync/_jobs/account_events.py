# Made from wrapper/comfy_cloud/_async/_jobs/account_events.py by `make unasync`. Do not edit.
"""The live events of an account, over its websocket."""

from __future__ import annotations

from collections.abc import Generator

from comfy_cloud_api.types import Operation

from ..._http.websocket import SocketFailed
from ..._jobs.event_reader import SeenEvents
from ..._jobs.events import Event
from ..._jobs.outputs import Factory, Output
from ...errors import ComfyCloudError, NotSupported, Unauthorized
from .._http.session import Session
from .live import Live

_SOCKET = Operation("websocket", "GET", "/ws", "required")
# Seconds to wait for a message before checking whether the websocket still works.
_RECEIVE_SECONDS = 30.0


def account_events(session: Session, output: Factory[Output]) -> Generator[Event, None, None]:
    """The events of this account, without end. See `ComfyCloud.events`."""
    session.check_open(_SOCKET)
    session.check_key(_SOCKET)
    live = Live(session, output)
    seen = SeenEvents()
    try:
        while True:
            event = live.take_ready() or live.receive(_RECEIVE_SECONDS)
            if live.failure is not None:
                raise _websocket_error(live.failure)
            if event is not None and not seen.is_repeat(event):
                yield event
    finally:
        live.close()


def _websocket_error(failure: SocketFailed) -> ComfyCloudError:
    """The error for a websocket that cannot be opened. There is no fallback for it here."""
    if failure.status in (401, 403):
        return Unauthorized(
            f"The websocket rejected the API key: {failure.reason}",
            status=failure.status,
            method=_SOCKET.method,
            path=_SOCKET.path,
        )
    return NotSupported(
        f"websocket: {failure.reason}", method=_SOCKET.method, path=_SOCKET.path, status=failure.status
    )
