"""Reading JSON as people have it: with a byte order mark, as lines, or inside another text.

Where it is not JSON, the message says why: Python's notation, a comma too many, a comment.

Pure: nothing here reads a file.
"""

from __future__ import annotations

import json
import re

from ..errors import ConfigurationError
from .embedded_json import SearchBudget, embedded_json, has_too_many_values, mentions_workflow
from .graph import capitalised

_IGNORED = "\ufeff\0 \t\r\n"
_BEGINNINGS = ("{", "[", '"')
# Files with a line for each request or job.
_MOST_LINES = 10_000
_BETWEEN = re.compile(r"[\s,]*")
_DECODER = json.JSONDecoder()


def is_json_text(text: str) -> bool:
    """Whether a text is meant as JSON, or contains JSON of a workflow; otherwise it is a path."""
    start = text.lstrip(_IGNORED)[:2]
    return (
        start.startswith(("{", "["))
        or start in ('"{', '"\\')
        or ("class_type" in text and ("{" in text or "%7B" in text))
    )


def is_binary(beginning: bytes) -> bool:
    """Whether a file is no text, by its first bytes. JSON in UTF-16 and UTF-32 is text."""
    encoding = json.detect_encoding(beginning)
    if encoding not in ("utf-8", "utf-8-sig"):
        text = beginning[: len(beginning) & ~3].decode(encoding, "replace")
        return not text.lstrip(_IGNORED).startswith(_BEGINNINGS)
    try:
        beginning.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.reason != "unexpected end of data"  # the last character may be cut off
    return b"\0" in beginning.rstrip(b"\0")


def parse_text(content: str | bytes, what: str) -> object:
    """The JSON value in a text; a list of values if there are several, or JSON among other words.

    Raises ConfigurationError, which names the fault, if there is none.
    """
    try:
        text = content if isinstance(content, str) else content.decode(json.detect_encoding(content))
    except ValueError as error:
        raise _refusal(what, str(error)) from error
    whole, text = text, text.strip(_IGNORED)
    if has_too_many_values(text):
        raise _refusal(what, "it has too many values for a workflow")
    try:
        return json.loads(text)
    except RecursionError:
        raise _refusal(what, "it is nested too deeply") from None
    except json.JSONDecodeError as error:
        found: list[object] = []
        if _is_meant_as_json(text):
            found = _lines(text) if error.msg.startswith("Extra data") else []
        elif mentions_workflow(text):
            found = [json.loads(part.text) for part in embedded_json(text, SearchBudget())]
        if found:
            return found
        # The lines that are named are those of the whole text.
        start = len(whole) - len(whole.lstrip(_IGNORED))
        in_whole = json.JSONDecodeError(error.msg, whole, start + error.pos)
        raise _refusal(what, _reason(text, error.pos, in_whole)) from error
    except ValueError as error:  # an integer with thousands of digits
        raise _refusal(what, str(error)) from error


def _refusal(what: str, reason: str) -> ConfigurationError:
    return ConfigurationError(
        f"{capitalised(what)} is neither JSON nor a file with a workflow in it: {reason}"
    )


def _is_meant_as_json(text: str) -> bool:
    """Whether a text is JSON with a fault, rather than a text with JSON in it, such as a log."""
    return re.match(r'\{|\[\s*[{"\[\]]|"\s*[{\\]', text) is not None


def _lines(text: str) -> list[object]:
    """The values of JSON Lines, or of JSON texts one behind the other; empty if it is not that."""
    found: list[object] = []
    at = 0
    for _ in range(_MOST_LINES):
        try:
            value, at = _DECODER.raw_decode(text, at)
        except (ValueError, RecursionError):
            return []
        found.append(value)
        between = _BETWEEN.match(text, at)
        at = between.end() if between else at
        if at == len(text):
            return found
    return []


def _reason(text: str, at: int, error: json.JSONDecodeError) -> str:
    line = error.lineno
    before, after = text[:at].rstrip(), text[at:].lstrip()
    if text.startswith("<"):
        return "it is a web page or XML"
    if not _is_meant_as_json(text):
        return "there is no JSON of a workflow in it"
    if error.msg.startswith("Invalid control"):
        return f"a text in it has a line break or tab, in line {line}: write \\n or \\t"
    if after.startswith(("'", "None", "True", "False", "nan", "inf")):
        return (
            f"it is written as Python prints a dict, in line {line}. Write it with json.dumps, or pass "
            "the dict itself"
        )
    if after.startswith(("}", "]")) and before.endswith(","):
        line -= text.count("\n", len(before), at)
        return f"a comma precedes a closing bracket, in line {line}: remove the comma"
    if "trailing comma" in error.msg:  # from Python 3.13 on, which points to it
        return f"a comma precedes a closing bracket, in line {line}: remove the comma"
    if after.startswith(("//", "/*", "#")):
        return f"it has a comment, in line {line}: remove it, JSON has no comments"
    if not after or error.msg.startswith("Unterminated"):
        return "its end is missing"
    return str(error)
