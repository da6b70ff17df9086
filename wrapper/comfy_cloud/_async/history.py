"""Execution history: list, iterate, read, delete. Newest first, also while the list changes.

Comfy Cloud serves it at /api/history_v2. A server without that is read through the /api/history of
a self-hosted ComfyUI, or else through /api/jobs. This fallback warns once; `strict=True` forbids
it.
"""

from __future__ import annotations

import builtins
from collections.abc import AsyncIterator, Iterable
from contextlib import aclosing

from comfy_cloud_api.api.job import manage_history
from comfy_cloud_api.models.history_manage_request import HistoryManageRequest

from .._http.page_arguments import check_page, check_walk
from .._jobs.entries import HistoryEntry
from .._jobs.history_filter import HistoryFilter, When
from .._jobs.states import JobStatus
from ..errors import ConfigurationError, NotFound
from ._http.iteration import at_most, several_at_once
from ._http.session import AsyncSession
from ._jobs.history_reader import AsyncHistoryReader

_DETAILS_AT_ONCE = 8


class AsyncHistory:
    """`cloud.history`: finished jobs, newest first. Iterate over it to read them all.

    Entries are `HistoryEntry`. `list` reads one page, `iter` filters, `get` reads one entry with
    its graph, `delete` and `clear` remove entries.
    """

    def __init__(self, session: AsyncSession, reader: AsyncHistoryReader) -> None:
        self._session = session
        self._reader = reader

    def __aiter__(self) -> AsyncIterator[HistoryEntry]:
        return self.iter()

    async def list(
        self, limit: int = 100, offset: int = 0, *, max_items: int | None = None
    ) -> builtins.list[HistoryEntry]:
        """One page of finished jobs, newest first (GET /api/history_v2).

        By API v2 it is GET /api/v2/jobs.

        It has no filters; `iter` takes `since`, `until` and `status`. Entries have no graph unless
        the server's list has it: see `get`, and `details` of `iter`.

        A server without that is asked for GET /api/history, else for GET /api/jobs, whose entries
        have only a preview of the outputs (`entry.is_partial`).

        Args:
            limit: The maximum number of entries to return.
            offset: How many of the newest entries to skip. The list may change between two calls;
                `iter` allows for that.
            max_items: The service's own name for `limit`; it takes precedence over `limit`.

        Raises:
            ConfigurationError: `limit` is below 1 or `offset` below 0.
            Unauthorized: The key is missing or wrong.
            NotSupported: The server has no history, or only a fallback and `strict` is set.
        """
        limit = limit if max_items is None else max_items
        check_page(limit, offset)
        return await self._reader.page(limit, offset)

    async def iter(
        self,
        *,
        since: When | None = None,
        until: When | None = None,
        status: JobStatus | str | Iterable[JobStatus | str] | None = None,
        limit: int | None = None,
        page_size: int = 200,
        details: bool = False,
    ) -> AsyncIterator[HistoryEntry]:
        """Every finished job, newest first (GET /api/history_v2, page by page).

        By API v2 it is GET /api/v2/jobs, and GET /api/v2/jobs/{id} for `details`.

        An entry that is there throughout is neither lost nor repeated, whatever is added or deleted
        between two pages.

        Args:
            since: Only jobs created at this time or later: a datetime, a date (its midnight), a
                timedelta (so long ago), or text such as "2 hours ago", "yesterday", "2026-11-01".
                Without a time zone it is local time.
            until: Only jobs created before this time.
            status: Only jobs with this final status: "completed", "failed", "cancelled", or several
                of them.
            limit: Stop after this many entries.
            page_size: How many entries to request at a time.
            details: Also fetch each entry separately, for what the list leaves out (the graph;
                with /api/jobs, the outputs). Up to eight are fetched at the same time.

        Raises:
            ConfigurationError: An argument is not valid.
            Unauthorized: The key is missing or wrong.
            NotSupported: The server has no history, or only a fallback and `strict` is set.
        """
        wanted = HistoryFilter.of(since, until, status, self._session.runtime.now())
        check_walk(limit, page_size)
        entries = at_most(limit, self._reader.walk(page_size, wanted))
        if details:
            most = min(_DETAILS_AT_ONCE, self._session.settings.max_connections)
            entries = several_at_once(self._with_details, entries, most)
        async with aclosing(entries):
            async for entry in entries:
                yield entry

    async def get(self, job_id: str = "", *, prompt_id: str = "") -> HistoryEntry:
        """One finished job with its graph (GET /api/history_v2/{prompt_id}).

        By API v2 it is GET /api/v2/jobs/{id}.

        Comfy Cloud's response has neither `created_at` nor `workflow_id`; they are read from
        GET /api/jobs/{job_id}.
        A server without that is asked for GET /api/history/{prompt_id}, else for
        GET /api/jobs/{job_id}.

        Args:
            job_id: The id of the job.
            prompt_id: The service's own name for `job_id`.

        Raises:
            NotFound: There is no such entry: the id is unknown, or the job has not finished or was
                deleted.
            ConfigurationError: The id is empty.
            NotSupported: The server has no history, or only a fallback and `strict` is set.
        """
        wanted = job_id or prompt_id
        if not wanted:
            raise ConfigurationError("history.get() needs a job id that is not empty")
        return await self._reader.whole_entry(wanted)

    async def delete(self, *job_ids: str) -> None:
        """Delete entries by the ids of their jobs (POST /api/history).

        The server ignores unknown ids. Without ids nothing is sent.

        Raises:
            ConfigurationError: An id is empty.
        """
        if not all(job_ids):
            raise ConfigurationError("history.delete() takes ids that are not empty")
        if job_ids:
            body = HistoryManageRequest(delete=[*job_ids])
            await self._session.call(manage_history.build(body=body), manage_history.parse)

    async def clear(self) -> None:
        """Delete the whole history of this account (POST /api/history). This cannot be undone."""
        body = HistoryManageRequest(clear=True)
        await self._session.call(manage_history.build(body=body), manage_history.parse)

    async def _with_details(self, entry: HistoryEntry) -> HistoryEntry:
        try:
            return (await self._reader.entry(entry.prompt_id)).filled_in_from(entry)
        except NotFound:
            return entry  # deleted since it was listed: there is nothing beyond the list's entry
