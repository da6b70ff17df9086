"""The options of commands that save files, and whether a bar shows how far they are."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import click

from .paths import PathType
from .streams import on_terminal, write_message

IF_EXISTS = click.option(
    "--if-exists",
    type=click.Choice(["skip", "rename", "overwrite", "error"]),
    default="skip",
    show_default=True,
    help="What to do where a file of that name exists: skip it if it has this content, save under "
    "another name, replace it, or fail.",
)
FOLDER = click.option("-d", "--folder", type=PathType(), default=".", help="Where to save; default: here.")


def name_option(default: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Decorator: add --name with this default."""
    return click.option(
        "--name",
        metavar="TEMPLATE",
        default=default,
        show_default=True,
        help="File names, made from {name}, {ext}, {job}, {node}, {index}, {kind} and {created}.",
    )


def saving_options(name: str = "{name}{ext}") -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Decorator: add --folder, --name and --if-exists. `name` is the default of --name."""

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        for decorator in (IF_EXISTS, name_option(name), FOLDER):
            function = decorator(function)
        return function

    return decorate


def shows_bar() -> bool:
    """Whether a bar is drawn on stderr, which is so only on a terminal."""
    return on_terminal(sys.stderr)


def say_what_was_skipped(saved: object) -> None:
    """Report on stderr how many of the files were there already."""
    skipped = len(getattr(saved, "skipped", ()))
    if skipped:
        write_message(f"{skipped} of these {'was' if skipped == 1 else 'were'} there already")
