"""Files that commands read and write: bytes to a new file or a pipe, never to a terminal."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from .amounts import size_text
from .exits import CommandError
from .file_errors import cannot_write, reason_of, shown_path
from .streams import on_terminal, write_message

if TYPE_CHECKING:
    from pathlib import Path


def write_bytes(content: bytes, path: Path | None, *, overwrite: bool = False) -> None:
    """Write the content to a file, whole or not at all; without a path, to stdout.

    Raises CommandError for a terminal, for a file that exists, and when the file cannot be written.
    """
    if path is None or str(path) == "-":
        if on_terminal():
            raise CommandError(
                f"{size_text(len(content))} of binary data do not belong on a terminal; "
                "use --output-file FILE or a pipe"
            )
        sys.stdout.flush()
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
        return
    from ..._files.whole_file import write_whole

    try:
        write_whole(path, content, overwrite=overwrite)
    except OSError as error:
        raise cannot_write(path, error) from None
    write_message(f"wrote {size_text(len(content))} to {shown_path(path)}")


def read_bytes(source: str) -> bytes:
    """The content of a file, or of stdin for `-`. Raises CommandError when it cannot be read."""
    if source == "-":
        return sys.stdin.buffer.read()
    try:
        with open(source, "rb") as file:
            return file.read()
    except OSError as error:
        raise CommandError(f"{shown_path(source)} cannot be read: {reason_of(error)}") from None
    except ValueError as error:
        raise CommandError(f"{shown_path(source)} cannot be read: {error}") from None
