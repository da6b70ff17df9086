"""Ways to run the command line: in this process, as a program with pipes, and as a program on a terminal."""

from __future__ import annotations

import io
import os
import pty
import select
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import pytest

from comfy_cloud.cli import main
from comfy_cloud_emulator import Emulator

PROGRAM = [sys.executable, "-W", "error", "-m", "comfy_cloud.cli"]
# The same with its emulator held to the contract.
WATCHED = [sys.executable, "-W", "error", "-m", "tests.contract.watched", "-m", "comfy_cloud.cli"]
# The terminal becomes the one that controls the program: it is where Ctrl-C comes from and where keys are typed unseen.
# Only where something is typed: when a program ends that its terminal controls, Linux may drop what was not read yet.
# Whoever runs the tests may have told programs to ignore Ctrl-C.
_ON_TERMINAL = """
import fcntl, os, signal, sys, termios
signal.signal(signal.SIGINT, signal.default_int_handler)
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
from comfy_cloud.cli import main
sys.exit(main())
"""
_CONTROLLED = [sys.executable, "-W", "error", "-c", _ON_TERMINAL]
PATIENCE = 60.0
"""Seconds after which a program that says nothing counts as hung. Nothing waits that long unless it is broken."""


@dataclass
class Result:
    """How a run ended. On a terminal `out` holds what the terminal showed, `err` what went to a separate stderr."""

    code: int
    out: str
    err: str


Run = Callable[..., Result]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run the command in this process, with `stdin` as what is piped into it."""

    def run_here(*arguments: str, stdin: bytes = b"") -> Result:
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(stdin), encoding="utf-8"))
        capsys.readouterr()
        code = main(arguments)
        shown = capsys.readouterr()
        return Result(code, shown.out, shown.err)

    return run_here


@pytest.fixture
def cloud(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> Emulator:
    """The demo cloud, with the environment pointing at it."""
    _point_at(emulator, monkeypatch)
    return emulator


@pytest.fixture
def empty_cloud(empty_emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> Emulator:
    """A cloud without jobs, with the environment pointing at it."""
    _point_at(empty_emulator, monkeypatch)
    return empty_emulator


def _point_at(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMFY_CLOUD_BASE_URL", emulator.url)
    monkeypatch.setenv("COMFY_CLOUD_API_KEY", emulator.key)


def program_environment(**more: str) -> dict[str, str]:
    """This process's environment with its import path, so that a program finds the same packages."""
    paths = os.pathsep.join(path for path in sys.path if path)
    return {**os.environ, "PYTHONPATH": paths, "TERM": "xterm", "COLUMNS": "120", **more}


def run_program(*arguments: str, stdin: bytes = b"", **environment: str) -> Result:
    """Run the program with pipes."""
    done = subprocess.run(
        [*PROGRAM, *arguments],
        input=stdin,
        capture_output=True,
        env=program_environment(**environment),
        timeout=PATIENCE,
    )
    return Result(done.returncode, done.stdout.decode(), done.stderr.decode())


def run_on_terminal(
    *arguments: str, answers: Sequence[tuple[str, str]] = (), environment: Mapping[str, str] | None = None
) -> Result:
    """Run the program with a terminal for stdin and stdout, and a pipe for stderr.

    Each of `answers` is a text to wait for on either, and what is typed then.
    """
    controller, terminal = pty.openpty()
    process = subprocess.Popen(
        [*(_CONTROLLED if answers else PROGRAM), *arguments],
        stdin=terminal,
        stdout=terminal,
        stderr=subprocess.PIPE,
        env=program_environment(**(environment or {})),
        start_new_session=True,
    )
    os.close(terminal)
    assert process.stderr is not None
    shown = {controller: b"", process.stderr.fileno(): b""}
    waiting = list(answers)
    open_ends = set(shown)
    try:
        while open_ends:
            ready, _, _ = select.select(list(open_ends), [], [], PATIENCE)
            assert ready, f"the program hangs after {shown}"
            for end in ready:
                chunk = _read(end)
                shown[end] += chunk
                if not chunk:
                    open_ends.discard(end)
            if waiting and any(waiting[0][0].encode() in text for text in shown.values()):
                os.write(controller, waiting.pop(0)[1].encode())
        code = process.wait(PATIENCE)
    finally:
        process.kill()
        process.wait()
        process.stderr.close()
        os.close(controller)
    out, err = (text.decode().replace("\r\n", "\n") for text in shown.values())
    return Result(code, out, err)


def _read(end: int) -> bytes:
    try:
        return os.read(end, 65_536)
    except OSError:  # how Linux says that the other side of a terminal is closed
        return b""
