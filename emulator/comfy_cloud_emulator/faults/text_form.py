"""Faults from one line of text, as the command's option has them: `500 x2 GET /api/history_v2`."""

from __future__ import annotations

import re
from typing import Any, Final

from .fault import Fault

FORM: Final = (
    "a fault is its kind, then in any order how often (x2; x*: always), a method, a path, a duration "
    "(2s, 500ms), after=N, retry-after=N; for example '500 x2 GET /api/history_v2', 'reset x1', "
    "'delay 2s /api/user'"
)
_TIME: Final = re.compile(r"(\d+(?:\.\d+)?)(ms|s)")


def fault_from_text(text: str) -> Fault:
    """The fault in a text. Raises ValueError with a message that describes the format."""
    words = text.split()
    if not words:
        raise ValueError(FORM)
    kind, *rest = words
    fields: dict[str, Any] = {}
    if kind.isdigit():
        fields["status"] = int(kind)
        kind = "status"
    for word in rest:
        name, value = _field(word)
        if name in fields:
            raise ValueError(f"{word!r} gives {name} twice; {FORM}")
        fields[name] = value
    return Fault(kind, **fields)  # type: ignore[arg-type]  # Fault rejects an unknown kind


def _field(word: str) -> tuple[str, Any]:
    name, _, number = word.partition("=")
    if word == "x*":
        return "times", None
    if word.startswith("x") and word[1:].isdigit():
        return "times", int(word[1:])
    if word.startswith("/"):
        return "path", word
    if found := _TIME.fullmatch(word):
        return "seconds", float(found[1]) / (1000 if found[2] == "ms" else 1)
    if name in {"after", "retry-after"} and number.isdigit():
        return name.replace("-", "_"), int(number)
    if word.isalpha() and word.isupper():
        return "method", word
    if word.isdigit():
        return "status", int(word)
    raise ValueError(f"{word!r} is not valid in a fault; {FORM}")
