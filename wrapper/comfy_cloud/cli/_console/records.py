"""Lists of things as a table, JSON, JSON Lines, CSV or YAML, with columns that people choose.

Instants are ISO text in UTC in data, and in tables how long ago they were, or wall time.

Every list command declares its columns when it is imported, for its help and for completion. What
writes them is imported when it is used.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from .exits import CommandError
from .streams import write_data
from .times import age_text, iso_text, wall_time, zone_name

if TYPE_CHECKING:
    from .elastic import TableColumn, TableText

Item = TypeVar("Item")

FORMATS = ("table", "json", "jsonl", "csv", "yaml")
STATUS_STYLES = {
    "completed": "green",
    "failed": "red",
    "cancelled": "yellow",
    "in_progress": "cyan",
    "pending": "blue",
}
_STATUS_MARKS = {
    "completed": "\N{CHECK MARK}",
    "failed": "\N{MULTIPLICATION X}",
    "cancelled": "\N{CIRCLED DIVISION SLASH}",
    "in_progress": "\N{BLACK RIGHT-POINTING SMALL TRIANGLE}",
    "pending": "\N{MIDDLE DOT}",
}


class Column(Generic[Item]):
    """One column of a list.

    Attributes:
        value: What data formats have.
        text: What tables and CSV show, if that differs.
        csv_has_value: CSV has the value all the same.
        is_instant: The value is a datetime.
        is_id: Tables on a terminal show only its first characters.
        is_status: Tables on a terminal show a mark before the word, and a color.
        is_number: Tables align it to the right.
        least: The fewest cells that it may shrink to in a table; None: it does not shrink.
        rank: Which columns are left out first on a narrow terminal: those of the highest rank.
    """

    # Not a dataclass: making one takes a millisecond, and every list command needs this class.
    __slots__ = (
        "csv_has_value",
        "is_id",
        "is_instant",
        "is_number",
        "is_status",
        "least",
        "rank",
        "text",
        "value",
    )

    def __init__(
        self,
        value: Callable[[Item], Any],
        text: Callable[[Item], Any] | None = None,
        csv_has_value: bool = False,
        is_instant: bool = False,
        is_id: bool = False,
        is_status: bool = False,
        is_number: bool = False,
        least: int | None = 10,
        rank: int = 3,
    ) -> None:
        self.value = value
        self.text = text
        self.csv_has_value = csv_has_value
        self.is_instant = is_instant
        self.is_id = is_id
        self.is_status = is_status
        self.is_number = is_number
        self.least = least
        self.rank = rank

    def data(self, item: Item) -> Any:
        """The value for data formats."""
        found = self.value(item)
        return iso_text(found) if self.is_instant else found

    def csv_cell(self, item: Item) -> Any:
        """The cell for CSV."""
        return self.data(item) if self.text is None or self.csv_has_value else self.text(item)

    def table_cell(self, item: Item) -> str:
        """The cell for a table, of a column that holds no instants."""
        found = (self.text or self.value)(item)
        return "" if found is None else str(found)

    @property
    def in_table(self) -> TableColumn:
        """How a table shows it, but for the header."""
        from .elastic import TableColumn

        is_fixed = self.is_id or self.is_status or self.is_instant or self.is_number
        return TableColumn("", None if is_fixed else self.least, self.rank, None, self.is_number)


Columns = Mapping[str, Column[Item]]


def choose_columns(
    columns: Columns[Item], chosen: str | None, default: Iterable[str]
) -> dict[str, Column[Item]]:
    """The columns named in `chosen` (`a,b,c`), or the default ones.

    Raises CommandError, which lists all columns, for a name that is not one.
    """
    if chosen is None:
        return {name: columns[name] for name in default}
    names = [name.strip().lower() for name in chosen.split(",") if name.strip()]
    unknown = [name for name in names if name not in columns]
    if unknown or not names:
        problem = f"there is no column {unknown[0]!r}" if unknown else "--columns names no column"
        raise CommandError(f"{problem}; choose from {', '.join(columns)}")
    return {name: columns[name] for name in names}


def json_record(item: Item, columns: Columns[Item]) -> dict[str, Any]:
    """The columns of one item for data formats."""
    return {name: column.data(item) for name, column in columns.items()}


class Written:
    """How many items were written, and the columns of a table for which there was no room."""

    __slots__ = ("count", "left_out")

    def __init__(self, count: int, left_out: Sequence[str] = ()) -> None:
        self.count = count
        self.left_out = left_out


def write_records(
    items: Iterable[Item],
    columns: Columns[Item],
    form: str,
    *,
    utc: bool = False,
    color: bool = False,
    link: Callable[[Item], str | None] | None = None,
) -> Written:
    """Write the items to stdout in the format `form`.

    JSON Lines and CSV are written while the items arrive, the others after the last one. `link`
    gives the address that a row of a table leads to.
    """
    from .formats import csv_line, json_text, yaml_text

    if form == "jsonl":
        return _write_each(items, lambda item: f"{json_text(json_record(item, columns))}\n")
    if form == "csv":
        write_data(csv_line(columns))
        return _write_each(
            items, lambda item: csv_line([column.csv_cell(item) for column in columns.values()])
        )
    found = list(items)
    if form == "table":
        if not found:
            return Written(0)
        table = records_table(found, columns, utc=utc, color=color, link=link)
        write_data(table.text)
        return Written(len(found), table.left_out)
    data = [json_record(item, columns) for item in found]
    write_data(yaml_text(data) if form == "yaml" else f"{json_text(data, indent=2)}\n")
    return Written(len(found))


def _write_each(items: Iterable[Item], line: Callable[[Item], str]) -> Written:
    count = 0
    for item in items:
        write_data(line(item))
        count += 1
    return Written(count)


def records_table(
    items: Sequence[Item],
    columns: Columns[Item],
    *,
    utc: bool,
    color: bool,
    link: Callable[[Item], str | None] | None = None,
) -> TableText:
    """The items as a table. On a terminal ids are short, and instants are how long ago they were.

    With `utc`, and in a pipe, instants are wall time.
    """
    from .elastic import TableColumn, render_table, terminal_width
    from .identifiers import short_ids

    width = terminal_width()
    shown: list[tuple[TableColumn, list[str]]] = []
    zones_are_named = False
    for name, column in columns.items():
        header, styles = name, None
        if column.is_instant:
            instants = [column.value(item) for item in items]
            if width is not None and not utc:
                cells = [age_text(instant) for instant in instants]
            else:
                cells = [wall_time(instant, utc=utc) for instant in instants]
                zones = dict.fromkeys(zone_name(each, utc=utc) for each in instants if each is not None)
                if zones and not zones_are_named:
                    # Both zones, when the clocks changed in between.
                    header, zones_are_named = f"{name} ({', '.join(zones)})", True
        else:
            cells = [column.table_cell(item) for item in items]
            if column.is_id and width is not None:
                cells = short_ids(cells)
            elif column.is_status:
                cells, styles = _marked(cells, on_terminal=width is not None)
        look = column.in_table
        shown.append((TableColumn(header, look.least, look.rank, styles, look.is_number), cells))
    return render_table(
        [look for look, _ in shown],
        list(zip(*(cells for _, cells in shown), strict=True)),
        color=color,
        width=width,
        links=[link(item) for item in items] if link is not None else (),
    )


def _marked(cells: list[str], *, on_terminal: bool) -> tuple[list[str], dict[str, str]]:
    """Statuses with the mark for each, and the style of each cell text."""
    encoding = getattr(sys.stdout, "encoding", None) or "ascii"
    can_mark = on_terminal and "utf" in encoding.lower()
    marked = [
        f"{_STATUS_MARKS[cell]} {cell}" if can_mark and cell in _STATUS_MARKS else cell for cell in cells
    ]
    styles = {
        shown: STATUS_STYLES[cell] for cell, shown in zip(cells, marked, strict=True) if cell in STATUS_STYLES
    }
    return marked, styles
