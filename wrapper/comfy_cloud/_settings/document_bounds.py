"""Bounds on documents that come from elsewhere: contracts, profiles, journals. Pure.

A parser recurses once per level of nesting, and what it makes is many times larger than the text.
So both are checked before it sees the text.
"""

from __future__ import annotations

import re

MOST_DEPTH = 100
MOST_PROFILE_BYTES = 1024 * 1024
MOST_JOURNAL_BYTES = 512 * 1024 * 1024
MOST_JOURNAL_LINE = 4 * 1024 * 1024

# Strings and comments of JSON and TOML, in which brackets do not count, and brackets.
_TOKENS = re.compile(
    r'"""(?:[^"\\]|\\.|"(?!""))*"""|\'\'\'.*?\'\'\'|"(?:[^"\\\n]|\\.)*"|\'[^\'\n]*\'|#[^\n]*|[\[\]{}]',
    re.DOTALL,
)


class BoundExceeded(ValueError):
    """A document is larger or deeper than any that is meant to be read.

    The message is a clause that names the bound, such as "it is nested more than 100 levels deep".
    """


def check_bytes(size: int, most: int) -> None:
    """Raise BoundExceeded for a document of more than `most` bytes."""
    if size > most:
        unit = f"{most >> 20} MiB" if most >= 1 << 20 else f"{most} bytes"
        raise BoundExceeded(f"it is larger than {unit}")


def check_toml(text: str) -> None:
    """Raise BoundExceeded for TOML that is nested too deeply, by brackets or by a dotted key."""
    if any(line.count(".") > MOST_DEPTH for line in text.splitlines()):
        raise _too_deep()
    check_depth(text)


def check_depth(text: str) -> None:
    """Raise BoundExceeded for JSON or TOML that is nested too deeply.

    Text that is neither may pass or not; its parser refuses it.
    """
    if text.count("[") + text.count("{") <= MOST_DEPTH:
        return
    depth = 0
    for token in _TOKENS.finditer(text):
        match token[0]:
            case "[" | "{":
                depth += 1
                if depth > MOST_DEPTH:
                    raise _too_deep()
            case "]" | "}":
                depth = max(depth - 1, 0)


def _too_deep() -> BoundExceeded:
    return BoundExceeded(f"it is nested more than {MOST_DEPTH} levels deep")
