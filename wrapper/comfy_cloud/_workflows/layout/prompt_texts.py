"""Prompts as they have to be in the editor, so that it sends them as they are. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..conversion.texts import choose

if TYPE_CHECKING:
    from ..conversion.editor_state import Editor

_PIECES = re.compile(r"(\\*)([{}|])|//|/\*")


def escaped_prompt(editor: Editor, text: str) -> str:
    """The text for which the editor sends this one.

    The editor chooses from {a|b}, and removes // comments; a backslash keeps a brace. There is no
    such sign for a comment, but a choice with one option is that option: /{/}.
    """
    if choose(editor, text) == text:
        return text
    return _PIECES.sub(_escaped, text)


def _escaped(match: re.Match[str]) -> str:
    if match[2] is None:
        return f"/{{{match[0][1]}}}"
    before, sign = match[1], match[2]
    # The editor takes signs in pairs: behind an odd number of them, one more is not in a pair.
    if len(before) % 2 == 0:
        return f"{before}\\{sign}"
    return f"{before}\\{{\\{{}}" if sign == "{" else f"{before}\\{sign}"
