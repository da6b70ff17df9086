"""Messages that fit a terminal: long lines go on in the next one, broken between words.

What stands between backticks, such as a command to copy, and a single long word are never broken.
"""

from __future__ import annotations

import os
import re
import sys
from typing import IO

from .streams import on_terminal

_INDENT = "  "
_STYLES = re.compile(r"\x1b\[[0-9;]*m")
_UNBROKEN = re.compile(r"`[^`]+`[^\s`]*|\S+")
_USUAL_WIDTH = 80


def wrapped(text: str, width: int, indent: str = _INDENT) -> str:
    """The text with no line wider than `width` cells, except for what must not be broken.

    Lines that go on begin with `indent`. Lines that are indented have a layout, and stay as they
    are.
    """
    return "\n".join(_wrapped_line(line, width, indent) for line in text.split("\n"))


def fitted(line: str, start: str = "") -> str:
    """The line after `start`, for stdout; on a terminal it goes on below itself."""
    if not on_terminal():
        return start + line
    return start + wrapped(line, width_of(sys.stdout) - len(start), " " * (len(start) or len(_INDENT)))


def width_of(stream: IO[str]) -> int:
    """How many cells are in a line of the terminal that the stream is; COLUMNS counts first."""
    given = os.environ.get("COLUMNS", "")
    if given.isdecimal() and int(given):
        return int(given)
    try:
        return os.get_terminal_size(stream.fileno()).columns or _USUAL_WIDTH
    except (OSError, ValueError):
        return _USUAL_WIDTH


def _wrapped_line(line: str, width: int, indent: str) -> str:
    if line[:1].isspace() or cells(line) <= width:
        return line
    lines, used = [""], 0
    for found in _UNBROKEN.finditer(line):
        word = found[0]
        size = cells(word)
        if used and used + 1 + size > width:
            lines.append(indent + word)
            used = len(indent) + size
        else:
            lines[-1] += f" {word}" if used else word
            used += size + (1 if used else 0)
    return "\n".join(lines)


def cells(text: str) -> int:
    """How many cells of a terminal the text takes."""
    plain = _STYLES.sub("", text)
    if plain.isascii():
        return len(plain)
    try:
        from rich.cells import cell_len
    except ModuleNotFoundError:
        return len(plain)
    return cell_len(plain)
