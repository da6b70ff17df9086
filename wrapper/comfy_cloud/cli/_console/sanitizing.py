"""Text from servers made harmless for a terminal: control characters become visible escapes."""

from __future__ import annotations

import re

# Control characters (C0, DEL, C1), line separators, lone surrogates, and what reorders or hides
# text: marks and overrides of writing direction, interlinear annotations, tags.
# Joiners stay, since emoji and scripts need them.
_HARMFUL = (
    "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e007f]"
)
# Characters that `json.dumps` writes unescaped although a terminal may act on them.
_HARMFUL_IN_JSON = "[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
# Compiled when first used (`re` keeps them). Python calls none of the harmful ones printable, so
# that most texts need no pattern.


def safe_text(text: str) -> str:
    """Text that is safe to show: control characters become visible escapes, line breaks stay."""
    if text.isprintable():
        return text
    return re.sub(_HARMFUL, _escape_unless_layout, text.replace("\r\n", "\n"))


def safe_line(text: str) -> str:
    """The same on one line: every run of white space becomes a space."""
    line = " ".join(text.split())
    return line if line.isprintable() else re.sub(_HARMFUL, _escape, line)


def is_harmless(text: str) -> bool:
    """Whether a terminal would act on nothing in the text but line breaks and tabs."""
    return all(found[0] in "\n\t" for found in re.finditer(_HARMFUL, text))


def safe_json(text: str) -> str:
    """JSON with the same value, in which harmful characters are written as JSON escapes."""
    return re.sub(_HARMFUL_IN_JSON, lambda found: f"\\u{ord(found[0]):04x}", text)


def _escape(found: re.Match[str]) -> str:
    number = ord(found[0])
    if number < 0x100:
        return f"\\x{number:02x}"
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"


def _escape_unless_layout(found: re.Match[str]) -> str:
    return found[0] if found[0] in "\n\t" else _escape(found)
