"""Runs the programs and commands of a page in this process: starting Python takes longer than most.

What they leave open is a warning when it is collected, and so fails the test.
"""

from __future__ import annotations

import gc
import io
import os
import sys
from collections.abc import Callable
from contextlib import chdir, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

from comfy_cloud.cli import main
from comfy_cloud_emulator import Emulator


@dataclass(frozen=True)
class Done:
    """The end of a program: its exit code, and what it wrote."""

    returncode: int
    stdout: str
    stderr: str


def run_python(code: str, folder: Path, emulator: Emulator | None = None) -> Done:
    """Run a program as `python -c` does, in this folder, with the emulator as its service."""

    def program() -> int:
        try:
            exec(compile(code, "<page>", "exec"), {"__name__": "__main__"})
        except SystemExit as stop:
            return stop.code if isinstance(stop.code, int) else int(stop.code is not None)
        return 0

    return _run(program, folder, emulator, ["-c"])


def run_command(words: list[str], folder: Path, emulator: Emulator | None = None) -> Done:
    """Run the command with these words, likewise."""
    return _run(lambda: main(words), folder, emulator, ["comfy-cloud", *words])


def _run(program: Callable[[], int], folder: Path, emulator: Emulator | None, argv: list[str]) -> Done:
    variables = {}
    if emulator is not None:
        variables = {"COMFY_CLOUD_BASE_URL": emulator.url, "COMFY_CLOUD_API_KEY": emulator.key}
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True) for _ in range(2))
    stdin = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    with (
        chdir(folder),
        mock.patch.dict(os.environ, variables),
        mock.patch.multiple(sys, argv=argv, stdin=stdin),
        redirect_stdout(out),
        redirect_stderr(err),
    ):
        code = program()
    gc.collect()
    texts = []
    for stream in (out, err):
        stream.seek(0)
        texts.append(stream.read())
    return Done(code, *texts)
