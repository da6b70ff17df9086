"""A command that does something without a verb, and has verbs beside that."""

from __future__ import annotations

from typing import Any

import click
from click.core import ParameterSource

from .commands import Command, CommandGroup
from .exits import CommandError
from .options import GlobalOption


class CommandWithVerbs(CommandGroup, Command):
    """Without a verb, the command's own options count; a verb has its own.

    The callback is called before a verb as well, with `invoked_subcommand` set in the context.
    """

    def __init__(self, *arguments: Any, **settings: Any) -> None:
        super().__init__(
            *arguments, **{**settings, "invoke_without_command": True, "subcommand_metavar": "[COMMAND]"}
        )

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse the arguments; there may be none."""
        return click.Group.parse_args(self, ctx, args)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the verb. Raises CommandError if options stand before it that it does not take."""
        found = super().resolve_command(ctx, args)
        for parameter in self.params:
            is_given = ctx.get_parameter_source(parameter.name or "") is ParameterSource.COMMANDLINE
            if is_given and not ctx.resilient_parsing and not isinstance(parameter, GlobalOption):
                option = parameter.opts[0]
                raise CommandError(
                    f"{option} before {found[0]!r} has no effect; write it after, or leave it out"
                )
        return found
