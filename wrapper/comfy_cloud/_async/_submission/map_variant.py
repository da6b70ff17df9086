"""One variant of `cloud.map` on its way, and what is noted of it so that a later call can go on.

What a journal looks like is in `comfy_cloud._submission.journal`; when something is noted is decided in `mapping` and `map_watching`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from os import PathLike
from typing import TYPE_CHECKING, Any

from ..._http.runtime import async_in_thread
from ..._jobs.events import Event, Repeats
from ..._jobs.polling import HeldBack
from ..._submission.graph_identity import graph_digest
from ..._submission.journal import Journal
from ..._submission.journal_records import Attempt, End, VariantKey
from ..._workflows.workflow import Workflow
from ...errors import ComfyCloudError, ConfigurationError
from .._jobs.job import AsyncJob
from .map_result import AsyncMapResult

if TYPE_CHECKING:
    from .._jobs.job_operations import AsyncJobOperations
    from .._jobs.job_state import AsyncJobState
    from .._jobs.watch import AsyncJobWatch
    from .submission import AsyncSubmission

logger = logging.getLogger("comfy_cloud")


@dataclass(frozen=True, slots=True, kw_only=True)
class MapOptions:
    """The options of `ComfyCloud.map`, as they were given."""

    concurrency: int | None
    journal: str | PathLike[str] | None
    retry_failed: bool
    timeout: float | None
    detach: bool
    on_event: Callable[[Event], object] | None


class AsyncVariant:
    """One variant: first to be submitted, then watched. `due` is when to see to it, on the client's monotonic clock."""

    def __init__(self, index: int, inputs: Any) -> None:
        self.index = index
        self.inputs = inputs
        self.due = float("-inf")
        # Before it has a job
        self.workflow: Workflow | None = None
        self.given: list[str] = []
        self.place: VariantKey | None = None
        self.attempt: Attempt | None = None  # from an earlier call, if this variant is resumed
        self.submission: AsyncSubmission | None = None
        self.held_back: HeldBack | None = None
        self.is_noted = False  # in the journal, by this call
        # Once it has a job
        self.job: AsyncJobState | None = None
        self.watch: AsyncJobWatch | None = None
        self.deadline: float | None = None
        self.changed: Event | None = None
        self.failure: ComfyCloudError | None = None
        self.ending: Event | None = None
        self.repeats = Repeats()
        self.from_journal = False
        self.known_end: End | None = None  # by the journal: its job is only read, not waited for

    @property
    def nonce(self) -> str:
        """What marks its submission; empty before there is one."""
        if self.submission is not None:
            return self.submission.nonce
        return self.attempt.nonce if self.attempt is not None else ""

    def result(self, operations: AsyncJobOperations, error: ComfyCloudError | None) -> AsyncMapResult:
        """How it ended."""
        job = AsyncJob(operations, self.job) if self.job is not None else None
        return AsyncMapResult(self.index, self.inputs, job, error, self.from_journal)


class AsyncMapNotes:
    """The journal of one map, if it has one, and what stops the map."""

    def __init__(self) -> None:
        self.stopped_by: ComfyCloudError | None = None
        self._journal: Journal | None = None

    @property
    def has_journal(self) -> bool:
        """Whether anything is noted."""
        return self._journal is not None

    async def open(
        self, path: str | PathLike[str], workflow: str, server: str, now: datetime
    ) -> list[tuple[str, str]]:
        """Open the journal; returns the jobs that it knows, with their nonces. Raises ConfigurationError."""
        opened = partial(Journal.open, workflow=workflow, server=server, now=now)
        journal = self._journal = await async_in_thread(opened, path)
        if journal.removed_bytes:
            logger.warning("journal %s: took away a last line that was cut off", journal.path)
        return journal.known_jobs()

    def close(self) -> None:
        """Let go of the journal."""
        if self._journal is not None:
            self._journal.close()

    def find(self, variant: AsyncVariant, digest: str) -> None:
        """Look up what was done about a variant before."""
        if self._journal is not None:
            variant.place, variant.attempt = self._journal.take(digest)

    async def begin(self, variant: AsyncVariant, submission: AsyncSubmission, now: datetime) -> bool:
        """Note that it is about to be sent, before it is; False when that cannot be written: then it must not be."""
        if self._journal is None or variant.place is None or variant.is_noted:
            return True
        attempt = Attempt(submission.nonce, now, graph_digest(submission.body["prompt"]), submission.seeds)
        write = partial(self._journal.begin, variant.place, variant.index, attempt)
        variant.is_noted = await self._write(write)
        return variant.is_noted

    async def accepted(self, nonce: str, job_id: str) -> None:
        """Note which job it became."""
        if self._journal is not None:
            await self._write(partial(self._journal.accepted, nonce, job_id))

    async def ended(self, nonce: str, end: End) -> None:
        """Note how it ended."""
        if self._journal is not None:
            await self._write(partial(self._journal.ended, nonce, end))

    def stop(self, error: ComfyCloudError) -> None:
        """Submit nothing more; what runs is still waited for."""
        if self.stopped_by is None:
            self.stopped_by = error
            logger.warning("nothing more of the map is submitted: %s", error)

    async def _write(self, write: Callable[[], None]) -> bool:
        """Write a line; False when that failed, which stops the map."""
        try:
            await async_in_thread(write)
        except ConfigurationError as error:
            self.stop(error)
            return False
        return True
