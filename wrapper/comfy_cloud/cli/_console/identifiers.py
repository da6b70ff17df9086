"""Ids on the command line: the beginning of one is enough, if no other one begins like it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise

from .exits import NOT_FOUND, CommandError

SHORTEST_SHOWN = 8
"""The fewest characters of an id that a table shows."""

SHORTEST_PREFIX = 6
"""The fewest characters of an id that a person may give."""
PREFIX_REACH = 1_000
"""How many of the newest jobs are searched for the beginning of an id."""

_WHOLE_ID = r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}"


def short_ids(ids: Sequence[str]) -> list[str]:
    """The first eight characters of each id, or as many more as tell it from all the others."""
    ordered = sorted(set(ids))
    needed = dict.fromkeys(ordered, SHORTEST_SHOWN)
    for earlier, later in pairwise(ordered):
        common = _common_length(earlier, later) + 1
        needed[earlier] = max(needed[earlier], common)
        needed[later] = max(needed[later], common)
    return [each[: needed[each]] for each in ids]


def _common_length(one: str, other: str) -> int:
    length = 0
    for left, right in zip(one, other, strict=False):
        if left != right:
            break
        length += 1
    return length


def known_by(get: Callable[[str], object]) -> Callable[[str], bool]:
    """A function that says whether the server has a thing of this id, which `get` reads."""
    from comfy_cloud import BadRequest, NotFound

    def is_known(given: str) -> bool:
        try:
            get(given)
        except (BadRequest, NotFound):
            return False
        return True

    return is_known


def whole_id(
    text: str,
    newest: Callable[[], Iterable[str]],
    is_known: Callable[[str], bool],
    *,
    noun: str,
    shortest: int = SHORTEST_PREFIX,
    reach: int = PREFIX_REACH,
) -> str:
    """The id that `text` is, or is the beginning of.

    `newest` gives the `reach` ids that are searched, and `is_known` asks the server for one whole
    id. Raises CommandError when no id begins with `text`, or several do.
    """
    if re.fullmatch(_WHOLE_ID, text):
        return text
    if len(text) >= shortest:
        matches: dict[str, None] = {}
        for each in newest():
            if each == text:
                return text
            if each.startswith(text):
                matches[each] = None
        if len(matches) > 1:
            raise CommandError(f"{len(matches)} ids begin with {text!r}: {_some(list(matches))}")
        if matches:
            return next(iter(matches))
    if text and is_known(text):
        return text
    if len(text) < shortest:
        raise CommandError(f"{text!r} is too short: give at least {shortest} characters of an id")
    raise CommandError(f"none of the newest {reach} {noun} has an id that begins with {text!r}", NOT_FOUND)


def _some(ids: list[str]) -> str:
    return ", ".join(ids[:10]) + (f" and {len(ids) - 10} more" if len(ids) > 10 else "")
