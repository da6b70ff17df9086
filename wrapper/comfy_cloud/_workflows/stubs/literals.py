"""Texts and values of a server as Python literals and comments.

A reader of the module must see what it contains, so whatever could change the order of characters
on a screen, or is invisible, is escaped.
"""

from __future__ import annotations

import json
import math
import re
import unicodedata

# What a server can read, as in `graph`.
_MIN_INTEGER, _MAX_INTEGER = -(2**63), 2**64 - 1
_HARMLESS = re.compile(r"[ !#-\[\]-~]*\Z")  # ASCII but for quotes and backslashes
# Right-to-left letters and numbers; the marks that force a direction are not printable anyway.
_REORDERED = ("R", "AL", "AN")


def text_literal(text: str) -> str:
    """A string literal in double quotes, on one line."""
    return f'"{_escaped(text)}"'


def doc_line(text: str) -> str:
    """A text within a docstring of triple double quotes, on one line."""
    visible = "".join(character if character.isprintable() else " " for character in text)
    return _escaped(" ".join(visible.split()))


def comment_text(text: str) -> str:
    """A text after `#`, on one line."""
    return _escaped(text)


def value_literal(value: object) -> str | None:
    """The literal of a text, number, boolean or None; None for other values, such as NaN."""
    if value is None or isinstance(value, bool):
        return str(value)
    if isinstance(value, str):
        return text_literal(value)
    if isinstance(value, int):
        return str(value) if _MIN_INTEGER <= value <= _MAX_INTEGER else None
    return repr(value) if isinstance(value, float) and math.isfinite(value) else None


def json_literal(value: object) -> str | None:
    """A list or an object as the literal of its JSON; None if it has none."""
    try:
        return text_literal(json.dumps(value, allow_nan=False))
    except (TypeError, ValueError, RecursionError):
        return None


def is_unicode(text: str) -> bool:
    """Whether a text can be written to a file: it has no half of a character."""
    return text.isascii() or not any("\ud800" <= character <= "\udfff" for character in text)


def _escaped(text: str) -> str:
    return text if _HARMLESS.match(text) else "".join(map(_escape, text))


def _escape(character: str) -> str:
    if character in ('"', "\\"):
        return f"\\{character}"
    if " " <= character <= "~":
        return character
    if character.isprintable() and unicodedata.bidirectional(character) not in _REORDERED:
        return character
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
