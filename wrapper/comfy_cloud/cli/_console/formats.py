"""Data as text: JSON, a line of CSV, a table, and labelled fields, all safe for a terminal.

Nothing is written here. Modules heavier than click are imported when they are used.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from .exits import CommandError
from .sanitizing import safe_json, safe_line, safe_text
from .streams import on_terminal

# In a pipe a table is as wide as its text, so that no value is cut.
_PIPE_WIDTH = 100_000
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def output_format(chosen: str | None) -> str:
    """The chosen format; by default a table on a terminal and JSON in a pipe."""
    return chosen or ("table" if on_terminal() else "json")


def json_text(value: Any, *, indent: int | None = None) -> str:
    """JSON that is safe to show. Non-ASCII text is escaped only if stdout is not UTF."""
    import json

    ascii_only = "utf" not in (getattr(sys.stdout, "encoding", None) or "ascii").lower()
    return safe_json(json.dumps(value, ensure_ascii=ascii_only, indent=indent, default=str))


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
    text = f"'{cell}" if cell.startswith(_FORMULA_STARTS) else cell
    return safe_text(text)


def table_text(
    headers: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    color: bool = False,
    styles: Sequence[str | Mapping[str, str] | None] = (),
    unbroken: Sequence[int] = (),
) -> str:
    """A table as wide as the terminal; in a pipe, as wide as its text.

    Cells are made safe to show. `styles` gives each column a rich style, or a style for each
    cell text. Columns whose number is in `unbroken` are never wrapped, as ids must not be.
    """
    Console, Table, Text = _rich()
    table = Table(box=None, pad_edge=False, show_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for number, header in enumerate(headers):
        table.add_column(Text(header), overflow="fold", no_wrap=number in unbroken)
    for row in rows:
        cells = [safe_line(cell) for cell in row]
        styled = [_style(styles[n] if n < len(styles) else None, cell) for n, cell in enumerate(cells)]
        table.add_row(*[Text(cell, style=style) for cell, style in zip(cells, styled, strict=True)])
    console = Console(
        width=_width(), color_system="standard" if color else None, force_terminal=color, legacy_windows=False
    )
    with console.capture() as captured:
        console.print(table)
    return "".join(f"{line.rstrip()}\n" for line in captured.get().splitlines())


def fields_text(fields: Iterable[tuple[str, str]]) -> str:
    """Labels and values, one per line; further lines of a value are aligned with its first."""
    pairs = [(label, safe_text(value)) for label, value in fields]
    width = max((len(label) for label, _ in pairs), default=0) + 2
    lines: list[str] = []
    for label, value in pairs:
        first, *rest = value.splitlines() or [""]
        lines += [f"{label:<{width}}{first}", *(" " * width + line for line in rest)]
    return "".join(f"{line.rstrip()}\n" for line in lines)


def _style(style: str | Mapping[str, str] | None, cell: str) -> str:
    if isinstance(style, Mapping):
        return style.get(cell, "")
    return style or ""


def _width() -> int:
    if not on_terminal():
        return _PIPE_WIDTH
    import shutil

    return shutil.get_terminal_size().columns


def _rich() -> tuple[Any, Any, Any]:
    try:
        from rich.console import Console
        from rich.table import Table
        from rich.text import Text
    except ModuleNotFoundError as error:
        if error.name != "rich":
            raise
        raise CommandError(
            "tables need the package rich: pip install 'comfy-cloud[cli]', or use --output json"
        ) from None
    return Console, Table, Text
