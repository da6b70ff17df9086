"""--object-info: node classes from a file instead of a server."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from .._console.exits import CommandError
from .._console.files import read_bytes
from .._console.paths import PathType

if TYPE_CHECKING:
    from pathlib import Path

    from ..._workflows.node_catalogue import NodeCatalogue


def object_info_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """Decorator: add --object-info, passed to the command as `object_info`."""
    return click.option(
        "--object-info",
        type=PathType(),
        metavar="FILE",
        help="The node classes, as `api /api/object_info` writes them; no server is asked then.",
    )(function)


def catalogue_in(path: Path) -> NodeCatalogue:
    """The node classes in a file, - for stdin. Raises CommandError if it does not contain any."""
    from ..._workflows.node_catalogue import NodeCatalogue

    advice = "write them with: comfy-cloud api /api/object_info --output-file FILE"
    if str(path) != "-" and not path.exists():
        raise CommandError(f"--object-info: there is no file {str(path)!r}; {advice}")
    try:
        return NodeCatalogue.from_bytes(read_bytes(str(path)))
    except ValueError:
        raise CommandError(f"--object-info: {path} does not contain node classes; {advice}") from None
