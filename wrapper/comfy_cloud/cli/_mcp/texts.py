"""What an agent is given: bounded, without secrets, and without control characters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..._errors.redaction import redact, redact_text
from .._console.sanitizing import safe_text

LONGEST_TEXT = 2_000
"""Characters of one text in a result."""
MOST_ITEMS = 100
"""Items of one list or object in a result."""
_DEEPEST = 8
_MOST_READ = 1_000_000
_MARK = "\N{HORIZONTAL ELLIPSIS}"


def shown(text: str, limit: int = LONGEST_TEXT) -> str:
    """The text, made harmless; what is beyond the limit is replaced by how much that is."""
    safe = safe_text(redact_text(text[:_MOST_READ]))
    missing = len(text) - limit
    if len(safe) <= limit and missing <= 0:
        return safe
    return f"{safe[:limit]}{_MARK} ({max(missing, len(safe) - limit)} more characters)"


def bounded(value: Any) -> Any:
    """The same for a structure: its texts, its lists and its depth are bounded."""
    return _bounded(redact(value), 0)


def _bounded(value: Any, depth: int) -> Any:
    if isinstance(value, str):
        return shown(value)
    if isinstance(value, (Mapping, list, tuple)) and depth >= _DEEPEST:
        return _MARK
    if isinstance(value, Mapping):
        items = list(value.items())
        found = {shown(str(name), 200): _bounded(each, depth + 1) for name, each in items[:MOST_ITEMS]}
        if len(items) > MOST_ITEMS:
            found[_MARK] = f"{len(items) - MOST_ITEMS} more"
        return found
    if isinstance(value, (list, tuple)):
        more = [f"{_MARK} {len(value) - MOST_ITEMS} more"] if len(value) > MOST_ITEMS else []
        return [*(_bounded(each, depth + 1) for each in value[:MOST_ITEMS]), *more]
    return value
