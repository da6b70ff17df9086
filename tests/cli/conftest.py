"""Runs the command: in this process, as a program with pipes, or as a program on a terminal."""

from __future__ import annotations

import asyncio
import io
import os
import pty
import select
import subprocess
import sys
import termios
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from unittest import mock

import pytest

from comfy_cloud.cli import main
from comfy_cloud_emulator import Emulator

PROGRAM = [sys.executable, "-W", "error", "-m", "comfy_cloud.cli"]
# The same, with each exchange of its emulator checked against the contract.
WATCHED = [sys.executable, "-W", "error", "-m", "tests.contract.watched", "-m", "comfy_cloud.cli"]
# Makes the terminal the program's controlling terminal, which Ctrl-C and hidden prompts need.
# Used only where something is typed: when a program with a controlling terminal exits, Linux may
# drop output that was not read yet. The signal handler is set because the process that runs the
# tests may ignore Ctrl-C, which its children inherit.
_ON_TERMINAL = """
import fcntl, os, signal, sys, termios
signal.signal(signal.SIGINT, signal.default_int_handler)
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
from comfy_cloud.cli import main
sys.exit(main())
"""
_CONTROLLED = [sys.executable, "-W", "error", "-c", _ON_TERMINAL]
HANG_TIMEOUT = 60.0
"""Seconds after which a silent program counts as hung. A passing test never waits that long."""


@dataclass
class Result:
    """The result of a run. On a terminal, `out` is what the terminal showed; `err` is a pipe."""

    code: int
    out: str
    err: str


Run = Callable[..., Result]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run the command in this process, with `stdin` piped into it."""

    def run_here(*arguments: str, stdin: bytes = b"") -> Result:
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(stdin), encoding="utf-8"))
        capsys.readouterr()
        code = main(arguments)
        shown = capsys.readouterr()
        return Result(code, shown.out, shown.err)

    return run_here


@pytest.fixture
def cloud(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> Emulator:
    """The demo cloud, selected by the environment."""
    _select(emulator, monkeypatch)
    return emulator


@pytest.fixture
def empty_cloud(empty_emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> Emulator:
    """A cloud without jobs, selected by the environment."""
    _select(empty_emulator, monkeypatch)
    return empty_emulator


@pytest.fixture
def quick_cloud(start_emulator: Callable[..., Emulator], monkeypatch: pytest.MonkeyPatch) -> Emulator:
    """A cloud on the real clock whose jobs run 200 times as fast, selected by the environment.

    With a clock of ours, its jobs would go on only when a request comes in.
    """
    quick = start_emulator(clock=None, sleep=asyncio.sleep, speed=200.0)
    _select(quick, monkeypatch)
    return quick


def _select(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMFY_CLOUD_BASE_URL", emulator.url)
    monkeypatch.setenv("COMFY_CLOUD_API_KEY", emulator.key)


def program_environment(**more: str) -> dict[str, str]:
    """This process's environment, with its import path so that a program finds the packages."""
    paths = os.pathsep.join(path for path in sys.path if path)
    # Unbuffered, a program would not fail where a user's does: when it ends.
    inherited = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    return {**inherited, "PYTHONPATH": paths, "TERM": "xterm", "COLUMNS": "120", **more}


def run_program(*arguments: str, stdin: bytes = b"", **environment: str) -> Result:
    """Run the program with pipes."""
    done = subprocess.run(
        [*PROGRAM, *arguments],
        input=stdin,
        capture_output=True,
        env=program_environment(**environment),
        timeout=HANG_TIMEOUT,
    )
    return Result(done.returncode, done.stdout.decode(), done.stderr.decode())


def run_for_terminal(
    *arguments: str,
    columns: int = 120,
    environment: Mapping[str, str] | None = None,
    size: tuple[int, int] | None = None,
) -> Result:
    """Run the command in this process, with a terminal for stdin and stdout, and a pipe for stderr.

    Far cheaper than a program, for what only depends on the streams and nothing is typed into.
    `size` is the number of lines and columns that the terminal reports.
    """
    controller, terminal = pty.openpty()
    if size is not None:
        termios.tcsetwinsize(terminal, size)
    attributes = termios.tcgetattr(terminal)
    attributes[1] &= ~termios.OPOST  # line ends stay as they are written
    termios.tcsetattr(terminal, termios.TCSANOW, attributes)
    shown: list[bytes] = []
    reader = threading.Thread(target=lambda: shown.extend(iter(lambda: _read(controller), b"")))
    messages = io.StringIO()
    reader.start()
    try:
        with (
            os.fdopen(terminal, "r+b", buffering=0) as raw,
            io.TextIOWrapper(raw, encoding="utf-8", write_through=True) as stream,
            mock.patch.dict(os.environ, {"TERM": "xterm", "COLUMNS": str(columns), **(environment or {})}),
            mock.patch.multiple(sys, stdin=stream, stdout=stream, stderr=messages),
        ):
            code = main(arguments)
    finally:
        reader.join(HANG_TIMEOUT)
        os.close(controller)
    return Result(code, b"".join(shown).decode(), messages.getvalue())


def completions(shell: str, words: str, number: str) -> list[str]:
    """The lines that a shell gets after these words, in its own format."""
    variables = {"_COMFY_CLOUD_COMPLETE": f"{shell}_complete", "COMP_WORDS": words, "COMP_CWORD": number}
    out, err = io.TextIOWrapper(io.BytesIO(), encoding="utf-8"), io.StringIO()
    with mock.patch.dict(os.environ, variables), redirect_stdout(out), redirect_stderr(err):
        code = main([])
    assert (code, err.getvalue()) == (0, "")
    out.seek(0)
    return [line for line in out.read().splitlines() if line]


def run_on_terminal(
    *arguments: str,
    typed: Sequence[tuple[str, str]] = (),
    environment: Mapping[str, str] | None = None,
    size: tuple[int, int] | None = None,
    with_stderr: bool = False,
) -> Result:
    """Run the program with a terminal for stdin and stdout, and `with_stderr` also for that.

    Otherwise stderr is a pipe.

    Each item of `typed` is a text to wait for on either stream, and what to type then. `size` is
    the number of lines and columns that the terminal reports.
    """
    controller, terminal = pty.openpty()
    if size is not None:
        termios.tcsetwinsize(terminal, size)
    process = subprocess.Popen(
        [*(_CONTROLLED if typed else PROGRAM), *arguments],
        stdin=terminal,
        stdout=terminal,
        stderr=terminal if with_stderr else subprocess.PIPE,
        env=program_environment(**(environment or {})),
        start_new_session=True,
    )
    os.close(terminal)
    shown = {controller: b""}
    if process.stderr is not None:
        shown[process.stderr.fileno()] = b""
    waiting = list(typed)
    open_ends = set(shown)
    try:
        while open_ends:
            ready, _, _ = select.select(list(open_ends), [], [], HANG_TIMEOUT)
            assert ready, f"the program hangs after {shown}"
            for end in ready:
                chunk = _read(end)
                shown[end] += chunk
                if not chunk:
                    open_ends.discard(end)
            if waiting and any(waiting[0][0].encode() in text for text in shown.values()):
                os.write(controller, waiting.pop(0)[1].encode())
        code = process.wait(HANG_TIMEOUT)
    finally:
        process.kill()
        process.wait()
        if process.stderr is not None:
            process.stderr.close()
        os.close(controller)
    texts = [text.decode().replace("\r\n", "\n") for text in shown.values()]
    return Result(code, texts[0], "".join(texts[1:]))


def _read(end: int) -> bytes:
    try:
        return os.read(end, 65_536)
    except OSError:  # Linux: the other end of the terminal is closed
        return b""
