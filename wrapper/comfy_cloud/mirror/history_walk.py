"""Which page of the history to read next, so that no job is missed while the list changes. Pure.

What a page says is in the database before the next one is asked for. So unlike `pages.OffsetWalk`,
this remembers only the ids of a few pages, and may repeat entries. A page counts when it begins
with an entry of one of those pages: then nothing lies between them. Otherwise entries were deleted
meanwhile, and the walk steps back.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from ..errors import UnexpectedResponse

_OVERLAP = 50  # one entry in so many is read again
_REMEMBERED_PAGES = 4
_MOST_REPEATS = 8
_MOST_IDLE = 40


class HistoryWalk:
    """The state of one walk, newest first:

        while (request := walk.next_request()) is not None:
            page = fetch(*request)
            if walk.feed([entry.id for entry in page]):
                store(page)

    With an `offset`, the first page must begin with an entry that an earlier walk left off at, as
    the caller says by `is_linked`.

    Attributes:
        end: How many entries of the list are read without a gap.
        is_complete: Whether it came to the end of the list.
    """

    def __init__(self, page_size: int, offset: int = 0) -> None:
        self.size = page_size
        self.end = offset
        self.is_complete = False
        self._offset = offset
        self._recent: deque[frozenset[str]] = deque(maxlen=_REMEMBERED_PAGES)
        self._longest = 0
        self._linked_end: int | None = None
        self._was_short = False
        self._step = 0
        self._last: tuple[int, Sequence[str]] = (-1, ())
        self._repeats = 0
        self._idle = 0

    def next_request(self) -> tuple[int, int] | None:
        """The size and offset of the next page; None at the end."""
        return None if self.is_complete else (self.size, self._offset)

    def shrink(self) -> bool:
        """Ask for a smaller page, since this one is too large; False if it cannot be smaller."""
        if self.size == 1:
            return False
        self.size = max(1, self.size // 4)
        return True

    def feed(self, ids: Sequence[str], *, is_linked: bool = False) -> bool:
        """Take the ids of the page; returns whether nothing was missed before it.

        Raises UnexpectedResponse when the server does not page.
        """
        self._check_progress(ids)
        if not ids:
            if self._offset == 0 or (self._was_short and self._offset == self._linked_end):
                self.is_complete = True
                self.end = self._offset
                return True
            self._step_back()
            return False
        if not (self._offset == 0 or is_linked or any(ids[0] in recent for recent in self._recent)):
            self._step_back()
            return False
        # A server may send other pages each time, and never get any further.
        unknown = sum(map(frozenset(ids).difference(*self._recent).__contains__, ids))
        if 2 * unknown >= len(ids):
            self._idle = 0
        self._recent.append(frozenset(ids))
        self._longest = max(self._longest, len(ids))
        self._step = 0
        self.end = self._linked_end = self._offset + len(ids)
        self._was_short = len(ids) < min(self.size, self._longest) or self._longest == 1
        overlap = 0 if self._was_short else min(max(1, len(ids) // _OVERLAP), len(ids) // 2)
        self._offset = self.end - overlap
        return True

    def _step_back(self) -> None:
        self._step = 2 * self._step if self._step else max(1, self.size // _OVERLAP)
        self._offset = max(0, self._offset - self._step)
        self._linked_end = None

    def _check_progress(self, ids: Sequence[str]) -> None:
        is_repeat = bool(ids) and ids == self._last[1] and self._offset != self._last[0]
        self._repeats = self._repeats + 1 if is_repeat else 0
        self._last = (self._offset, ids)
        self._idle += 1
        if self._repeats > _MOST_REPEATS or self._idle > _MOST_IDLE:
            raise UnexpectedResponse(
                f"the server sends the same page of the history again and again (offset {self._offset}): it "
                "does not page by offset"
            )
