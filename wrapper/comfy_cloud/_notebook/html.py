"""HTML for a notebook. Every text comes from a server and is escaped; long ones are cut."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import Any

from .._errors.redaction import redact_text

LONGEST = 500
MOST_ROWS = 50
_MARKS = frozenset("\u061c\u200b\u200e\u200f\u2028\u2029\ufeff")


def text_html(value: object) -> str:
    """A value as text: without keys, its hidden characters named."""
    if value is None:
        return ""
    text = redact_text(str(value)[: 20 * LONGEST])
    if len(text) > LONGEST:
        text = f"{text[:LONGEST]}..."
    return escape("".join(char if _is_seen(char) else f"[U+{ord(char):04X}]" for char in text))


def facts_html(title: str, facts: Iterable[tuple[str, object]]) -> str:
    """A small table of names and values; those that are None or "" are left out."""
    rows = "".join(
        f'<tr><th style="text-align:left">{text_html(name)}</th>'
        f'<td style="text-align:left;white-space:pre-wrap">{text_html(value)}</td></tr>'
        for name, value in facts
        if value is not None and value != ""
    )
    return f"<table><caption>{text_html(title)}</caption><tbody>{rows}</tbody></table>"


def table_html(columns: Sequence[str], rows: Sequence[Sequence[Any]], *, is_cut: bool = False) -> str:
    """Rows under the names of their columns: the first ones, and how many there are."""
    head = "".join(f"<th>{text_html(name)}</th>" for name in columns)
    body = "".join(
        f"<tr>{''.join(f'<td>{text_html(value)}</td>' for value in row)}</tr>" for row in rows[:MOST_ROWS]
    )
    count = f"{len(rows):,} row{'' if len(rows) == 1 else 's'}"
    if len(rows) > MOST_ROWS:
        count += f", of which {MOST_ROWS} are shown"
    if is_cut:
        count += "; a limit left out more"
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table><p>{count}</p>"


def bar_html(title: str, text: str, fraction: float | None) -> str:
    """A bar with its title; without a fraction it shows that something goes on."""
    value = "" if fraction is None else f' value="{min(max(fraction, 0.0), 1.0):.3f}"'
    label = text_html(title)
    return f'<div>{label} <progress max="1"{value} aria-label="{label}"></progress> {text_html(text)}</div>'


def _is_seen(char: str) -> bool:
    return char in "\n\t" or (char.isprintable() and char not in _MARKS)
