"""Read lists of jobs: from /api/jobs, by cursor or by offset, else from the queue and the history.

The fallback is filtered and sorted here, by the rules of `_jobs.job_filter`.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Iterable
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

from comfy_cloud_api.api.job import list_jobs
from comfy_cloud_api.models.job_entry import JobEntry

from ..._http.page_items import items_of
from ..._jobs.entries import HistoryEntry, JobHistoryEntry
from ..._jobs.history_filter import HistoryFilter
from ..._jobs.job_filter import has_output_type, in_order, matches
from ..._jobs.outputs import Factory, Output
from ..._jobs.queue_items import entries_of
from ..._jobs.states import JobStatus, status_from_word
from ...errors import BadRequest, ConfigurationError, NotFound, NotSupported
from ...pages import CursorWalk, OffsetWalk
from .._http.fallback import AsyncFallback
from .._http.iteration import at_most, several_at_once
from .._http.session import AsyncSession
from .history_reader import AsyncHistoryReader
from .source_interfaces import AsyncJobList

if TYPE_CHECKING:
    from ..queue import AsyncQueue

# The names of the same order on Comfy Cloud and on a self-hosted ComfyUI.
_SYNONYMS = {
    "create_time": "created_at",
    "created_at": "create_time",
    "execution_time": "execution_duration",
    "execution_duration": "execution_time",
}
_BY_CREATION = {None, "create_time", "created_at"}
_EVERYTHING = HistoryFilter(None, None, None)
_HISTORY_PAGE = 200
_DETAILS_AT_ONCE = 8
_OPERATION = f"{list_jobs.OPERATION.method} {list_jobs.OPERATION.path}"
_NOTICE = "This server has no /api/jobs; jobs are listed from /api/queue and its history"


class AsyncJobLists:
    """The lists of jobs of one client, from the first source that its server has."""

    def __init__(
        self, session: AsyncSession, queue: AsyncQueue, history: AsyncHistoryReader, output: Factory[Output]
    ) -> None:
        sources: list[AsyncJobList] = [
            AsyncListedJobs(session, history, output),
            _AsyncQueueAndHistory(queue, history, output),
        ]
        self._fallback = AsyncFallback[AsyncJobList](
            session, sources, lambda source: _NOTICE, lambda: _v2_list(session, output)
        )

    async def page(self, query: dict[str, Any], limit: int, offset: int) -> list[HistoryEntry]:
        """One page of jobs."""
        return await self._fallback.call(lambda source: source.page(query, limit, offset))

    async def walk(self, query: dict[str, Any], page_size: int) -> AsyncGenerator[HistoryEntry, None]:
        """Every job, each once, even if a source turns out to be missing during the walk."""
        seen: set[str] = set()
        while True:
            source = self._fallback.current
            try:
                async with aclosing(source.walk(query, page_size, seen)) as entries:
                    async for entry in entries:
                        self._fallback.confirm(source)
                        yield entry
            except NotSupported as error:
                self._fallback.skip(source, error)
            else:
                self._fallback.confirm(source)
                return


def _v2_list(session: AsyncSession, output: Factory[Output]) -> AsyncJobList:
    from .v2_jobs import AsyncV2JobList  # hardly ever needed

    return AsyncV2JobList(session, output)


class AsyncListedJobs(AsyncJobList):
    """GET /api/jobs. Of the outputs, its entries contain only the one shown as a preview."""

    def __init__(
        self, session: AsyncSession, history: AsyncHistoryReader | None, output: Factory[Output]
    ) -> None:
        self._session = session
        self._history = history
        self._output = output
        self._synonyms: dict[str, str] = {}  # sort_by -> this server's own name for it, if different

    async def page(self, query: dict[str, Any], limit: int, offset: int) -> list[HistoryEntry]:
        if self._is_unfiltered(query):
            entries = self.walk(query, _HISTORY_PAGE, set())
            return [entry async for entry in at_most(offset + limit, entries)][offset:]
        page = await self._page({**query, "limit": limit, "offset": offset or None})
        return [self._entry(entry) for entry in items_of(page.jobs)]

    async def walk(
        self, query: dict[str, Any], page_size: int, seen: set[str]
    ) -> AsyncGenerator[HistoryEntry, None]:
        async with aclosing(self._walk(query, page_size, seen)) as jobs:
            entries = (self._entry(job) async for job in jobs)
            if self._is_unfiltered(query):
                entries = self._with_output_type(query["output_type"], entries)
            async with aclosing(entries):
                async for entry in entries:
                    yield entry

    def _is_unfiltered(self, query: dict[str, Any]) -> bool:
        """Whether the server may ignore `output_type`, as every self-hosted ComfyUI does."""
        return query["output_type"] is not None and not self._session.settings.is_comfy_cloud

    async def _with_output_type(
        self, kind: str, entries: AsyncGenerator[HistoryEntry, None]
    ) -> AsyncGenerator[HistoryEntry, None]:
        """The entries of jobs that made a file of this type. Reads those whose list hides it."""

        history = self._history
        assert history is not None  # noqa: S101 - only lists by status are made without one

        async def checked(entry: HistoryEntry) -> HistoryEntry | None:
            found = has_output_type(entry, kind)
            if found is None:
                try:
                    found = has_output_type(await history.entry(entry.id, is_quiet=True), kind)
                except NotFound:
                    found = False  # deleted since it was listed
            return entry if found else None

        most = min(_DETAILS_AT_ONCE, self._session.settings.max_connections)
        async with aclosing(several_at_once(checked, entries, most)) as found:
            async for entry in found:
                if entry is not None:
                    yield entry

    async def _walk(
        self, query: dict[str, Any], page_size: int, seen: set[str]
    ) -> AsyncGenerator[JobEntry, None]:
        """Every job: by cursor where there are cursors, else by offset."""
        by_cursor = CursorWalk[JobEntry](_OPERATION, identity=lambda entry: entry.id or "")
        first: list[JobEntry] | None = None
        while query["sort_by"] in _BY_CREATION and (cursor := by_cursor.next_request()) is not None:
            page = await self._page({**query, "limit": page_size, **cursor})
            pagination = page.pagination
            entries = by_cursor.feed(
                items_of(page.jobs),
                getattr(pagination, "next_cursor", None),
                getattr(pagination, "has_more", None),
            )
            if by_cursor.is_stranded and first is None:
                first = entries
                break
            first = []
            for entry in entries:
                if entry.id not in seen:
                    seen.add(entry.id or "")
                    yield entry
        if query["sort_by"] in _BY_CREATION and not by_cursor.is_stranded:
            return
        async for entry in self._walk_by_offset(query, page_size, first):
            if entry.id not in seen:
                seen.add(entry.id or "")
                yield entry

    async def _walk_by_offset(
        self, query: dict[str, Any], page_size: int, first: list[JobEntry] | None
    ) -> AsyncIterator[JobEntry]:
        is_newest_first = query["sort_by"] in _BY_CREATION and query["sort_order"] != "asc"
        walk = OffsetWalk[JobEntry](
            page_size,
            identity=lambda entry: entry.id or "",
            instant=lambda entry: JobHistoryEntry(entry).created_ms if is_newest_first else None,
        )
        while (request := walk.next_request()) is not None:
            offset, size = request
            if first and offset == 0:
                entries, first = first, None
            else:
                page = await self._page({**query, "limit": size, "offset": offset or None})
                entries = items_of(page.jobs)
            for entry in walk.feed(entries):
                yield entry

    async def _page(self, query: dict[str, Any]) -> Any:
        sort_by = query["sort_by"]
        name = self._synonyms.get(sort_by, sort_by)
        try:
            return await self._session.call(list_jobs.build(**{**query, "sort_by": name}), list_jobs.parse)
        except BadRequest:
            if sort_by not in _SYNONYMS or name != sort_by:
                raise
        name = _SYNONYMS[sort_by]
        page = await self._session.call(list_jobs.build(**{**query, "sort_by": name}), list_jobs.parse)
        self._synonyms[sort_by] = name
        return page

    def _entry(self, entry: JobEntry) -> HistoryEntry:
        return JobHistoryEntry(entry, self._output)


class _AsyncQueueAndHistory(AsyncJobList):
    """GET /api/queue and the history, filtered and sorted like GET /api/jobs."""

    def __init__(self, queue: AsyncQueue, history: AsyncHistoryReader, output: Factory[Output]) -> None:
        self._queue = queue
        self._history = history
        self._output = output

    async def page(self, query: dict[str, Any], limit: int, offset: int) -> list[HistoryEntry]:
        found = [entry async for entry in at_most(offset + limit, self._entries(query))]
        return found[offset:]

    async def walk(
        self, query: dict[str, Any], page_size: int, seen: set[str]
    ) -> AsyncGenerator[HistoryEntry, None]:
        async for entry in self._entries(query):
            if entry.prompt_id not in seen:
                seen.add(entry.prompt_id)
                yield entry

    async def _entries(self, query: dict[str, Any]) -> AsyncGenerator[HistoryEntry, None]:
        """The jobs of the queue and the history, filtered and sorted."""
        # The queue first: a job moves from there to the history, and never back.
        queued = entries_of(await self._queue.get(), self._output)
        history = self._history.walk(_HISTORY_PAGE, _EVERYTHING, is_quiet=True)
        if query["sort_by"] in _BY_CREATION and query["sort_order"] != "asc":
            # The default order is that of the history, so it is read only as far as needed.
            for queued_entry in reversed(queued):
                if matches(query, queued_entry):
                    yield queued_entry
            queued_ids = {entry.prompt_id for entry in queued}
            async with aclosing(history) as finished:
                async for finished_entry in finished:
                    if finished_entry.prompt_id not in queued_ids and matches(query, finished_entry):
                        yield finished_entry
            return
        ended = [entry async for entry in history]
        ended_ids = {entry.prompt_id for entry in ended}
        entries = [*reversed(ended), *(entry for entry in queued if entry.prompt_id not in ended_ids)]
        for entry in in_order(query, (entry for entry in entries if matches(query, entry))):
            yield entry


def list_query(
    status: object,
    workflow_id: str | None,
    output_type: str | None,
    sort_by: str | None,
    sort_order: str | None,
) -> dict[str, Any]:
    """The query of GET /api/jobs. Raises ConfigurationError for values that are not valid."""
    if sort_by is not None and sort_by not in _SYNONYMS:
        raise ConfigurationError(f"sort_by must be create_time or execution_time, not {sort_by!r}")
    if sort_order not in (None, "asc", "desc"):
        raise ConfigurationError(f"sort_order must be asc or desc, not {sort_order!r}")
    return {
        "status": _status_filter(status),
        "workflow_id": workflow_id,
        "output_type": output_type,
        "sort_by": sort_by,
        "sort_order": sort_order,
    }


def _status_filter(status: object) -> str | None:
    if status is None:
        return None
    values = (
        [status] if isinstance(status, str) else list(status) if isinstance(status, Iterable) else [status]
    )
    statuses = [status_from_word(value) for value in values]
    if not statuses or JobStatus.UNKNOWN in statuses:
        known = ", ".join(each.value for each in JobStatus if each is not JobStatus.UNKNOWN)
        raise ConfigurationError(f"status must be one or more of {known}, not {status!r}")
    return ",".join(dict.fromkeys(each.value for each in statuses))
