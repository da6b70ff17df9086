# Made from wrapper/comfy_cloud/_async/_http/offset_walk.py by `make unasync`. Do not edit.
"""Going through a list by offset: the loop that several nouns share. The rules of the walk are in `pages`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeVar

from ...errors import ConfigurationError
from ...pages import Fetch, OffsetWalk

T = TypeVar("T")


def walk_by_offset(
    fetch: Fetch[T],
    identity: Callable[[T], str],
    *,
    limit: int | None,
    page_size: int,
    longest_page: int,
    instant: Callable[[T], float | None] = lambda item: None,
) -> Iterator[T]:
    """Every item of a list, at most `limit` of them; none that is there throughout is lost or repeated.

    `fetch` is called with how many items to get and how many to skip (None for none). Raises ConfigurationError for numbers
    that cannot be used.
    """
    if not 1 <= page_size <= longest_page or (limit is not None and limit < 0):
        raise ConfigurationError(
            f"page_size must be 1 to {longest_page} and limit 0 or more, not {page_size} and {limit}"
        )
    walk = OffsetWalk[T](page_size, identity=identity, instant=instant)
    left = limit
    while left != 0 and (request := walk.next_request()) is not None:
        offset, size = request
        for item in walk.feed(fetch(min(size, longest_page), offset or None)):
            if left == 0:
                return
            yield item
            left = None if left is None else left - 1
