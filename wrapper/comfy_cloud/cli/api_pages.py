"""`comfy-cloud api --paginate`: the items of all pages of a list. Nothing is requested here."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ._console.exits import API, CommandError

Query = dict[str, list[str]]

MOST_PAGES = 10_000
"""After so many pages something is wrong with the server's paging."""


def all_items(query: Query, fetch: Callable[[Query], Any]) -> Iterator[Any]:
    """Every item of a list, page by page.

    `fetch` gets one page as JSON. Raises CommandError when a page is not a list, or when the pages
    do not end.
    """
    current, seen = dict(query), set[str]()
    offset = int((query.get("offset") or ["0"])[0] or 0)
    for _ in range(MOST_PAGES):
        page = fetch(current)
        items = _items(page)
        content = json.dumps(items)
        if items and content in seen:
            raise CommandError("the server repeats a page, so not all could be fetched", API)
        seen.add(content)
        yield from items
        following = _next(page, len(items))
        if not items or following is None:
            return
        if isinstance(following, str):
            current = {**query, "after": [following]}
        else:
            offset += len(items)
            current = {**query, "offset": [str(offset)]}
    raise CommandError(f"the pages did not end after {MOST_PAGES}", API)


def _items(page: Any) -> list[Any]:
    if isinstance(page, list):
        return page
    lists = [value for value in page.values() if isinstance(value, list)] if isinstance(page, Mapping) else []
    if len(lists) != 1:
        raise CommandError("--paginate needs a response with one list in it")
    return lists[0]


def _next(page: Any, count: int) -> str | int | None:
    """The cursor of the next page, or how far on it begins; None if this page is the last."""
    if not isinstance(page, Mapping):
        return None
    position = page.get("pagination")
    facts = position if isinstance(position, Mapping) else page
    cursor, more = facts.get("next_cursor"), facts.get("has_more")
    if isinstance(cursor, str) and cursor and more is not False:
        return cursor
    if isinstance(more, bool):
        return count if more else None
    # A history does not say whether there is more: an empty page ends it.
    return None if "next_cursor" in facts else count
