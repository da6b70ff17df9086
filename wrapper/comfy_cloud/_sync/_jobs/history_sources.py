# Made from wrapper/comfy_cloud/_async/_jobs/history_sources.py by `make unasync`. Do not edit.
"""The three endpoints that a server may have its history at, with one interface.

Each gives a page by offset, newest first, and a single entry. Comfy Cloud has /api/history_v2,
newer self-hosted servers have /api/jobs, and every self-hosted ComfyUI has /api/history.
`history_reader` decides which one is used.
"""

from __future__ import annotations

from typing import Any

from comfy_cloud_api.api.job import (
    get_history,
    get_history_for_prompt,
    get_history_v1,
    get_history_v1_for_prompt,
    get_job_detail,
    list_jobs,
)
from comfy_cloud_api.models.history_detail_entry import HistoryDetailEntry

from ..._http.page_arguments import LONGEST_JOBS_PAGE
from ..._http.page_items import items_of
from ..._jobs.entries import ComfyHistoryEntry, HistoryEntry, JobHistoryEntry
from ..._jobs.job_filter import newest_first
from ..._jobs.outputs import Factory, Output
from ...errors import NotFound
from .._http.session import Session

_FINISHED = "completed,failed,cancelled"


class HistorySource:
    """One endpoint that has the history. `path` is its path, for messages."""

    path: str

    def __init__(self, session: Session, output: Factory[Output]) -> None:
        self._session = session
        self._output = output

    def reader(self) -> HistorySource:
        """The source to use for one iteration. It may keep state between its pages."""
        return self

    def page(self, max_items: int, offset: int) -> list[HistoryEntry]:
        """One page: at most `max_items` entries after the first `offset`, newest first."""
        raise NotImplementedError

    def entry(self, prompt_id: str) -> HistoryEntry:
        """One entry with everything that the server has about it. Raises NotFound."""
        raise NotImplementedError


class HistoryV2(HistorySource):
    """GET /api/history_v2: the history of Comfy Cloud."""

    path = "/api/history_v2"

    def page(self, max_items: int, offset: int) -> list[HistoryEntry]:
        request = get_history.build(max_items=max_items, offset=offset or None)
        found = self._session.call(request, get_history.parse)
        return [HistoryEntry(entry, None, self._output) for entry in items_of(found.history)]

    def entry(self, prompt_id: str) -> HistoryEntry:
        request = get_history_for_prompt.build(prompt_id)
        found = self._session.call(request, get_history_for_prompt.parse)
        entry = found.get(prompt_id)
        if entry is None and ("status" in found or "outputs" in found):
            entry = HistoryDetailEntry.from_dict(found.to_dict())  # the entry itself, not keyed by id
        if entry is None:
            raise _no_entry(prompt_id, get_history_for_prompt.OPERATION)
        return HistoryEntry(entry, prompt_id, self._output)


class JobsHistory(HistorySource):
    """GET /api/jobs, finished jobs only.

    The list has their status, times, preview and error; a single entry has the rest.
    """

    path = "/api/jobs"

    def page(self, max_items: int, offset: int) -> list[HistoryEntry]:
        found: list[HistoryEntry] = []
        seen: set[str] = set()  # the list may move between two requests
        wanted = max_items
        while wanted > 0:
            size = min(wanted, LONGEST_JOBS_PAGE)
            request = list_jobs.build(status=_FINISHED, limit=size, offset=offset or None)
            jobs = items_of((self._session.call(request, list_jobs.parse)).jobs)
            entries = [JobHistoryEntry(job, self._output) for job in jobs]
            found += [entry for entry in entries if not entry.id or entry.id not in seen]
            seen.update(entry.id for entry in entries)
            if len(jobs) < size:
                break
            wanted, offset = wanted - size, offset + size
        return found

    def entry(self, prompt_id: str) -> HistoryEntry:
        entry = JobHistoryEntry(
            self._session.call(get_job_detail.build(prompt_id), get_job_detail.parse),
            self._output,
        )
        if not entry.status.is_terminal:
            raise _no_entry(prompt_id, get_job_detail.OPERATION)
        return entry


class ComfyHistory(HistorySource):
    """GET /api/history of a self-hosted ComfyUI: one object with all entries, oldest first."""

    path = "/api/history"

    def reader(self) -> HistorySource:
        return _Snapshot(self._session, self._output, self)

    def page(self, max_items: int, offset: int) -> list[HistoryEntry]:
        return (self.everything())[offset : offset + max_items]

    def everything(self) -> list[HistoryEntry]:
        """All entries, newest first."""
        found = self._session.call(get_history_v1.build(), get_history_v1.parse)
        entries = [ComfyHistoryEntry(prompt_id, raw, self._output) for prompt_id, raw in _items(found)]
        # The server lists them by their end, and jobs put at the queue's front overtake others.
        return newest_first(entries[::-1])

    def entry(self, prompt_id: str) -> HistoryEntry:
        request = get_history_v1_for_prompt.build(prompt_id)
        found = dict(_items(self._session.call(request, get_history_v1_for_prompt.parse)))
        if prompt_id not in found:  # this server responds with 200 and {} for an unknown id
            raise _no_entry(prompt_id, get_history_v1_for_prompt.OPERATION)
        return ComfyHistoryEntry(prompt_id, found[prompt_id], self._output)


class _Snapshot(HistorySource):
    """All entries of a ComfyUI, read once: its list cannot be paged from the newest end."""

    path = ComfyHistory.path

    def __init__(self, session: Session, output: Factory[Output], source: ComfyHistory) -> None:
        super().__init__(session, output)
        self._source = source
        self._entries: list[HistoryEntry] | None = None

    def page(self, max_items: int, offset: int) -> list[HistoryEntry]:
        if self._entries is None:
            self._entries = self._source.everything()
        return self._entries[offset : offset + max_items]


def _items(found: Any) -> list[tuple[str, dict[str, Any]]]:
    plain = found.to_dict() if hasattr(found, "to_dict") else found
    return [(name, raw) for name, raw in plain.items() if isinstance(raw, dict)]


def _no_entry(prompt_id: str, operation: Any) -> NotFound:
    return NotFound(
        status=404,
        code="NOT_FOUND",
        message=f"There is no finished job {prompt_id} in the history",
        method=operation.method,
        path=operation.path,
    )


# In the order in which they are tried.
SOURCES: tuple[type[HistorySource], ...] = (HistoryV2, JobsHistory, ComfyHistory)
