"""The words of a search as an SQL condition."""

from __future__ import annotations

from collections.abc import Sequence


def contains(columns: Sequence[str], text: str) -> tuple[str, list[str]]:
    """A condition that is true for rows with every word of `text` in one of the columns.

    Upper and lower case of ASCII letters are the same. Returns the condition and its parameters;
    `columns` are expressions of our own, the words are parameters only.
    """
    words = [_pattern(word) for word in text.split()]
    one = " OR ".join(f"{column} LIKE ? ESCAPE '\\'" for column in columns)
    condition = " AND ".join(f"({one})" for _ in words) or "0"
    return f"({condition})", [pattern for pattern in words for _ in columns]


def _pattern(word: str) -> str:
    escaped = word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"
