"""What the editor fills into texts when a job is queued. Pure: clock and chance are arguments."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING

from .editor_values import MISSING, as_text
from .model import Widget

if TYPE_CHECKING:
    from .editor_state import Editor

_COMMENTS = re.compile(r"/\*[\s\S]*?\*/|//[^\n\r\u2028\u2029]*")
_ESCAPED = re.compile(r"\\([{}|])")
_PLACEHOLDER = re.compile(r"%([^%]+)%")
_DATE_PART = re.compile(r"dd?|MM?|hh?|mm?|ss?|yyyy|yyy|yy")
_NOT_IN_FILE_NAMES = re.compile(r'[/?<>\\:*|"\x00-\x1F\x7F]')
_DEEPEST = 50


def choose(editor: Editor, text: str, *, depth: int = 0) -> str:
    """The text without comments, with one of the choices of each {a|b}.

    When choices are left, only those with one option are resolved.
    """
    text = _COMMENTS.sub("", text)
    if "{" not in text and "\\" not in text:
        return text
    editor.spend(len(text) // 2)
    result: list[str] = []
    at = 0
    while at < len(text):
        character = text[at]
        at += 1
        if character == "\\":
            result.append("\\" + (text[at] if at < len(text) else "undefined"))
            at += 1
        elif character == "{":
            options, end = _options(text, at)
            whole = text[at - 1 : end]
            at = end
            if len(options) > 1 and editor.random is None:
                result.append(whole)
                continue
            number = int(editor.random() * len(options)) if len(options) > 1 and editor.random else 0
            chosen = options[min(number, len(options) - 1)]
            result.append(choose(editor, chosen, depth=depth + 1) if depth < _DEEPEST else chosen)
        else:
            result.append(character)
    return _ESCAPED.sub(r"\1", "".join(result))


def _options(text: str, at: int) -> tuple[list[str], int]:
    """The options behind an opening brace, and where they end."""
    options, current, depth = [], "", 0
    while at < len(text):
        character = text[at]
        at += 1
        if character == "\\":
            current += "\\" + (text[at] if at < len(text) else "undefined")
            at += 1
            continue
        if character == "{":
            depth += 1
        elif character == "}":
            if not depth:
                break
            depth -= 1
        elif character == "|" and not depth:
            options.append(current)
            current = ""
            continue
        current += character
    return [*options, current], at


def fill_in(editor: Editor, text: str) -> str:
    """The text with dates for %date:...% and values for %Node.widget%."""
    if "%" not in text:
        return text

    def replacement(match: re.Match[str]) -> str:
        name, dot, widget_name = match[1].partition(".")
        if not dot or "." in widget_name:
            if name.startswith("date:") and editor.now is not None:
                return date_text(name[5:], editor.now)
            return match[0]
        widget = _named_widget(editor, name, widget_name)
        if widget is None:
            return match[0]
        value = widget.value
        filled = "" if value is None or value is MISSING else as_text(value)
        editor.spend(len(filled) // 16)
        return _NOT_IN_FILE_NAMES.sub("_", filled)

    return _PLACEHOLDER.sub(replacement, text)


def _named_widget(editor: Editor, name: str, widget_name: str) -> Widget | None:
    found = editor.named_node(name)
    if found is not None:
        editor.spend(1 + len(found.widgets) // 4 + len(found.inputs) // 4, found)
    return found.widget(widget_name) if found is not None else None


def date_text(pattern: str, now: datetime) -> str:
    """A date by the editor's pattern: d, M, h, m, s, alone or doubled, yy and yyyy."""

    def part(match: re.Match[str]) -> str:
        text = match[0]
        if text[0] == "y":
            return {"yy": f"{now.year}"[2:], "yyyy": f"{now.year}"}.get(text, text)
        number = {"d": now.day, "M": now.month, "h": now.hour, "m": now.minute, "s": now.second}[text[0]]
        return f"{number:0{len(text)}}"

    return _DATE_PART.sub(part, pattern)
