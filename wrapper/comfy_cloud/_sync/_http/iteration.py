# Made from wrapper/comfy_cloud/_async/_http/iteration.py by `make unasync`. Do not edit.
"""Iterate over lists that a server sends in pages: the loops that the resources share.

The rules of a walk are in `pages`, the checks of its arguments in `_http.page_arguments`.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from functools import partial
from typing import TypeVar

from ..._http.concurrency import Call, Halt, run_concurrently
from ..._http.page_arguments import check_walk
from ...pages import Fetch, OffsetWalk

S = TypeVar("S")
T = TypeVar("T")


def at_most(limit: int | None, items: Generator[T, None, None]) -> Generator[T, None, None]:
    """The first `limit` items, or all if it is None. Reads no further, and closes `items`."""
    left = limit
    with closing(items):
        if left == 0:
            return
        for item in items:
            yield item
            if left is not None:
                left -= 1
                if left == 0:
                    return


def several_at_once(
    function: Call[S, T], items: Generator[S, None, None], most: int
) -> Generator[T, None, None]:
    """The results of a call for each item, in the order of the items. Closes `items`.

    Up to `most` calls run at the same time, and as many items are read ahead. The first item is
    called alone, so that whoever wants only that one does not pay for more. An error is raised
    where its result would be.
    """
    with closing(_batches(items, most)) as batches:
        for batch in batches:
            calls = [partial(_outcome, function, item) for item in batch]
            # Not in a thread when it is only one: a warning names the line of the caller.
            outcomes = [calls[0](Halt())] if len(calls) == 1 else run_concurrently(calls, most)
            for outcome in outcomes:
                if isinstance(outcome, _Failed):
                    raise outcome.error
                yield outcome


class _Failed:
    def __init__(self, error: Exception) -> None:
        self.error = error


def _outcome(function: Call[S, T], item: S, halt: Halt) -> T | _Failed:
    halt.check()
    try:
        return function(item)
    except Exception as error:  # noqa: BLE001 - raised when its turn comes
        return _Failed(error)


def _batches(items: Generator[S, None, None], most: int) -> Generator[list[S], None]:
    """Lists of one, two, four ... items, up to `most`; then the rest, and then their error."""
    size = 1
    batch: list[S] = []
    failure: Exception | None = None
    with closing(items):
        try:
            for item in items:
                batch.append(item)
                if len(batch) == size:
                    yield batch
                    size, batch = min(2 * size, most), []
        except Exception as error:  # noqa: BLE001 - raised below, behind what came before it
            failure = error
    if batch:
        yield batch
    if failure is not None:
        raise failure


def walk_by_offset(
    fetch: Fetch[T],
    identity: Callable[[T], str],
    *,
    limit: int | None,
    page_size: int,
    longest_page: int,
    instant: Callable[[T], float | None] = lambda item: None,
) -> Iterator[T]:
    """The items of a list, at most `limit` of them.

    An item that is there during the whole walk is neither lost nor repeated. `fetch(size, offset)`
    gets one page; its offset is None for the first page. Raises ConfigurationError for numbers that
    are not valid.
    """
    check_walk(limit, page_size, longest_page)
    for item in at_most(limit, _walk(fetch, OffsetWalk[T](page_size, identity, instant), longest_page)):
        yield item


def _walk(fetch: Fetch[T], walk: OffsetWalk[T], longest_page: int) -> Generator[T, None, None]:
    while (request := walk.next_request()) is not None:
        offset, size = request
        for item in walk.feed(fetch(min(size, longest_page), offset or None)):
            yield item
