"""The options of `run` and `jobs rerun`, and what was given for them."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from .._console.exits import CommandError
from .._console.paths import PathType
from .._console.saving import IF_EXISTS, name_option
from .._workflows.assignments import input_option, set_option

if TYPE_CHECKING:
    from pathlib import Path

    from comfy_cloud._files.download_options import IfExists


class RunArguments(NamedTuple):
    """The options of `run` and `jobs rerun`, apart from the workflow."""

    settings: tuple[str, ...]
    input_files: tuple[str, ...]
    random_seeds: bool
    folder: Path | None
    name: str
    if_exists: IfExists
    detach: bool
    as_json: bool
    seconds: float | None
    dry_run: bool
    no_preview: bool
    idempotency_key: str | None

    def check(self) -> None:
        """Raise an error for options that exclude each other, and for files that cannot be saved.

        Before the job, which may cost credits: afterwards it would be too late.
        """
        if self.detach and (self.folder is not None or self.seconds is not None):
            raise CommandError("--detach leaves at once, so it cannot be combined with --folder or --timeout")
        if self.folder is not None:
            _check_folder(self.folder)
            from comfy_cloud._files.names import NameTemplate

            NameTemplate(self.name)


def _check_folder(folder: Path) -> None:
    """Raise CommandError if nothing could be saved in a folder, which need not exist yet."""
    nearest = next((each for each in (folder, *folder.parents) if os.path.lexists(each)), folder)
    if not nearest.is_dir():
        raise CommandError(f"--folder: {nearest} is a file; give the path of a folder. Nothing was submitted")
    if not os.access(nearest, os.W_OK | os.X_OK):
        raise CommandError(
            f"--folder: {nearest} cannot be written to; give another folder. Nothing was submitted"
        )


_OPTIONS = (
    set_option,
    input_option,
    click.option(
        "--random-seeds",
        is_flag=True,
        help="Draw every seed that --set does not give, but none that is fixed in the editor.",
    ),
    click.option("-d", "--folder", type=PathType(), help="Save what it makes in this folder."),
    name_option("{name}{ext}"),
    IF_EXISTS,
    click.option("--detach", is_flag=True, help="Print the job's id and leave; the job goes on."),
    click.option(
        "--json", "as_json", is_flag=True, help="One line of JSON for each event, and for the result."
    ),
    click.option(
        "--timeout", "seconds", type=float, metavar="SECONDS", help="How long to wait for the end at most."
    ),
    click.option("--dry-run", is_flag=True, help="Submit nothing: show the final graph and its problems."),
    click.option("--no-preview", is_flag=True, help="Show no images of the unfinished work."),
    click.option(
        "--idempotency-key",
        metavar="KEY",
        help="Names this order: whoever gives the same key gets the same job, and it never runs twice.",
    ),
)


def run_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Decorator: add the options of a run, and pass the command `RunArguments` as `arguments`."""

    @wraps(function)
    def with_arguments(*positional: Any, **given: Any) -> Any:
        own = {name: given.pop(name) for name in RunArguments.__annotations__}
        return function(*positional, arguments=RunArguments(**own), **given)

    decorated: Callable[..., Any] = with_arguments
    for decorator in reversed(_OPTIONS):
        decorated = decorator(decorated)
    return decorated
