"""What people type to search: words, "phrases", -exclusions, prefix* and field:value. Pure.

    lighthouse -blurry "at dusk" model:flux status:failed

Everything must match, but for what is excluded by `-`. A field that does not exist is a word like
any other, as in `(masterpiece:1.2)`, so nothing that is typed is an error of syntax.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from ..errors import ConfigurationError
from .index_tokens import index_tokens

MOST_TERMS = 64

# What is typed before the colon, and the column of the full-text index.
INDEX_FIELDS = {
    "prompt": "prompts",
    "prompts": "prompts",
    "text": "texts",
    "title": "titles",
    "model": "models",
    "lora": "models",
    "file": "files",
}
EXACT_FIELDS = ("status", "workflow", "seed")
# A name is searched for by its beginning: nobody types flux1-dev.safetensors.
_PREFIX_COLUMNS = ("models", "files")

_PIECE = re.compile(r'(?P<minus>-)?(?:(?P<field>[A-Za-z]+):)?(?:"(?P<phrase>[^"]*)"?|(?P<word>[^\s"]+))')


@dataclass(frozen=True, slots=True)
class Term:
    """One thing to find: words that follow each other, in one column or in any.

    Attributes:
        words: In lower case, without punctuation and accents.
        column: A column of the full-text index; None for all.
        is_prefix: Whether the last word is only the beginning of one.
    """

    words: tuple[str, ...]
    column: str | None = None
    is_prefix: bool = False


@dataclass(slots=True)
class SearchQuery:
    """A search that was read.

    Attributes:
        wanted, unwanted: What the texts of a job must contain, and must not.
        exact, not_exact: Values by field: `status`, `workflow` or `seed`.
    """

    wanted: list[Term] = field(default_factory=list)
    unwanted: list[Term] = field(default_factory=list)
    exact: list[tuple[str, str]] = field(default_factory=list)
    not_exact: list[tuple[str, str]] = field(default_factory=list)


def read_query(text: str) -> SearchQuery:
    """Read what was typed. Raises ConfigurationError for text that has too many terms."""
    query = SearchQuery()
    for piece in _PIECE.finditer(text):
        _add(query, piece)
        if len(query.wanted) + len(query.unwanted) + len(query.exact) + len(query.not_exact) > MOST_TERMS:
            raise ConfigurationError(
                f"A search takes at most {MOST_TERMS} words and phrases. Leave some out, or put a "
                'phrase between quotation marks: "..."'
            )
    return query


def _add(query: SearchQuery, piece: re.Match[str]) -> None:
    minus, name = piece["minus"] is not None, (piece["field"] or "").lower()
    value = piece["phrase"] if piece["phrase"] is not None else piece["word"]
    if name in EXACT_FIELDS and value.strip():
        (query.not_exact if minus else query.exact).append((name, value.strip()))
        return
    column = INDEX_FIELDS.get(name)
    if name and column is None:  # no field of ours: the text is meant as it stands
        value = f"{piece['field']} {value}"
    term = term_of(value, column)
    if term is not None:
        (query.unwanted if minus else query.wanted).append(term)


def term_of(text: str, column: str | None = None) -> Term | None:
    """The term for a word or phrase; None if it has no letter or digit."""
    words = tuple(index_tokens(text))
    if not words:
        return None
    is_prefix = text.rstrip().endswith("*") or column in _PREFIX_COLUMNS
    return Term(words, column, is_prefix)
