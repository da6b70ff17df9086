"""Programs that many tests start: one process imports their module, and forks for each of them.

Starting Python and importing the client takes half a second, and a fork a hundredth of that. A
forked program has no threads, no clients and no connections, as one that has just started. What a
program imports later, the process imports before the next fork.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import IO

from scripts.project.checkout import ROOT

LONGEST = 120
"""Seconds after which a program is ended by SIGALRM."""


@dataclass
class Program:
    """A program that was forked."""

    pid: int
    folder: Path
    _answers: IO[str]

    def wait(self) -> tuple[int, str, str]:
        """Wait for its end. Its exit code, or the negative signal; its output and its errors."""
        code = int(self._answers.readline())
        output = self.folder / "output"  # which may be a pipe that the caller made and reads
        return code, output.read_text() if output.is_file() else "", (self.folder / "errors").read_text()


class Forking:
    """A process that runs the function `main` of a module in forks, one at a time.

    A number that `main` returns is the exit code. Warnings are errors there. `stop` ends it.
    """

    def __init__(self, module: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-W", "error", "-m", "tests.forking", module],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def start(self, folder: Path, *arguments: str) -> Program:
        """Run `main(*arguments)`. What it prints is written to files in `folder`."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        folder.mkdir(parents=True, exist_ok=True)
        print(json.dumps([str(folder), *arguments]), file=self._process.stdin, flush=True)
        return Program(int(self._process.stdout.readline()), folder, self._process.stdout)

    def stop(self) -> None:
        """End the process, which waits for the program that it runs."""
        self._process.communicate()


def serve(main: Callable[..., object]) -> None:
    """Fork for each line of the standard input; print the number of the process, and its code."""
    for line in sys.stdin:
        folder, *arguments = json.loads(line)
        pid = os.fork()
        if not pid:
            _run(main, folder, arguments)
        print(pid, flush=True)
        print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)
        for name in Path(folder, "imports").read_text().splitlines():
            with suppress(ImportError, Warning):
                import_module(name)


def _note_imports(file: Path) -> None:
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)

    def note(event: str, arguments: tuple[object, ...]) -> None:
        if event == "import":
            os.write(descriptor, f"{arguments[0]}\n".encode())

    sys.addaudithook(note)


def _run(main: Callable[..., object], folder: str, arguments: list[str]) -> None:
    """Call it, and end this process."""
    code, is_interrupted = 1, False
    try:
        signal.alarm(LONGEST)
        for descriptor, name in ((0, os.devnull), (1, f"{folder}/output"), (2, f"{folder}/errors")):
            os.dup2(os.open(name, os.O_RDWR | os.O_CREAT | os.O_TRUNC), descriptor)
        _note_imports(Path(folder, "imports"))
        returned = main(*arguments)
        code = returned if isinstance(returned, int) else 0
    except BaseException as error:  # noqa: BLE001 - printed, as the interpreter does
        traceback.print_exc()
        is_interrupted = isinstance(error, KeyboardInterrupt)
    finally:
        threading._shutdown()  # type: ignore[attr-defined] # waits for threads, as the interpreter does
        sys.stdout.flush()
        sys.stderr.flush()
        if is_interrupted:
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            os.kill(os.getpid(), signal.SIGINT)
        os._exit(code)


if __name__ == "__main__":
    serve(import_module(sys.argv[1]).main)
