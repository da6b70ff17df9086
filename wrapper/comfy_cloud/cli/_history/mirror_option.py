"""`--database`, and the mirror that a command reads. It needs neither a key nor a network."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from .._console.client import load_settings
from .._console.completions import files
from .._console.options import GlobalOptions

if TYPE_CHECKING:
    from comfy_cloud.mirror import Mirror


def database_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """Decorator: add `--database`, passed to the command as `database`."""
    return click.option(
        "--database",
        metavar="FILE|URL",
        shell_complete=files,
        help="The mirror: a file, or postgresql+psycopg://USER@HOST/NAME; default: that of the account.",
    )(function)


def open_mirror(options: GlobalOptions, database: str | None, *, read_only: bool = True) -> Mirror:
    """The mirror that `--database` names, else the one of the profile's server.

    Raises ConfigurationError when there is none, or several accounts have one.
    """
    from comfy_cloud.mirror import Mirror
    from comfy_cloud.mirror.location import existing_mirror

    place = database if database is not None else existing_mirror(load_settings(options).origin)
    return Mirror.open(place, create=False, read_only=read_only)


def path_or_url(database: str | None) -> dict[str, str]:
    """The argument of `cloud.mirror()` for `--database`."""
    if database is None:
        return {}
    return {"database" if "://" in database else "path": database}
