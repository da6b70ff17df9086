"""The programs of a page, and running them as a reader would, warnings as errors.

They run in this process: starting Python takes longer than most of them. What they leave open is a
warning when it is collected, and so fails the test. Other modules than the command get a process.
"""

from __future__ import annotations

import gc
import io
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import chdir, contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

from comfy_cloud.cli import main
from comfy_cloud_emulator import Emulator
from scripts.project.checkout import ROOT


@dataclass(frozen=True)
class Done:
    """The end of a program: its exit code, and what it wrote."""

    returncode: int
    stdout: str
    stderr: str


def blocks(page: str, language: str) -> list[str]:
    """The code of a page in a language: `python`, `sh`, `toml`."""
    return re.findall(rf"```{language}\n(.*?)```", page, re.DOTALL)


def ended(*arguments: str, emulator: Emulator | None = None, folder: Path = ROOT, **environment: str) -> Done:
    """Run what `python` runs with these arguments, for an emulator, in a folder."""
    if emulator is not None:
        environment |= {"COMFY_CLOUD_BASE_URL": emulator.url, "COMFY_CLOUD_API_KEY": emulator.key}
    if arguments[0] == "-c":
        return _in_process(lambda: _program(arguments[1]), folder, environment, ["-c"])
    if arguments[:2] == ("-m", "comfy_cloud.cli"):
        words = [*arguments[2:]]
        return _in_process(lambda: main(words), folder, environment, ["comfy-cloud", *words])
    done = subprocess.run(
        [sys.executable, "-W", "error", *arguments],
        env={**os.environ, **environment},
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return Done(done.returncode, done.stdout, done.stderr)


def run(*arguments: str, emulator: Emulator | None = None, folder: Path = ROOT, **environment: str) -> str:
    """What a program prints that succeeds without a word on stderr."""
    done = ended(*arguments, emulator=emulator, folder=folder, **environment)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout + done.stderr
    return done.stdout


def _program(code: str) -> int:
    try:
        exec(compile(code, "<page>", "exec"), {"__name__": "__main__"})
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else int(stop.code is not None)
    return 0


@contextmanager
def collected() -> Iterator[None]:
    """Collect what the block leaves as garbage, however much else there is in this process."""
    gc.disable()  # so that all of it is in the youngest generation
    try:
        yield
    finally:
        gc.enable()
        gc.collect(0)


def _in_process(
    program: Callable[[], int], folder: Path, environment: dict[str, str], argv: list[str]
) -> Done:
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True) for _ in range(2))
    stdin = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    with (
        chdir(folder),
        mock.patch.dict(os.environ, environment),
        mock.patch.multiple(sys, argv=argv, stdin=stdin),
        redirect_stdout(out),
        redirect_stderr(err),
        collected(),
    ):
        code = program()
    texts = []
    for stream in (out, err):
        stream.seek(0)
        texts.append(stream.read())
    return Done(code, *texts)
