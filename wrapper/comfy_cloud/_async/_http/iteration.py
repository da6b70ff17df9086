"""Iterate over lists that a server sends in pages: the loops that the resources share.

The rules of a walk are in `pages`, the checks of its arguments in `_http.page_arguments`.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing
from typing import TypeVar

from ..._http.page_arguments import check_walk
from ...pages import AsyncFetch, OffsetWalk

T = TypeVar("T")


async def at_most(limit: int | None, items: AsyncGenerator[T, None]) -> AsyncIterator[T]:
    """The first `limit` items, or all if it is None. Reads no further, and closes `items`."""
    left = limit
    async with aclosing(items):
        if left == 0:
            return
        async for item in items:
            yield item
            if left is not None:
                left -= 1
                if left == 0:
                    return


async def walk_by_offset(
    fetch: AsyncFetch[T],
    identity: Callable[[T], str],
    *,
    limit: int | None,
    page_size: int,
    longest_page: int,
    instant: Callable[[T], float | None] = lambda item: None,
) -> AsyncIterator[T]:
    """The items of a list, at most `limit` of them.

    An item that is there during the whole walk is neither lost nor repeated. `fetch(size, offset)`
    gets one page; its offset is None for the first page. Raises ConfigurationError for numbers that
    are not valid.
    """
    check_walk(limit, page_size, longest_page)
    async for item in at_most(limit, _walk(fetch, OffsetWalk[T](page_size, identity, instant), longest_page)):
        yield item


async def _walk(fetch: AsyncFetch[T], walk: OffsetWalk[T], longest_page: int) -> AsyncGenerator[T, None]:
    while (request := walk.next_request()) is not None:
        offset, size = request
        for item in walk.feed(await fetch(min(size, longest_page), offset or None)):
            yield item
