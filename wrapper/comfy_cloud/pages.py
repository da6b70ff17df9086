"""Read a paged list that changes while it is read, without losing or repeating an entry.

`OffsetWalk` is for lists paged by offset, newest first. A new entry shifts everything behind it,
so naive paging repeats entries; a deleted one shifts the rest forward, so naive paging loses
them. The promise: as long as the relative order of the surviving entries stays, an entry that is
there throughout is yielded exactly once, and no entry is yielded twice, whatever is inserted or
deleted between two requests. `CursorWalk` is for lists with cursors.

How the promise is kept: each page overlaps the one before. Entries that are there throughout and
have not been yielded are behind all entries that have been. So a page may be used when it shows
where the yielded ones end, the frontier:
- By an *anchor*, an entry among the last yielded ones. What follows the last known entry of the
  page is new.
- Without an anchor, by instants. Whatever is newer than the oldest yielded entry is before the
  frontier, whatever is older is behind it. Entries of that very instant, and entries without one,
  are recognised by their ids.
- With neither, too many entries were deleted, and the page is beyond the frontier. Step back,
  doubling the step, until a page shows the frontier, or to the top.
The end is proved by one response: a page that shows the frontier and is shorter than what this
server can send. An empty page behind it confirms that the server does not just send short pages.

Where entries arrive with every request, each page shows less that is new, and the empty page never
comes. How many entries the page shows before the frontier, beyond the overlap, is the drift. When
it takes half of a page, larger pages are requested. Several short pages in a row, each with drift
and nothing new, confirm the end like the empty page. Whether a page is short is seen from the
longest one, which in a list that was tiny at first is that at its top.

What the promise requires of the server: instants never increase along the list (this matters only
for pages without an anchor), and it sends two or more entries per page when it has them. A server
that sends one at a time is read as any other pager would.

Pure: this says which page to fetch, and what of it is new. It does no I/O and reads no clock.
"""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable, Sequence
from itertools import islice
from typing import Generic, NamedTuple, TypeAlias, TypeVar

from .errors import ConfigurationError, UnexpectedResponse

T = TypeVar("T")

# Fetches a page of a list: how many items, and how many to skip (None for none).
Fetch: TypeAlias = "Callable[[int, int | None], list[T]]"
AsyncFetch: TypeAlias = "Callable[[int, int | None], Awaitable[list[T]]]"

# The least number of ids remembered in order: far more than a page, so that an anchor survives
# large deletions.
SMALLEST_MEMORY = 2000

# How often an unlinked page right behind a linked one is read again before their order is
# trusted. Servers that send short pages in the middle can make a link impossible; with all others
# such a page contains only new entries.
_PATIENCE = 3

# How often the same page may come, with nothing new in between, before the server is considered
# not to page at all: some ignore the offset. Pages may repeat a few times when the list changes;
# empty ones repeat while the walk steps back.
_MOST_REPEATS = 8
_MOST_EMPTY = 100

# How many pages in a row may have nothing new: more than any burst of arrivals fills.
_MOST_FUTILE = 1000

# How many short pages in a row, with drift and nothing new, confirm the end of a list. Any of them
# would do, but for servers that send short pages in the middle.
_ENDINGS = 5

# Where entries arrive as fast as they are read, pages grow by this factor, up to this size.
_GROWTH = 4
_LARGEST_PAGE = 1000

# How often the top of the list is read to see how long a page can be.
_MOST_LOOKS = 3


class _Mark(NamedTuple):
    """What is remembered of a yielded entry.

    `is_anchor` says that all entries remembered before it also precede it in the list.
    """

    instant: float | None
    is_anchor: bool


class OffsetWalk(Generic[T]):
    """The state of one walk over a list paged by offset. Sync and async iterators drive it alike:

        while (request := walk.next_request()) is not None:
            yield from walk.feed(fetch(*request))

    `identity` returns the id of an entry. `instant` returns the number it is sorted by (newest
    first), such as its creation time in milliseconds, or None. `page_size` is the number of
    entries per request; pages overlap by `overlap` of them (a fiftieth by default). `memory` is
    the number of ids kept. It does not grow with the list, except by the ids of entries without
    an instant, and of entries that share the oldest instant yielded. Raises ConfigurationError
    for sizes that are not valid.
    """

    def __init__(
        self,
        page_size: int,
        identity: Callable[[T], str],
        instant: Callable[[T], float | None],
        overlap: int | None = None,
        memory: int | None = None,
    ) -> None:
        if page_size < 1:
            raise ConfigurationError(f"page_size={page_size}: use 1 or more entries per page")
        # Pages of one entry cannot overlap.
        self._limit = max(page_size, 2)
        self._overlap = max(self._limit // 50, 1) if overlap is None else overlap
        if not 1 <= self._overlap < self._limit:
            raise ConfigurationError(
                f"overlap={overlap}: use 1 to {self._limit - 1} with page_size={page_size}"
            )
        self._memory = max(SMALLEST_MEMORY, 4 * self._limit) if memory is None else memory
        if self._memory < 1:
            raise ConfigurationError(f"memory={memory}: use 1 or more ids")
        self._identity = identity
        self._instant = instant

        self._window: dict[str, _Mark] = {}  # the last yielded entries, in the order of the list
        self._undated: set[str] = set()  # every yielded entry without an instant
        self._ties: set[str] = set()  # yielded, out of the window, and as old as the oldest
        self._oldest = math.inf  # the least instant yielded
        self._has_forgotten = False

        self._offset = 0
        self._is_done = False
        self._longest = 0  # the longest page this server has sent
        self._linked_end: int | None = None  # where the page before this one ended, if it showed the frontier
        self._is_complete = False  # whether that page proved that nothing follows it
        self._step = 0  # the last step back; 0 when the last page was taken
        # Since something new was found:
        self._futile: dict[int, int] = {}  # how often each page came
        self._in_a_row = 0  # all pages
        self._misses = 0  # unlinked pages right behind a linked one
        self._endings = 0  # short pages in a row, with drift and nothing new
        self._looks = 0  # how often the top was read to see how long a page can be
        self._return_to: int | None = None  # where to go on after that

    @property
    def remembered(self) -> int:
        """The number of ids held in memory."""
        return len(self._window) + len(self._undated) + len(self._ties)

    def next_request(self) -> tuple[int, int] | None:
        """The (offset, limit) of the page to fetch now; None when the walk is over."""
        return None if self._is_done else (self._offset, self._limit)

    def feed(self, items: Sequence[T], has_more: bool | None = None) -> list[T]:
        """Take the page that `next_request` asked for; return the entries to yield, in order.

        The page may be shorter than requested, or empty. `has_more` is the server's field of that
        name, or None: a page that shows the frontier and says False is the last one. Raises
        RuntimeError when the walk is already over, and UnexpectedResponse when the server ignores
        the offset, which would never end.
        """
        if self._is_done:
            raise RuntimeError("the walk is over: next_request() returned None")
        self._check_progress(tuple(self._identity(item) for item in items))
        if not items:
            self._is_done = self._offset == 0 or (self._is_complete and self._offset == self._linked_end)
            self._step_back()
            return []
        self._longest = max(self._longest, len(items))
        ids = [self._identity(item) for item in items]
        instants = [self._instant_of(item) for item in items]
        anchor = next(
            (id_ for id_ in reversed(ids) if (mark := self._window.get(id_)) and mark.is_anchor), None
        )
        start = self._start_of_new(ids, instants, has_anchor=anchor is not None)
        if start is None:
            self._misses += self._offset == self._linked_end
            self._step_back()
            return []
        fresh: dict[str, float | None] = {}
        taken: list[T] = []
        for index in range(start, len(items)):
            if ids[index] not in fresh and not self._knows(ids[index]):
                fresh[ids[index]] = instants[index]
                taken.append(items[index])
        drift = 0 if self._linked_end is None else max(0, start - (self._linked_end - self._offset))
        if fresh:
            self._misses = self._in_a_row = 0
            self._futile.clear()
            self._remember(fresh, anchor, anchor is not None or self._follows_all(ids, instants))
        fell_to_the_top = self._offset == 0 and self._step > 0
        self._step_forward(len(items))
        self._keep_up(len(items), drift, has_fresh=bool(fresh), fell_to_the_top=fell_to_the_top)
        self._is_done = self._is_done or has_more is False
        return taken

    def _keep_up(self, count: int, drift: int, *, has_fresh: bool, fell_to_the_top: bool) -> None:
        """Read on in a list where entries arrive with every request, and find its end."""
        is_short = count < min(self._limit, self._longest)
        is_futile = drift > 0 and not has_fresh
        self._endings = self._endings + 1 if is_futile and is_short else 0
        self._is_done = self._endings == _ENDINGS
        if self._return_to is not None:
            self._offset, self._return_to = max(self._offset, self._return_to), None
        elif is_futile and not is_short and count < self._limit and self._looks < _MOST_LOOKS:
            self._looks += 1
            self._offset, self._return_to = 0, self._offset
        if (not is_short and 2 * drift > self._limit - self._overlap) or fell_to_the_top:
            self._limit = max(self._limit, min(_GROWTH * self._limit, _LARGEST_PAGE))

    def _check_progress(self, ids: tuple[str, ...]) -> None:
        self._in_a_row += 1
        if self._in_a_row > _MOST_FUTILE:
            self._is_done = True
            raise UnexpectedResponse(
                f"{_MOST_FUTILE} pages in a row had nothing new (offset {self._offset}): entries arrive "
                "faster than this server sends them; try a larger page_size"
            )
        key = hash(ids)
        self._futile[key] = self._futile.get(key, 0) + 1
        if self._futile[key] > (_MOST_REPEATS if ids else _MOST_EMPTY):
            self._is_done = True
            raise UnexpectedResponse(
                f"the server sends the same page again and again (offset {self._offset}): it does not page "
                "by offset, and the list cannot be read to its end"
            )

    def _start_of_new(self, ids: list[str], instants: list[float | None], *, has_anchor: bool) -> int | None:
        """The index behind the last entry before the frontier; None if that is not on the page."""
        is_next_page = self._offset == self._linked_end
        is_single = is_next_page and self._longest <= 1  # pages of one entry cannot show the frontier
        by_position = has_anchor or (is_single and not self._has_forgotten)
        for index in range(len(ids) - 1, -1, -1):
            if self._knows(ids[index]):
                return index + 1
            instant = instants[index]
            if not by_position and instant is not None and instant > self._oldest:
                return index + 1
        is_trusted = self._offset == 0 or is_single or (is_next_page and self._misses >= _PATIENCE)
        return 0 if is_trusted else None

    def _step_forward(self, count: int) -> None:
        end = self._offset + count
        self._linked_end = end
        self._is_complete = count < min(self._limit, self._longest) or self._longest <= 1
        # After a complete page comes the empty one. Any other has two entries or more, so half of
        # it is at least one.
        self._offset = end if self._is_complete else end - min(self._overlap, count // 2)
        self._step = 0

    def _step_back(self) -> None:
        if self._step:
            self._step *= 2
        else:
            # Right behind a linked page its last entry is enough; elsewhere at least an overlap
            # was lost.
            self._step = 1 if self._offset == self._linked_end else self._overlap
        self._offset = max(0, self._offset - self._step)
        self._linked_end = None
        self._is_complete = False

    def _knows(self, id_: str) -> bool:
        return id_ in self._window or id_ in self._undated or id_ in self._ties

    def _instant_of(self, item: T) -> float | None:
        instant = self._instant(item)
        return None if instant is None or math.isnan(instant) else instant

    def _follows_all(self, ids: list[str], instants: list[float | None]) -> bool:
        """Whether all yielded entries still in the list precede the new ones of an anchorless page.

        A yielded entry that is newer than something on the page, and not on it, is before the
        page. One on the page is before the new ones, since these begin behind the last known
        entry.
        """
        lowest = min((instant for instant in instants if instant is not None), default=math.inf)
        page = set(ids)
        return (lowest < self._oldest or not self._has_forgotten) and all(
            id_ in page or (mark.instant is not None and mark.instant > lowest)
            for id_, mark in self._window.items()
        )

    def _remember(self, fresh: dict[str, float | None], anchor: str | None, is_anchor: bool) -> None:
        marks = {id_: _Mark(instant, is_anchor) for id_, instant in fresh.items()}
        if anchor is None or anchor == next(reversed(self._window)):
            self._window.update(marks)
        else:
            # Entries remembered behind the anchor were deleted, or are behind this page.
            position = list(self._window).index(anchor) + 1
            before = dict(islice(self._window.items(), position))
            after = dict(islice(self._window.items(), position, None))
            self._window = before | marks | after
        for id_, instant in fresh.items():
            if instant is None:
                self._undated.add(id_)
            elif instant < self._oldest:
                self._oldest = instant
                self._ties.clear()
        self._forget()

    def _forget(self) -> None:
        for id_ in list(islice(self._window, max(0, len(self._window) - self._memory))):
            mark = self._window.pop(id_)
            self._has_forgotten = True
            if mark.instant == self._oldest:
                self._ties.add(id_)


class CursorWalk(Generic[T]):
    """The state of one walk over a list paged by an opaque `after` cursor:

        while (query := walk.next_request()) is not None:
            page = fetch(**query)
            yield from walk.feed(page.items, page.next_cursor, page.has_more)

    `operation` is its method and path, for messages; `identity` returns the id of an entry.

    A server that reports more entries but sends no cursor does not page by cursors. Then
    `is_stranded` is True at the end, and the rest has to be read by offset.
    """

    def __init__(self, operation: str, identity: Callable[[T], str]) -> None:
        self.is_stranded = False
        self._operation = operation
        self._identity = identity
        self._pages: dict[int, int] = {}  # how often each page came
        self._empty = 0  # the empty pages in a row
        self._cursor: str | None = None
        self._seen: set[str] = set()
        self._is_done = False

    def next_request(self) -> dict[str, str] | None:
        """The query of the page to fetch now: `after`, empty for the first; None at the end."""
        if self._is_done:
            return None
        return {} if self._cursor is None else {"after": self._cursor}

    def feed(self, items: Sequence[T], next_cursor: str | None, has_more: bool | None = None) -> list[T]:
        """Take the page that `next_request` asked for, and return its entries.

        `has_more` is the server's field of that name, or None. Raises RuntimeError when the walk
        is already over, and UnexpectedResponse when the list would never end: the server sends a
        cursor twice, the same page again and again, or only empty pages.
        """
        if self._is_done:
            raise RuntimeError("the walk is over: next_request() returned None")
        if not next_cursor or has_more is False:
            self._is_done = True
            self.is_stranded = bool(has_more) and not next_cursor
        elif next_cursor in self._seen:
            raise self._endless("the same page cursor twice")
        else:
            self._seen.add(next_cursor)
            self._cursor = next_cursor
            self._check_progress(tuple(self._identity(item) for item in items))
        return list(items)

    def _check_progress(self, ids: tuple[str, ...]) -> None:
        if not ids:
            self._empty += 1
            if self._empty > _MOST_EMPTY:
                raise self._endless(f"{self._empty} empty pages in a row, each with a new cursor")
            return
        self._empty = 0
        key = hash(ids)
        self._pages[key] = self._pages.get(key, 0) + 1
        if self._pages[key] > _MOST_REPEATS:
            raise self._endless("the same page again and again, each time with a new cursor")

    def _endless(self, what: str) -> UnexpectedResponse:
        self._is_done = True
        method, _, path = self._operation.partition(" ")
        return UnexpectedResponse(
            f"{self._operation}: the server sent {what}; the list cannot be read to its end",
            method=method,
            path=path,
        )
