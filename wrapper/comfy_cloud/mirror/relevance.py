"""How well texts match a search: BM25 over the matches themselves. Pure.

FTS5 has bm25(), but to learn how rare a word is it reads every match in the index, which takes
half a second for a frequent word among a million jobs. Here every word must match anyway, so its
rarity says little, and is left out. The length of a text is that in characters.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from .index_tokens import index_tokens
from .query_language import Term

# How much a word counts in each column of the index; see `search_index.COLUMNS`.
WEIGHTS = {"prompts": 10.0, "texts": 5.0, "titles": 2.0, "models": 4.0, "files": 1.0}
_SATURATION = 1.2
_LENGTH = 0.75
_MOST_CHARACTERS = 5_000
_COLUMNS = tuple(WEIGHTS.items())


def scores(rows: Sequence[Sequence[str | None]], terms: Sequence[Term]) -> list[float]:
    """A score for each row, whose texts are in the order of `WEIGHTS`; the best is the highest."""
    divided = [[_plain((text or "")[:_MOST_CHARACTERS]) for text in row] for row in rows]
    lengths = [sum(map(len, row)) for row in divided]
    mean = (sum(lengths) / len(lengths) if lengths else 0) or 1.0
    patterns = [(term.words[0], _pattern(term), term.column) for term in terms]
    found = []
    for row, length in zip(divided, lengths, strict=True):
        worth = _SATURATION * (1 - _LENGTH + _LENGTH * length / mean)
        total = 0.0
        for word, pattern, only in patterns:
            count = 0.0
            for text, (column, weight) in zip(row, _COLUMNS, strict=True):
                if only in (None, column) and word in text:
                    count += weight * len(pattern.findall(text))
            total += count * (_SATURATION + 1) / (count + worth) if count else 0.0
        found.append(total)
    return found


def _plain(text: str) -> str:
    return text.lower() if text.isascii() else " ".join(index_tokens(text))


def _pattern(term: Term) -> re.Pattern[str]:
    """Words hold letters and digits alone, so they mean themselves."""
    words = r"[\W_]+".join(term.words)
    return re.compile(rf"(?<![^\W_]){words}" + ("" if term.is_prefix else r"(?![^\W_])"))
