"""Search a server's lists for a submission whose response was lost.

It reads the queue, the jobs and the history, each back to before the submission. Jobs created since
then are also read separately if the lists do not contain their nonce. `_submission.reconciliation`
decides what that proves. Nothing here submits anything.

"Before the submission" is a time of the server's clock. Our own clock may be wrong, so it counts
only together with a Date header or a job that was known before the submission. For a submission of
an earlier program, our clock does not count at all: it may have been set since, or be another
machine's. There the program has recorded a Date header. Without these the lists are read to their
end.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from email.utils import parsedate_to_datetime
from operator import attrgetter
from typing import TYPE_CHECKING, Any, TypeVar

from comfy_cloud_api.api.job import get_history, get_history_v1, get_job_detail, list_jobs

from ..._http.page_items import items_of
from ..._jobs.entries import ComfyHistoryEntry, HistoryEntry, JobHistoryEntry
from ..._submission.journal_records import Attempt
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
    job_origin,
    nonce_in,
    request_in,
)
from ...errors import ComfyCloudError, NotSupported, UnexpectedResponse
from ...pages import OffsetWalk
from .._http.session import AsyncSession

if TYPE_CHECKING:
    from ..queue import AsyncQueue

T = TypeVar("T")

_PAGE = 200
# A list with more pages since the submission is not read to its end; then it proves nothing.
_MAX_PAGES = 25
# Jobs read separately in one check. Further ones remain unexplained in it, so it proves nothing.
_MAX_DETAILS = 100


class _SeenJob:
    """One job as seen in one check of the lists, with the data of all lists together."""

    def __init__(self) -> None:
        self.extra_data: Mapping[str, Any] | None = None
        self.graph: Mapping[str, Any] | None = None
        self.created_ms: float | None = None
        self.has_extra_data = False  # complete, not just what a list contains

    @property
    def is_whole(self) -> bool:
        """Whether there is nothing left to read, as with the lists of a self-hosted ComfyUI."""
        return self.has_extra_data and self.graph is not None

    def add(self, extra_data: object, graph: object, created_ms: float | None) -> None:
        if isinstance(extra_data, Mapping) and (self.extra_data is None or nonce_in(extra_data)):
            self.extra_data = extra_data
            self.has_extra_data = True
        if isinstance(graph, Mapping) and graph:
            self.graph = graph
        self.created_ms = created_ms if created_ms is not None else self.created_ms


class AsyncSubmissionSearch:
    """The search for one submission.

    It is sent now, or was sent by an earlier program as `earlier`. `is_our_graph` recognises the
    graph that was sent. `known` maps the ids of jobs that this client submitted to their nonces: if
    a listed one lacks its nonce, the service drops nonces.
    """

    def __init__(
        self,
        session: AsyncSession,
        queue: AsyncQueue,
        nonce: str,
        is_our_graph: Callable[[Mapping[str, Any]], bool],
        known: OrderedDict[str, str],
        earlier: Attempt | None = None,
    ) -> None:
        self._session = session
        self._queue = queue
        self._nonce = nonce
        self._is_our_graph = is_our_graph
        self._known = known
        runtime = session.runtime
        now = runtime.now()
        # Created before this submission. An earlier program's submission has no such job.
        self._known_before = _latest(known) if earlier is None else None
        self._earlier = earlier
        self._submitted = now
        self._submitted_at = runtime.monotonic()
        # The latest times, in epoch milliseconds, at which it can have been submitted, less a
        # margin: by the server's clock as shown by Date headers, and by the job known before.
        self._since_by_date = float("inf")
        self._since_by_known_job = float("inf")
        self._foreign_ids: set[str] = set()  # jobs that are known to be of another submission
        self._outage = PATIENCE
        self._started_at = 0.0
        self._times = check_times()
        self.checks: list[ListCheck] = []
        self.due = 0.0

    def begin(self, outage: float = PATIENCE) -> None:
        """Start to search, since a response was lost just now. `due` is the time of the first step.

        `outage` is how many seconds to continue while the lists cannot be read.
        """
        self._started_at = self._session.runtime.monotonic()
        self._outage = outage
        self._times = check_times(outage)
        self.checks = []
        self._set_due()

    async def step(self) -> Verdict:
        """Check the lists once; returns the verdict so far. `due` is the time of the next step.

        Never raises a ComfyCloudError.
        """
        self.checks.append(await self.check_lists(self._session.runtime.monotonic() - self._started_at))
        self._set_due()
        return decide(self.checks, outage=self._outage)

    @property
    def meets_only_web_pages(self) -> bool:
        """Whether the last check got a web page for every list: the service is not reached."""
        return bool(self.checks) and all(read.is_web_page for read in self.checks[-1].lists)

    def _set_due(self) -> None:
        # A check that took long is followed by a pause, not immediately by the next one.
        self.due = max(self._started_at + next(self._times), self._session.runtime.monotonic() + 0.5)

    def evidence(self, error: Exception) -> dict[str, Any]:
        """What was tried and found, for `SubmissionUncertain.evidence`."""
        return evidence_of(self.checks, error)

    async def check_lists(self, at: float) -> ListCheck:
        """Read every list once, `at` seconds after the start. Never raises a ComfyCloudError."""
        seen: dict[str, _SeenJob] = {}
        # The queue first: a job moves from there to the other lists, never back.
        lists = [
            await self._read("queue", seen),
            await self._read("jobs", seen),
            await self._read("history", seen),
        ]
        drops_nonces = False
        details = 0
        candidates: list[Candidate] = []
        since_ms = self._since_ms
        # The newest first, since only so many are read.
        for job_id, job in sorted(seen.items(), key=_newest_first):
            if job_id in self._foreign_ids:
                continue
            is_older = job.created_ms is not None and job.created_ms < since_ms
            if is_older and nonce_in(job.extra_data) != self._nonce:
                continue
            if nonce_in(job.extra_data) is None and not job.is_whole and details < _MAX_DETAILS:
                details += 1
                await self._read_detail(job_id, job)
            origin = job_origin(job.extra_data, job.graph, nonce=self._nonce, is_our_graph=self._is_our_graph)
            known = self._known.get(job_id)
            if known is not None and known != self._nonce:
                drops_nonces = drops_nonces or (job.has_extra_data and nonce_in(job.extra_data) != known)
                origin = Origin.FOREIGN
            if origin is Origin.FOREIGN and (known is None or nonce_in(job.extra_data) == known):
                self._foreign_ids.add(job_id)
            found = nonce_in(job.extra_data)
            is_stripped = job.has_extra_data and found is None
            request = request_in(job.extra_data)
            candidates.append(Candidate(job_id, origin, job.created_ms, found, request, is_stripped))
        return ListCheck(at, tuple(lists), tuple(candidates), drops_nonces)

    @property
    def _since_ms(self) -> float:
        """A time surely before the submission, in epoch milliseconds of the server's clock.

        Minus infinity if nothing is known of that clock.
        """
        if self._earlier is not None:
            server_at = self._earlier.server_at
            if server_at is None:
                return float("-inf")
            return (min(server_at, self._earlier.begun_at).timestamp() - CLOCK_MARGIN) * 1000
        by_server = self._since_by_date
        if by_server == float("inf"):
            by_server = self._since_by_known_job
        if by_server == float("inf"):
            return float("-inf")
        return min(by_server, (self._submitted.timestamp() - CLOCK_MARGIN) * 1000)

    async def _read(self, name: ListName, seen: dict[str, _SeenJob]) -> ListRead:
        outcome: Outcome = "complete"
        reason, is_web_page = "", False
        read = {"queue": self._read_queue, "jobs": self._read_jobs, "history": self._read_history}[name]
        try:
            if not await read(seen):
                outcome, reason = "failed", f"more than {_MAX_PAGES * _PAGE} entries"
        except NotSupported:
            outcome = "missing"
        except Exception as error:  # noqa: BLE001 - whatever a server sends, the search goes on
            outcome = "failed"
            reason = str(error) if isinstance(error, ComfyCloudError) else type(error).__name__
            is_web_page = isinstance(error, UnexpectedResponse) and error.is_web_page
        return ListRead(name, outcome, reason, is_web_page)

    async def _read_queue(self, seen: dict[str, _SeenJob]) -> bool:
        for item in await self._queue.get():
            created = item.created_at.timestamp() * 1000 if item.created_at is not None else None
            self._add(seen, item.job_id, item.extra_data, item.graph, created)
        return True

    async def _read_jobs(self, seen: dict[str, _SeenJob]) -> bool:
        walk = OffsetWalk[HistoryEntry](_PAGE, attrgetter("prompt_id"), attrgetter("created_ms"))
        for _ in range(_MAX_PAGES):
            request = walk.next_request()
            if request is None:
                return True
            offset, limit = request

            page = await self._session.call(
                list_jobs.build(limit=limit, offset=offset or None), self._timed(list_jobs.parse)
            )
            entries: list[HistoryEntry] = [JobHistoryEntry(job) for job in items_of(page.jobs)]
            walk.feed(entries)
            for entry in entries:
                self._add(seen, entry.prompt_id, None, None, entry.created_ms)
            if self._is_past(entries):
                return True
        return False

    async def _read_history(self, seen: dict[str, _SeenJob]) -> bool:
        walk = OffsetWalk[HistoryEntry](_PAGE, attrgetter("prompt_id"), attrgetter("created_ms"))
        for _ in range(_MAX_PAGES):
            request = walk.next_request()
            if request is None:
                return True
            offset, limit = request

            call = get_history.build(max_items=limit, offset=offset or None)
            try:
                page = await self._session.call(call, self._timed(get_history.parse))
            except NotSupported:
                await self._read_comfy_history(seen)
                return True
            entries = [HistoryEntry(entry) for entry in items_of(page.history)]
            walk.feed(entries)
            for entry in entries:
                self._add(seen, entry.prompt_id, entry.extra_data, entry.workflow, entry.created_ms)
            if self._is_past(entries):
                return True
        return False

    async def _read_comfy_history(self, seen: dict[str, _SeenJob]) -> None:
        found = await self._session.call(get_history_v1.build(), self._timed(get_history_v1.parse))
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
            started = entry.started_at or entry.finished_at
            created = entry.created_ms
            if created is None and started is not None:
                created = started.timestamp() * 1000
            # Not `_add`: this may be the start of the job, which can be after the submission.
            seen.setdefault(entry.prompt_id, _SeenJob()).add(entry.extra_data, entry.workflow, created)

    def _add(
        self,
        seen: dict[str, _SeenJob],
        job_id: str,
        extra_data: object,
        graph: object,
        created_ms: float | None,
    ) -> None:
        if job_id == self._known_before and created_ms is not None:
            self._since_by_known_job = min(self._since_by_known_job, created_ms - CLOCK_MARGIN * 1000)
        seen.setdefault(job_id, _SeenJob()).add(extra_data, graph, created_ms)

    async def _read_detail(self, job_id: str, job: _SeenJob) -> None:
        """Read the nonce and the graph of a job that the lists do not contain. Ignores errors."""
        try:
            found = await self._session.call(get_job_detail.build(job_id), get_job_detail.parse)
        except ComfyCloudError:
            return
        entry = JobHistoryEntry(found)
        job.has_extra_data = True
        job.add(entry.extra_data, entry.workflow, entry.created_ms)

    def _is_past(self, entries: Sequence[HistoryEntry]) -> bool:
        """Whether a page reaches back to before the submission.

        That is so if it is sorted, newest first, and its last entry is older.
        """
        instants = [entry.created_ms for entry in entries]
        if not instants or any(instant is None for instant in instants):
            return False
        known = [instant for instant in instants if instant is not None]
        return known == sorted(known, reverse=True) and known[-1] < self._since_ms

    def _timed(self, parse: Callable[[Any], T]) -> Callable[[Any], T]:
        """The same parser; it also learns the server's time from the Date header."""

        def timed(response: Any) -> T:
            self._learn_time(response.headers.get("date"))
            return parse(response)

        return timed

    def _learn_time(self, date: str | None) -> None:
        """Learn when the submission was sent by the server's clock, from a response's Date."""
        try:
            server_now = parsedate_to_datetime(date) if date else None
        except ValueError:
            return
        if not isinstance(server_now, datetime):
            return
        runtime = self._session.runtime
        # Of the two, the monotonic clock may stand still while the machine sleeps.
        by_wall = (runtime.now() - self._submitted).total_seconds()
        passed = max(runtime.monotonic() - self._submitted_at, by_wall)
        submitted = server_now.timestamp() - passed
        self._since_by_date = min(self._since_by_date, (submitted - CLOCK_MARGIN) * 1000)


def _latest(known: OrderedDict[str, str]) -> str | None:
    """The job that was added last."""
    while True:
        try:
            return next(reversed(known), None)
        except RuntimeError:  # another thread has just added one
            continue


def _newest_first(seen: tuple[str, _SeenJob]) -> float:
    created_ms = seen[1].created_ms
    return -created_ms if created_ms is not None else float("-inf")
