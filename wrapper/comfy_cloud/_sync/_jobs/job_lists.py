# Made from wrapper/comfy_cloud/_async/_jobs/job_lists.py by `make unasync`. Do not edit.
"""Where lists of jobs are read: /api/jobs, by cursor or by offset; on a server without it, its queue and its history.

The substitute is filtered and sorted here, by the rules of `job_filter`. What a job of a list can do is in `job`.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import closing
from typing import TYPE_CHECKING, Any

from comfy_cloud_api.api.job import list_jobs
from comfy_cloud_api.models.job_entry import JobEntry

from ..._jobs.entries import HistoryEntry, JobHistoryEntry
from ..._jobs.history_filter import HistoryFilter
from ..._jobs.job_filter import in_order, matches
from ..._jobs.queue_items import entries_of
from ...errors import BadRequest, NotSupported
from ...notices import warn
from ...pages import CursorWalk, OffsetWalk

if TYPE_CHECKING:
    from ..client import ComfyCloud

# What Comfy Cloud and a self-hosted ComfyUI call the same order.
SYNONYMS = {
    "create_time": "created_at",
    "created_at": "create_time",
    "execution_time": "execution_duration",
    "execution_duration": "execution_time",
}
_BY_CREATION = {None, "create_time", "created_at"}
_EVERYTHING = HistoryFilter(None, None, None)
_HISTORY_PAGE = 200


class JobLists:
    """The lists of one client. Queries are those of GET /api/jobs; entries come with the outputs that their source tells."""

    def __init__(self, cloud: ComfyCloud) -> None:
        self._cloud = cloud
        self._is_missing = False
        self._words: dict[str, str] = {}  # order -> what this server calls it, where that is another word

    def page(self, query: dict[str, Any], limit: int, offset: int) -> list[HistoryEntry]:
        """One page."""
        if not self._is_missing:
            try:
                page = self._page({**query, "limit": limit, "offset": offset or None})
            except NotSupported as error:
                self._fall_back(error)
            else:
                return [self._entry(entry) for entry in page.jobs or []]
        found: list[HistoryEntry] = []
        with closing(self._substitute(query)) as entries:
            for entry in entries:
                if offset > 0:
                    offset -= 1
                    continue
                found.append(entry)
                if len(found) == limit:
                    break
        return found

    def walk(self, query: dict[str, Any], page_size: int) -> Iterator[HistoryEntry]:
        """Every job, each once."""
        seen: set[str] = set()
        if not self._is_missing:
            try:
                for entry in self._walk(query, page_size, seen):
                    yield self._entry(entry)
            except NotSupported as error:
                self._fall_back(error)
            else:
                return
        for found in self._substitute(query):
            if found.prompt_id not in seen:
                yield found

    def _walk(self, query: dict[str, Any], page_size: int, seen: set[str]) -> Iterator[JobEntry]:
        """By cursor where there are cursors, else by offset."""
        by_cursor = CursorWalk[JobEntry]()
        first: list[JobEntry] | None = None
        while query["sort_by"] in _BY_CREATION and (cursor := by_cursor.next_request()) is not None:
            page = self._page({**query, "limit": page_size, **cursor})
            pagination = page.pagination
            entries = by_cursor.feed(
                page.jobs or [],
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
        for entry in self._walk_by_offset(query, page_size, first):
            if entry.id not in seen:
                seen.add(entry.id or "")
                yield entry

    def _walk_by_offset(
        self, query: dict[str, Any], page_size: int, first: list[JobEntry] | None
    ) -> Iterator[JobEntry]:
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
                page = self._page({**query, "limit": size, "offset": offset or None})
                entries = page.jobs or []
            for entry in walk.feed(entries):
                yield entry

    def _page(self, query: dict[str, Any]) -> Any:
        sort_by = query["sort_by"]
        word = self._words.get(sort_by, sort_by)
        try:
            return self._cloud._call(list_jobs.build(**{**query, "sort_by": word}), list_jobs.parse)
        except BadRequest:
            if sort_by not in SYNONYMS or word != sort_by:
                raise
        word = SYNONYMS[sort_by]
        page = self._cloud._call(list_jobs.build(**{**query, "sort_by": word}), list_jobs.parse)
        self._words[sort_by] = word
        return page

    def _entry(self, entry: JobEntry) -> HistoryEntry:
        return JobHistoryEntry(entry, self._cloud.files.output)

    # Without /api/jobs

    def _substitute(self, query: dict[str, Any]) -> Generator[HistoryEntry, None, None]:
        """The queue and the history, as that list would show them."""
        # The queue first: a job moves from there to the history, and never back.
        queued = entries_of(self._cloud.queue.get(), self._cloud.files.output)
        history = self._cloud.history._walk(_HISTORY_PAGE, _EVERYTHING, is_quiet=True)
        if query["sort_by"] in _BY_CREATION and query["sort_order"] != "asc":
            # The usual order is that of the history, so it is read no further than the caller does.
            for waiting_entry in reversed(queued):
                if matches(query, waiting_entry):
                    yield waiting_entry
            waiting = {entry.prompt_id for entry in queued}
            with closing(history) as finished:
                for found in finished:
                    if found.prompt_id not in waiting and matches(query, found):
                        yield found
            return
        ended = [entry for entry in history]
        known = {entry.prompt_id for entry in ended}
        everything = [*reversed(ended), *(entry for entry in queued if entry.prompt_id not in known)]
        for entry in in_order(query, (entry for entry in everything if matches(query, entry))):
            yield entry

    def _fall_back(self, error: NotSupported) -> None:
        """Take the substitute from now on, with a warning; raise `error` in strict mode."""
        if self._cloud.settings.strict:
            raise error
        if self._is_missing:
            return  # another task has turned already
        self._is_missing = True
        warn("This server has no /api/jobs; jobs are listed from /api/queue and its history")
