"""`comfy-cloud mcp`: a server for agents, over stdin and stdout. `_mcp` has its tools."""

from __future__ import annotations

import sys
from contextlib import suppress
from pathlib import Path

import click

from ._console.commands import Command
from ._console.exits import CommandError
from ._console.options import GlobalOptions, pass_options
from ._console.paths import PathType
from ._console.streams import on_terminal, write_message
from ._history.mirror_option import database_option


@click.command(
    "mcp",
    cls=Command,
    examples=["mcp", "mcp --max-jobs 5 --folder ~/workflows", "mcp --max-jobs 20 --max-credits 100"],
)
@click.option(
    "--max-jobs",
    type=click.IntRange(0),
    default=0,
    show_default=True,
    metavar="N",
    help="How many jobs agents may run until the server ends. Jobs cost credits.",
)
@click.option(
    "--max-credits",
    type=click.FloatRange(0),
    metavar="CREDITS",
    help="Also refuse jobs once those of this server have cost so much, as far as the service says it.",
)
@click.option(
    "--folder",
    "folders",
    type=PathType(),
    multiple=True,
    metavar="FOLDER",
    help="Only files below it are read and written; default: the working folder. May be given several times.",
)
@database_option
@pass_options
def command(
    options: GlobalOptions,
    max_jobs: int,
    max_credits: float | None,
    folders: tuple[Path, ...],
    database: str | None,
) -> None:
    """Serve tools for agents over stdin and stdout, by the Model Context Protocol (MCP).

    Agents can run a workflow, wait for a job, search the history, see images, have a failure
    explained, and validate and convert workflows. Without --max-jobs they cannot run anything, so
    nothing is spent. It ends when stdin is closed. Needs the extra `mcp`.
    """
    if max_credits is not None and not max_jobs:
        raise CommandError("--max-credits needs --max-jobs N: without it, no job is run at all")
    from ._mcp.budget import Budget
    from ._mcp.folders import Folders

    allowed = Folders(folders or (Path(),))
    try:
        from ._mcp.server import serve
    except ModuleNotFoundError as error:
        raise CommandError(
            f"this needs the package {error.name}: pip install 'comfy-cloud[cli,mcp]'"
        ) from None
    if on_terminal(sys.stdin):
        write_message("waiting for an agent on stdin, which is a terminal; Ctrl-C ends it")
    with suppress(KeyboardInterrupt):
        serve(options, Budget(max_jobs, max_credits), allowed, database)
