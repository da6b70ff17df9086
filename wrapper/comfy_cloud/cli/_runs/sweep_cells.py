"""The cells of a sweep: every combination of the values given, or the rows of a CSV file.

Nothing is requested or shown here.
"""

from __future__ import annotations

import csv
import io
import itertools
import json
import string
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from ..._files.names import safe_name
from .._console.exits import CommandError
from .._workflows.assignments import RANDOM

MOST_CELLS = 10_000


@dataclass(frozen=True, slots=True)
class Cell:
    """One combination: the texts by address, in the order of the options."""

    index: int
    values: Mapping[str, str]


def grid(settings: Sequence[str], split: Callable[[str], tuple[str, str]]) -> list[Cell]:
    """Every combination of the values of `--set ADDRESS=VALUES`; the last one varies fastest.

    `split` parts an option into the address and what is behind `=`. VALUES is START:STOP:STEP,
    @FILE with a value on each line, or one value. An address given several times has all of these
    values. Raises CommandError for values that are not valid, and for more than 10,000 cells.
    """
    axes: dict[str, list[str]] = {}
    for given in settings:
        address, text = split(given)
        axes.setdefault(address, []).extend(_values(address, text))
    count = 1
    for values in axes.values():
        count *= len(values)
    if count > MOST_CELLS:
        raise CommandError(f"these are {count} combinations; a sweep has at most {MOST_CELLS}")
    return [
        Cell(index, dict(zip(axes, combination, strict=True)))
        for index, combination in enumerate(itertools.product(*axes.values()))
    ]


def csv_cells(path: Path, fixed: Mapping[str, str]) -> list[Cell]:
    """One cell for each row of a CSV file, whose first line has the addresses.

    `fixed` is added to each row. Raises CommandError when the file cannot be read as such.
    """
    rows = list(csv.reader(io.StringIO(_text(path, "--csv"), newline="")))
    header = [name.strip() for name in rows[0]] if rows else []
    if not header or not all(header) or len(set(header)) != len(header):
        raise CommandError(f"--csv {path}: the first line must have the addresses, each once, as in 6.text")
    cells: list[Cell] = []
    for number, row in enumerate(rows[1:], 2):
        if not any(row):
            continue
        if len(row) != len(header):
            raise CommandError(
                f"--csv {path}: line {number} has {len(row)} values, and the first line {len(header)}"
            )
        cells.append(Cell(len(cells), {**fixed, **dict(zip(header, row, strict=True))}))
    if not cells:
        raise CommandError(f"--csv {path} has no rows")
    if len(cells) > MOST_CELLS:
        raise CommandError(f"--csv {path} has {len(cells)} rows; a sweep has at most {MOST_CELLS}")
    return cells


def _values(address: str, text: str) -> list[str]:
    if text.startswith("@@"):
        return [text]
    if text.startswith("@"):
        lines = [line for line in _text(Path(text[1:]).expanduser(), f"--set {address}").splitlines() if line]
        if not lines:
            raise CommandError(f"--set {address}: {text[1:]} has no lines")
        # A line that begins with @ is text here.
        return [f"@{line}" if line.startswith("@") else line for line in lines]
    parts = text.split(":")
    numbers = [_number(part) for part in parts]
    if len(parts) == 3 and None not in numbers:
        return _range(address, *[number for number in numbers if number is not None])
    return [text]


def _range(address: str, start: Decimal, stop: Decimal, step: Decimal) -> list[str]:
    if step == 0 or (stop - start) / step < 0:
        raise CommandError(f"--set {address}: {start}:{stop}:{step} never gets from {start} to {stop}")
    count = int((stop - start) / step) + 1
    if count > MOST_CELLS:
        raise CommandError(f"--set {address}: {count} values; a sweep has at most {MOST_CELLS} cells")
    return [format(start + step * number, "f") for number in range(count)]


def _number(text: str) -> Decimal | None:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number.adjusted()) < 20 else None


def _text(path: Path, option: str) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise CommandError(f"{option}: {path} is not a text file in UTF-8") from None
    except (OSError, ValueError) as error:
        raise CommandError(f"{option}: {path} cannot be read: {getattr(error, 'strerror', error)}") from None


def with_seeds(cell: Cell, inputs: Mapping[str, Any]) -> Cell:
    """The cell with the seeds that were drawn for it in the place of the word `random`."""
    values = {
        address: str(inputs.get(address, text)) if text == RANDOM else text
        for address, text in cell.values.items()
    }
    return Cell(cell.index, values)


def short_names(addresses: Sequence[str]) -> dict[str, str]:
    """A short name for each address: its input, such as `cfg`; all of it if two have that input."""
    last = [address.rpartition(".")[2] for address in addresses]
    return {
        address: name if last.count(name) == 1 else address
        for address, name in zip(addresses, last, strict=True)
    }


def file_prefix(template: str, cell: Cell, names: Mapping[str, str]) -> str:
    """The beginning of the names of a cell's files. Raises CommandError for an unknown field."""
    values = {"index": f"{cell.index:04d}", **{names[a]: text for a, text in cell.values.items()}}
    parts = []
    try:
        parsed = list(string.Formatter().parse(template))
    except ValueError as error:
        raise CommandError(f"--name {template!r} is not valid: {error}") from None
    for literal, field, spec, conversion in parsed:
        parts.append(literal)
        if field is None:
            continue
        if field not in values or spec or conversion:
            known = ", ".join(f"{{{name}}}" for name in values)
            raise CommandError(f"--name contains {{{field}}}; the fields are {known}")
        parts.append(" ".join(values[field].split())[:60])
    return safe_name("".join(parts), fallback=f"{cell.index:04d}")


def plan_text(digest: str, cells: Sequence[Cell], inputs: Sequence[Mapping[str, Any]]) -> str:
    """The plan of a sweep as JSON, from which an interrupted one goes on with the same seeds."""
    rows = [
        {"values": dict(cell.values), "inputs": {name: _plain(value) for name, value in given.items()}}
        for cell, given in zip(cells, inputs, strict=True)
    ]
    return json.dumps({"schema": 1, "graph": digest, "cells": rows}, indent=1)


def planned_inputs(text: str, digest: str, cells: Sequence[Cell]) -> list[dict[str, Any]] | None:
    """The inputs of each cell as an earlier plan has them; None if it is of another sweep."""
    try:
        plan = json.loads(text)
        rows = plan["cells"]
        same = plan["graph"] == digest and [row["values"] for row in rows] == [dict(c.values) for c in cells]
        return [dict(row["inputs"]) for row in rows] if same else None
    except (ValueError, KeyError, TypeError, RecursionError):
        return None


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, Path) else value
