"""Jobs and history from API v2, for servers whose version 1 is gone, and for `api="v2"`.

The list has neither outputs nor times of execution; a single job has everything.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
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
from .._http.session import AsyncSession
from .history_sources import AsyncHistorySource, no_entry
from .source_interfaces import AsyncJobList, AsyncJobSource

_PAGE = 100
_NEWEST = 500  # jobs, among which unfinished ones are looked for
_BY_CREATION = {None, "create_time", "created_at"}


class AsyncV2Jobs(AsyncJobSource):
    """The operations of API v2 on jobs."""

    def __init__(self, session: AsyncSession, output: Factory[Output]) -> None:
        self._session = session
        self._output = output

    async def read(self, job_id: str, retry: Retry | None = None) -> HistoryEntry:
        request = request_of(get_job.build(job_id))
        found = await self._session.call(request, parser_of(get_job.parse), retry=retry)
        return V2JobEntry(found, self._output)

    async def cancel(self, job_id: str) -> JobStatus:
        """Ask for the end of a job; returns its state. Raises NotFound and NotSupported."""
        request = request_of(cancel_job.build(job_id))
        found = await self._session.call(request, parser_of(cancel_job.parse))
        return V2JobEntry(found, self._output).status

    async def workflow(self, job_id: str) -> dict[str, Any]:
        """The graph that a job runs."""
        request = request_of(get_job_workflow.build(job_id))
        found = await self._session.call(request, parser_of(get_job_workflow.parse))
        return found.workflow if isinstance(found.workflow, dict) else {}

    async def listed(self) -> AsyncGenerator[HistoryEntry, None]:
        """Every job, newest first, each once."""
        cursor: str | None = None
        cursors: set[str] = set()
        seen: set[str] = set()
        while True:
            request = request_of(list_jobs.build(limit=_PAGE, cursor=cursor))
            page = await self._session.call(request, parser_of(list_jobs.parse))
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


class AsyncV2History(AsyncHistorySource):
    """GET /api/v2/jobs, finished jobs only."""

    path = "/api/v2/jobs"

    def __init__(self, session: AsyncSession, output: Factory[Output]) -> None:
        super().__init__(session, output)
        self._jobs = AsyncV2Jobs(session, output)

    def reader(self) -> AsyncHistorySource:
        return _AsyncV2Walk(self._session, self._output)

    async def page(self, max_items: int, offset: int) -> list[HistoryEntry]:
        return await self.reader().page(max_items, offset)

    async def entry(self, prompt_id: str) -> HistoryEntry:
        found = await self._jobs.read(prompt_id)
        if not found.status.is_terminal:
            raise no_entry(prompt_id, get_job.OPERATION)
        return found

    async def graph(self, entry: HistoryEntry) -> Mapping[str, Any] | None:
        try:
            return await self._jobs.workflow(entry.id)
        except NotFound:
            return None

    async def unfinished(self) -> list[str] | None:
        """Those among the newest jobs: this list has all jobs, and no filter."""
        try:
            async with aclosing(at_most(_NEWEST, self._jobs.listed())) as newest:
                return [entry.id async for entry in newest if entry.id and not entry.status.is_terminal]
        except (NotSupported, ServerError, UnexpectedResponse):
            return None  # those that end late are found when the whole list is read


class _AsyncV2Walk(AsyncHistorySource):
    """The finished jobs, newest first; each page of the list is read once."""

    path = AsyncV2History.path

    def __init__(self, session: AsyncSession, output: Factory[Output]) -> None:
        super().__init__(session, output)
        self._listed = AsyncV2Jobs(session, output).listed()
        self._entries: list[HistoryEntry] = []
        self._is_at_end = False

    async def page(self, max_items: int, offset: int) -> list[HistoryEntry]:
        end = offset + max_items
        while len(self._entries) < end and not self._is_at_end:
            entry = await self._next()
            if entry is None:
                self._is_at_end = True
            elif entry.status.is_terminal:
                self._entries.append(entry)
        return self._entries[offset:end]

    async def _next(self) -> HistoryEntry | None:
        async for entry in self._listed:
            return entry
        return None


class AsyncV2JobList(AsyncJobList):
    """GET /api/v2/jobs, filtered and sorted like GET /api/jobs."""

    def __init__(self, session: AsyncSession, output: Factory[Output]) -> None:
        self._jobs = AsyncV2Jobs(session, output)

    async def page(self, query: dict[str, Any], limit: int, offset: int) -> list[HistoryEntry]:
        found = [entry async for entry in at_most(offset + limit, self._entries(query))]
        return found[offset:]

    async def walk(
        self, query: dict[str, Any], page_size: int, seen: set[str]
    ) -> AsyncGenerator[HistoryEntry, None]:
        async with aclosing(self._entries(query)) as entries:
            async for entry in entries:
                if entry.id not in seen:
                    seen.add(entry.id)
                    yield entry

    async def _entries(self, query: dict[str, Any]) -> AsyncGenerator[HistoryEntry, None]:
        if query["sort_by"] in _BY_CREATION and query["sort_order"] != "asc":
            async with aclosing(self._matching(query)) as found:
                async for entry in found:
                    yield entry
            return
        listed = [entry async for entry in self._matching(query)]
        for entry in in_order(query, reversed(listed)):
            yield entry

    async def _matching(self, query: dict[str, Any]) -> AsyncGenerator[HistoryEntry, None]:
        """The jobs that match, newest first. The list alone cannot show types and durations."""
        kind = query["output_type"]
        others = {**query, "output_type": None}
        is_whole = kind is not None or query["sort_by"] not in _BY_CREATION
        async with aclosing(self._jobs.listed()) as listed:
            async for entry in listed:
                if not matches(others, entry):
                    continue
                shown = await self._jobs.read(entry.id) if is_whole else entry
                if kind is None or has_output_type(shown, kind):
                    yield shown
