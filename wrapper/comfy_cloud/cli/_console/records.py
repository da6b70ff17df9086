"""Lists of things as a table, JSON, JSON Lines or CSV, with columns that people choose.

Instants are ISO text in UTC in JSON and CSV, and local time in tables.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from .exits import CommandError
from .formats import csv_line, json_text, table_text
from .streams import write_data
from .times import iso_text, wall_time, zone_name

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Column(Generic[Item]):
    """One column of a list.

    `value` is what JSON has. `text` is what tables and CSV show, if that differs;
    `csv_has_value` makes CSV have the value all the same. `styles` gives a rich style for each
    cell text. `is_unbroken` keeps the cells of a table on one line each.
    """

    value: Callable[[Item], Any]
    text: Callable[[Item], Any] | None = None
    csv_has_value: bool = False
    is_instant: bool = False
    is_unbroken: bool = False
    styles: Mapping[str, str] | None = None

    def data(self, item: Item) -> Any:
        """The value for JSON."""
        found = self.value(item)
        return iso_text(found) if self.is_instant else found

    def csv_cell(self, item: Item) -> Any:
        """The cell for CSV."""
        return self.data(item) if self.text is None or self.csv_has_value else self.text(item)

    def table_cell(self, item: Item, *, utc: bool) -> str:
        """The cell for a table."""
        found = (self.text or self.value)(item)
        return wall_time(found, utc=utc) if self.is_instant else str(found or "")


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
    """The columns of one item for JSON."""
    return {name: column.data(item) for name, column in columns.items()}


def write_records(items: Iterable[Item], columns: Columns[Item], form: str, *, utc: bool, color: bool) -> int:
    """Write the items to stdout in the format `form`, and return how many there were.

    JSON Lines and CSV are written while the items arrive, JSON and tables after the last one.
    """
    if form == "jsonl":
        return _write_each(items, lambda item: f"{json_text(json_record(item, columns))}\n")
    if form == "csv":
        write_data(csv_line(columns))
        return _write_each(
            items, lambda item: csv_line([column.csv_cell(item) for column in columns.values()])
        )
    found = list(items)
    if form == "json":
        write_data(f"{json_text([json_record(item, columns) for item in found], indent=2)}\n")
    elif found:
        write_data(_table(found, columns, utc=utc, color=color))
    return len(found)


def _write_each(items: Iterable[Item], line: Callable[[Item], str]) -> int:
    count = 0
    for item in items:
        write_data(line(item))
        count += 1
    return count


def _table(items: list[Item], columns: Columns[Item], *, utc: bool, color: bool) -> str:
    return table_text(
        _headers(items, columns, utc=utc),
        [[column.table_cell(item, utc=utc) for column in columns.values()] for item in items],
        color=color,
        styles=[column.styles for column in columns.values()],
        unbroken=[number for number, column in enumerate(columns.values()) if column.is_unbroken],
    )


def _headers(items: list[Item], columns: Columns[Item], *, utc: bool) -> list[str]:
    """The names of the columns.

    The first column of instants names the zone, or both zones when the clocks changed in between.
    """
    headers = list(columns)
    for number, (name, column) in enumerate(columns.items()):
        if column.is_instant:
            instants = [column.value(item) for item in items]
            zones = dict.fromkeys(zone_name(each, utc=utc) for each in instants if each is not None)
            if zones:
                headers[number] = f"{name} ({', '.join(zones)})"
                break
    return headers
