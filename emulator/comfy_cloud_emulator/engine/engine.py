"""The scheduler: takes submissions, gives out the account's places, and moves each job when its time has come.

A discrete simulation: steps lie in a heap by instant and are taken in order, so the same submissions at the same
instants give the same run, however fast the time goes. Nothing moves unless `catch_up` is called.
"""

from __future__ import annotations

import heapq
import threading
import uuid
from collections import Counter, deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from comfy_cloud_emulator.nodes.catalogue import Catalogue
from comfy_cloud_emulator.quirks import Quirks
from comfy_cloud_emulator.state.account import Account
from comfy_cloud_emulator.state.jobs import Job
from comfy_cloud_emulator.state.json_values import Json
from comfy_cloud_emulator.state.store import Store

from .clock import EngineTime
from .events import Hub, Told
from .failures import Failure
from .telling import queue_status
from .work import Maker, NodeCache

if TYPE_CHECKING:
    from .run import Run

MOST_WAITING: Final = 100
"""Jobs of one account that may wait at a time."""


class QueueFull(Exception):
    """So many jobs wait already that no other is taken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """A workflow that was accepted, with what was sent beside it. `create_time` is in Unix milliseconds.

    `extra_data` is as it was sent, keys included, so the repr shows none of it.
    """

    prompt_id: str
    number: int
    create_time: int
    graph: Json = field(repr=False)
    extra_data: Json = field(repr=False)
    workflow_id: str | None = None
    client_id: str | None = None
    partial_execution_targets: tuple[str, ...] | None = None


class JobEngine:
    """Runs the jobs that it is given. Jobs that lie in the store without it never move. Safe to use from any thread."""

    def __init__(
        self,
        store: Store,
        time: EngineTime,
        *,
        hub: Hub,
        account: Account,
        catalogue: Catalogue,
        maker: Maker,
        quirks: Quirks,
    ) -> None:
        self.hub = hub
        self.account = account
        self.quirks = quirks
        self.catalogue = catalogue
        self._store = store
        self._time = time
        self._maker = maker
        self._cache = NodeCache()
        self._lock = threading.RLock()
        self._steps: list[tuple[int, int, Run]] = []
        self._order = 0
        self._runs: dict[str, Run] = {}
        self._placed: set[str] = set()
        self._parked: deque[Run] = deque()
        self._failures: list[Failure] = []
        self._submissions: list[Submission] = []
        self._executions: Counter[str] = Counter()
        self._instant = 0
        self._stepping = False
        self._to_cancel: deque[str] = deque()
        self._closed = False
        self._on_schedule: Callable[[], object] | None = None

    def __repr__(self) -> str:
        with self._lock:
            return f"<JobEngine of {len(self._runs)} jobs under way>"

    # Time

    def catch_up(self) -> None:
        """Do everything that is due by now."""
        with self._lock:
            if self._closed or self._stepping:
                return
            now = self._store.now()
            while self._steps and self._steps[0][0] <= now:
                due, _, run = heapq.heappop(self._steps)
                # Inside a step the time is the step's own, so a late call leaves no trace.
                self._instant = max(self._instant, due)
                self._resume(run)
                while self._to_cancel:
                    self._cancel(self._to_cancel.popleft())
            self._instant = max(self._instant, now)

    def seconds_to_next(self) -> float | None:
        """Emulated seconds until the next step is due, or None when nothing moves."""
        with self._lock:
            if not self._steps or self._closed:
                return None
            return max(0.0, self._steps[0][0] / 1000 - self._time.now())

    def on_schedule(self, callback: Callable[[], object]) -> None:
        """Set what is called when a step is added, from any thread; it must not block."""
        self._on_schedule = callback

    def close(self) -> None:
        """Move nothing any more."""
        with self._lock:
            self._closed = True
            self._steps.clear()

    # Work

    def submit(
        self,
        graph: Json,
        *,
        extra_data: Json | None = None,
        workflow_id: str | None = None,
        client_id: str | None = None,
        targets: Sequence[str] | None = None,
        prompt_id: str | None = None,
    ) -> Submission:
        """Accept a workflow as a job that waits. Raises QueueFull, or ValueError when `prompt_id` is taken."""
        with self._lock:
            self.catch_up()
            if self._store.count("pending") >= MOST_WAITING:
                raise QueueFull
            given = dict(extra_data or {})
            job = self._store.add_job(
                "pending",
                id=str(uuid.uuid4()) if prompt_id is None else prompt_id,
                state="submitted",
                create_time=self._instant,
                graph=graph,
                extra_data={} if self.quirks.drop_extra_data else given,
                workflow_id=workflow_id,
            )
            submission = Submission(
                prompt_id=job.id,
                number=job.number,
                create_time=job.create_time,
                graph=graph,
                extra_data=given,
                workflow_id=workflow_id,
                client_id=client_id,
                partial_execution_targets=None if targets is None else tuple(targets),
            )
            self._submissions.append(submission)
            self._start(job, given, submission.partial_execution_targets)
            self._tell_queue()
            return submission

    def adopt(self, jobs: Iterable[Job]) -> None:
        """Take up jobs of an earlier life of the emulator: each begins again from the queue."""
        with self._lock:
            self.catch_up()
            for job in jobs:
                if not job.terminal and job.id not in self._runs:
                    self._start(job, job.extra_data, None)

    def fail_next(self, failure: Failure) -> None:
        """Let the next submitted job fail; with a node, the next one that has this node."""
        with self._lock:
            self._failures.append(failure)

    def cancel(self, id: str) -> bool:
        """Cancel a waiting or running job at once. False when it is over, or unknown."""
        with self._lock:
            self.catch_up()
            if self._stepping and id in self._runs:
                # A listener cancels in the midst of a step: the step is finished first.
                self._to_cancel.append(id)
                return True
            return self._cancel(id)

    def forget_results(self) -> None:
        """Empty the node cache: the next run makes everything anew."""
        with self._lock:
            self._cache.clear()

    # Looking in

    def submissions(self) -> list[Submission]:
        """Everything that was accepted, oldest first."""
        with self._lock:
            return list(self._submissions)

    def executions(self, id: str) -> int:
        """How many times the execution of this job began."""
        with self._lock:
            return self._executions[id]

    @property
    def places_taken(self) -> int:
        """How many of the account's places are in use."""
        with self._lock:
            return len(self._placed)

    def moves(self, id: str) -> bool:
        """Whether the job is under way here, and not scenery in the store."""
        with self._lock:
            return id in self._runs

    def queue_status(self, sid: str | None = None) -> Told:
        """The message about the length of the queue; `sid` names the socket that it is for."""
        return queue_status(self._store.count("pending", "in_progress"), sid)

    # One run

    def _start(self, job: Job, extra_data: Json, targets: tuple[str, ...] | None) -> None:
        # Imported by the first job: many a cloud is started that never runs one.
        from .run import Run, Shop

        run = Run(
            job,
            Shop(self._store, self.hub, self.catalogue, self._maker, self._cache, self.quirks),
            extra_data=extra_data,
            targets=targets,
            failure=self._failure_for(job),
            now=lambda: self._instant,
            take_place=self._take_place,
            started=self._count,
        )
        self._runs[job.id] = run
        self._schedule(run, 0)

    def _resume(self, run: Run) -> None:
        if self._runs.get(run.job.id) is not run:
            return
        if run.is_abandoned:
            run.life.close()
            self._leave(run)
            return
        self._stepping = True
        try:
            wait = next(run.life)
        except StopIteration:
            self._leave(run)
            return
        finally:
            self._stepping = False
        if wait is not None:
            self._schedule(run, wait)

    def _cancel(self, id: str) -> bool:
        run = self._runs.get(id)
        if run is None or run.is_abandoned:
            cancelled = bool(self._store.cancel([id]))
            if cancelled:
                self._tell_queue()
            return cancelled
        run.life.close()
        run.interrupt()
        self._leave(run)
        return True

    def _schedule(self, run: Run, wait: int) -> None:
        self._order += 1
        heapq.heappush(self._steps, (self._instant + wait, self._order, run))
        if self._on_schedule is not None:
            self._on_schedule()

    def _take_place(self, run: Run) -> bool:
        if not self._parked and len(self._placed) < self.account.concurrent_jobs:
            self._placed.add(run.job.id)
            return True
        self._parked.append(run)
        return False

    def _leave(self, run: Run) -> None:
        """The run is over: charge for it, and give its place to the one that waits for longest."""
        job = run.job
        if job.start_time is not None and job.end_time is not None:
            self.account.charge((job.end_time - job.start_time) / 1000)
        self._runs.pop(job.id, None)
        self._placed.discard(job.id)
        if run in self._parked:
            self._parked.remove(run)
        while self._parked and len(self._placed) < self.account.concurrent_jobs:
            following = self._parked.popleft()
            self._placed.add(following.job.id)
            self._schedule(following, 0)

    def _count(self, run: Run) -> None:
        self._executions[run.job.id] += 1

    def _failure_for(self, job: Job) -> Failure | None:
        classes = {node.get("class_type") for node in job.graph.values() if isinstance(node, dict)}
        for place, failure in enumerate(self._failures):
            if failure.node is None or failure.node in job.graph or failure.node in classes:
                return self._failures.pop(place)
        return None

    def _tell_queue(self) -> None:
        self.hub.tell(self.queue_status())
