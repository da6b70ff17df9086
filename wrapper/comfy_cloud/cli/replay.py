"""`comfy-cloud replay`: play a recorded session back, without the server.

The player itself is in the package `comfy_cloud_emulator`.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ._console.commands import Command
from ._console.exits import API, CommandError
from ._console.paths import PathType
from ._console.sanitizing import safe_line
from ._console.streams import write_message
from ._console.wording import in_command_words
from ._record.options import port_option, program_argument
from ._record.program import run_program, serve_until_signal, variables

if TYPE_CHECKING:
    from comfy_cloud_emulator import Replay


@click.command(
    "replay",
    cls=Command,
    examples=[
        "replay session.comfycloud -- python my_app.py",
        "replay session.comfycloud --ignore seed --all -- pytest",
        "replay session.comfycloud",
    ],
)
@click.argument("path", type=PathType(), metavar="FILE", help="A file of `comfy-cloud record`.")
@click.option(
    "--ignore",
    "ignored",
    multiple=True,
    metavar="NAME",
    help="A parameter, or a member of JSON, that may differ, such as seed. May be given several times.",
)
@click.option("--all", "wants_all", is_flag=True, help="Fail if something recorded was not asked for.")
@port_option
@program_argument
def command(path: Path, ignored: tuple[str, ...], wants_all: bool, port: int, words: tuple[str, ...]) -> None:
    """Play a file of `comfy-cloud record`: a server on 127.0.0.1 that responds from it.

    The program behind `--` is run with COMFY_CLOUD_BASE_URL and COMFY_CLOUD_API_KEY, which lead it
    there. Without a program, the variables are printed, and it plays until Ctrl-C. Any key is
    accepted, and no other machine is contacted.

    A request is recognised by method, path, parameters and body. Client ids, nonces and secrets do
    not count, and neither do the names of --ignore. A request that was not recorded gets an error
    that names the nearest one.

    The exit code is that of the program. If that is 0, it is 1 after a request that was not
    recorded, and with --all also if something was not asked for.
    """
    try:
        from comfy_cloud_emulator import RecordingRefused, Replay
        from comfy_cloud_emulator.recording.replay import KEY  # noqa: F401 - needs the extra
    except ModuleNotFoundError as error:
        raise CommandError(
            f"this needs the package {error.name}: pip install 'comfy-cloud[emulator]'"
        ) from None
    try:
        replay = Replay(path, port=port, ignore=ignored, on_request=None if words else _report)
    except RecordingRefused as error:
        raise CommandError(str(error)) from None
    try:
        replay.start()
    except OSError as error:
        replay.stop()
        raise CommandError(in_command_words(str(error))) from None
    code = 0
    try:
        if words:
            code = run_program(words, replay.url, replay.key)
        else:
            serve_until_signal(lambda: _announce(replay, path))
    finally:
        replay.stop()
    has_problems = _summary(replay, wants_all=wants_all)
    if code or has_problems:
        raise click.exceptions.Exit(code or API)


def _announce(replay: Replay, path: Path) -> None:
    server = replay.about.get("server")
    of = f", recorded from {safe_line(server)}" if isinstance(server, str) else ""
    write_message(f"Playing {safe_line(str(path))}{of} until Ctrl-C. To use it:")
    for name, value in variables(replay.url, replay.key).items():
        write_message(f"  export {name}={value}")


def _report(method: str, path: str, status: int | None, remark: str) -> None:
    outcome = "broken connection" if status is None else str(status)
    write_message(f"{method} {safe_line(path)} -> {outcome}{f' ({remark})' if remark else ''}")


def _summary(replay: Replay, *, wants_all: bool) -> bool:
    """Say what was not recorded and what was not asked for; returns whether that is a problem."""
    for reason in replay.unknown:
        write_message(f"not recorded: {safe_line(reason)}")
    unplayed = replay.unplayed
    for name in unplayed:
        write_message(f"not asked for: {safe_line(name)}")
    return bool(replay.unknown) or (wants_all and bool(unplayed))
