# Made from wrapper/comfy_cloud/_async/_jobs/v2_jobs.py by `make unasync`. Do not edit.
"""Jobs and history from API v2, for servers whose version 1 is gone, and for `api="v2"`.

The list has neither outputs nor times of execution; a single job has everything.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import closing
from typing import Any

from comfy_cloud_api_v2.api.jobs import cancel_job, get_job, get_job_workflow, list_jobs
from comfy_cloud_api_v2.types import Model

from ..._http.api_v2 import parser_of, request_of
from ..._http.page_items import items_of
from ..._jobs.entries import HistoryEntry
from ..._jobs.job_filter import has_output_type, in_order, matches
from ..._jobs.outputs import Factory, Output
from ..._jobs.states import JobStatus
from ..._jobs.v2_entries import V2JobEntry
from ...errors import NotFound, NotSupported, ServerError, UnexpectedResponse
from ...retry import Retry
from .._http.iteration import at_most
from .._http.session import Session
from .history_sources import HistorySource, no_entry
from .source_interfaces import JobList, JobSource

_PAGE = 100
_NEWEST = 500  # jobs, among which unfinished ones are looked for
_BY_CREATION = {None, "create_time", "created_at"}


class V2Jobs(JobSource):
    """The operations of API v2 on jobs."""

    def __init__(self, session: Session, output: Factory[Output]) -> None:
        self._session = session
        self._output = output

    def read(self, job_id: str, retry: Retry | None = None) -> HistoryEntry:
        request = request_of(get_job.build(job_id))
        found = self._session.call(request, parser_of(get_job.parse), retry=retry)
        return V2JobEntry(found, self._output)

    def cancel(self, job_id: str) -> JobStatus:
        """Ask for the end of a job; returns its state. Raises NotFound and NotSupported."""
        request = request_of(cancel_job.build(job_id))
        found = self._session.call(request, parser_of(cancel_job.parse))
        return V2JobEntry(found, self._output).status

    def workflow(self, job_id: str) -> dict[str, Any]:
        """The graph that a job runs."""
        request = request_of(get_job_workflow.build(job_id))
        found = self._session.call(request, parser_of(get_job_workflow.parse))
        return found.workflow if isinstance(found.workflow, dict) else {}

    def listed(self) -> Generator[HistoryEntry, None, None]:
        """Every job, newest first, each once."""
        cursor: str | None = None
        cursors: set[str] = set()
        seen: set[str] = set()
        while True:
            request = request_of(list_jobs.build(limit=_PAGE, cursor=cursor))
            page = self._session.call(request, parser_of(list_jobs.parse))
            for job in items_of(page.jobs, Model):
                entry = V2JobEntry(job, self._output)
                if entry.id not in seen:
                    seen.add(entry.id)
                    yield entry
            cursor = page.next_cursor
            if not cursor:
                return
            if cursor in cursors:
                operation = list_jobs.OPERATION
                raise UnexpectedResponse(
                    f"{operation.method} {operation.path} gave the same cursor twice, so its list has no end",
                    status=200,
                    method=operation.method,
                    path=operation.path,
                )
            cursors.add(cursor)


class V2History(HistorySource):
    """GET /api/v2/jobs, finished jobs only."""

    path = "/api/v2/jobs"

    def __init__(self, session: Session, output: Factory[Output]) -> None:
        super().__init__(session, output)
        self._jobs = V2Jobs(session, output)

    def reader(self) -> HistorySource:
        return _V2Walk(self._session, self._output)

    def page(self, max_items: int, offset: int) -> list[HistoryEntry]:
        return self.reader().page(max_items, offset)

    def entry(self, prompt_id: str) -> HistoryEntry:
        found = self._jobs.read(prompt_id)
        if not found.status.is_terminal:
            raise no_entry(prompt_id, get_job.OPERATION)
        return found

    def graph(self, entry: HistoryEntry) -> Mapping[str, Any] | None:
        try:
            return self._jobs.workflow(entry.id)
        except NotFound:
            return None

    def unfinished(self) -> list[str] | None:
        """Those among the newest jobs: this list has all jobs, and no filter."""
        try:
            with closing(at_most(_NEWEST, self._jobs.listed())) as newest:
                return [entry.id for entry in newest if entry.id and not entry.status.is_terminal]
        except (NotSupported, ServerError, UnexpectedResponse):
            return None  # those that end late are found when the whole list is read


class _V2Walk(HistorySource):
    """The finished jobs, newest first; each page of the list is read once."""

    path = V2History.path

    def __init__(self, session: Session, output: Factory[Output]) -> None:
        super().__init__(session, output)
        self._listed = V2Jobs(session, output).listed()
        self._entries: list[HistoryEntry] = []
        self._is_at_end = False

    def page(self, max_items: int, offset: int) -> list[HistoryEntry]:
        end = offset + max_items
        while len(self._entries) < end and not self._is_at_end:
            entry = self._next()
            if entry is None:
                self._is_at_end = True
            elif entry.status.is_terminal:
                self._entries.append(entry)
        return self._entries[offset:end]

    def _next(self) -> HistoryEntry | None:
        for entry in self._listed:
            return entry
        return None


class V2JobList(JobList):
    """GET /api/v2/jobs, filtered and sorted like GET /api/jobs."""

    def __init__(self, session: Session, output: Factory[Output]) -> None:
        self._jobs = V2Jobs(session, output)

    def page(self, query: dict[str, Any], limit: int, offset: int) -> list[HistoryEntry]:
        found = [entry for entry in at_most(offset + limit, self._entries(query))]
        return found[offset:]

    def walk(
        self, query: dict[str, Any], page_size: int, seen: set[str]
    ) -> Generator[HistoryEntry, None, None]:
        with closing(self._entries(query)) as entries:
            for entry in entries:
                if entry.id not in seen:
                    seen.add(entry.id)
                    yield entry

    def _entries(self, query: dict[str, Any]) -> Generator[HistoryEntry, None, None]:
        if query["sort_by"] in _BY_CREATION and query["sort_order"] != "asc":
            with closing(self._matching(query)) as found:
                for entry in found:
                    yield entry
            return
        listed = [entry for entry in self._matching(query)]
        for entry in in_order(query, reversed(listed)):
            yield entry

    def _matching(self, query: dict[str, Any]) -> Generator[HistoryEntry, None, None]:
        """The jobs that match, newest first. The list alone cannot show types and durations."""
        kind = query["output_type"]
        others = {**query, "output_type": None}
        is_whole = kind is not None or query["sort_by"] not in _BY_CREATION
        with closing(self._jobs.listed()) as listed:
            for entry in listed:
                if not matches(others, entry):
                    continue
                shown = self._jobs.read(entry.id) if is_whole else entry
                if kind is None or has_output_type(shown, kind):
                    yield shown
