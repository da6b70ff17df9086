"""Run a Python program and check its exchanges with emulators against the contract.

`python -m tests.contract.watched -c CODE | -m MODULE | FILE` is for tests of programs that run in
their own process. The exit code is 1 when a request broke the contract.
"""

from __future__ import annotations

import runpy
import sys
from typing import Final

from .exchanges import watched

WATCHED: Final = ("-W", "ignore:Module already imported:pytest.PytestAssertRewriteWarning")
"""The warning that pytest must ignore here: the emulator is imported before its plugin is."""


def main() -> int:
    """Run the program as the interpreter would; its exit code, or 1 when it broke the contract."""
    kind, *rest = sys.argv[1:]
    code: object = 0
    with watched() as problems:
        try:
            _run(kind, rest)
        except SystemExit as stop:
            code = stop.code
    for problem in problems:
        print(problem, file=sys.stderr)
    if problems:
        return 1
    if code is not None and not isinstance(code, int):
        print(code, file=sys.stderr)
        return 1
    return code or 0


def _run(kind: str, rest: list[str]) -> None:
    if kind == "-c":
        sys.argv = ["-c", *rest[1:]]
        exec(compile(rest[0], "<string>", "exec"), {"__name__": "__main__"})
    elif kind == "-m":
        sys.argv = rest
        runpy.run_module(rest[0], run_name="__main__", alter_sys=True)
    else:
        sys.argv = [kind, *rest]
        runpy.run_path(kind, run_name="__main__")


if __name__ == "__main__":
    sys.exit(main())
