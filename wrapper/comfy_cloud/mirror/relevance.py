"""How well texts match a search: BM25 over the matches themselves. Pure.

FTS5 has bm25(), but to learn how rare a word is it reads every match in the index, which takes
half a second for a frequent word among a million jobs. Here every word must match anyway, so its
rarity says little, and is left out.
"""

from __future__ import annotations

from collections.abc import Sequence

from .query_language import Term, index_words

# How much a word counts in each column of the index; see `search_index.COLUMNS`.
WEIGHTS = {"prompts": 10.0, "texts": 5.0, "titles": 2.0, "models": 4.0, "files": 1.0}
_SATURATION = 1.2
_LENGTH = 0.75
_MOST_CHARACTERS = 5_000


def scores(rows: Sequence[Sequence[str | None]], terms: Sequence[Term]) -> list[float]:
    """A score for each row, whose texts are in the order of `WEIGHTS`; the best is the highest."""
    divided = [[index_words((text or "")[:_MOST_CHARACTERS]) for text in row] for row in rows]
    lengths = [sum(map(len, row)) for row in divided]
    mean = (sum(lengths) / len(lengths) if lengths else 0) or 1.0
    return [
        sum(_score(row, term, length / mean) for term in terms)
        for row, length in zip(divided, lengths, strict=True)
    ]


def _score(row: Sequence[Sequence[str]], term: Term, length: float) -> float:
    found = sum(
        weight * _count(words, term)
        for words, (column, weight) in zip(row, WEIGHTS.items(), strict=True)
        if term.column in (None, column)
    )
    return found * (_SATURATION + 1) / (found + _SATURATION * (1 - _LENGTH + _LENGTH * length))


def _count(words: Sequence[str], term: Term) -> int:
    """How often a term is in a text."""
    if len(term.words) == 1:
        [word] = term.words
        return sum(each.startswith(word) for each in words) if term.is_prefix else words.count(word)
    size = len(term.words)
    return sum(tuple(words[start : start + size]) == term.words for start in range(len(words) - size + 1))
