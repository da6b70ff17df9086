"""`comfy-cloud emulate`: run the local Comfy Cloud until Ctrl-C, or in the background.

The emulator itself is the package `comfy_cloud_emulator`. Its options and its log, and what finds
and ends emulators in the background, are in `_emulate`.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from ._console.command_with_verbs import CommandWithVerbs
from ._console.exits import NOT_FOUND, CommandError
from ._console.formats import json_text
from ._console.known_values import files as complete_files
from ._console.known_values import words as complete_words
from ._console.listing import Listing, listing_options
from ._console.options import GlobalOptions, pass_options
from ._console.records import Column
from ._console.sanitizing import safe_line
from ._console.streams import on_terminal, use_color, write_data, write_message
from ._console.wording import in_command_words
from ._emulate.completions import faults as complete_faults
from ._emulate.completions import quirks as complete_quirks
from ._emulate.shells import SHELLS, current_shell, export_text

if TYPE_CHECKING:
    from datetime import datetime

    from comfy_cloud_emulator import Emulator

    from ._emulate.emulator_options import EmulatorOptions
    from ._emulate.instances import Instance

COLUMNS: dict[str, Column[Instance]] = {
    "port": Column(lambda each: each.port, is_number=True, rank=0),
    "url": Column(lambda each: each.url, rank=1),
    "server": Column(lambda each: each.server, rank=3),
    "pid": Column(lambda each: each.pid, is_number=True, rank=2),
    "started": Column(lambda each: _instant(each.started), is_instant=True, rank=4),
    "log": Column(lambda each: each.log, rank=5),
}

_OPEN_WARNING = (
    "warning: other machines can reach it. Whoever has its key controls it, over a connection that is not"
    " encrypted: use it in networks that you trust."
)

_SHELL = click.option(
    "--shell", type=click.Choice(SHELLS), help="Whose commands to print; default: the shell that calls."
)
_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON instead of commands.")
_PORT = click.option("--port", type=click.IntRange(1, 65535), help="Which one, if there are several.")


@click.command(
    "emulate",
    cls=CommandWithVerbs,
    examples=[
        "emulate",
        "emulate --quirks comfyui",
        "emulate --seed-data none --data cloud-data",
        "emulate --detach",
    ],
)
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8189, show_default=True, help="0: any free port."
)
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    metavar="ADDRESS",
    shell_complete=complete_words("127.0.0.1", "0.0.0.0", "::"),  # noqa: S104 - only completed
    help="The IP address to listen on. 0.0.0.0 lets other machines in; needs --key.",
)
@click.option(
    "--files-port",
    type=click.IntRange(0, 65535),
    default=0,
    help="The port of its files, which have an origin of their own. Default: any free port.",
)
@click.option(
    "--public-url",
    metavar="URL",
    help="How callers reach it, if they use another host name than the network has for it.",
)
@click.option(
    "--public-files-url",
    metavar="URL",
    help="How callers reach its files, if --files-port has another number for them.",
)
@click.option(
    "--data", type=click.Path(file_okay=False), metavar="FOLDER", help="Keep the state in this folder."
)
@click.option(
    "--seed-data",
    default="demo",
    show_default=True,
    metavar="demo|none|N",
    shell_complete=complete_words("demo", "none"),
    help="The jobs at the start. The running and waiting ones of `demo` never proceed.",
)
@click.option(
    "--key",
    metavar="KEY",
    envvar="COMFY_CLOUD_EMULATOR_KEY",
    help="The key it accepts. Default: COMFY_CLOUD_EMULATOR_KEY, or the emulator's own.",
)
@click.option(
    "--tier",
    type=click.Choice(["free", "standard", "creator", "pro"]),
    default="standard",
    show_default=True,
    help="The account's subscription: 1, 1, 3 or 5 jobs run at a time.",
)
@click.option(
    "--account",
    "accounts",
    multiple=True,
    metavar="TEXT",
    help="An additional account: 'KEY tier=pro credits=100 name=second'.",
)
@click.option(
    "--speed", type=float, default=1.0, show_default=True, help="How many times faster its jobs run."
)
@click.option(
    "--quirks",
    default="live",
    show_default=True,
    metavar="live|published|comfyui|comfyui_new|NAME,...",
    shell_complete=complete_quirks,
    help="How it differs from the service; see above.",
)
@click.option(
    "--object-info",
    metavar="FILE|URL",
    shell_complete=complete_files,
    help="The node classes of your server: its /api/object_info, saved or at its address.",
)
@click.option(
    "--fault",
    "faults",
    multiple=True,
    metavar="TEXT",
    help="A failure to inject; see above.",
    shell_complete=complete_faults,
)
@click.option("--detach", is_flag=True, help="Run it in the background; print what a shell can eval.")
@_SHELL
@_JSON
@pass_options
@click.pass_context
def command(
    context: click.Context,
    options: GlobalOptions,
    /,
    detach: bool,
    shell: str | None,
    as_json: bool,
    **given: Any,
) -> None:
    """Run a local Comfy Cloud until Ctrl-C. No other machine can reach it, unless --host says so.

    With --detach it runs in the background and outlives the shell. What is printed then sets the
    variables that lead to it; `emulate stop` ends it:

    \b
      eval "$(comfy-cloud emulate --detach)"

    Each --fault injects a failure: a status, or reset, cut, html, garbage, retired or delay,
    followed by the requests that it applies to:

    \b
      --fault '500 x2 GET /api/history_v2'   the first two responses are 500
      --fault 'reset'                        the next connection is reset
      --fault '503 x* retry-after=5'         every response is 503
      --fault 'delay 2s /api/jobs/*'         one response is late

    Servers with this API differ in some points, called quirks. With --quirks `live` the emulator
    behaves like the service, with `published` exactly as its contract says, and with `comfyui`
    (version 0.3.64) or `comfyui_new` (0.30.0, with some facts of 0.38) like a self-hosted ComfyUI,
    which needs no key. Names of single quirks change only those points of `live`:

    \b
      --quirks validate_at_submit,interrupt_all

    A wrong name shows the list of all quirks.

    With --object-info, workflows with the node classes of your own server are checked and run:
    classes that the emulator does not have are imitated. An address is read once, at the start:

    \b
      --object-info http://127.0.0.1:8188

    In a container, --host 0.0.0.0 lets other machines in. It takes a key of your own, which then
    opens its page and its control routes too. Both ports are to be published:

    \b
      COMFY_CLOUD_EMULATOR_KEY=my-local-key comfy-cloud emulate --host 0.0.0.0 --files-port 8190

    Each account (that of --key and each --account) has its own jobs, files, tier and credits, and
    cannot see those of the others.
    """
    if context.invoked_subcommand is not None:
        return
    if (shell is not None or as_json) and not detach:
        raise CommandError(f"{'--json' if as_json else '--shell'} needs --detach")
    from ._emulate.emulator_options import EmulatorOptions
    from ._emulate.request_log import RequestLog

    settings = EmulatorOptions(**given)
    if detach and settings.host not in ("127.0.0.1", "0.0.0.0", "::"):  # noqa: S104 - not bound here
        raise CommandError("with --detach, --host must be 127.0.0.1, 0.0.0.0 or ::")
    if detach:
        _start(settings, shell, as_json=as_json)
        return
    emulator = settings.build()
    log = RequestLog(color=use_color(options.color, sys.stderr), keys=settings.keys(emulator))
    try:
        emulator.serve_forever(on_ready=_announce, on_request=log.request)
    except OSError as error:
        raise CommandError(in_command_words(str(error))) from None
    write_message("stopped")


@command.command("status", examples=["emulate status", "emulate status -o json"])
@listing_options(COLUMNS, table=("port", "url", "server", "pid", "started", "log"))
def status_command(listing: Listing) -> None:
    """List the emulators that run in the background, with their logs."""
    from ._emulate.instances import instances, state_folder

    listing.write(instances(state_folder()), "emulators in the background")


@command.command("env", examples=["emulate env", "emulate env --port 8190 --shell fish"])
@_PORT
@_SHELL
@_JSON
def env_command(port: int | None, shell: str | None, as_json: bool) -> None:
    """Print the variables that lead to an emulator in the background, for a shell to eval.

    \b
      eval "$(comfy-cloud emulate env)"
    """
    if shell is not None and as_json:
        raise CommandError("--shell and --json cannot be combined")
    from ._emulate.instances import instances, state_folder

    found = instances(state_folder())
    _write_variables(_chosen(found, port), shell, as_json=as_json)


@command.command("stop", examples=["emulate stop", "emulate stop --port 8190", "emulate stop --all"])
@_PORT
@click.option("--all", "everything", is_flag=True, help="All of them.")
def stop_command(port: int | None, everything: bool) -> None:
    """End an emulator that runs in the background.

    The exit code is 5 if there is none. What it kept in memory is lost; with --data it is kept.
    """
    if port is not None and everything:
        raise CommandError("--port and --all cannot be combined")
    from ._emulate.instances import end, instances, state_folder

    folder = state_folder()
    found = instances(folder)
    for each in found if everything and found else [_chosen(found, port)]:
        how = "killed" if end(folder, each) else "stopped"
        write_message(f"{how} {each.server} at {each.url}")


def _chosen(found: list[Instance], port: int | None) -> Instance:
    """The one with this port, else the only one."""
    if port is not None:
        found = [each for each in found if each.port == port]
    if not found:
        where = "" if port is None else f" on port {port}"
        raise CommandError(
            f"no emulator runs in the background{where}; comfy-cloud emulate --detach starts one", NOT_FOUND
        )
    if len(found) > 1:
        ports = ", ".join(str(each.port) for each in found)
        raise CommandError(f"several emulators run, on ports {ports}; say which one with --port")
    return found[0]


def _start(settings: EmulatorOptions, shell: str | None, *, as_json: bool) -> None:
    """Start an emulator in the background, and say how to use it."""
    if shell is not None and as_json:
        raise CommandError("--shell and --json cannot be combined")
    from ._emulate.instances import state_folder
    from ._emulate.launcher import start

    instance = start(settings, state_folder())
    write_message(f"Emulating {instance.server} at {instance.url} in the background.")
    if settings.host != "127.0.0.1":
        write_message(_OPEN_WARNING)
    for name, about in instance.accounts.items():
        write_message(_account_line(name, about))
    write_message(f"  to end it:  comfy-cloud emulate stop --port {instance.port}")
    write_message(f"  its log:    {safe_line(instance.log)}")
    _write_variables(instance, shell, as_json=as_json)


def _write_variables(instance: Instance, shell: str | None, *, as_json: bool) -> None:
    if as_json:
        names = ("url", "key", "port", "pid", "started", "log")
        write_data(f"{json_text({name: getattr(instance, name) for name in names})}\n")
        return
    variables = {"COMFY_CLOUD_BASE_URL": instance.url}
    if instance.key is not None:
        variables["COMFY_CLOUD_API_KEY"] = instance.key
    shell = shell or current_shell()
    write_data(export_text(variables, shell))
    if on_terminal() and shell != "powershell":
        write_message(
            "These lines are only printed. To set them in this shell:\n"
            f'  eval "$(comfy-cloud emulate env --port {instance.port})"'
        )


def _announce(emulator: Emulator) -> None:
    import shlex

    from ._emulate.request_log import other_accounts

    what = "a self-hosted ComfyUI" if emulator.quirks.no_key else "Comfy Cloud"
    url = emulator.public_url or emulator.url
    write_message(f"Emulating {what} at {url} until Ctrl-C. To use it:")
    write_message(f"  export COMFY_CLOUD_BASE_URL={url}")
    if emulator.is_open:
        # The key is the user's own, and this may be the log of a container.
        write_message("  export COMFY_CLOUD_API_KEY='the key that you gave it'")
        write_message(f"Its files are at {emulator.files_url}, or on that port of the host that is asked.")
        write_message(_OPEN_WARNING)
    elif not emulator.quirks.no_key:
        write_message(f"  export COMFY_CLOUD_API_KEY={shlex.quote(emulator.key)}")
        for name, about in other_accounts(emulator).items():
            write_message(_account_line(name, about))
    write_message(f"Open {url}/ in a browser to watch its jobs, files, faults and requests.")


def _instant(text: str) -> datetime:
    from datetime import datetime

    return datetime.fromisoformat(text)


def _account_line(name: str, about: str) -> str:
    return f"  account {name}: {about}; uses the key you gave it"
