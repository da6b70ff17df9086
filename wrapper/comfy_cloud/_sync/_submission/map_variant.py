# Made from wrapper/comfy_cloud/_async/_submission/map_variant.py by `make unasync`. Do not edit.
"""One variant of `cloud.map`, and the record of a map, which lets a later call resume.

`_submission.journal` has the format of a journal; `map_run` and `map_watch` decide when to write.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from os import PathLike
from typing import TYPE_CHECKING, Any

from ..._http.concurrency import in_thread
from ..._jobs.event_reader import SeenEvents
from ..._jobs.events import Event
from ..._jobs.polling import SubmissionBackoff
from ..._submission.graph_identity import graph_digest
from ..._submission.idempotency_keys import SubmissionKey
from ..._submission.journal import Journal
from ..._submission.journal_records import Api, Attempt, End, VariantKey
from ..._workflows.workflow import Workflow
from ...errors import ComfyCloudError, ConfigurationError, UnexpectedResponse
from .._jobs.job import Job
from .map_result import MapFailure, MapResult, MapSuccess

if TYPE_CHECKING:
    from .._jobs.job_operations import JobOperations
    from .._jobs.job_state import JobState
    from .._jobs.watch import JobWatch
    from .submission import Submission

logger = logging.getLogger("comfy_cloud")


@dataclass(frozen=True, slots=True, kw_only=True)
class MapOptions:
    """The options of `cloud.map`, except those that `submit` has as well."""

    concurrency: int | None
    journal: str | PathLike[str] | None
    retry_failed: bool
    timeout: float | None
    detach: bool
    on_event: Callable[[Event], object] | None


class Variant:
    """One variant: first it is submitted, then its job is watched.

    `due` is the time of its next step, on the client's monotonic clock.
    """

    def __init__(self, index: int, inputs: Any) -> None:
        self.index = index
        self.inputs = inputs
        self.due = float("-inf")
        # Before it has a job:
        self.workflow: Workflow | None = None
        self.given: list[str] = []
        self.key: VariantKey | None = None
        self.submission_key: SubmissionKey | None = None  # with an idempotency key
        self.attempt: Attempt | None = None  # from an earlier call, if this variant is resumed
        self.submission: Submission | None = None
        self.backoff: SubmissionBackoff | None = None
        self.is_recorded = False  # in the journal, by this call
        self.recorded_api: Api | None = None  # by which it is sent, as the journal has it
        # Once it has a job:
        self.job: JobState | None = None
        self.watch: JobWatch | None = None
        self.deadline: float | None = None
        self.change: Event | None = None
        self.failure: ComfyCloudError | None = None
        self.ending: Event | None = None
        self.seen = SeenEvents()
        self.from_journal = False
        self.recorded_end: End | None = None  # in the journal: its job is only read, not waited for

    @property
    def nonce(self) -> str:
        """The nonce of its submission; empty before there is one."""
        if self.submission is not None:
            return self.submission.nonce
        return self.attempt.nonce if self.attempt is not None else ""

    def result(self, operations: JobOperations, error: ComfyCloudError | None) -> MapResult:
        """The result of the variant."""
        job = Job(operations, self.job) if self.job is not None else None
        if error is None and job is not None:
            return MapSuccess(self.index, self.inputs, job, from_journal=self.from_journal)
        reason = error or UnexpectedResponse("there is neither a job nor an error")
        return MapFailure(self.index, self.inputs, job, reason, self.from_journal)


class MapRecord:
    """What one map records: its journal, if it has one, and the error that stopped the map."""

    def __init__(self) -> None:
        self.stopped_by: ComfyCloudError | None = None
        self._journal: Journal | None = None

    @property
    def has_journal(self) -> bool:
        """Whether the map has a journal."""
        return self._journal is not None

    def open(
        self, path: str | PathLike[str], workflow: str, server: str, now: datetime
    ) -> list[tuple[str, str]]:
        """Open the journal; returns the ids of the jobs in it with their nonces.

        Raises ConfigurationError.
        """
        open_journal = partial(Journal.open, workflow=workflow, server=server, now=now)
        journal = self._journal = in_thread(open_journal, path, undo=Journal.close)
        if journal.removed_bytes:
            logger.warning("journal %s: removed an incomplete last line", journal.path)
        return journal.known_jobs()

    def close(self) -> None:
        """Close the journal."""
        if self._journal is not None:
            self._journal.close()

    def find(self, variant: Variant, digest: str) -> None:
        """Look up an earlier attempt at a variant."""
        if self._journal is not None:
            variant.key, variant.attempt = self._journal.take(digest)

    def begin(
        self,
        variant: Variant,
        submission: Submission,
        now: datetime,
        server_at: datetime | None,
    ) -> bool:
        """Record that a submission will be sent now; if that fails, False: it must not be.

        `server_at` is the time of the server's last response, by its clock.
        """
        if self._journal is None or variant.key is None:
            return True
        if variant.is_recorded and variant.recorded_api == submission.api:
            return True
        graph = graph_digest(submission.body["prompt"])
        attempt = Attempt(
            submission.nonce, now, graph, submission.seeds, server_at=server_at, api=submission.api
        )
        write = partial(self._journal.begin, variant.key, variant.index, attempt)
        is_written = self._write(write)
        if is_written:
            variant.is_recorded, variant.recorded_api = True, submission.api
        return is_written

    def accepted(self, nonce: str, job_id: str) -> None:
        """Record the job of a submission."""
        if self._journal is not None:
            self._write(partial(self._journal.accepted, nonce, job_id))

    def ended(self, nonce: str, end: End) -> None:
        """Record how a submission or its job ended."""
        if self._journal is not None:
            self._write(partial(self._journal.ended, nonce, end))

    def stop(self, error: ComfyCloudError) -> None:
        """Stop submitting. Running jobs are still waited for."""
        if self.stopped_by is None:
            self.stopped_by = error
            logger.warning("the map submits nothing more: %s", error)

    def _write(self, write: Callable[[], None]) -> bool:
        """Write a line; False if that failed, which stops the map."""
        try:
            in_thread(write)
        except ConfigurationError as error:
            self.stop(error)
            return False
        return True
