"""What the mirror says, as text to read. Nothing is written here."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from .._console.details import Details
from .._console.elastic import TableColumn, render_table, terminal_width
from .._console.formats import json_text
from .._console.sanitizing import safe_line
from .._console.streams import on_terminal
from .._console.wrapping import fitted

_BARS = "▁▂▃▄▅▆▇█"
_MOST_DAYS = 60
_MOST_ROWS = 10


def stats_text(record: Mapping[str, Any], details: Details) -> str:
    """The statistics as tables, with one bar for each day on a terminal."""
    days = record["by_day"]
    head = details.fields(
        {
            "jobs": str(record["jobs"]),
            "credits": record["credits"],
            "days": f"{days[0]['day']} to {days[-1]['day']}" if days else None,
            "per day": sparkline(days) if on_terminal() and _is_utf() else None,
        }
    )
    tables = [
        _table(record["by_status"], ("status", "jobs"), details),
        _table(record["times"], ("what", "jobs", "p50", "p90", "p99", "longest"), details),
        _table(record["by_model"], ("model", "uses"), details),
        _table(record["by_workflow"], ("workflow_id", "jobs", "failed"), details),
        _table(days[::-1], tuple(days[0]) if days else (), details),
    ]
    return "\n".join([head, *(table for table in tables if table)])


def sparkline(days: Sequence[Mapping[str, Any]]) -> str:
    """One bar for each of the last days, up to the last one with a job."""
    if not days:
        return ""
    try:
        counts = {date.fromisoformat(row["day"]): row["jobs"] for row in days}
    except ValueError:
        return ""
    last = max(counts)
    span = min(_MOST_DAYS, (last - min(counts)).days + 1)
    values = [counts.get(last - timedelta(days=back), 0) for back in range(span - 1, -1, -1)]
    most = max(values)
    return "".join(_BARS[round(value / most * (len(_BARS) - 1))] if value else " " for value in values)


def _is_utf() -> bool:
    return "utf" in (getattr(sys.stdout, "encoding", None) or "ascii").lower()


def _table(rows: Sequence[Mapping[str, Any]], names: Sequence[str], details: Details) -> str:
    if not rows:
        return ""
    columns = [
        TableColumn(name, None if place else 10, place, None, bool(place)) for place, name in enumerate(names)
    ]
    cells = [[_cell(row[name]) for name in names] for row in rows[:_MOST_ROWS]]
    text = render_table(columns, cells, color=details.color, width=terminal_width()).text
    left = len(rows) - _MOST_ROWS
    return f"{text}and {left} more; all with --output json\n" if left > 0 else text


def _cell(value: Any) -> str:
    if value is None:
        return "-"
    return f"{value:.1f}" if isinstance(value, float) else str(value)


def changes_text(record: Mapping[str, Any]) -> str:
    """How two jobs differ, as lines: + for what B has, - for what A has, ~ for what changed."""
    lines = [f"- {each['node']} ({each['class']})" for each in record["removed"]]
    lines += [f"+ {each['node']} ({each['class']})" for each in record["added"]]
    for kind in ("models", "seeds", "inputs", "wiring"):
        lines += [
            f"~ {each['node']}.{each['input']} ({each['class']}): "
            f"{_side(each, 'before')} -> {_side(each, 'after')}"
            for each in record[kind]
        ]
    return "".join(f"{fitted(safe_line(line))}\n" for line in lines)


def _side(change: Mapping[str, Any], side: str) -> str:
    """The value before or after; that of a link with the node that it comes from."""
    source = change.get(f"{side}_node")
    value = _value(change[side])
    if source is None:
        return value
    title = source["title"]
    name = f"{source['class']}, {json_text(title)}" if title else source["class"]
    return f"{value} ({name})"


def _value(value: Any) -> str:
    return "nothing" if value is None else value if isinstance(value, str) else json_text(value)
