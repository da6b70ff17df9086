"""What must hold for lists and their pages beyond their schemas: order, length, ends and offsets.

Each rule gets pages that a walk has asked for, and reports deviations to the probe.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

from ...times import MILLISECONDS_FROM
from .json_access import is_number, items_of, text_of
from .probe import Probe


def check_order(
    probe: Probe, operation: str, path: str, entries: list[dict[str, Any]], rule: str = "newest first"
) -> None:
    """Later times come first, and all are milliseconds. Entries without a time are left out."""
    times = [entry["create_time"] for entry in entries if is_number(entry.get("create_time"))]
    if any(time < MILLISECONDS_FROM for time in times):
        probe.deviates(operation, path, "milliseconds since 1970", "a number of seconds")
    elif any(later > earlier for earlier, later in pairwise(times)):
        probe.deviates(operation, f"{path} order", rule, "another order")


def check_length(probe: Probe, operation: str, path: str, items: list[Any], most: int) -> None:
    """A page has no more items than were asked for."""
    if len(items) > most:
        probe.deviates(operation, f"{path} length", f"{most} at most, as asked for", str(len(items)))


def check_page(
    probe: Probe, operation: str, path: str, page: dict[str, Any], bounds: dict[str, Any], limit: int
) -> None:
    """The first page of a list and its `bounds` agree: limit, offset, total and has_more.

    `bounds` is the object that has them: the page itself, or its `pagination`.
    """
    items = items_of(page, path)
    check_length(probe, operation, path, items, limit)
    prefix = "" if bounds is page else "pagination."
    for name, asked in (("limit", limit), ("offset", 0)):
        if bounds is not page and is_number(bounds.get(name)) and bounds[name] != asked:
            probe.deviates(operation, f"{prefix}{name}", f"{asked}, as asked for", str(bounds[name]))
    total: Any = bounds.get("total")
    has_more = bounds.get("has_more")
    if not is_number(total) or not isinstance(has_more, bool):
        return
    if len(items) > total:
        probe.deviates(operation, f"{prefix}total", "no fewer than there are on the page", "fewer")
    elif has_more != (total > len(items)):
        seen = f"{str(has_more).lower()}, with {len(items)} of {total}"
        probe.deviates(operation, f"{prefix}has_more", "whether there is more than this page", seen)


def check_empty(probe: Probe, operation: str, path: str, page: dict[str, Any]) -> None:
    """A page beyond the end of a list is empty."""
    if items := items_of(page, path):
        probe.deviates(operation, f"{path} length", "0 behind the end of the list", str(len(items)))


def check_offset(
    probe: Probe, operation: str, path: str, name: str, page: Callable[[int, int], list[dict[str, Any]]]
) -> None:
    """Skipping one item leads to the second. `page` gets a page by its length and offset.

    A job that arrives meanwhile shifts the list, so a mismatch is tried once more.
    """
    for _ in range(2):
        first, second = page(2, 0), page(1, 1)
        if len(first) < 2 or (second and text_of(second[0], name) == text_of(first[1], name)):
            return
    probe.deviates(operation, f"{path} with offset", "the second element with offset=1", "another one")
