"""Starting an emulator that outlives the shell. I/O."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

from ..._settings.private_files import make_private_folder, refuse_open_folder
from .._console.exits import API, CommandError
from .._console.sanitizing import safe_line
from .emulator_options import EmulatorOptions
from .instances import FOLDER_VARIABLE, Instance, instances

START_SECONDS = 60.0
_KEY_VARIABLES = ("COMFY_CLOUD_API_KEY", "COMFY_API_KEY", "COMFY_CLOUD_EMULATOR_KEY")


def start(options: EmulatorOptions, folder: Path) -> Instance:
    """Start an emulator in the background; when this returns, it serves.

    Raises CommandError with its own message if it does not start.
    """
    try:
        make_private_folder(folder)
    except OSError as error:
        raise CommandError(
            f"{folder} cannot be created: {error.strerror}. Set {FOLDER_VARIABLE} to a folder of yours."
        ) from None
    refuse_open_folder(folder / "emulator.json")
    for each in instances(folder):
        if each.port == options.port:
            raise CommandError(
                f"{each.server} is emulated at {each.url} already. To use it: comfy-cloud emulate env; "
                "to end it: comfy-cloud emulate stop; for another one: --port 0"
            )
    log = folder / f"emulator-starting-{secrets.token_hex(4)}.log"
    line = _first_line(options, folder, log)
    if not line:
        raise CommandError(f"the emulator did not start: {_last_line(log)} (all of it: {log})", API)
    report: dict[str, Any] = json.loads(line)
    if "error" in report:
        log.unlink(missing_ok=True)
        raise CommandError(report["error"], report["code"])
    return Instance(**report)


def _first_line(options: EmulatorOptions, folder: Path, log: Path) -> bytes:
    """Start the program and return the line that it writes; empty if it ends before that."""
    try:
        descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600)
    except OSError as error:
        raise CommandError(
            f"{folder} cannot be written: {error.strerror}. Set {FOLDER_VARIABLE} to a folder of yours."
        ) from None
    try:
        # -P: modules in the working folder must not take the place of ours.
        process = subprocess.Popen(  # noqa: S603 - this interpreter and a module of ours
            [sys.executable, "-P", "-m", f"{__package__}.daemon"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=descriptor,
            cwd=folder,
            env={name: value for name, value in os.environ.items() if name not in _KEY_VARIABLES},
            # A session of its own: the end of the shell and Ctrl-C in it do not reach the program.
            creationflags=_flags_on_windows(),
            start_new_session=True,
        )
    finally:
        os.close(descriptor)
    assert process.stdin is not None  # noqa: S101 - a pipe
    assert process.stdout is not None  # noqa: S101 - a pipe
    given = {"folder": str(folder), "log": str(log), "options": options.record()}
    too_late = threading.Timer(START_SECONDS, process.kill)
    too_late.start()
    try:
        with process.stdout, process.stdin:
            process.stdin.write(json.dumps(given).encode())
            process.stdin.close()
            line = process.stdout.readline()
    except BrokenPipeError:
        line = b""
    except BaseException:
        process.kill()
        process.wait()
        raise
    finally:
        too_late.cancel()
    if line:
        process.returncode = 0  # it goes on without us: nobody waits for its end
    else:
        process.wait()
    return line


def _last_line(log: Path) -> str:
    """The end of the log, which says why."""
    lines = log.read_text(encoding="utf-8", errors="replace").split("\n")
    return safe_line(next((line for line in reversed(lines) if line.strip()), "it ended without a message"))


def _flags_on_windows() -> int:
    if sys.platform == "win32":
        return subprocess.DETACHED_PROCESS | subprocess.CREATE_NEW_PROCESS_GROUP
    return 0
