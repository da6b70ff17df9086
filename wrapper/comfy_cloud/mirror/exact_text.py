"""A type of column for text that comes back exactly, whatever is in it.

PostgreSQL holds no NUL, and no database driver takes a lone surrogate. Such characters are written
as U+001A and their number in four hexadecimal digits, and so is U+001A itself. All other text is
stored as it is.
"""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import Text
from sqlalchemy.types import TypeDecorator

_MARK = "\x1a"
_UNSAFE = re.compile("[\x00\x1a\ud800-\udfff]")
_ESCAPED = re.compile("\x1a([0-9a-f]{4})")


class ExactText(TypeDecorator[str]):
    """Text that survives storing."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Any) -> str | None:
        """As it is stored."""
        return None if value is None else stored_text(value)

    def process_result_value(self, value: str | None, dialect: Any) -> str | None:
        """As it was."""
        return None if value is None else original_text(value)


def stored_text(text: str) -> str:
    """The text in a form that every database stores."""
    return text if is_storable(text) else _UNSAFE.sub(lambda found: f"{_MARK}{ord(found[0]):04x}", text)


def is_storable(text: str) -> bool:
    """Whether the text is stored as it is."""
    if text.isascii():  # nearly always, and much faster to search
        return "\x00" not in text and _MARK not in text
    return _UNSAFE.search(text) is None


def original_text(text: str) -> str:
    """The reverse of `stored_text`."""
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text) if _MARK in text else text
