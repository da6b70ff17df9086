"""The three endpoints that a server may have its history at, with one interface.

Each gives a page by offset, newest first, and a single entry. Comfy Cloud has /api/history_v2, and
every self-hosted ComfyUI has /api/history. The lists of /api/jobs have only a preview of the
outputs, so they come last. `history_reader` decides which one is used.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from comfy_cloud_api.api.job import (
    get_history,
    get_history_for_prompt,
    get_history_v1,
    get_history_v1_for_prompt,
    get_job_detail,
    list_jobs,
)
from comfy_cloud_api.models.history_detail_entry import HistoryDetailEntry
from comfy_cloud_api.models.history_entry import HistoryEntry as ListedEntry
from comfy_cloud_api.models.history_response import HistoryResponse
from comfy_cloud_api.types import decode_item, decode_json, undecoded_items

from ..._collector import collector_paused
from ..._http.concurrency import async_in_thread
from ..._http.page_arguments import LONGEST_JOBS_PAGE
from ..._http.page_items import items_of
from ..._jobs.comfy_history import ComfyHistoryWalk
from ..._jobs.entries import ComfyHistoryEntry, HistoryEntry, JobHistoryEntry
from ..._jobs.outputs import Factory, Output
from ...errors import NotFound, NotSupported, ServerError, UnexpectedResponse
from ...retry import Retry
from .._http.session import AsyncSession

T = TypeVar("T")

_FINISHED = "completed,failed,cancelled"
_UNFINISHED = "pending,in_progress"
_SPARE = 10


class AsyncHistorySource:
    """One endpoint that has the history. `path` is its path, and `lacks` what it leaves out."""

    path: str
    lacks: str = ""

    def __init__(self, session: AsyncSession, output: Factory[Output]) -> None:
        self._session = session
        self._output = output

    def reader(self) -> AsyncHistorySource:
        """The source to use for one iteration. It may keep state between its pages."""
        return self

    async def page(self, max_items: int, offset: int) -> list[HistoryEntry]:
        """One page: at most `max_items` entries after the first `offset`, newest first."""
        raise NotImplementedError

    async def converted_page(
        self,
        max_items: int,
        offset: int,
        convert: Callable[[HistoryEntry], T],
        quick: Callable[[Sequence[Any]], Sequence[T | None]],
    ) -> list[T]:
        """A page of entries, each converted; the entries themselves are let go at once.

        `quick` converts the undecoded JSON of all of a page, or gives None for what it does not
        know; `convert` is for those, and for sources that decode their entries.
        """
        page = await self.page(max_items, offset)
        return await async_in_thread(lambda: [convert(entry) for entry in page])

    async def entry(self, prompt_id: str) -> HistoryEntry:
        """One entry with everything that the server has about it. Raises NotFound."""
        raise NotImplementedError

    async def graph(self, entry: HistoryEntry) -> Mapping[str, Any] | None:
        """The graph that the job of a single entry ran, or None."""
        return entry.workflow

    async def unfinished(self) -> list[str] | None:
        """The ids of jobs that wait or run, and so get into the list by and by.

        None where that is not known, or where the list has jobs in the order of their ends.
        """
        return None


class AsyncHistoryV2(AsyncHistorySource):
    """GET /api/history_v2: the history of Comfy Cloud."""

    path = "/api/history_v2"

    async def page(self, max_items: int, offset: int) -> list[HistoryEntry]:
        request = get_history.build(max_items=max_items, offset=offset or None)
        return await self._session.call(request, self._entries)

    async def converted_page(
        self,
        max_items: int,
        offset: int,
        convert: Callable[[HistoryEntry], T],
        quick: Callable[[Sequence[Any]], Sequence[T | None]],
    ) -> list[T]:
        def read(response: Any) -> list[T]:
            with collector_paused():
                return self._converted(response, convert, quick)

        request = get_history.build(max_items=max_items, offset=offset or None)
        return await self._session.call(request, read)

    def _entries(self, response: Any) -> list[HistoryEntry]:
        found = items_of(get_history.parse(response).history)
        return [HistoryEntry(entry, None, self._output) for entry in found]

    def _converted(
        self,
        response: Any,
        convert: Callable[[HistoryEntry], T],
        quick: Callable[[Sequence[Any]], Sequence[T | None]],
    ) -> list[T]:
        lists = undecoded_items(HistoryResponse, response) if response.status_code == 200 else None
        if lists is None:
            return [convert(entry) for entry in self._entries(response)]
        items = lists.get("history", [])
        found: list[T] = []
        for item, known in zip(items, quick(items), strict=True):
            if known is not None:
                found.append(known)
            elif (entry := self._item(item)) is not None:
                found.append(convert(entry))
        return found

    def _item(self, raw: Any) -> HistoryEntry | None:
        """An entry from its undecoded JSON; None if that is no object."""
        content = bytes(raw)
        entry = decode_item(ListedEntry, content) or ListedEntry.read(decode_json(content))
        return HistoryEntry(entry, None, self._output) if isinstance(entry, ListedEntry) else None

    async def entry(self, prompt_id: str) -> HistoryEntry:
        request = get_history_for_prompt.build(prompt_id)
        found = await self._session.call(request, get_history_for_prompt.parse)
        # A server may send an id in lower case, however it was asked for.
        job_id = next((key for key in found.keys() if key.lower() == prompt_id.lower()), prompt_id)  # noqa: SIM118
        entry = found.get(job_id)
        if entry is None and ("status" in found or "outputs" in found):
            entry = HistoryDetailEntry.from_dict(found.to_dict())  # the entry itself, not keyed by id
        if entry is None:
            raise no_entry(prompt_id, get_history_for_prompt.OPERATION)
        return HistoryEntry(entry, job_id, self._output)

    async def unfinished(self) -> list[str] | None:
        request = list_jobs.build(status=_UNFINISHED, limit=LONGEST_JOBS_PAGE)
        try:
            jobs = items_of((await self._session.call(request, list_jobs.parse)).jobs)
        except (NotSupported, ServerError, UnexpectedResponse):
            return None  # those that end late are found when the whole list is read
        return [entry.id for entry in (JobHistoryEntry(job, self._output) for job in jobs) if entry.id]


class AsyncJobsHistory(AsyncHistorySource):
    """GET /api/jobs, finished jobs only.

    The list has their status, times, preview and error; a single entry has the rest.
    """

    path = "/api/jobs"
    lacks = ", whose lists have at most one output of each job; history.get() has them all"

    async def page(self, max_items: int, offset: int) -> list[HistoryEntry]:
        found: list[HistoryEntry] = []
        seen: set[str] = set()  # the list may move between two requests
        wanted = max_items
        while wanted > 0:
            size = min(wanted, LONGEST_JOBS_PAGE)
            request = list_jobs.build(status=_FINISHED, limit=size, offset=offset or None)
            jobs = items_of((await self._session.call(request, list_jobs.parse)).jobs)
            entries = [JobHistoryEntry(job, self._output) for job in jobs]
            found += [entry for entry in entries if not entry.id or entry.id not in seen]
            seen.update(entry.id for entry in entries)
            if len(jobs) < size:
                break
            wanted, offset = wanted - size, offset + size
        return found

    async def entry(self, prompt_id: str, retry: Retry | None = None) -> HistoryEntry:
        """One entry. `retry` replaces the client's policy. Raises NotFound."""
        request = get_job_detail.build(prompt_id)
        found = await self._session.call(request, get_job_detail.parse, retry=retry)
        entry = JobHistoryEntry(found, self._output)
        if not entry.status.is_terminal:
            raise no_entry(prompt_id, get_job_detail.OPERATION)
        return entry


class AsyncComfyHistory(AsyncHistorySource):
    """GET /api/history of a self-hosted ComfyUI: objects from id to entry, oldest first."""

    path = "/api/history"

    def reader(self) -> AsyncHistorySource:
        return _AsyncComfyWalk(self._session, self._output)

    async def page(self, max_items: int, offset: int) -> list[HistoryEntry]:
        # A few more than wanted: jobs do not end in the order of their creation.
        walk = _AsyncComfyWalk(self._session, self._output, offset + max_items + _SPARE)
        return await walk.page(max_items, offset)

    async def entry(self, prompt_id: str) -> HistoryEntry:
        request = get_history_v1_for_prompt.build(prompt_id)
        found = _plain(await self._session.call(request, get_history_v1_for_prompt.parse)).get(prompt_id)
        if not isinstance(found, dict):  # this server responds with 200 and {} for an unknown id
            raise no_entry(prompt_id, get_history_v1_for_prompt.OPERATION)
        return ComfyHistoryEntry(prompt_id, found, self._output)


class _AsyncComfyWalk(AsyncHistorySource):
    """The entries of a ComfyUI, newest first; each is read once, when it is asked for.

    Entries before the page that was asked for last are let go: each contains its graph. An offset
    before them begins anew.
    """

    path = AsyncComfyHistory.path

    def __init__(self, session: AsyncSession, output: Factory[Output], page_size: int | None = None) -> None:
        super().__init__(session, output)
        self._page_size = page_size
        self._begin()

    def _begin(self) -> None:
        self._walk = None if self._page_size is None else ComfyHistoryWalk(self._page_size)
        self._first = 0  # the offset of the first entry that is held
        self._entries: list[HistoryEntry] = []

    async def page(self, max_items: int, offset: int) -> list[HistoryEntry]:
        if offset < self._first:
            self._begin()
        self._walk = self._walk or ComfyHistoryWalk(max_items)
        end = offset + max_items
        while self._first + len(self._entries) < end and (query := self._walk.next_request()) is not None:
            self._let_go(offset - max_items)
            request = get_history_v1.build(max_items=query.max_items, offset=query.offset)
            found = _plain(await self._session.call(request, get_history_v1.parse))
            entries: list[HistoryEntry] = [
                ComfyHistoryEntry(prompt_id, raw, self._output)
                for prompt_id, raw in found.items()
                if isinstance(raw, dict)
            ]
            self._entries += self._walk.feed(entries, len(found))
        return self._entries[offset - self._first : end - self._first]

    def _let_go(self, offset: int) -> None:
        """Let entries go that are before an offset; one page before the present one is kept."""
        count = min(offset - self._first, len(self._entries))
        if count > 0:
            del self._entries[:count]
            self._first += count


def _plain(found: Any) -> dict[str, Any]:
    plain: dict[str, Any] = found.to_dict() if hasattr(found, "to_dict") else found
    return plain


def no_entry(prompt_id: str, operation: Any) -> NotFound:
    """The error for a job that is not in the history."""
    return NotFound(
        status=404,
        code="NOT_FOUND",
        message=f"There is no finished job {prompt_id} in the history",
        method=operation.method,
        path=operation.path,
    )


# In the order in which they are tried.
SOURCES: tuple[type[AsyncHistorySource], ...] = (AsyncHistoryV2, AsyncComfyHistory, AsyncJobsHistory)
