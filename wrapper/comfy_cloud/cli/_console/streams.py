"""Where output goes: data to stdout, messages to stderr, and what a terminal changes.

Everything heavier than click is imported when it is used.
"""

from __future__ import annotations

import os
import sys
from typing import IO, Literal

ColorChoice = Literal["auto", "always", "never"]
_USUAL_COLUMNS = 80


def on_terminal(stream: IO[str] | None = None) -> bool:
    """Whether the stream (default: stdout) is a terminal."""
    return (sys.stdout if stream is None else stream).isatty()


def can_redraw(stream: IO[str] | None = None) -> bool:
    """Whether the stream is a terminal on which something can be drawn over."""
    return on_terminal(stream) and os.environ.get("TERM") != "dumb"


def use_color(choice: ColorChoice | None, stream: IO[str] | None = None) -> bool:
    """Whether to color the stream.

    `always` and `never` decide. `auto` and None mean: on a terminal, unless NO_COLOR is set or
    TERM is `dumb`.
    """
    if choice in ("always", "never"):
        return choice == "always"
    return on_terminal(stream) and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def terminal_columns() -> int:
    """The width of the terminal in cells: COLUMNS, or what the terminal reports, or 80.

    The same as that of `shutil`, whose import takes a tenth of the time of `--help`.
    """
    try:
        given = int(os.environ["COLUMNS"])
    except (KeyError, ValueError):
        given = 0
    if given > 0:
        return given
    try:
        shown = os.get_terminal_size(sys.__stdout__.fileno()).columns if sys.__stdout__ else 0
    except (OSError, ValueError):
        shown = 0
    return shown or _USUAL_COLUMNS


def write_data(text: str) -> None:
    """Write data to stdout and flush it."""
    sys.stdout.write(text)
    sys.stdout.flush()


def write_message(text: str) -> None:
    """Write a line to stderr; a terminal gets it broken between words.

    A closed stderr is not an error.
    """
    if on_terminal(sys.stderr):
        from .wrapping import width_of, wrapped

        text = wrapped(text, width_of(sys.stderr))
    try:
        print(text, file=sys.stderr, flush=True)
    except BrokenPipeError:
        silence(sys.stderr)


def silence(stream: IO[str]) -> None:
    """Redirect a closed pipe to the null device.

    Otherwise the interpreter fails when it flushes the stream at exit.
    """
    try:
        number = stream.fileno()
    except (OSError, ValueError):
        return
    null_device = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null_device, number)
    os.close(null_device)
