"""Which items of a list continue which items of another version of the list."""

from __future__ import annotations

from typing import Any


def identity(item: Any) -> tuple[str, ...] | None:
    """What identifies a list item in another version of its list; None when nothing does."""
    if not isinstance(item, dict):
        return None
    if "name" in item:
        return ("name", str(item["name"]), str(item.get("in")))
    for key in ("$ref", "url"):
        if key in item:
            return (key, str(item[key]))
    return None


def continued_items(new: list[Any], old: list[Any]) -> list[int | None]:
    """For each item of `new` the index of the same item in `old`: by identity, else by position."""
    marks = [identity(item) for item in old]
    known = {mark: index for index, mark in enumerate(marks) if mark is not None}
    return [
        known.get(mark)
        if (mark := identity(item))
        else (index if index < len(old) and not marks[index] else None)
        for index, item in enumerate(new)
    ]
