"""Execution history: list, iterate, read, delete. Newest first, safe against a list that moves while it is read.

Comfy Cloud has it at /api/history_v2. A server that has retired or never had that is read through /api/jobs, else through a
self-hosted ComfyUI's /api/history; a warning says so once, and `strict=True` forbids it.
"""

from __future__ import annotations

import builtins
from collections.abc import AsyncGenerator, AsyncIterator, Iterable
from datetime import datetime
from operator import attrgetter
from typing import TYPE_CHECKING

from comfy_cloud_api.api.job import manage_history
from comfy_cloud_api.models.history_manage_request import HistoryManageRequest

from .._jobs.entries import HistoryEntry
from .._jobs.history_filter import HistoryFilter
from .._jobs.states import JobStatus
from ..errors import ConfigurationError, NotFound, NotSupported
from ..notices import warn
from ..pages import OffsetWalk
from ._jobs.history_sources import SOURCES, AsyncHistorySource, AsyncHistoryV2

if TYPE_CHECKING:
    from .client import AsyncComfyCloud


class AsyncHistory:
    """`cloud.history`. Iterate over it to read every entry, newest first, pages fetched as needed."""

    def __init__(self, cloud: AsyncComfyCloud) -> None:
        self._cloud = cloud
        self._source: AsyncHistorySource = AsyncHistoryV2(cloud)
        self._told: str | None = None  # the substitute that was warned of

    def __aiter__(self) -> AsyncIterator[HistoryEntry]:
        return self.iter()

    async def list(self, max_items: int = 100, offset: int = 0) -> builtins.list[HistoryEntry]:
        """One page of finished jobs, newest first (GET /api/history_v2).

        Args:
            max_items: The most entries to return.
            offset: How many of the newest to skip. Between two calls the list may move; `iter` allows for that.

        Raises:
            ConfigurationError: `max_items` is below 1 or `offset` below 0.
            Unauthorized: The key is missing or wrong.
            NotSupported: The server has no history endpoint, or not this one and `strict` is set.
        """
        if max_items < 1 or offset < 0:
            raise ConfigurationError(
                f"max_items must be 1 or more and offset 0 or more, not {max_items} and {offset}"
            )
        while True:
            source = self._source
            try:
                page = await source.page(max_items, offset)
            except NotSupported as error:
                self._fall_back(source, error)
            else:
                self._tell(source)
                return page

    async def iter(
        self,
        *,
        since: datetime | str | None = None,
        until: datetime | str | None = None,
        status: JobStatus | str | Iterable[JobStatus | str] | None = None,
        limit: int | None = None,
        page_size: int = 200,
        details: bool = False,
    ) -> AsyncIterator[HistoryEntry]:
        """Every finished job, newest first (GET /api/history_v2, page by page).

        No entry that is there throughout is lost or repeated, whatever is added or deleted between two pages.

        Args:
            since: Only jobs created at this instant or later: a datetime, or text such as "2 hours ago", "yesterday",
                "2026-11-01". A datetime or text without a zone is local time.
            until: Only jobs created before this instant.
            status: Only jobs that ended so: "completed", "failed", "cancelled", or several of them.
            limit: Stop after this many.
            page_size: How many entries to ask for at a time.
            details: Fetch each entry by itself too, for what the list leaves out (the graph; with /api/jobs, the outputs).

        Raises:
            ConfigurationError: An argument cannot be used.
            Unauthorized: The key is missing or wrong.
            NotSupported: The server has no history endpoint, or not this one and `strict` is set.
        """
        wanted = HistoryFilter.of(since, until, status, self._cloud._runtime.now())
        if page_size < 1 or (limit is not None and limit < 0):
            raise ConfigurationError(
                f"page_size must be 1 or more and limit 0 or more, not {page_size} and {limit}"
            )
        left = limit
        if left == 0:
            return
        async for entry in self._walk(page_size, wanted):
            if wanted.matches(entry):
                yield await self._with_details(entry) if details else entry
                if left is not None:
                    left -= 1
                    if left == 0:
                        return

    async def get(self, prompt_id: str) -> HistoryEntry:
        """One finished job with its graph (GET /api/history_v2/{prompt_id}).

        Raises:
            NotFound: There is no such entry: the id is unknown, the job has not finished, or it was deleted.
            ConfigurationError: The id is empty.
            NotSupported: The server has no history endpoint, or not this one and `strict` is set.
        """
        if not prompt_id:
            raise ConfigurationError("history.get() needs a prompt_id")
        while True:
            source = self._source
            try:
                entry = await source.entry(prompt_id)
            except NotSupported as error:
                self._fall_back(source, error)
            else:
                self._tell(source)
                return entry

    async def delete(self, *prompt_ids: str) -> None:
        """Delete entries by id (POST /api/history). The server ignores unknown ids; without ids nothing is sent.

        Raises:
            ConfigurationError: An id is empty.
        """
        if not all(prompt_ids):
            raise ConfigurationError("history.delete() takes ids that are not empty")
        if prompt_ids:
            body = HistoryManageRequest(delete=[*prompt_ids])
            await self._cloud._call(manage_history.build(body=body), manage_history.parse)

    async def clear(self) -> None:
        """Delete the whole history of this account (POST /api/history). It cannot be undone."""
        body = HistoryManageRequest(clear=True)
        await self._cloud._call(manage_history.build(body=body), manage_history.parse)

    async def _walk(
        self, page_size: int, wanted: HistoryFilter, *, is_quiet: bool = False
    ) -> AsyncGenerator[HistoryEntry, None]:
        """The entries in order, each once, until there are no more or the rest is surely too old.

        With `is_quiet` nothing is said of a substitute: whoever walks is one, and has said so.
        """
        walk = OffsetWalk[HistoryEntry](
            page_size, identity=attrgetter("prompt_id"), instant=attrgetter("created_ms")
        )
        source = self._source
        reader = source.reader()
        while (request := walk.next_request()) is not None:
            offset, size = request
            page = None
            while page is None:
                try:
                    page = await reader.page(size, offset)
                except NotSupported as error:
                    self._fall_back(source, error)
                    source = self._source
                    reader = source.reader()
            if not is_quiet:
                self._tell(source)
            for entry in walk.feed(page):
                yield entry
            if wanted.is_before(page):
                return

    async def _with_details(self, entry: HistoryEntry) -> HistoryEntry:
        try:
            return await self.get(entry.prompt_id)
        except NotFound:
            return entry  # deleted since it was listed: what the list said is all there is

    def _fall_back(self, source: AsyncHistorySource, error: NotSupported) -> None:
        """Turn to the next source; raise `error` when there is none, or in strict mode."""
        if self._source is not source:
            return  # another task has turned already
        following = SOURCES.index(type(source)) + 1
        if self._cloud.settings.strict or following == len(SOURCES):
            raise error
        self._source = SOURCES[following](self._cloud)

    def _tell(self, source: AsyncHistorySource) -> None:
        """Warn, once, that a source which has just answered is not the history's own."""
        if isinstance(source, AsyncHistoryV2) or source.path == self._told:
            return
        self._told = source.path
        warn(f"This server has no {AsyncHistoryV2.path}; its history is read from {source.path}")
