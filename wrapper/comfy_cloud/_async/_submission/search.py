"""Searching a server's lists for a submission whose response was lost. What they prove is decided in `_submission.reconciliation`.

It reads the queue, the jobs and the history, each back past the instant of submission, and each job created since then
separately where the lists do not contain its nonce. Nothing here submits anything.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from email.utils import parsedate_to_datetime
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from comfy_cloud_api.api.job import get_history, get_history_v1, get_job_detail, list_jobs

from ..._jobs.entries import ComfyHistoryEntry, HistoryEntry, JobHistoryEntry
from ..._submission.reconciliation import (
    CLOCK_MARGIN,
    PATIENCE,
    Candidate,
    ListCheck,
    ListName,
    ListRead,
    Origin,
    Outcome,
    Verdict,
    check_times,
    decide,
    evidence_of,
    nonce_in,
    origin_of,
)
from ...errors import ComfyCloudError, NotSupported, UnexpectedResponse
from ...pages import OffsetWalk
from .._http.session import AsyncSession

if TYPE_CHECKING:
    from ..queue import AsyncQueue

_PAGE = 200
# A list that is longer since the submission than this is not read to its end; then nothing is proved.
_MOST_PAGES = 25


class _Seen:
    """What one look learned of one job, from all lists together."""

    def __init__(self) -> None:
        self.extra_data: Mapping[str, Any] | None = None
        self.graph: Mapping[str, Any] | None = None
        self.created_ms: float | None = None
        self.is_read = False  # its extra data is all that there is, not just what a list tells

    @property
    def is_whole(self) -> bool:
        """Whether a list told everything, as those of a self-hosted ComfyUI do: there is no more to be read."""
        return self.is_read and self.graph is not None

    def take(self, extra_data: object, graph: object, created_ms: float | None) -> None:
        if isinstance(extra_data, Mapping) and (self.extra_data is None or nonce_in(extra_data)):
            self.extra_data = extra_data
            self.is_read = True
        if isinstance(graph, Mapping) and graph:
            self.graph = graph
        self.created_ms = created_ms if created_ms is not None else self.created_ms


class AsyncSubmissionSearch:
    """The search for one submission. `submitted` is when it was first sent: now, unless told.

    `is_our_graph` recognises the graph that was sent. `known` maps the ids of jobs that this client submitted to their nonces:
    when one lacks its own, the service drops them.
    """

    def __init__(
        self,
        session: AsyncSession,
        queue: AsyncQueue,
        nonce: str,
        is_our_graph: Callable[[Mapping[str, Any]], bool],
        known: Mapping[str, str],
        submitted: datetime | None = None,
    ) -> None:
        self._session = session
        self._queue = queue
        self._nonce = nonce
        self._is_our_graph = is_our_graph
        self._known = known
        runtime = session.runtime
        now = runtime.now()
        submitted = now if submitted is None else min(submitted, now)
        self._submitted_at = runtime.monotonic() - (now - submitted).total_seconds()
        self._since_ms = submitted.timestamp() * 1000 - CLOCK_MARGIN * 1000
        self._explained: set[str] = set()
        self._outage = PATIENCE
        self._began = 0.0
        self._times = check_times()
        self.looks: list[ListCheck] = []
        self.due = 0.0

    def begin(self, outage: float = PATIENCE) -> None:
        """An answer was lost just now. `due` says when to take the first step.

        `outage` is for how many seconds to go on as long as the lists cannot be read.
        """
        self._began = self._session.runtime.monotonic()
        self._outage = outage
        self._times = check_times(outage)
        self.looks = []
        self._set_due()

    async def step(self) -> Verdict:
        """ListCheck once, and say what is proved by now; `due` is when to look again. Never raises an error of the library."""
        self.looks.append(await self.look(self._session.runtime.monotonic() - self._began))
        self._set_due()
        return decide(self.looks, outage=self._outage)

    def _set_due(self) -> None:
        # A look that took long is followed by a breath, not by the next one at once.
        self.due = max(self._began + next(self._times), self._session.runtime.monotonic() + 0.5)

    def evidence(self, error: Exception) -> dict[str, Any]:
        """What was tried and seen."""
        return evidence_of(self.looks, error)

    async def look(self, at: float) -> ListCheck:
        """ListCheck through every list once. Never raises an error of the library."""
        seen: dict[str, _Seen] = {}
        # The queue first: a job moves from there to the other lists, never back.
        lists = [
            await self._read("queue", seen),
            await self._read("jobs", seen),
            await self._read("history", seen),
        ]
        drops_nonces = False
        candidates: list[Candidate] = []
        for job_id, job in seen.items():
            if job_id in self._explained:
                continue
            if nonce_in(job.extra_data) is None and not job.is_whole:
                await self._read_detail(job_id, job)
            origin = origin_of(job.extra_data, job.graph, nonce=self._nonce, is_our_graph=self._is_our_graph)
            known = self._known.get(job_id)
            if known is not None and known != self._nonce:
                drops_nonces = drops_nonces or (job.is_read and nonce_in(job.extra_data) != known)
                origin = Origin.FOREIGN
            elif origin is Origin.FOREIGN:
                self._explained.add(job_id)
            candidates.append(Candidate(job_id, origin, job.created_ms))
        return ListCheck(at, tuple(lists), tuple(candidates), drops_nonces)

    async def _read(self, name: ListName, seen: dict[str, _Seen]) -> ListRead:
        outcome: Outcome = "complete"
        reason = ""
        read = {"queue": self._read_queue, "jobs": self._read_jobs, "history": self._read_history}[name]
        try:
            if not await read(seen):
                outcome, reason = "failed", f"more than {_MOST_PAGES * _PAGE} entries"
        except NotSupported:
            outcome = "missing"
        except ComfyCloudError as error:
            outcome, reason = "failed", str(error)
        return ListRead(name, outcome, reason)

    async def _read_queue(self, seen: dict[str, _Seen]) -> bool:
        for item in await self._queue.get():
            created = item.created_at.timestamp() * 1000 if item.created_at is not None else None
            self._note(seen, item.job_id, item.extra_data, item.graph, created)
        return True

    async def _read_jobs(self, seen: dict[str, _Seen]) -> bool:
        walk = OffsetWalk[HistoryEntry](_PAGE, attrgetter("prompt_id"), attrgetter("created_ms"))
        for _ in range(_MOST_PAGES):
            request = walk.next_request()
            if request is None:
                return True
            offset, limit = request

            def parse(response: Any) -> Any:
                self._heed_clock(response.headers.get("date"))
                return list_jobs.parse(response)

            page = await self._session.call(list_jobs.build(limit=limit, offset=offset or None), parse)
            entries: list[HistoryEntry] = [JobHistoryEntry(job) for job in page.jobs or []]
            walk.feed(entries)
            for entry in entries:
                self._note(seen, entry.prompt_id, None, None, entry.created_ms)
            if self._is_past(entries):
                return True
        return False

    async def _read_history(self, seen: dict[str, _Seen]) -> bool:
        walk = OffsetWalk[HistoryEntry](_PAGE, attrgetter("prompt_id"), attrgetter("created_ms"))
        for _ in range(_MOST_PAGES):
            request = walk.next_request()
            if request is None:
                return True
            offset, limit = request

            def parse(response: Any) -> Any:
                self._heed_clock(response.headers.get("date"))
                return get_history.parse(response)

            call = get_history.build(max_items=limit, offset=offset or None)
            try:
                page = await self._session.call(call, parse)
            except NotSupported:
                await self._read_comfy_history(seen)
                return True
            entries = [HistoryEntry(entry) for entry in page.history or []]
            walk.feed(entries)
            for entry in entries:
                self._note(seen, entry.prompt_id, entry.extra_data, entry.workflow, entry.created_ms)
            if self._is_past(entries):
                return True
        return False

    async def _read_comfy_history(self, seen: dict[str, _Seen]) -> None:
        found = await self._session.call(get_history_v1.build(), get_history_v1.parse)
        plain: dict[str, Any] = dict(found)
        if not all(isinstance(raw, dict) for raw in plain.values()):
            operation = get_history_v1.OPERATION
            raise UnexpectedResponse(
                f"{operation.method} {operation.path} is not in the form of a self-hosted ComfyUI",
                status=200,
                method=operation.method,
                path=operation.path,
            )
        for entry in [ComfyHistoryEntry(prompt_id, raw) for prompt_id, raw in plain.items()]:
            began = entry.started_at or entry.finished_at
            created = entry.created_ms
            if created is None and began is not None:
                created = began.timestamp() * 1000
            self._note(seen, entry.prompt_id, entry.extra_data, entry.workflow, created)

    def _note(
        self,
        seen: dict[str, _Seen],
        job_id: str,
        extra_data: object,
        graph: object,
        created_ms: float | None,
    ) -> None:
        if created_ms is not None and created_ms < self._since_ms and nonce_in(extra_data) != self._nonce:
            return
        seen.setdefault(job_id, _Seen()).take(extra_data, graph, created_ms)

    async def _read_detail(self, job_id: str, job: _Seen) -> None:
        """The nonce and the graph of a job that the lists do not tell. What cannot be read stays unknown."""
        try:
            found = await self._session.call(get_job_detail.build(job_id), get_job_detail.parse)
        except ComfyCloudError:
            return
        entry = JobHistoryEntry(found)
        job.is_read = True
        job.take(entry.extra_data, entry.workflow, entry.created_ms)

    def _is_past(self, entries: Sequence[HistoryEntry]) -> bool:
        """Whether a page reaches back past the submission: its order can be relied on, and its last entry is older."""
        instants = [entry.created_ms for entry in entries]
        if not instants or any(instant is None for instant in instants):
            return False
        known = [instant for instant in instants if instant is not None]
        return known == sorted(known, reverse=True) and known[-1] < self._since_ms

    def _heed_clock(self, date: str | None) -> None:
        """ListCheck further back when the server's clock is behind ours, by the Date header of its answer."""
        try:
            server_now = parsedate_to_datetime(date) if date else None
        except ValueError:
            return
        if not isinstance(server_now, datetime):
            return
        passed = self._session.runtime.monotonic() - self._submitted_at
        submitted = server_now.timestamp() - passed
        self._since_ms = min(self._since_ms, (submitted - CLOCK_MARGIN) * 1000)
