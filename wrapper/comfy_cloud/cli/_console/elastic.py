"""Tables that fit: one line for each row, whatever the width of the terminal.

Columns shrink to their least width, with an ellipsis, and then the least important ones are left
out. In a pipe nothing is shortened and nothing is left out. Nothing is written here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from .exits import CommandError
from .sanitizing import safe_line
from .streams import on_terminal, terminal_columns

# In a pipe a table is as wide as its text, so that no value is cut.
_PIPE_WIDTH = 100_000
_GAP = 2


class TableColumn(NamedTuple):
    """How a column of a table is shown.

    Attributes:
        header: The text above it.
        least: The fewest cells it may shrink to; None if it must not shrink, as ids must not.
        rank: What is left out first when the terminal is narrow: the highest rank.
        styles: A rich style for the whole column, or for each cell text.
        is_number: Whether cells are aligned to the right.
        folds: Whether a long cell goes on in the next line, as in reports.
    """

    header: str
    least: int | None = 8
    rank: int = 1
    styles: str | Mapping[str, str] | None = None
    is_number: bool = False
    folds: bool = False


class TableText(NamedTuple):
    """A table as text, and the headers of the columns for which there was no room."""

    text: str
    left_out: list[str]


def column_widths(natural: Sequence[int], columns: Sequence[TableColumn], available: int) -> list[int | None]:
    """The width of each column in cells; None for a column that is left out.

    `natural` has the width of each column's widest cell. The first column of the lowest rank is
    always there, cut to `available` if it must be.
    """
    least = [
        width if column.least is None else min(width, column.least)
        for width, column in zip(natural, columns, strict=True)
    ]
    kept = list(range(len(columns)))
    while len(kept) > 1 and sum(least[n] for n in kept) + _GAP * (len(kept) - 1) > available:
        kept.remove(max(kept, key=lambda n: (columns[n].rank, n)))
    widths: list[int | None] = [None] * len(columns)
    left = max(1, available - _GAP * (len(kept) - 1))
    # Those that need the least come first, so that what they do not use goes to the others.
    spare = left - sum(least[n] for n in kept)
    for place, number in enumerate(sorted(kept, key=lambda n: natural[n] - least[n])):
        share = max(0, spare) // (len(kept) - place)
        grown = min(natural[number], least[number] + share)
        spare -= grown - least[number]
        widths[number] = min(grown, left)
    return widths


def render_table(
    columns: Sequence[TableColumn],
    rows: Iterable[Sequence[str]],
    *,
    color: bool = False,
    width: int | None = None,
    links: Sequence[str | None] = (),
) -> TableText:
    """The rows as a table for a terminal of `width` cells; None: of any width.

    Cells are made safe to show. `links` gives rows an address that the first cell leads to, on
    terminals that show links.
    """
    Console, Table, Text, cell_len = _rich()
    safe = [[safe_line(cell) for cell in row] for row in rows]
    natural = [
        max([cell_len(column.header), *(cell_len(row[number]) for row in safe)])
        for number, column in enumerate(columns)
    ]
    available = _PIPE_WIDTH if width is None else width
    widths = column_widths(natural, columns, available)
    shown = [number for number, cells in enumerate(widths) if cells is not None]
    table = Table(box=None, pad_edge=False, show_edge=False, padding=(0, _GAP, 0, 0), header_style="bold")
    for number in shown:
        table.add_column(
            Text(columns[number].header),
            width=widths[number],
            no_wrap=not columns[number].folds,
            overflow="fold" if columns[number].folds else "ellipsis",
            justify="right" if columns[number].is_number else "left",
        )
    for row_number, row in enumerate(safe):
        cells = [Text(row[number], style=_style(columns[number].styles, row[number])) for number in shown]
        link = links[row_number] if row_number < len(links) else None
        if link is not None and color:
            cells[0].stylize(f"link {link}")
        table.add_row(*cells)
    console = Console(
        # One more than is asked for: the padding after the last column must not squeeze it.
        width=min(available, _PIPE_WIDTH) + _GAP,
        color_system="standard" if color else None,
        force_terminal=color,
        legacy_windows=False,
        highlight=False,
    )
    with console.capture() as captured:
        console.print(table, crop=False)
    lines = (line.rstrip() for line in captured.get().splitlines())
    left_out = [column.header for column, cells in zip(columns, widths, strict=True) if cells is None]
    return TableText("".join(f"{line}\n" for line in lines), left_out)


def report_text(
    headers: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    color: bool = False,
    first_style: Mapping[str, str] | None = None,
) -> str:
    """A table as wide as the terminal, where long cells go on in the next line: nothing is cut.

    In a pipe it is as wide as its text.
    """
    columns = [
        TableColumn(header, least=12, folds=True, styles=None if number else first_style)
        for number, header in enumerate(headers)
    ]
    return render_table(columns, rows, color=color, width=terminal_width()).text


def terminal_width() -> int | None:
    """The width of the terminal that stdout is, in cells; None if it is not one."""
    return terminal_columns() if on_terminal() else None


def _style(styles: str | Mapping[str, str] | None, cell: str) -> str:
    if isinstance(styles, Mapping):
        return styles.get(cell, "")
    return styles or ""


def _rich() -> tuple[Any, Any, Any, Any]:
    try:
        from rich.cells import cell_len
        from rich.console import Console
        from rich.table import Table
        from rich.text import Text
    except ModuleNotFoundError as error:
        if error.name != "rich":
            raise
        raise CommandError(
            "tables need the package rich: pip install 'comfy-cloud[cli]', or use --output json"
        ) from None
    return Console, Table, Text, cell_len
