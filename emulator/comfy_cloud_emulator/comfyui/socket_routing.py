"""Which websocket gets which events on a self-hosted ComfyUI.

A job's events go only to the socket whose clientId submitted it. There is one socket per clientId;
a newer one replaces an older. When a socket closes, its clientId is forgotten, even if a newer
socket has taken it by then. Only the queue length goes to everybody.
"""

from __future__ import annotations

import threading
from uuid import uuid4

from comfy_cloud_emulator.engine.events import Event, JsonEvent, job_of
from comfy_cloud_emulator.engine.job_engine import JobEngine


class SocketRouting:
    """The sockets by clientId. Safe to use from any thread."""

    def __init__(self, engine: JobEngine) -> None:
        self._engine = engine
        self._sockets: dict[str, object] = {}
        self._lock = threading.Lock()

    def join(self, client_id: str | None, socket: object) -> str:
        """Register a socket. Returns its clientId, or a new one."""
        sid = client_id or uuid4().hex
        with self._lock:
            self._sockets[sid] = socket
        return sid

    def leave(self, sid: str) -> None:
        """Forget a clientId."""
        with self._lock:
            self._sockets.pop(sid, None)

    def receives(self, sid: str, socket: object, event: Event) -> bool:
        """Whether a socket gets an event."""
        with self._lock:
            if self._sockets.get(sid) is not socket:
                return False
        id = job_of(event)
        if id is None:
            return True
        client = self._client_of(id)
        if client is None:
            return isinstance(event, JsonEvent) and event.type == "execution_interrupted"
        return client == sid

    def missed(self, sid: str) -> list[Event]:
        """What a reconnecting socket gets while its job runs: the node, without the job's id."""
        return [
            JsonEvent("executing", {"node": node})
            for id, node in self._engine.nodes_at_work()
            if self._client_of(id) == sid
        ]

    def _client_of(self, id: str) -> str | None:
        submission = self._engine.submission(id)
        return None if submission is None else submission.client_id
