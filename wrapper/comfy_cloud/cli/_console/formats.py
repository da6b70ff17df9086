"""Data as text: JSON, YAML, a line of CSV, and labelled fields, all safe for a terminal.

Nothing is written here. Modules heavier than click are imported when they are used.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import Any

from .exits import CommandError
from .sanitizing import is_harmless, safe_json, safe_text
from .streams import on_terminal
from .wrapping import width_of, wrapped

# Fewer cells than this for a value are worse than a line that the terminal breaks.
_NARROWEST = 8


def output_format(chosen: str | None) -> str:
    """The chosen format; by default a table on a terminal and JSON in a pipe."""
    return chosen or ("table" if on_terminal() else "json")


def json_text(value: Any, *, indent: int | None = None) -> str:
    """JSON that is safe to show. Non-ASCII text is escaped only if stdout is not UTF."""
    import json

    ascii_only = "utf" not in (getattr(sys.stdout, "encoding", None) or "ascii").lower()
    return safe_json(json.dumps(value, ensure_ascii=ascii_only, indent=indent, default=str))


def yaml_text(value: Any) -> str:
    """YAML that is safe to show. Raises CommandError when the package for it is not installed."""
    try:
        import yaml
    except ModuleNotFoundError:
        raise CommandError(
            "YAML needs the package pyyaml: pip install 'comfy-cloud[cli]', or use --output json"
        ) from None
    import json

    # By way of JSON, so that both have the same text for what neither format knows.
    plain = json.loads(json.dumps(value, default=str))
    text = str(yaml.safe_dump(plain, allow_unicode=True, sort_keys=False, width=1_000))
    return text if is_harmless(text) else str(yaml.safe_dump(plain, sort_keys=False, width=1_000))


def csv_line(cells: Iterable[Any]) -> str:
    """One line of CSV. Text that a spreadsheet would run as a formula gets a leading apostrophe."""
    import csv
    import io

    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow([_csv_cell(cell) for cell in cells])
    return line.getvalue()


def _csv_cell(cell: Any) -> Any:
    if not isinstance(cell, str):
        return cell
    from ..._files.spreadsheet_cells import harmless_cell

    return safe_text(harmless_cell(cell))


def fields_text(fields: Iterable[tuple[str, str]]) -> str:
    """Labels and values, one per line; further lines of a value are aligned with its first.

    On a terminal, long values go on in the next line.
    """
    columns = width_of(sys.stdout) if on_terminal() else None
    pairs = [(label, safe_text(value)) for label, value in fields]
    width = max((len(label) for label, _ in pairs), default=0) + 2
    lines: list[str] = []
    for label, value in pairs:
        if columns is not None:
            value = wrapped(value, max(_NARROWEST, columns - width), "")
        first, *rest = value.splitlines() or [""]
        lines += [f"{label:<{width}}{first}", *(" " * width + line for line in rest)]
    return "".join(f"{line.rstrip()}\n" for line in lines)
