"""The texts of a page, each once and without keys: rows refer to them by number."""

from __future__ import annotations

from ..._errors.redaction import redact, redact_text

LONGEST = 20_000
"""Characters of a text that a page holds; the rest is cut off, which the text then says."""
_LONGEST_NAME = 1_000


class PageStrings:
    """Numbers texts in the order in which they first appear."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self._numbers: dict[str, int] = {}
        self._inputs: dict[tuple[str, str], int] = {}

    def number(self, text: str) -> int:
        """The number of a text."""
        found = self._numbers.get(text)
        if found is None:
            found = self._numbers[text] = len(self.texts)
            self.texts.append(page_text(text))
        return found

    def input_number(self, name: str, value: str) -> int:
        """The number of an input's value, which is left out if its name is that of a secret."""
        found = self._inputs.get((name, value))
        if found is None:
            found = self._inputs[name, value] = self.number(next(iter(redact({name: value}).values())))
        return found


def page_text(text: str) -> str:
    """The text without keys, and cut if it is very long."""
    clean = redact_text(text)
    if len(clean) <= LONGEST:
        return clean
    return f"{clean[:LONGEST]}... ({len(clean):,} characters)"


def page_name(text: str | None) -> str | None:
    """A name, such as that of a file or node, without keys; the beginning of a very long one."""
    return None if text is None else redact_text(text[:_LONGEST_NAME])
