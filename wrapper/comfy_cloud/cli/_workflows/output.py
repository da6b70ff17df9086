"""Where a command writes a workflow, or what is made of one: stdout, or a new file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import click

from .._console.files import write_bytes
from .._console.formats import json_text
from .._console.paths import PathType
from .._console.streams import write_data

if TYPE_CHECKING:
    from pathlib import Path


def output_file_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Decorator: add -o/--output-file and --overwrite."""
    for decorator in (
        click.option("--overwrite", is_flag=True, help="Replace an existing file."),
        click.option(
            "-o",
            "--output-file",
            type=PathType(),
            metavar="FILE",
            help="Where to write it; default: stdout.",
        ),
    ):
        function = decorator(function)
    return function


def write_document(document: Mapping[str, Any], path: Path | None, *, overwrite: bool) -> None:
    """Write JSON to a file, whole or not at all; without a path, or for `-`, to stdout."""
    import json

    if path is None or str(path) == "-":
        write_data(f"{json_text(document, indent=2)}\n")
        return
    text = json.dumps(document, ensure_ascii=False, indent=2)
    write_bytes(f"{text}\n".encode(), path, overwrite=overwrite)


def write_image(content: bytes, path: Path, *, overwrite: bool) -> None:
    """Write an image that is text to a file, whole or not at all; for `-`, to stdout."""
    if str(path) == "-":
        write_data(f"{content.decode()}\n")
    else:
        write_bytes(content, path, overwrite=overwrite)


def write_source(text: str, path: Path | None, *, overwrite: bool) -> None:
    """Write the source of a program to a file, whole or not at all; without a path, to stdout."""
    if path is None or str(path) == "-":
        write_data(text)
    else:
        write_bytes(text.encode(), path, overwrite=overwrite)
