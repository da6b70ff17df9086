"""What reaches the terminal: data on stdout, words for people on stderr, and text of servers made harmless.

`write` and the formats below it are for data, `tell` for people. Which values are shown is decided by the commands.
Everything heavier than click is imported when it is used.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Sequence
from typing import IO, Any, Literal

from .exits import CommandError

ColorChoice = Literal["auto", "always", "never"]
OutputFormat = Literal["table", "json", "jsonl", "csv"]

# A table in a pipe is as wide as its text: whoever reads it there wants whole values.
_PIPE_WIDTH = 100_000

# Control characters (C0, DEL, C1), line separators, lone surrogates, and what reorders or hides text: marks and
# overrides of writing direction, interlinear annotations, tags. Joiners stay, since emoji and scripts need them.
_HARMFUL = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e007f]"
)
# What json leaves as it is although a terminal may act on it.
_HARMFUL_IN_JSON = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def safe_text(text: str) -> str:
    """Text of any origin as a terminal may show it: control characters become visible escapes, lines stay lines."""
    return _HARMFUL.sub(_escape_unless_layout, text.replace("\r\n", "\n"))


def safe_line(text: str) -> str:
    """The same in one line: every run of white space becomes a space."""
    return _HARMFUL.sub(_escape, " ".join(text.split()))


def _escape(found: re.Match[str]) -> str:
    number = ord(found[0])
    if number < 0x100:
        return f"\\x{number:02x}"
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"


def _escape_unless_layout(found: re.Match[str]) -> str:
    return found[0] if found[0] in "\n\t" else _escape(found)


def on_terminal(stream: IO[str] | None = None) -> bool:
    """Whether a person sees what is written to the stream; stdout unless told."""
    return (sys.stdout if stream is None else stream).isatty()


def use_color(choice: ColorChoice | None, stream: IO[str] | None = None) -> bool:
    """Whether to color: the choice decides; `auto` means on a terminal, unless NO_COLOR is set or it is a dumb one."""
    if choice in ("always", "never"):
        return choice == "always"
    return on_terminal(stream) and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def write(text: str) -> None:
    """Write data to stdout and pass it on at once."""
    sys.stdout.write(text)
    sys.stdout.flush()


def tell(text: str) -> None:
    """Write a line for people to stderr. Nobody reading it is no error."""
    try:
        print(text, file=sys.stderr, flush=True)
    except BrokenPipeError:
        silence(sys.stderr)


def silence(stream: IO[str]) -> None:
    """Send what is still buffered for a closed pipe nowhere, so that the interpreter does not stumble over it."""
    try:
        number = stream.fileno()
    except (OSError, ValueError):
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, number)
    os.close(nowhere)


def output_format(chosen: str | None) -> str:
    """The chosen format; without a choice a table on a terminal and JSON in a pipe."""
    return chosen or ("table" if on_terminal() else "json")


# Formats


def json_text(value: Any, *, indent: int | None = None) -> str:
    """JSON that no terminal acts on. Text stays readable where the encoding of stdout has it."""
    import json

    ascii_only = "utf" not in (getattr(sys.stdout, "encoding", None) or "ascii").lower()
    text = json.dumps(value, ensure_ascii=ascii_only, indent=indent, default=str)
    return _HARMFUL_IN_JSON.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def csv_line(cells: Iterable[Any]) -> str:
    """One line of CSV. A text that a spreadsheet would take for a formula gets an apostrophe before it."""
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
    styles: Sequence[str | dict[str, str] | None] = (),
    whole: Sequence[int] = (),
) -> str:
    """A table as wide as the terminal, or as its text in a pipe.

    Cells are made harmless here. `styles` gives each column a rich style, or a style by cell. Columns whose number is in
    `whole` are never broken, as ids must not be.
    """
    Console, Table, Text = _rich()
    table = Table(box=None, pad_edge=False, show_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for number, header in enumerate(headers):
        table.add_column(Text(header), overflow="fold", no_wrap=number in whole)
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
    """Labels and values below each other; further lines of a value stand under its first."""
    pairs = [(label, safe_text(value)) for label, value in fields]
    width = max((len(label) for label, _ in pairs), default=0) + 2
    lines: list[str] = []
    for label, value in pairs:
        first, *rest = value.splitlines() or [""]
        lines += [f"{label:<{width}}{first}", *(" " * width + line for line in rest)]
    return "".join(f"{line.rstrip()}\n" for line in lines)


def _style(style: str | dict[str, str] | None, cell: str) -> str:
    return style.get(cell, "") if isinstance(style, dict) else style or ""


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
