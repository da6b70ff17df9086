"""The global options, which every command takes before or after its name, and `--output`.

The API key is not an option: it would end up in the shell's history and in the process list.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from .completions import profiles as complete_profiles
from .global_options import GlobalOptions

__all__ = ["GlobalOption", "GlobalOptions", "global_options", "output_option", "pass_options"]


class GlobalOption(click.Option):
    """An option allowed before and after the command's name; the last one given wins."""

    def __init__(self, *names: str, **settings: Any) -> None:
        super().__init__(names, callback=_remember, expose_value=False, default=None, **settings)


def _remember(context: click.Context, parameter: click.Parameter, value: Any) -> None:
    if value is not None and parameter.name is not None:
        setattr(context.ensure_object(GlobalOptions), parameter.name, value)


def global_options() -> list[click.Parameter]:
    """New instances of all global options."""
    return [
        GlobalOption(
            "--profile",
            metavar="NAME",
            help="Profile to use; default: COMFY_CLOUD_PROFILE, then the default profile.",
            shell_complete=complete_profiles,
        ),
        GlobalOption(
            "--base-url",
            metavar="URL",
            help="Address of the API; default: COMFY_CLOUD_BASE_URL, then the profile's.",
        ),
        GlobalOption(
            "--api",
            type=click.Choice(["auto", "v1", "v2"]),
            help="Which API to use; auto (default): version 1, and API v2 for jobs where that is gone.",
        ),
        GlobalOption(
            "--timeout",
            type=float,
            metavar="SECONDS",
            help="How long a connection may stay silent; default: 30.",
        ),
        GlobalOption(
            "--retries",
            type=click.IntRange(0),
            metavar="N",
            help="How often to retry a failed request; 0: never.",
        ),
        GlobalOption(
            "-v", "--verbose", is_flag=True, flag_value=True, help="Show each request and retry on stderr."
        ),
        GlobalOption(
            "--color",
            type=click.Choice(["auto", "always", "never"]),
            help="When to use colors; auto (default): on a terminal, unless NO_COLOR is set.",
        ),
    ]


def output_option(
    *formats: str, on_terminal: str = "a table"
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Decorator: add `-o/--output`, passed to the command as `chosen`. See `output_format`."""
    return click.option(
        "-o",
        "--output",
        "chosen",
        type=click.Choice(formats),
        help=f"Output format; default: {on_terminal} on a terminal, JSON in a pipe.",
    )


pass_options = click.make_pass_decorator(GlobalOptions, ensure=True)
"""Decorator: pass the command its `GlobalOptions` as the first argument."""
