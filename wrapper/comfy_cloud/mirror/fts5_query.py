"""A search in the language of FTS5. Pure.

Filters are words of the column `filters`, so that FTS5 intersects all of it while it reads the
newest jobs first, and stops after enough of them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from .._jobs.states import JobStatus
from .job_conditions import status_word
from .query_language import SearchQuery, Term
from .search_index import COLUMNS, filter_word

Expand = Callable[[str, Sequence[str]], Sequence[str] | None]
"""The words that begin so in these columns of the index; None if there are too many to name."""


def fts5_match(query: SearchQuery, statuses: Sequence[str] | None, expand: Expand) -> str | None:
    """What to MATCH; None if every job is wanted."""
    wanted = [_term(term, expand) for term in query.wanted]
    wanted += [_filter(name, value) for name, value in query.exact]
    unwanted = [_term(term, expand) for term in query.unwanted]
    unwanted += [_filter(name, value) for name, value in query.not_exact]
    if statuses is None and unwanted and not wanted:  # FTS5 excludes from something only
        statuses = list(JobStatus)
    if statuses is not None:
        wanted.append(f"({_any([_filter('status', word) for word in statuses])})")
    if not wanted:
        return None
    all_of = " AND ".join(wanted)
    return f"({all_of}) NOT ({_any(unwanted)})" if unwanted else all_of


def _any(parts: Sequence[str]) -> str:
    return " OR ".join(dict.fromkeys(parts))


def _filter(name: str, value: str) -> str:
    return f'filters : "{filter_word(name, status_word(value) if name == "status" else value)}"'


def _term(term: Term, expand: Expand) -> str:
    # Words hold letters and digits alone, so a quotation mark cannot end the text early.
    phrase = " ".join(term.words)
    if not term.is_prefix:
        return _in_column(term, f'"{phrase}"')
    *before, last = term.words
    words = expand(last, [term.column] if term.column else COLUMNS) if last.isascii() else None
    if not words:
        columns = term.column or f"{{{' '.join(COLUMNS)}}}"
        return f'{columns} : "{phrase}" *'
    start = "".join(f"{word} " for word in before)
    phrases = [f'"{start}{word}"' for word in words]
    return _in_column(term, f"({_any(phrases)})")


def _in_column(term: Term, expression: str) -> str:
    return f"{term.column} : {expression}" if term.column is not None else expression
