"""Suggestions for a name that does not exist: the known names that are most like it."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def nearest(name: str, known: Iterable[str], *, count: int = 3, cutoff: float = 0.6) -> list[str]:
    """Up to `count` of the known names, the most similar first; case does not matter.

    `cutoff` is the similarity, from 0 to 1, that a name needs to be suggested.
    """
    folded: dict[str, str] = {}
    for other in known:
        folded.setdefault(other.casefold(), other)
    return [folded[close] for close in difflib.get_close_matches(name.casefold(), folded, count, cutoff)]
