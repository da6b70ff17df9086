"""The option and the argument that `record` and `replay` share."""

from __future__ import annotations

import click

port_option = click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=0,
    show_default=True,
    help="Port on 127.0.0.1; 0: any free one.",
)
program_argument = click.argument(
    "words",
    nargs=-1,
    metavar="[-- PROGRAM [ARGUMENT]...]",
    type=click.UNPROCESSED,
    help="A program to run, and its arguments. Without one it serves until Ctrl-C.",
)
