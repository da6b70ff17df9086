"""What an engine knows: its jobs in progress, its slots and its submissions, and the lock on all.

Only reads; `job_engine` moves the jobs.
"""

from __future__ import annotations

import threading
from collections import Counter, deque
from collections.abc import Callable, Generator
from contextlib import contextmanager
from threading import get_ident
from typing import TYPE_CHECKING

from comfy_cloud_emulator.nodes.catalogue import Catalogue
from comfy_cloud_emulator.quirks import Quirks
from comfy_cloud_emulator.state.account import Account
from comfy_cloud_emulator.state.jobs.job import Job
from comfy_cloud_emulator.state.store import Store

from .clock import EngineTime
from .events import EventHub, JsonEvent
from .failures import Failure
from .messages import queue_status
from .step_heap import StepHeap
from .submissions import Submission
from .work import NodeCache, NodeExecutor

if TYPE_CHECKING:
    from .run import Run


class EngineState:
    """The fields of a `JobEngine`, and reading them. Safe to use from any thread."""

    def __init__(
        self,
        store: Store,
        time: EngineTime,
        *,
        hub: EventHub,
        account: Account,
        catalogue: Catalogue,
        executor: NodeExecutor,
        quirks: Quirks,
    ) -> None:
        self.hub = hub
        self.account = account
        self.quirks = quirks
        self.catalogue = catalogue
        self._store = store
        self._time = time
        self._executor = executor
        self._cache = NodeCache()
        # Held by the thread that runs steps. Taken before `_lock`, which guards all the fields
        # below.
        self._mover = threading.Lock()
        self._lock = threading.RLock()
        self._holder: int | None = None
        self._steps: StepHeap[Run | Callable[[], object]] = StepHeap()
        self._runs: dict[str, Run] = {}
        self._in_slots: set[str] = set()
        self._parked: list[Run] = []
        self._failures: list[Failure] = []
        self._submissions: dict[str, Submission] = {}
        self._executions: Counter[str] = Counter()
        self._instant = 0
        self._stepping = False
        self._to_cancel: deque[str] = deque()
        self._closed = False
        self._on_schedule: Callable[[], object] | None = None

    def __repr__(self) -> str:
        with self._locked():
            return f"<JobEngine of {len(self._runs)} jobs under way>"

    def submissions(self) -> list[Submission]:
        """Everything that was accepted, oldest first."""
        with self._locked():
            return list(self._submissions.values())

    def submission(self, id: str) -> Submission | None:
        """What was submitted as this job; None for seeded jobs."""
        with self._locked():
            return self._submissions.get(id)

    def number(self, job: Job) -> float:
        """The number that orders a job in the queue."""
        submission = self.submission(job.id)
        return job.number if submission is None else submission.number

    def nodes_at_work(self) -> list[tuple[str, str]]:
        """The running jobs as (job id, id of the current node)."""
        with self._locked():
            return [(run.job.id, run.node) for run in self._runs.values() if run.node is not None]

    def nodes_done(self, id: str) -> int | None:
        """How many nodes of a running job are done; None for a job that does not run."""
        with self._locked():
            return None if (run := self._runs.get(id)) is None or run.node is None else run.nodes_done

    def executions(self, id: str) -> int:
        """How many times the execution of this job began."""
        with self._locked():
            return self._executions[id]

    @property
    def slots_taken(self) -> int:
        """How many of the account's slots are in use."""
        with self._locked():
            return len(self._in_slots)

    def runs_job(self, id: str) -> bool:
        """Whether the engine runs this job; seeded jobs never move."""
        with self._locked():
            return id in self._runs

    def is_held(self, id: str) -> bool:
        """Whether a job is kept where it is."""
        with self._locked():
            return (run := self._runs.get(id)) is not None and run.is_held

    def queue_status(self, sid: str | None = None) -> JsonEvent:
        """The event about the length of the queue; `sid` names the socket that it is for."""
        return queue_status(self._store.count("pending", "in_progress"), sid)

    @contextmanager
    def _locked(self) -> Generator[None]:
        with self._lock:
            outer, self._holder = self._holder, get_ident()
            try:
                yield
            finally:
                self._holder = outer
