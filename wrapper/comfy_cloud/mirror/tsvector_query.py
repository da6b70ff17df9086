"""A search in the language of PostgreSQL's tsvectors, as conditions. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from .job_conditions import JobConditions
from .query_language import SearchQuery, Term

# Which tsvector has a column of the index, and with which weights; see `search_index`.
_PLACES = {
    None: ("document", ""),
    "prompts": ("document", "A"),
    "texts": ("document", "B"),
    "titles": ("document", "C"),
    "models": ("model_words", ""),
    "files": ("file_words", ""),
}


def tsvector_conditions(query: SearchQuery, statuses: Sequence[str] | None) -> JobConditions:
    """Conditions on `search` and `jobs`."""
    conditions = JobConditions()
    conditions.statuses(statuses)
    conditions.fields(query.exact)
    conditions.fields(query.not_exact, "NOT ")
    for sign, terms in (("", query.wanted), ("NOT ", query.unwanted)):
        for term in terms:
            vector, weights = _PLACES[term.column]
            conditions.add(f"{sign}(search.{vector} @@ CAST({{}} AS tsquery))", tsquery(term, weights))
    return conditions


def tsquery(term: Term, weights: str) -> str:
    """A term as PostgreSQL writes a tsquery."""
    words = [f"'{word}'" for word in term.words]
    marks = [weights] * len(words)
    if term.is_prefix:
        marks[-1] = f"*{weights}"
    return " <-> ".join(f"{word}:{mark}" if mark else word for word, mark in zip(words, marks, strict=True))
