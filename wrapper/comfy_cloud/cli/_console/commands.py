"""The classes of commands and groups of commands, which add the global options."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from .options import GlobalOption, global_options
from .streams import write_message


class Command(click.Command):
    """A command that also takes the global options; its help lists them separately."""

    def __init__(self, *arguments: Any, **settings: Any) -> None:
        super().__init__(*arguments, **settings)
        self.params = [*self.params, *global_options()]

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the command's own options, then the global ones."""
        own: list[tuple[str, str]] = []
        shared: list[tuple[str, str]] = []
        for parameter in self.get_params(ctx):
            if isinstance(parameter, click.Argument):
                continue  # some versions of click list arguments here too, without any text
            record = parameter.get_help_record(ctx)
            if record is not None:
                (shared if isinstance(parameter, GlobalOption) else own).append(record)
        for title, records in (("Options", own), ("Global options", shared)):
            if records:
                with formatter.section(title):
                    formatter.write_dl(records)


class CommandGroup(click.Group):
    """A noun with its verbs. Without a verb it shows its help on stderr and exits with code 2."""

    command_class = Command

    def __init__(self, *arguments: Any, **settings: Any) -> None:
        # `parse_args` does this instead: the exit code of click's own way differs by version.
        super().__init__(*arguments, **{**settings, "no_args_is_help": False})

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse the arguments, or show the help if there are none."""
        if not args and not ctx.resilient_parsing:
            write_message(ctx.get_help())
            ctx.exit(2)
        return super().parse_args(ctx, args)


def command_group(name: str) -> Callable[[Callable[..., Any]], CommandGroup]:
    """Decorator: make a `CommandGroup` from a function, with its docstring as help."""
    return click.group(name, cls=CommandGroup)
