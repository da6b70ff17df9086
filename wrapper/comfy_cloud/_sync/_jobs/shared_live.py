# Made from wrapper/comfy_cloud/_async/_jobs/shared_live.py by `make unasync`. Do not edit.
"""The one websocket that the waits of a client share.

It is opened when the first of them needs it, and closed when the last one has left. No task or
thread belongs to it: one of those that wait reads it for all, and when that one has something else
to do, another takes over. So there is nothing that an interruption or a fork could leave behind.
It only informs; each wait polls on its own as well.
"""

from __future__ import annotations

from itertools import count

from ..._http.concurrency import current_loop
from ..._http.forks import ForkSafeLock, leave_to_parent, renew_after_fork
from ..._http.wakeups import Wakeup
from ..._jobs.events import ENDINGS, Event, NodeExecuting
from ..._jobs.outputs import Factory, Output
from .._http.session import Session
from .live import CONNECT_SECONDS, Live
from .shared_polls import SharedPolls

# Whoever wants all events may be so many behind; then nobody reads until these have been taken.
MOST_BEHIND = 64
# Polling waits while a connection is made, which matters when nobody wants the events.
_HINT_CONNECT_SECONDS = 2.0


class LiveShare:
    """One listener of a shared websocket, with the methods of `Live`. It never raises.

    With `is_hint` it receives what tells when to poll the jobs that it follows, else every event.

    Attributes:
        deadline: The time on the client's monotonic clock by which an attempt to connect ends.
    """

    def __init__(self, shared: SharedLive, *, is_hint: bool) -> None:
        self._shared = shared
        self.is_hint = is_hint
        self.deadline: float | None = None
        self.jobs: dict[str, bool] = {}  # those it follows, and whether an event named them
        self.wakeup = Wakeup()
        self.events: dict[object, Event] = {}
        self._numbers = count()
        self._was_connected = False
        self._reconnected = False
        self._has_changed = False

    @property
    def client_id(self) -> str:
        """The id of the websocket."""
        return self._shared.client_id

    @property
    def is_live(self) -> bool:
        """Whether the websocket is connected and has received something lately."""
        return self._shared.is_live

    def take_reconnected(self) -> bool:
        """Whether it was connected since the last call, as `Live.take_reconnected`."""
        reconnected, self._reconnected = self._reconnected, False
        return reconnected

    def follow(self, job_id: str) -> None:
        """Receive what is sent about this job."""
        self.jobs.setdefault(job_id, False)
        self._shared.follow(self, job_id)

    def leave(self, job_id: str) -> None:
        """Receive nothing about this job any more."""
        if self.jobs.pop(job_id, None) is not None:
            self._shared.unfollow(self, job_id)

    def hold(self) -> None:
        """Have the websocket stay open until this is closed."""
        self._shared.join(self)

    def open(self) -> None:
        """Connect now, if possible, unless it is connected or another listener connects."""
        self._shared.join(self)
        try:
            if self._shared.can_connect and self._shared.lead(self):
                self._shared.connect(self)
        finally:
            self._shared.stop_leading(self)

    def receive(self, seconds: float) -> Event | None:
        """The next event, or None if none arrived in time or the connection changed."""
        shared, clock = self._shared, self._shared.runtime.monotonic
        ends = clock() + max(0.0, seconds)
        shared.join(self)
        has_waited = False
        try:
            while True:
                event = shared.take(self)
                left = max(0.0, ends - clock())
                if event is not None or self._has_changed or (has_waited and not left):
                    self._has_changed = False
                    return event
                has_waited = True
                pause = shared.pause
                if pause > 0:
                    shared.runtime.sleep(min(left, pause))
                    return None
                if shared.lead(self):
                    if not shared.read(self, left):
                        self._has_changed = False
                        return None
                elif not self.wakeup.wait(left):
                    return None
        finally:
            shared.stop_leading(self)

    def close(self) -> None:
        """Leave the websocket. The last listener closes it, while the caller goes on."""
        self._shared.leave(self)

    def put(self, event: Event) -> None:
        """Take an event, unless it tells a hint nothing new."""
        if not self.is_hint:
            self.events[next(self._numbers)] = event
        elif event.job_id is not None:
            is_first = not self.jobs.get(event.job_id, True)
            if not (is_first or isinstance(event, ENDINGS) or _is_idle(event)):
                return
            self.jobs[event.job_id] = True
            self.events.setdefault((event.type, event.job_id), event)
        self.wakeup.call()

    def note_connection(self) -> None:
        """It was connected. What was sent before is lost, to hints also what was sent earlier."""
        self._reconnected = self._reconnected or self.is_hint or self._was_connected
        self._was_connected = self._has_changed = True
        self.wakeup.call()


class SharedLive:
    """The websocket, who listens to it, and who reads it at present.

    Attributes:
        client_id: Its id. A self-hosted ComfyUI sends it the messages of jobs submitted with that.
        loop: The event loop of those who listen; None if nobody does.
        runtime: The runtime of the client.
    """

    def __init__(self, session: Session, output: Factory[Output], polls: SharedPolls | None = None) -> None:
        self._session = session
        self._output = output
        self._polls = polls
        self.runtime = session.runtime
        self._live = Live(session, output)
        self.client_id = self._live.client_id
        self.loop: object = None
        self._guard = ForkSafeLock()
        self._listeners: dict[LiveShare, None] = {}
        self._followers: dict[str, dict[LiveShare, None]] = {}  # who follows a job
        self._behind: set[LiveShare] = set()  # those who have to take events first
        self._leader: LiveShare | None = None
        self._waiting: dict[LiveShare, None] = {}  # until they may read
        renew_after_fork(self)

    def after_fork_in_child(self) -> None:
        """Have a websocket of its own. Who still listens in this process joins again."""
        leave_to_parent(self._live)
        self._live = Live(self._session, self._output)
        self.client_id, self.loop = self._live.client_id, None
        for share in self._listeners:
            share.wakeup = Wakeup()
        self._listeners, self._followers, self._behind = {}, {}, set()
        self._leader, self._waiting = None, {}

    @property
    def is_live(self) -> bool:
        """Whether it is connected and has received something lately."""
        return self._live.is_live

    @property
    def can_connect(self) -> bool:
        """Whether there is no connection, and an attempt to make one is due."""
        return not self._live.is_connected and self.pause <= 0

    @property
    def pause(self) -> float:
        """For how many seconds nobody can connect; 0 if it is connected, or may be."""
        live = self._live
        if live.is_connected:
            return 0.0
        if live.failure is not None:
            return float("inf")
        return live.next_attempt - self.runtime.monotonic()

    def share(self, *, is_hint: bool) -> LiveShare:
        """A listener, which joins when it first needs the websocket."""
        return LiveShare(self, is_hint=is_hint)

    def join(self, share: LiveShare) -> None:
        """Let it listen, if it does not do so yet, to the jobs that it follows."""
        if share in self._listeners:
            return
        loop = current_loop()
        with self._guard.lock:
            self.loop = loop
            self._listeners[share] = None
            for job_id in share.jobs:
                self._followers.setdefault(job_id, {})[share] = None

    def follow(self, share: LiveShare, job_id: str) -> None:
        """Let it listen, also to this job."""
        self.join(share)
        with self._guard.lock:
            self._followers.setdefault(job_id, {})[share] = None

    def unfollow(self, share: LiveShare, job_id: str) -> None:
        """It does not follow this job any more."""
        with self._guard.lock:
            self._forget(share, job_id)

    def leave(self, share: LiveShare) -> None:
        """It does not listen any more."""
        ended = None
        with self._guard.lock:
            self._listeners.pop(share, None)
            self._behind.discard(share)
            for job_id in share.jobs:
                self._forget(share, job_id)
            share.jobs.clear()
            if not self._listeners:
                self.loop = None
                # What is known of failed attempts is kept for the next wait.
                if self._live.is_connected or self._live.failure is not None:
                    ended, self._live = self._live, Live(self._session, self._output, self.client_id)
        self.stop_leading(share)
        if ended is not None:
            ended.close()

    def take(self, share: LiveShare) -> Event | None:
        """The event that it has received first."""
        with self._guard.lock:
            key = next(iter(share.events), None)
            event = None if key is None else share.events.pop(key)
            if not share.events:
                self._behind.discard(share)
            return event

    def lead(self, share: LiveShare) -> bool:
        """Whether this listener may read for all. Else it is woken when it may."""
        with self._guard.lock:
            if self._leader not in self._listeners:  # it was interrupted while it left
                self._leader = None
            may_read = not self._behind or self._behind == {share}
            if may_read and self._leader in (None, share):
                self._leader = share
                self._waiting.pop(share, None)
                return True
            if self._leader is share:
                self._leader = None
            self._waiting[share] = None
            return False

    def stop_leading(self, share: LiveShare) -> None:
        """It does not read or wait any more. Have another one read, if nobody does."""
        with self._guard.lock:
            self._waiting.pop(share, None)
            if self._leader is share:
                self._leader = None
            if self._leader is None and self._waiting and not self._behind:
                next(reversed(self._waiting)).wakeup.call()  # it is likely to wait for longest

    def connect(self, share: LiveShare) -> None:
        """Connect on behalf of all."""
        live = self._prepared(share)
        connections = live.connections
        live.open()
        self._note_connections(live, connections)

    def read(self, share: LiveShare, seconds: float) -> bool:
        """Pass one message on to those whom it concerns; False if none arrived in time."""
        live = self._prepared(share)
        connections = live.connections
        event = live.receive(seconds)
        self._note_connections(live, connections)
        if event is None:
            return False
        with self._guard.lock:
            for each in self._listeners:
                if not each.is_hint:
                    each.put(event)
                    if len(each.events) >= MOST_BEHIND:
                        self._behind.add(each)
            for each in self._followers.get(event.job_id or "", ()):
                if each.is_hint:
                    each.put(event)
        return True

    def _prepared(self, share: LiveShare) -> Live:
        self._live.deadline = share.deadline
        self._live.connect_seconds = _HINT_CONNECT_SECONDS if share.is_hint else CONNECT_SECONDS
        return self._live

    def _note_connections(self, live: Live, before: int) -> None:
        if live.connections == before:
            return
        if self._polls is not None:
            self._polls.expire()
        with self._guard.lock:
            for each in self._listeners:
                each.note_connection()

    def _forget(self, share: LiveShare, job_id: str) -> None:
        shares = self._followers.get(job_id, {})
        shares.pop(share, None)
        if not shares:
            self._followers.pop(job_id, None)


def _is_idle(event: Event) -> bool:
    return isinstance(event, NodeExecuting) and event.node_id is None
