"""Patterns of a contract, searched for in texts of a server in a bounded number of steps. Pure.

Python's expressions try every way to match. A contract can come from anywhere, and a pattern such
as `(a+)+$` needs more steps than any machine has for a text of forty letters. So the ways that a
pattern can match are counted first; a text for which they are too many is not checked.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

MOST_STEPS: Final = 10_000_000
"""More steps than this, which take about a second, are not tried."""
LONGEST_PATTERN: Final = 2_000
_DEEPEST: Final = 50
_QUANTIFIER = re.compile(r"[*+?][?+]?|\{(\d{0,6})(,?)(\d{0,6})\}[?+]?")
_CLASS = re.compile(r"\[\^?\]?(?:\\.|[^\]\\])*\]", re.DOTALL)
_GROUP = re.compile(r"\((?:\?(?:[:=!>]|<[=!]|P?<\w+>|[aiLmsux-]+[:)]))?")


class _TooHard(Exception):
    """A pattern that is not counted."""


def fits(pattern: str, text: str) -> bool | None:
    """Whether a pattern is found in a text; None when that is not tried, or not an expression."""
    if len(pattern) > LONGEST_PATTERN:
        return None
    # Texts of one size class share a count.
    size = 1 << len(text).bit_length()
    if not _is_bounded(pattern, size):
        return None
    compiled = _compiled(pattern)
    return None if compiled is None else compiled.search(text) is not None


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> re.Pattern[str] | None:
    try:
        return re.compile(pattern)
    except (re.error, RecursionError, OverflowError):
        return None


@lru_cache(maxsize=1024)
def _is_bounded(pattern: str, size: int) -> bool:
    try:
        ways, end = _alternatives(pattern, 0, size, 0)
    except _TooHard:
        return False
    return end == len(pattern) and ways * size * max(1, len(pattern)) <= MOST_STEPS


def _alternatives(pattern: str, at: int, size: int, depth: int) -> tuple[int, int]:
    """The ways to match up to the end of a group, and where that is."""
    if depth > _DEEPEST:
        raise _TooHard
    total, ways = 0, 1
    while at < len(pattern) and pattern[at] != ")":
        if pattern[at] == "|":
            total, ways, at = total + ways, 1, at + 1
            continue
        inner, at = _atom(pattern, at, size, depth)
        least, most, at = _repeats(pattern, at, size)
        ways *= _ways_of_repeats(inner, least, most)
        if ways > MOST_STEPS:
            raise _TooHard
    return total + ways, at


def _atom(pattern: str, at: int, size: int, depth: int) -> tuple[int, int]:
    if pattern[at] == "\\":
        if pattern[at + 1 : at + 2].isdigit():  # a reference to a group, whose text has any length
            raise _TooHard
        return 1, at + 2
    if pattern[at] == "[":
        found = _CLASS.match(pattern, at)
        if found is None:
            raise _TooHard
        return 1, found.end()
    if pattern[at] != "(":
        return 1, at + 1
    opened = _GROUP.match(pattern, at)
    if opened is None or (pattern.startswith("(?", at) and opened[0] == "("):
        raise _TooHard
    if opened[0].endswith(")"):  # flags alone
        return 1, opened.end()
    ways, end = _alternatives(pattern, opened.end(), size, depth + 1)
    if not pattern.startswith(")", end):
        raise _TooHard
    return ways, end + 1


def _repeats(pattern: str, at: int, size: int) -> tuple[int, int, int]:
    """How often the part before `at` is repeated: at least, at most; and where that ends."""
    found = _QUANTIFIER.match(pattern, at)
    if found is None or found[0].startswith("{}") or found[0].startswith("{,}"):
        return 1, 1, at
    if found[0][0] in "*+?":
        return (found[0][0] == "+"), (1 if found[0][0] == "?" else size), found.end()
    least = int(found[1] or 0)
    most = least if not found[2] else min(int(found[3]), size) if found[3] else size
    return min(least, size), max(min(least, size), min(most, size)), found.end()


def _ways_of_repeats(inner: int, least: int, most: int) -> int:
    if inner == 1:
        return most - least + 1
    total, power = 0, 1
    for times in range(most + 1):
        total += power if times >= least else 0
        power *= inner
        if power > MOST_STEPS or total > MOST_STEPS:
            raise _TooHard
    return total
