# Made from wrapper/comfy_cloud/_async/_jobs/history_reader.py by `make unasync`. Do not edit.
"""Read the history from whichever endpoint this server has: a page, every entry, or one entry."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from operator import attrgetter
from typing import Any, TypeVar

from ..._http.concurrency import Call
from ..._jobs.entries import HistoryEntry
from ..._jobs.history_filter import HistoryFilter
from ..._jobs.outputs import Factory, Output
from ...errors import ComfyCloudError, NotSupported
from ...pages import OffsetWalk
from ...retry import Retry
from .._http.fallback import Fallback
from .._http.session import Session
from .history_sources import SOURCES, HistorySource, HistoryV2, JobsHistory

T = TypeVar("T")

_ONCE = Retry.none()


def _v2_history(session: Session, output: Factory[Output]) -> HistorySource:
    from .v2_jobs import V2History  # hardly ever needed

    return V2History(session, output)


class HistoryReader:
    """The history of one account. Its endpoint is determined once per client."""

    def __init__(self, session: Session, output: Factory[Output]) -> None:
        sources = [kind(session, output) for kind in SOURCES]
        first = sources[0].path
        self._jobs = JobsHistory(session, output)
        self._has_job_details = True
        self._fallback = Fallback[HistorySource](
            session,
            sources,
            lambda source: (
                f"This server has no {first}; its history is read from {source.path}{source.lacks}"
            ),
            lambda: _v2_history(session, output),
        )

    def page(self, limit: int, offset: int) -> list[HistoryEntry]:
        """One page: at most `limit` entries after the first `offset`, newest first."""
        return self._fallback.call(lambda source: source.page(limit, offset))

    def entry(self, job_id: str, *, is_quiet: bool = False) -> HistoryEntry:
        """One entry with everything that the server has about it. Raises NotFound.

        With `is_quiet` a fallback does not warn.
        """
        return self._fallback.call(lambda source: source.entry(job_id), is_quiet=is_quiet)

    def whole_entry(self, job_id: str) -> HistoryEntry:
        """The entry, with the creation time and workflow id that lists have. Raises NotFound.

        Comfy Cloud leaves them out of the single entry, but not out of GET /api/jobs/{job_id}.
        """
        entry = self.entry(job_id)
        if entry.created_at is not None or not isinstance(self._fallback.current, HistoryV2):
            return entry
        if self._has_job_details:
            try:
                return entry.filled_in_from(self._jobs.entry(job_id, _ONCE))
            except NotSupported:
                self._has_job_details = False
            except ComfyCloudError:
                pass  # the entry is there, only without its time
        return entry

    def pages(self, *, is_quiet: bool = False) -> HistoryPages:
        """The pages of one iteration; with `is_quiet` a fallback does not warn."""
        return HistoryPages(self._fallback, is_quiet=is_quiet)

    def graph(self, entry: HistoryEntry) -> Mapping[str, Any] | None:
        """The graph that the job of a single entry ran; None if the server does not have it."""
        return self._fallback.current.graph(entry)

    def unfinished(self) -> list[str] | None:
        """The ids of jobs that have not ended (GET /api/jobs); None where that does not matter."""
        return self._fallback.current.unfinished()

    def walk(
        self, page_size: int, wanted: HistoryFilter, *, is_quiet: bool = False
    ) -> Generator[HistoryEntry, None, None]:
        """The entries that match a filter, newest first, each once; stops when the rest is too old.

        With `is_quiet` there is no warning: the caller is part of another fallback, which warns.
        """
        walk = OffsetWalk[HistoryEntry](
            page_size, identity=attrgetter("prompt_id"), instant=attrgetter("created_ms")
        )
        pages = self.pages(is_quiet=is_quiet)
        while (request := walk.next_request()) is not None:
            offset, size = request
            page = pages.page(size, offset)
            left = [entry for entry in walk.feed(page) if wanted.matches(entry)]
            is_last = wanted.is_before(page)
            del page  # its entries are freed one by one, and before the next page is read
            left.reverse()
            while left:
                yield left.pop()
            if is_last:
                return


class HistoryPages:
    """The pages of one iteration over the history, from the first endpoint that the server has."""

    def __init__(self, fallback: Fallback[HistorySource], *, is_quiet: bool) -> None:
        self._fallback = fallback
        self._is_quiet = is_quiet
        self._source = fallback.current
        self._reader = self._source.reader()

    def page(self, size: int, offset: int) -> list[HistoryEntry]:
        """One page: at most `size` entries after the first `offset`, newest first."""
        return self._read(lambda reader: reader.page(size, offset))

    def converted(
        self,
        size: int,
        offset: int,
        convert: Callable[[HistoryEntry], T],
        quick: Callable[[Sequence[Any]], Sequence[T | None]],
    ) -> list[T]:
        """The same, with each entry converted; the entries themselves are let go at once.

        `quick` converts the undecoded JSON of all of a page, or gives None for what it does not
        know.
        """
        return self._read(lambda reader: reader.converted_page(size, offset, convert, quick))

    def _read(self, read: Call[HistorySource, list[T]]) -> list[T]:
        while True:
            try:
                page = read(self._reader)
            except NotSupported as error:
                self._fallback.skip(self._source, error)
                self._source = self._fallback.current
                self._reader = self._source.reader()
                continue
            if not self._is_quiet:
                self._fallback.confirm(self._source)
            return page
