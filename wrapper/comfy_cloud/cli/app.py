"""The root of the command line: the table of commands, and `run`, which handles all errors.

A command's module is imported when that command is used or asked for its own help. The list of
commands, `--help`, `--version` and completion import none of them.
"""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING

import click

from .._version import __version__
from ._console.commands import CommandGroup
from ._console.exits import EXIT_CODES, INTERRUPTED, TERMINATED, Terminated, exit_code_of
from ._console.options import GlobalOptions, global_options
from ._console.streams import silence, terminal_columns, write_message

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

PROGRAM = "comfy-cloud"
_WIDEST_HELP = 100
COMPLETE_VARIABLE = "_COMFY_CLOUD_COMPLETE"

# Name -> module and summary for `--help`. In each module, `command` is the click command.
COMMANDS = {
    "run": (".run", "Run a workflow, watch it, and fetch what it made."),
    "sweep": (".sweep", "Run many variants of a workflow: a grid, or a list."),
    "jobs": (".jobs", "List, follow, cancel and fetch jobs."),
    "history": (".history", "List, search, save and delete finished jobs."),
    "queue": (".queue", "List and clear the queue of running and waiting jobs."),
    "assets": (".assets", "List, upload, tag and fetch stored files."),
    "files": (".files", "Upload inputs, and fetch any file by its name."),
    "models": (".models", "List the models of the server."),
    "nodes": (".nodes", "List the node classes of the server, and show their inputs."),
    "userdata": (".userdata", "List, read and write the account's own files."),
    "tasks": (".tasks", "List, follow and cancel background tasks."),
    "workflow": (".workflow", "Look into a workflow, change it, check it, and compare two."),
    "user": (".user", "Show the account and its credits."),
    "system": (".system", "Show the server's versions, devices and features."),
    "config": (".config", "Show the settings and their sources, and change a profile."),
    "auth": (".auth", "Store an API key, and see which key is used."),
    "api": (".api", "Make any request to the API."),
    "spec": (".spec", "Compare versions of the API's contract."),
    "contract": (".contract", "Check a server against the contract."),
    "doctor": (".doctor", "Check the network, the key, the disk and the versions."),
    "emulate": (".emulate", "Run a local Comfy Cloud to develop against."),
    "record": (".record", "Record a session with the server in one file, without keys."),
    "replay": (".replay", "Play a recorded session back, without the server."),
    "mcp": (".mcp", "Serve tools for agents over stdin and stdout (MCP)."),
    "demo": (".demo", "Show a run and a history on a local Comfy Cloud; needs no key."),
    "completion": (".completion", "Print the completion script for a shell."),
}


class Root(CommandGroup):
    """The group of all commands, each imported when it is first used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names, in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command's module and return the command."""
        if cmd_name not in COMMANDS:
            return None
        found = import_module(COMMANDS[cmd_name][0], __package__).command
        assert isinstance(found, click.Command)  # noqa: S101 - true of every module in the table
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the table of commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, summary) for name, (_, summary) in COMMANDS.items()])

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the table of exit codes."""
        with formatter.section("Exit codes"):
            formatter.write_dl([(str(code), meaning) for code, meaning in EXIT_CODES.items()])

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Complete names of commands from the table, and options as click does."""
        from click.shell_completion import CompletionItem

        items = [
            CompletionItem(name, help=summary)
            for name, (_, summary) in COMMANDS.items()
            if name.startswith(incomplete)
        ]
        return [*items, *click.Command.shell_complete(self, ctx, incomplete)]


def _show_version(context: click.Context, parameter: click.Parameter, value: bool) -> None:
    if value and not context.resilient_parsing:
        click.echo(f"{PROGRAM} {__version__}")
        context.exit()


def _do_nothing() -> None:
    """The root's own callback, which click requires; the commands do the work."""


root = Root(
    PROGRAM,
    callback=_do_nothing,
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
    "Data goes to stdout, as a table on a terminal and as JSON in a pipe; messages go to stderr. The API key "
    "comes from COMFY_CLOUD_API_KEY or a profile (see auth login), never from an option.",
    context_settings={"help_option_names": ["-h", "--help"]},
)


def run(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code. No exception escapes."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    instruction = os.environ.get(COMPLETE_VARIABLE)
    if instruction:
        from click.shell_completion import shell_complete

        from ._console import joined_values

        joined_values.register()
        return shell_complete(root, {}, PROGRAM, COMPLETE_VARIABLE, instruction)
    from ._console.httpx_command import without_the_command_of_httpx

    without_the_command_of_httpx()
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
        # The reader of our output closed it, as `| head` does. That is not an error.
        silence(sys.stdout)
    except OSError as error:
        # Full, say. What is still in the buffer must not fail once more when the program ends.
        silence(sys.stdout)
        if code == 0:
            code = _report(error, options)
    return code


def _run(arguments: list[str], options: GlobalOptions) -> int:
    try:
        # The width is click's own rule, but with no import of shutil.
        width = max(min(terminal_columns(), _WIDEST_HELP) - 2, 50)
        with root.make_context(PROGRAM, arguments, obj=options, terminal_width=width) as context:
            root.invoke(context)
    except BrokenPipeError:
        raise
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except Terminated:
        write_message("terminated")
        return TERMINATED
    except (click.Abort, KeyboardInterrupt):
        write_message("interrupted")
        return INTERRUPTED
    except Exception as error:  # noqa: BLE001 - every exception becomes a message and a code
        return _report(error, options)
    return 0


def _report(error: Exception, options: GlobalOptions) -> int:
    """Say what went wrong, and return the exit code for it."""
    from ._console.errors import report_error

    report_error(error, PROGRAM, options)
    return exit_code_of(error)
