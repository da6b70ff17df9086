"""The root of the command line: its commands by name, and the one place where errors become lines and exit codes.

A command's module is imported when that command is used or its own help is asked for; the list of commands, `--help`,
`--version` and completion need none of them. What the commands do is in their modules.
"""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any

import click

from .._version import __version__
from .exits import EXIT_CODES, INTERRUPTED, exit_code_of
from .options import CommandGroup, GlobalOptions, global_options
from .printing import safe_line, safe_text, silence, tell, use_color

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

PROGRAM = "comfy-cloud"
COMPLETE_VARIABLE = "_COMFY_CLOUD_COMPLETE"

# Name -> module, and what `--help` says. Each module has its click command in `command`.
COMMANDS = {
    "history": (".history", "List, show and delete finished jobs."),
    "auth": (".auth", "Store an API key, and see which one is used."),
    "api": (".api", "Make any call to the API."),
    "spec": (".spec", "Compare versions of the API's contract."),
    "contract": (".contract", "Hold a server to the contract."),
    "emulate": (".emulate", "Run a local Comfy Cloud to develop against."),
    "completion": (".completion", "Print the completion script for a shell."),
}


class Root(CommandGroup):
    """The group of all commands, which loads none of them before it is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names, in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command's module and return the command."""
        if cmd_name not in COMMANDS:
            return None
        found = import_module(COMMANDS[cmd_name][0], __package__).command
        assert isinstance(found, click.Command)  # noqa: S101 - the table's promise
        return found

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command, or name those that there are."""
        if args[0] not in COMMANDS and not args[0].startswith("-") and not ctx.resilient_parsing:
            raise click.UsageError(f"there is no command {args[0]!r}; there are {', '.join(COMMANDS)}", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the table of commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, help_text) for name, (_, help_text) in COMMANDS.items()])

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the table of exit codes."""
        with formatter.section("Exit codes"):
            formatter.write_dl([(str(code), meaning) for code, meaning in EXIT_CODES.items()])

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Complete names of commands from the table, and options as click does."""
        from click.shell_completion import CompletionItem

        items = [
            CompletionItem(name, help=text)
            for name, (_, text) in COMMANDS.items()
            if name.startswith(incomplete)
        ]
        return [*items, *click.Command.shell_complete(self, ctx, incomplete)]


def _show_version(context: click.Context, parameter: click.Parameter, value: bool) -> None:
    if value and not context.resilient_parsing:
        click.echo(f"{PROGRAM} {__version__}")
        context.exit()


def _nothing() -> None:
    """A group needs something to call before its command; there is nothing to do."""


root = Root(
    PROGRAM,
    callback=_nothing,
    params=[
        *global_options(),
        click.Option(
            ["--version"],
            is_flag=True,
            is_eager=True,
            expose_value=False,
            callback=_show_version,
            help="Show the version.",
        ),
    ],
    help="Comfy Cloud from the command line.\n\n"
    "Data goes to stdout, as a table on a terminal and as JSON in a pipe; words for people go to stderr. The API key "
    "comes from COMFY_CLOUD_API_KEY or a profile (see auth login), never from an option.",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)


def run(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code; nothing escapes but SystemExit of the interpreter itself."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    instruction = os.environ.get(COMPLETE_VARIABLE)
    if instruction:
        from click.shell_completion import shell_complete

        return shell_complete(root, {}, PROGRAM, COMPLETE_VARIABLE, instruction)
    # A character that the terminal's encoding lacks must not end the program.
    reconfigure = getattr(sys.stdout, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(errors="backslashreplace")
    options = GlobalOptions()
    code = 0
    try:
        with warnings.catch_warnings():
            code = _run(given, options)
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever read our output has enough of it: that is how `| head` ends, and no error.
        silence(sys.stdout)
    return code


def _run(arguments: list[str], options: GlobalOptions) -> int:
    try:
        with root.make_context(PROGRAM, arguments, obj=options) as context:
            root.invoke(context)
    except BrokenPipeError:
        raise
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except (click.Abort, KeyboardInterrupt):
        tell("interrupted")
        return INTERRUPTED
    except Exception as error:  # noqa: BLE001 - the boundary: everything becomes a line and a code
        _tell_error(error, options)
        return exit_code_of(error)
    return 0


def _tell_error(error: Exception, options: GlobalOptions) -> None:
    """One readable line; with --verbose, the earlier attempts too, and the traceback of what nobody foresaw."""
    head = click.style("error:", fg="red") if use_color(options.color, sys.stderr) else "error:"
    if isinstance(error, click.UsageError):
        where = error.ctx.command_path if error.ctx is not None else PROGRAM
        tell(f"{head} {safe_line(error.format_message())} (see `{where} --help`)")
        return
    if isinstance(error, click.ClickException):
        tell(f"{head} {safe_line(error.format_message())}")
        return
    from comfy_cloud import ComfyCloudError

    if isinstance(error, ComfyCloudError):
        tell(f"{head} {safe_line(str(error))}")
        if options.verbose:
            _tell_details(error)
        return
    hint = "" if options.verbose else " (-v shows the traceback)"
    tell(f"{head} unforeseen {type(error).__name__}: {safe_line(str(error))}{hint}")
    if options.verbose:
        import traceback

        tell(safe_text("".join(traceback.format_exception(error)).rstrip()))


def _tell_details(error: Any) -> None:
    request_id = getattr(error, "request_id", None)
    if request_id:
        tell(safe_line(f"request id: {request_id}"))
    for number, earlier in enumerate(error.attempts, 1):
        tell(safe_line(f"attempt {number}: {earlier}"))
