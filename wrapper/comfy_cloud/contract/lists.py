"""What must hold for lists and their pages beyond their schemas: order, length, ends, and that offsets add up.

Each rule looks at pages that were asked for by others, and tells the probe what deviates.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

from ..times import MILLISECONDS_FROM
from .probe import Probe
from .values import is_number, items_of, text_of


def check_order(
    probe: Probe, operation: str, path: str, entries: list[dict[str, Any]], rule: str = "newest first"
) -> None:
    """Later times come first, and all of them are milliseconds; elements without a time have no place in the order."""
    times = [entry["create_time"] for entry in entries if is_number(entry.get("create_time"))]
    if any(time < MILLISECONDS_FROM for time in times):
        probe.deviates(operation, path, "milliseconds since 1970", "a number of seconds")
    elif any(later > earlier for earlier, later in pairwise(times)):
        probe.deviates(operation, f"{path} order", rule, "another order")


def check_length(probe: Probe, operation: str, path: str, items: list[Any], most: int) -> None:
    """A page is not longer than it was asked to be."""
    if len(items) > most:
        probe.deviates(operation, f"{path} length", f"{most} at most, as asked for", str(len(items)))


def check_page(
    probe: Probe, operation: str, path: str, page: dict[str, Any], told: dict[str, Any], limit: int
) -> None:
    """The bounds of a page that begins at the beginning."""
    items = items_of(page, path)
    check_length(probe, operation, path, items, limit)
    prefix = "" if told is page else "pagination."
    for name, asked in (("limit", limit), ("offset", 0)):
        if told is not page and is_number(told.get(name)) and told[name] != asked:
            probe.deviates(operation, f"{prefix}{name}", f"{asked}, as asked for", str(told[name]))
    total: Any = told.get("total")
    has_more = told.get("has_more")
    if not is_number(total) or not isinstance(has_more, bool):
        return
    if len(items) > total:
        probe.deviates(operation, f"{prefix}total", "no fewer than there are on the page", "fewer")
    elif has_more != (total > len(items)):
        seen = f"{str(has_more).lower()}, with {len(items)} of {total}"
        probe.deviates(operation, f"{prefix}has_more", "whether there is more than this page", seen)


def check_empty(probe: Probe, operation: str, path: str, page: dict[str, Any]) -> None:
    """Behind the end of a list there is nothing."""
    if items_of(page, path):
        probe.deviates(
            operation, f"{path} length", "0 behind the end of the list", str(len(items_of(page, path)))
        )


def check_offset(
    probe: Probe, operation: str, path: str, name: str, page: Callable[[int, int], list[dict[str, Any]]]
) -> None:
    """Skipping one leads to the second. A job that arrives meanwhile shifts the list: then it is read once more."""
    for _ in range(2):
        first, second = page(2, 0), page(1, 1)
        if len(first) < 2 or (second and text_of(second[0], name) == text_of(first[1], name)):
            return
    probe.deviates(operation, f"{path} with offset", "the second element with offset=1", "another one")
