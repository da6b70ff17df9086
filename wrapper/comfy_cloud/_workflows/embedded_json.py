"""JSON with the shape of a workflow inside a text: between other words, or escaped.

Programs put a graph behind their own parameters, into a command, into another JSON text, or into
an attribute of XML. Work is bounded: a text is parsed at a few of its braces only.

Pure: nothing here reads a file.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import unquote, unquote_plus

# A quotation mark: plain, escaped in JSON (perhaps twice), in XML, or in a URL.
_QUOTE = r'(?:\\{0,7}"|&(?:quot|#34|#x22);|%22)'
_SPACE = r"[\s+]{0,99}(?:(?:\\{1,7}[nrt]|&#10;|%20|%0[Aa])[\s+]{0,99}){0,99}"
_BRACE = r"[{%](?:(?<=\{)|7[Bb])"
# Any object whose first key is a name; in a URL the brace is escaped as well.
_OBJECT = re.compile(rf"{_BRACE}(?={_SPACE}({_QUOTE}))")
# A graph begins with a node, and a layout with one of the editor's own keys.
_COLON = rf"{_SPACE}(?::|%3[Aa]){_SPACE}"
_WORKFLOW = re.compile(
    rf"{_BRACE}(?={_SPACE}({_QUOTE})(?:"
    rf"""[^"{{}}\\&%]{{1,80}}{_QUOTE}{_COLON}{_BRACE}{_SPACE}{_QUOTE}(?:class_type|inputs|_meta|is_changed)"""
    rf"|(?:id|revision|last_node_id|last_link_id|nodes|prompt|workflow|extra|output){_QUOTE}{_COLON}))"
)
# How much of a text is unescaped at a time. It is slow.
_MOST_ESCAPED = 2 * 1024 * 1024
# A text is copied to parse it: a little at first, since most braces begin no JSON.
_FIRST_PART = 64 * 1024
_LONGEST_TOKEN = 20
_MOST_VALUES = 2_000_000
_DECODER = json.JSONDecoder()
_LENIENT_DECODER = json.JSONDecoder(strict=False)


class SearchBudget:
    """How often, and how many characters, all searches in one document may parse together."""

    def __init__(self, *, tries: int = 200, characters: int = 16 * 1024 * 1024) -> None:
        self.tries = tries
        self.characters = characters


class Embedded(NamedTuple):
    """A JSON text, and the offsets where it begins and where the search goes on."""

    text: str
    start: int
    end: int


def mentions_workflow(text: str) -> bool:
    """Whether a text may contain a graph or a layout. Cheap: most texts do not."""
    return "class_type" in text or "nodes" in text


def has_too_many_values(text: str | bytes) -> bool:
    """Whether JSON has far more values than a workflow. Each takes more memory than its bytes."""
    return (text.count(",") if isinstance(text, str) else text.count(b",")) > _MOST_VALUES


def embedded_json(text: str, budget: SearchBudget, *, any_object: bool = True) -> Iterator[Embedded]:
    """The JSON objects in a text, without those inside one another, that may hold a workflow.

    With `any_object=False`, as in data that is not text, only objects that begin as a workflow.
    """
    pattern = _OBJECT if any_object else _WORKFLOW
    at = 0
    while budget.tries > 0 and budget.characters > 0 and (match := pattern.search(text, at)):
        at = match.start()
        found, size, parsed = _object_at(text, at, match[1], budget.characters)
        budget.tries -= 1
        budget.characters -= parsed
        if found and mentions_workflow(found):
            yield Embedded(found, at, at + size)
        at += size if found else 1


def _object_at(text: str, start: int, quote: str, most: int) -> tuple[str, int, int]:
    """The JSON of an object, "" if it is none; its length in the text; how much was parsed."""
    if quote == '"':
        return _plain(text, start, most)
    if quote.startswith("\\"):
        # A JSON text in a JSON text: it ends at the quotation mark that is not escaped.
        part = f'"{text[start : start + most]}'
        try:
            inner, length = _LENIENT_DECODER.raw_decode(part)
        except (ValueError, RecursionError):
            # Its end was cut off, or the text around it is not JSON.
            inner, length = part[1:].replace("\\\\", "\0").replace('\\"', '"').replace("\0", "\\"), len(part)
        if not isinstance(inner, str):
            return "", 1, length
        nested = re.match(rf"\{{{_SPACE}({_QUOTE})", inner)
        if nested and nested[1].startswith("\\"):
            found, _, parsed = _object_at(inner, 0, nested[1], most)
        else:
            found, _, parsed = _plain(inner, 0, most)
        return found, max(1, length - 1), length + parsed
    part = re.split(r'[<\0"]', text[start : start + min(most, _MOST_ESCAPED)], maxsplit=1)[0]
    if quote == "%22":
        unescaped = unquote(part) if "%20" in part else unquote_plus(part)
    else:
        unescaped = html.unescape(part)
    found, _, parsed = _plain(unescaped, 0, most)
    # To unescape is as slow as to parse some characters more.
    return found, len(part), 4 * len(part) + parsed


def _plain(text: str, start: int, most: int) -> tuple[str, int, int]:
    """A JSON text without the zero bytes that may follow it; its length; how much was parsed."""
    size, parsed = _FIRST_PART, 0
    while True:
        size = min(size, most)
        end = text.find("\0", start, start + size)
        is_cut = end < 0 and size < most and start + size < len(text)
        part = text[start : end if end >= 0 else start + size]
        try:
            _, length = _DECODER.raw_decode(part)
        except json.JSONDecodeError as error:
            # Of a text that does not end, the position is where it begins.
            reached = len(part) if error.msg.startswith("Unterminated") else max(1, error.pos)
        except (ValueError, RecursionError):
            return "", 1, parsed + len(part)
        else:
            return part[:length], length, parsed + length
        parsed += reached
        if not is_cut or reached < len(part) - _LONGEST_TOKEN:
            return "", 1, parsed
        size *= 4
