"""Divide text into words as the full-text index of SQLite does (unicode61, without accents). Pure.

PostgreSQL gets words that were divided here, so both find the same jobs.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache

_ASCII_WORD = re.compile("[a-z0-9]+")
# Marks that FTS5 takes for part of the letter before them; all others divide words.
_MARKS = frozenset(
    map(chr, (*range(0x300, 0x305), *range(0x306, 0x30D), 0x30F, 0x311, 0x31B, *range(0x323, 0x329),
              0x32D, 0x32E, 0x330, 0x331))
)  # fmt: skip
_FOLDED = {"\u03c2": "\u03c3", "\xb5": "\u03bc", "\u017f": "s"}  # final sigma, micro, long s


def index_tokens(text: str) -> list[str]:
    """The words of a text: letters and digits, in lower case, without accents."""
    if text.isascii():
        return _ASCII_WORD.findall(text.lower())
    return "".join(map(_folded, text)).split()


@cache
def _folded(mark: str) -> str:
    """What a character is in the index; it drops accents of Latin letters alone."""
    if mark.isascii():
        return mark.lower() if mark.isalnum() else " "
    if mark in _MARKS:
        return ""
    category = unicodedata.category(mark)
    if category[0] not in "LN" and category != "Co":
        return " "
    base = unicodedata.normalize("NFD", mark)[0]
    lower = (base if base.isascii() else _FOLDED.get(mark, mark)).lower()
    return lower if len(lower) == 1 else mark
