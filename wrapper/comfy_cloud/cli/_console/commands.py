"""The classes of commands and groups: descriptions of arguments, examples, aliases, suggestions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any

import click

from .options import GlobalOption, global_options
from .streams import write_message

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

ALIASES = {"ls": "list", "get": "show", "view": "show", "rm": "delete"}
"""Other names of verbs, where a noun has no verb of that name."""
_MOST_NAMED = 4
"""An option that more verbs have is no reason to use one of these."""


class Command(click.Command):
    """A command that also takes the global options, which only the root's help lists.

    `examples` are command lines without the program's name.
    """

    def __init__(self, *arguments: Any, examples: Iterable[str] = (), **settings: Any) -> None:
        super().__init__(*arguments, **settings)
        self.examples = tuple(examples)
        # A command's own option hides the global one of that name, which can still stand before it.
        own = {name for each in self.params for name in each.opts}
        self.params = [*self.params, *(each for each in global_options() if not own & set(each.opts))]

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse the arguments. The error for an unknown option names other verbs that have it."""
        try:
            return super().parse_args(ctx, args)
        except click.NoSuchOption as error:
            others = _verbs_with(error.option_name, ctx)
            if ctx.parent is None or not 1 <= len(others) <= _MOST_NAMED:
                # `--help` resembles many names, and nobody means it.
                meant = [each for each in error.possibilities or () if each != "--help"]
                raise click.NoSuchOption(error.option_name, possibilities=meant, ctx=ctx) from None
            has = "have" if len(others) > 1 else "has"
            raise click.UsageError(
                f"{ctx.command_path} has no option {error.option_name}; "
                f"{ctx.parent.command_path} {', '.join(others)} {has} it",
                ctx,
            ) from None

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the command's own options and the examples; click has written the arguments."""
        own: list[tuple[str, str]] = []
        for parameter in self.get_params(ctx):
            if isinstance(parameter, (click.Argument, GlobalOption)):
                continue
            record = parameter.get_help_record(ctx)
            if record is not None:
                own.append(record)
        if own:
            with formatter.section("Options"):
                formatter.write_dl(own)
        program = ctx.find_root().info_name
        if self.examples:
            with formatter.section("Examples"):
                for example in self.examples:
                    formatter.write(f"{'':>{formatter.current_indent}}{program} {example}\n")
        formatter.write_paragraph()
        formatter.write_text(f"Global options: {program} --help\n")


def _verbs_with(option: str, context: click.Context) -> list[str]:
    """The verbs of the same noun that have an option."""
    noun = context.parent
    if noun is None or noun.parent is None or not isinstance(noun.command, click.Group):
        return []
    found = [(name, noun.command.get_command(noun, name)) for name in noun.command.list_commands(noun)]
    return [
        name
        for name, verb in found
        if verb is not None and not verb.hidden and any(option in each.opts for each in verb.params)
    ]


class LaterVerb(click.Command):
    """Stands for a verb until it is used: completion then imports no more than the list of verbs.

    Its module has one command of that name; `summary` is the beginning of that command's help.
    """

    def __init__(self, name: str, module: str, summary: str) -> None:
        super().__init__(name, help=summary)
        self.module = module

    def load(self) -> click.Command:
        """The command itself."""
        found = [
            value
            for value in vars(import_module(self.module)).values()
            if isinstance(value, click.Command) and value.name == self.name
        ]
        return found[0]


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

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The verbs, in the order in which the module defines them."""
        return list(self.commands)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The verb, also by its alias."""
        found = super().get_command(ctx, cmd_name)
        if found is None and cmd_name in ALIASES:
            found = super().get_command(ctx, ALIASES[cmd_name])
        if isinstance(found, LaterVerb):
            found = self.commands[found.name or cmd_name] = found.load()
        return found

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Complete names of verbs without importing them, and options as click does."""
        from click.shell_completion import CompletionItem

        items = [
            CompletionItem(name, help=self.commands[name].get_short_help_str())
            for name in self.list_commands(ctx)
            if name.startswith(incomplete) and not self.commands[name].hidden
        ]
        return [*items, *click.Command.shell_complete(self, ctx, incomplete)]

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the verb, or raise an error that suggests one."""
        if (
            not ctx.resilient_parsing
            and not args[0].startswith("-")
            and self.get_command(ctx, args[0]) is None
        ):
            raise click.UsageError(unknown_command(args[0], self.list_commands(ctx)), ctx)
        return super().resolve_command(ctx, args)


def unknown_command(given: str, names: Sequence[str]) -> str:
    """What is said of a command that there is not: what was probably meant, or all there are."""
    from difflib import get_close_matches

    close = get_close_matches(
        given, [*names, *(alias for alias, verb in ALIASES.items() if verb in names)], n=1
    )
    if not close and given in ("list", "ls") and "show" in names:
        close = ["show"]
    if close:
        return f"there is no command {given!r}; did you mean {close[0]!r}?"
    return f"there is no command {given!r}; choose from {', '.join(names)}"


def command_group(name: str) -> Callable[[Callable[..., Any]], CommandGroup]:
    """Decorator: make a `CommandGroup` from a function, with its docstring as help."""
    return click.group(name, cls=CommandGroup)


def verb(name: str, **settings: Any) -> Callable[[Callable[..., Any]], Command]:
    """Decorator: make a `Command` that a group adds, for nouns whose verbs fill several modules."""
    return click.command(name, cls=Command, **settings)
