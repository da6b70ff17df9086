"""One sync: the list of the history from its newest end, then the details of each new job.

Each few pages and each batch of details are one transaction, so it may be killed at any instant,
and the next one goes on where this one was.
"""

# pyright: reportUnknownLambdaType=false
from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Literal, NamedTuple

from ..._collector import collector_paused
from ..._http.concurrency import Halt, async_in_thread, async_run_concurrently
from ..._http.thread_steps import give_way
from ..._http.write_behind import AsyncWriteBehind
from ..._jobs.entries import HistoryEntry
from ...errors import ComfyCloudError, ConfigurationError, NotFound, ServerError, UnexpectedResponse
from ...mirror.history_walk import HistoryWalk
from ...mirror.job_writing import Job
from ...mirror.late_jobs import LateJobs, Reach
from ...mirror.records import JobRecord, record_of
from ...mirror.store import Store
from ...mirror.sync_state import ListState, SeenJobs, SyncResult, SyncState
from ...mirror.usual_entries import UsualJob, usual_jobs
from .._http.session import AsyncSession
from .._jobs.history_reader import AsyncHistoryPages, AsyncHistoryReader

_PAGE = 500
# So many jobs of a whole list are written at once, or more while earlier ones are being written:
# fewer, larger transactions take less time. Jobs with graphs, which are much larger, are written
# page by page.
_WRITTEN_AT_ONCE = 2000
_MOST_WAITING = 4000
_READ_IN_A_ROW = 20
_DETAILS_AT_ONCE = 16
_BATCH = 64
_DAY_MS = 24 * 3600 * 1000
_FULL_AFTER_MS = 7 * _DAY_MS
_LOCK_PAUSE = 0.5
# New jobs above those of an interrupted pass are held so long; then it begins anew.
_MOST_HELD = 4000
# So many of the jobs that a list does not have any more are asked for, before it is believed.
_ASKED_FOR = 8
_MOST_FAILURES = 20
# In a list as short as this, a job that ends late is in the page that every sync reads.
_SHORT_LIST = 400


class SyncProgress(NamedTuple):
    """How far a sync is: so many jobs of the list or of the details; `total` may be None."""

    phase: Literal["waiting", "list", "details"]
    done: int
    total: int | None


class AsyncSync:
    """One sync of a mirror with the server of a client."""

    def __init__(
        self,
        session: AsyncSession,
        reader: AsyncHistoryReader,
        store: Store,
        progress: Callable[[SyncProgress], object] | None,
    ) -> None:
        self._session = session
        self._reader = reader
        self._store = store
        self._state = SyncState(store)
        self._late = LateJobs(store)
        self._unfinished: list[str] | None = None
        self._looked_ms = 0
        self._first_page: list[Job] | None = None
        self._progress = progress or (lambda progress: None)
        self._result = SyncResult()

    async def run(self, *, full: bool, details: bool, wait: float) -> SyncResult:
        """Sync, under the lock of the mirror."""
        release = await self._locked(wait)
        try:
            is_long = await async_in_thread(self._state.last_number) >= min(_SHORT_LIST, _PAGE)
            reach = await async_in_thread(self._late.reach)
            if is_long and await self._has_news(full, reach):
                await self._look(await async_in_thread(self._state.newest_ms))
            await self._list(full, reach, asks_unfinished=not is_long)
            if self._unfinished is not None:
                await self._add_late(self._unfinished)
            if details:
                await self._details()
            self._result.total = await async_in_thread(self._state.total)
        finally:
            await async_in_thread(release)
        return self._result

    async def _has_news(self, full: bool, reach: Reach) -> bool:
        """Whether there may be anything new. If not, the first page is kept for the list.

        Unfinished jobs are asked for before the list, so that none ends in between unseen.
        """
        is_due = partial(self._state.is_long_pass, self._now_ms(), full_after_ms=_FULL_AFTER_MS)
        if full or await async_in_thread(is_due) or await async_in_thread(self._late.is_awaited):
            return True
        page = await self._page(HistoryWalk(_PAGE), self._reader.pages())
        is_known = await async_in_thread(self._state.has_all, [job.id for job in page])
        if not is_known or not (len(page) < _PAGE or reach.is_passed(_times(page))):
            return True
        self._first_page = page
        return False

    async def _look(self, looked_ms: int) -> None:
        """Note which jobs have not ended. Later ones have been created after this instant."""
        self._unfinished = await self._reader.unfinished()
        self._looked_ms = looked_ms
        await async_in_thread(self._late.watch, self._unfinished)

    async def _locked(self, wait: float) -> Callable[[], None]:
        runtime = self._session.runtime
        ends = runtime.monotonic() + wait
        while True:
            release = await async_in_thread(self._store.lock)
            if release is not None:
                return release
            if runtime.monotonic() >= ends:
                raise ConfigurationError(
                    f"Another sync of the mirror {self._store.name} is running. Wait until that ends, and "
                    "try again"
                )
            self._progress(SyncProgress("waiting", 0, None))
            await runtime.sleep(_LOCK_PAUSE)

    def _now_ms(self) -> int:
        return int(self._session.runtime.now().timestamp() * 1000)

    # The list

    async def _list(self, full: bool, reach: Reach, *, asks_unfinished: bool) -> None:
        begin = partial(self._state.begin, self._now_ms(), full=full, full_after_ms=_FULL_AFTER_MS)
        state = await async_in_thread(begin)
        if state.offset:
            await self._catch_up(state, reach)
        # Only a pass that reads all of the list in one go shows what is not in it any more.
        seen = SeenJobs() if state.is_full and not state.offset else None
        async with AsyncWriteBehind() as behind:
            walk = await self._walk(state, reach, seen, behind, asks_unfinished=asks_unfinished)
        if seen is not None and walk.is_complete:
            await self._mark_deleted(seen)
        await async_in_thread(partial(self._state.finish, state, self._now_ms(), is_whole=walk.is_complete))
        self._result.is_full = walk.is_complete

    async def _walk(
        self,
        state: ListState,
        reach: Reach,
        seen: SeenJobs | None,
        behind: AsyncWriteBehind,
        *,
        asks_unfinished: bool,
    ) -> HistoryWalk:
        """Read the list and write its jobs; of a whole list, the next pages are read meanwhile."""
        walk = HistoryWalk(_PAGE, state.offset)
        pages = self._reader.pages()
        is_first = True
        held: list[Job] = []
        newest_ms: int | None = None
        try:
            while walk.next_request() is not None:
                if asks_unfinished and walk.end >= _SHORT_LIST:
                    asks_unfinished = False
                    await behind.finish()
                    await self._look(newest_ms or 0)
                    # Jobs that ended since the first page was read are among the pages up to here.
                    walk = HistoryWalk(_PAGE)
                page = await self._page(walk, pages)
                ids = [job.id for job in page]
                newest_ms = newest_ms or max(_times(page), default=None)
                is_linked = is_first and await async_in_thread(self._state.has_of_pass, ids[:1], state)
                is_first = False
                if not walk.feed(ids, is_linked=is_linked):
                    continue
                held += page
                self._progress(SyncProgress("list", walk.end, None))
                enough = _MOST_WAITING if behind.is_busy else _WRITTEN_AT_ONCE
                if state.is_full and len(held) < enough and not _has_graphs(page):
                    continue
                written, held = held, []
                await behind.start(self._add, written, state, walk.end, seen)
                if not state.is_full and await behind.finish() and reach.is_passed(_times(page)):
                    break
        except ComfyCloudError:
            await behind.finish()
            await async_in_thread(self._add, held, state, walk.end, seen)
            raise
        await behind.finish()
        await async_in_thread(self._add, held, state, walk.end, seen)
        return walk

    async def _page(self, walk: HistoryWalk, pages: AsyncHistoryPages) -> list[Job]:
        """The page that a walk asks for, or less of it where that would be too large."""
        page, self._first_page = self._first_page, None
        if page is not None:
            return page
        while (request := walk.next_request()) is not None:
            try:
                return await pages.converted(*request, record_of, _usual_jobs)
            except UnexpectedResponse as error:
                if error.is_web_page or not walk.shrink():
                    raise
        return []

    def _add(self, jobs: Sequence[Job], state: ListState, offset: int | None, seen: SeenJobs | None) -> bool:
        if not any(job.id for job in jobs):
            return False
        with collector_paused():
            return self._state.add_page(jobs, state, offset, self._now_ms(), self._result, seen)

    async def _catch_up(self, state: ListState, reach: Reach) -> None:
        """Add the jobs that are newer than those of an interrupted pass, all at once.

        If they were added one page after the other, an interruption could leave a gap.
        """
        walk = HistoryWalk(_PAGE)
        pages = self._reader.pages()
        held: list[Job] = []
        while walk.next_request() is not None:
            page = await self._page(walk, pages)
            ids = [job.id for job in page]
            if not walk.feed(ids):
                continue
            held += page
            if len(held) > _MOST_HELD:
                state.offset = 0
                return
            if await async_in_thread(self._state.has_of_pass, ids, state) and reach.is_passed(_times(page)):
                break
        await async_in_thread(self._add, held, state, None, None)

    async def _mark_deleted(self, seen: SeenJobs) -> None:
        """Mark the jobs that the list does not have, unless the server still has some of them."""
        gone = await async_in_thread(self._state.unseen, seen)
        step = max(1, len(gone) // _ASKED_FOR)
        calls = [partial(self._is_there, job_id) for job_id in gone[::step][:_ASKED_FOR]]
        if calls and any(await async_run_concurrently(calls, self._most_at_once)):
            self._result.failures.append(
                f"{len(gone)} jobs are not in the list, but the server still has some of them; none is "
                "marked as deleted"
            )
            return
        await async_in_thread(self._state.mark_deleted, gone, self._now_ms())
        self._result.deleted = len(gone)

    async def _is_there(self, job_id: str, halt: Halt) -> bool:
        halt.check()
        try:
            await self._reader.entry(job_id)
        except NotFound:
            return False
        return True

    async def _add_late(self, unfinished: Sequence[str]) -> None:
        """Add the jobs that had not ended at the last sync, and have now."""
        ended = await async_in_thread(self._late.ended, unfinished)
        outcomes: dict[str, JobRecord | ComfyCloudError] = {}
        calls = [partial(self._fetch, job_id, outcomes, is_listed=False) for job_id in ended]
        if calls:
            await async_run_concurrently(calls, self._most_at_once)
        records = [found for found in outcomes.values() if isinstance(found, JobRecord)]
        write = partial(self._late.write, unfinished, ended, records, self._now_ms(), self._result)
        await async_in_thread(write, self._looked_ms)

    # Details

    @property
    def _most_at_once(self) -> int:
        return min(_DETAILS_AT_ONCE, self._session.settings.max_connections)

    async def _details(self) -> None:
        numbers = await async_in_thread(self._state.without_details)
        done = 0
        for start in range(0, len(numbers), _BATCH):
            ids = await async_in_thread(self._state.ids_of, numbers[start : start + _BATCH])
            outcomes: dict[str, JobRecord | ComfyCloudError] = {}
            calls = [partial(self._fetch, job_id, outcomes) for job_id in ids]
            try:
                await async_run_concurrently(calls, self._most_at_once)
            finally:
                await async_in_thread(self._add_details, outcomes)
            done += len(ids)
            self._progress(SyncProgress("details", done, len(numbers)))

    async def _fetch(
        self,
        job_id: str,
        outcomes: dict[str, JobRecord | ComfyCloudError],
        halt: Halt,
        *,
        is_listed: bool = True,
    ) -> None:
        """Fetch what the server has of a job. An error that concerns all of them is raised."""
        halt.check()
        try:
            read = self._reader.entry if is_listed else self._reader.whole_entry
            entry = await read(job_id)
            graph = await self._reader.graph(entry)
            outcomes[job_id] = await async_in_thread(partial(_detailed, entry, graph))
        except (NotFound, ServerError, UnexpectedResponse) as error:
            outcomes[job_id] = error

    def _add_details(self, outcomes: dict[str, JobRecord | ComfyCloudError]) -> None:
        records = [found for found in outcomes.values() if isinstance(found, JobRecord)]
        missing = [job_id for job_id, found in outcomes.items() if isinstance(found, NotFound)]
        failed = {
            job_id: found
            for job_id, found in outcomes.items()
            if isinstance(found, ComfyCloudError) and not isinstance(found, NotFound)
        }
        if records or missing:
            self._state.add_details(records, missing, self._now_ms(), self._result)
        for job_id, error in failed.items():
            self._result.failures.append(f"job {job_id}: {error}")
            self._result.without_details += 1
            if len(self._result.failures) > _MOST_FAILURES:
                raise error


def _usual_jobs(entries: Sequence[Any]) -> list[UsualJob | None]:
    found: list[UsualJob | None] = []
    for start in range(0, len(entries), _READ_IN_A_ROW):
        found += usual_jobs(entries[start : start + _READ_IN_A_ROW])
        give_way()
    return found


def _has_graphs(jobs: Sequence[Job]) -> bool:
    return any(isinstance(job, JobRecord) and job.facts is not None for job in jobs)


def _times(page: Sequence[Job]) -> list[int]:
    """When the jobs of a page were created, in milliseconds, of those that say so."""
    return [job.created_ms for job in page if job.id and job.created_ms is not None]


def _detailed(entry: HistoryEntry, graph: Mapping[str, Any] | None) -> JobRecord:
    return record_of(entry, graph, is_whole=True)
