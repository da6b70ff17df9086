"""`comfy-cloud record`: record what a program and the server say to each other, in one file.

The recorder itself is in the package `comfy_cloud_emulator`.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ._console.amounts import size_text
from ._console.commands import Command
from ._console.exits import AUTH, CommandError
from ._console.options import GlobalOptions, pass_options
from ._console.paths import PathType
from ._console.sanitizing import safe_line
from ._console.streams import write_message
from ._console.wording import in_command_words
from ._record.options import port_option, program_argument
from ._record.program import run_program, serve_until_signal, variables

if TYPE_CHECKING:
    from comfy_cloud_emulator import Recorder
    from comfy_cloud_emulator.recording.recorder import Saved


@click.command(
    "record",
    cls=Command,
    examples=["record -o session.comfycloud -- python my_app.py", "record -o session.comfycloud"],
)
@click.option("-o", "--to", "path", type=PathType(), required=True, metavar="FILE", help="The file to write.")
@click.option("--overwrite", is_flag=True, help="Replace the file if it exists.")
@port_option
@program_argument
@pass_options
def command(options: GlobalOptions, path: Path, overwrite: bool, port: int, words: tuple[str, ...]) -> None:
    """Record a session with the server: requests, websocket messages and files, in one file.

    The program behind `--` is run with COMFY_CLOUD_BASE_URL and COMFY_CLOUD_API_KEY, which lead it
    to a recorder on 127.0.0.1. The recorder passes everything on to the server, and writes the
    file when the program ends. Programs in any language can be recorded.

    Without a program, the variables are printed, and the file is written on Ctrl-C.

    The API key, cookies, tokens and signatures do not get into the file. Prompts, results and
    files do. `comfy-cloud replay` plays it back.
    """
    try:
        from comfy_cloud_emulator import Recorder
        from comfy_cloud_emulator.recording.recorder import STAND_IN  # noqa: F401 - needs the extra
    except ModuleNotFoundError as error:
        raise CommandError(
            f"this needs the package {error.name}: pip install 'comfy-cloud[emulator]'"
        ) from None
    from ._console.client import NO_KEY, load_settings, note_source_of_key

    settings = load_settings(options)
    if settings.api_key is None and settings.is_comfy_cloud:
        raise CommandError(NO_KEY, AUTH)
    note_source_of_key(settings, options)
    recorder = Recorder(path, port=port, overwrite=overwrite, settings=settings)
    code = 0
    try:
        recorder.start()
    except OSError as error:
        raise CommandError(in_command_words(str(error))) from None
    try:
        if words:
            code = run_program(words, recorder.url, recorder.key)
        else:
            serve_until_signal(lambda: _announce(recorder))
    except CommandError:  # the program did not start
        recorder.discard()
        raise
    except BaseException:
        _report(recorder.stop())
        raise
    _report(recorder.stop())
    if code:
        raise click.exceptions.Exit(code)


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _report(saved: Saved) -> None:
    write_message(
        f"recorded {_counted(saved.requests, 'request')} and "
        f"{_counted(saved.messages, 'websocket message')} in "
        f"{safe_line(str(saved.path))} ({size_text(saved.path.stat().st_size)})"
    )
    if not saved.requests + saved.messages:
        write_message("The program sent nothing to the recorder: it must use COMFY_CLOUD_BASE_URL")


def _announce(recorder: Recorder) -> None:
    write_message(f"Recording {safe_line(recorder.server)} until Ctrl-C. To use it:")
    for name, value in variables(recorder.url, recorder.key).items():
        write_message(f"  export {name}={value}")
