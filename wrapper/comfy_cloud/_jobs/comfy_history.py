"""How the history of a self-hosted ComfyUI is read from its newest end. Pure.

GET /api/history sends entries in the order in which jobs ended, oldest first. `offset` counts from
the oldest, and nothing reports how many there are. Without an offset, `max_items` sends the newest.
Each entry contains its graph, so a long history does not fit into one response.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Sequence
from itertools import count as counted
from typing import NamedTuple

from ..times import epoch_ms
from .entries import HistoryEntry

# Far more than such a server keeps.
_MOST_ENTRIES = 2**20

_LARGEST_WINDOW = 200


class ComfyHistoryQuery(NamedTuple):
    """The parameters of one request; None leaves one out."""

    max_items: int | None
    offset: int | None


class ComfyHistoryWalk:
    """The state of one walk, newest job first:

        while (query := walk.next_request()) is not None:
            yield from walk.feed(fetch(query))

    First the newest entries are read, then those before them, by offset. Positions count from the
    oldest entry: new jobs do not move them, and a deletion only makes windows overlap. So an entry
    that is there throughout is neither lost nor repeated.

    `page_size` is the number of entries per request.
    """

    def __init__(self, page_size: int) -> None:
        self._size = max(page_size, 2)  # one entry alone cannot show that the server ignores offsets
        self._order = _CreationOrder()
        self._query: ComfyHistoryQuery | None = ComfyHistoryQuery(self._size, None)
        self._newest: dict[str, int] = {}  # the ids of the first window, by their place in it
        self._seen: set[str] = set()
        # While it is not known where that began, the probed positions: the last that has an entry,
        # and the first that has none.
        self._taken, self._free = -1, math.inf
        self._is_located = False
        self._known: int | None = None  # a position behind which all entries were read

    def next_request(self) -> ComfyHistoryQuery | None:
        """The request to send now; None when the walk is over."""
        return self._query

    def feed(self, entries: Sequence[HistoryEntry], count: int | None = None) -> list[HistoryEntry]:
        """Take the response, oldest first; return the entries to yield, newest first.

        `count` is the number of entries sent, if some of them could not be read.
        """
        query = self._query
        if query is None:
            raise RuntimeError("the walk is over: next_request() returned None")
        count = len(entries) if count is None else count
        if query.max_items is None:
            self._query = None
        elif query.offset is None:
            self._newest = {entry.id: place for place, entry in enumerate(entries)}
            # Without an entry that can be read, none can be found again by its id.
            more = self._probe(self._size) if entries else _EVERYTHING
            self._query = None if count != self._size else more
        elif not self._is_located:
            self._locate(query.offset or 0, entries)
            entries = []
        else:
            self._query = self._next_window(query, entries)
        fresh = [entry for entry in reversed(entries) if entry.id not in self._seen]
        self._seen.update(entry.id for entry in fresh)
        ready = self._order.feed(fresh, is_last=self._query is None)
        if fresh and not ready:  # many jobs waited at the same time
            self._size = max(self._size, min(2 * self._size, _LARGEST_WINDOW))
        return ready

    def _locate(self, position: int, found: Sequence[HistoryEntry]) -> None:
        """Take the entry at a position; find out where the first window begins."""
        place = self._newest.get(found[0].id) if found else None
        if place is not None:
            self._is_located, self._known = True, position
            # With the first entry of that window, unless others of it were deleted meanwhile.
            self._query = self._before(max(0, position - place) + 1)
            return
        if found:
            self._taken = position
        else:
            self._free = position
        middle = 2 * position if self._free == math.inf else (self._taken + int(self._free)) // 2
        is_futile = middle > _MOST_ENTRIES or middle == self._taken
        self._query = _EVERYTHING if is_futile else self._probe(middle)

    def _next_window(
        self, query: ComfyHistoryQuery, entries: Sequence[HistoryEntry]
    ) -> ComfyHistoryQuery | None:
        if query.max_items != 1 and all(entry.id in self._seen for entry in entries):
            return _EVERYTHING  # an old server ignores the offset and sends the newest entries again
        known, self._known = self._known, None
        if known is not None and entries and entries[-1].id not in self._seen:
            return self._before(known)
        return self._before(query.offset or 0)

    def _before(self, position: int) -> ComfyHistoryQuery | None:
        size = min(self._size, position)
        return ComfyHistoryQuery(size, position - size) if size else None

    def _probe(self, position: int) -> ComfyHistoryQuery:
        return ComfyHistoryQuery(1, position)


_EVERYTHING = ComfyHistoryQuery(None, None)


class _CreationOrder:
    """Sorts entries that come by their end by their creation, newest first, as they come.

    The two orders differ when a job was put in front of others. Where the server does not report
    when jobs were created, the order stays.
    """

    def __init__(self) -> None:
        # A heap: the instant, negative, and a number that keeps the order of equal ones.
        self._held: list[tuple[float, int, HistoryEntry]] = []
        self._numbers = counted()
        self._horizon = math.inf  # whatever comes next had ended by then, so it was created before
        self._is_dated = True

    def feed(self, entries: Sequence[HistoryEntry], *, is_last: bool) -> list[HistoryEntry]:
        """Take entries, newest end first; return those that no later one can precede."""
        created = [(entry.created_ms, entry) for entry in entries]
        if not self._is_dated or any(instant is None for instant, _ in created):
            self._is_dated = False
            held, self._held = [entry for _, _, entry in sorted(self._held)], []
            return [*held, *entries]
        for instant, entry in created:
            heapq.heappush(self._held, (-(instant or 0), next(self._numbers), entry))
        ended = (epoch_ms(entry.finished_at) for entry in entries)
        self._horizon = min([self._horizon, *(instant for instant in ended if instant is not None)])
        taken = []
        while self._held and (is_last or -self._held[0][0] >= self._horizon):
            taken.append(heapq.heappop(self._held)[2])
        return taken
