"""Running new code in a process without network, keys and home; `isolated` is what runs there."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from comfy_cloud.contract._documents.reader import ContractError
from comfy_cloud.contract._documents.sources import one_line

_PROGRAM = Path(__file__).with_name("isolated.py")
_SECONDS = 300.0
# Everything else stays out: keys, tokens, proxies, the addresses of agents.
_ALLOWED = frozenset(
    {
        "COMSPEC", "LANG", "LC_ALL", "LC_CTYPE", "NUMBER_OF_PROCESSORS", "PATH", "PATHEXT", "SYSTEMROOT",
        "TEMP", "TMP", "TMPDIR", "TZ", "WINDIR",
    }
)  # fmt: skip
_HOMES = ("HOME", "USERPROFILE", "APPDATA", "LOCALAPPDATA")
_TEMPORARY = ("TEMP", "TMP", "TMPDIR")
_XDG = ("XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_RUNTIME_DIR", "XDG_STATE_HOME")


def isolated_environment(given: Mapping[str, str], home: str) -> dict[str, str]:
    """The variables that new code may see, with an empty folder as home."""
    kept = {name: value for name, value in given.items() if name.upper() in _ALLOWED}
    return {**kept, **dict.fromkeys((*_HOMES, *_XDG), home), "PYTHONDONTWRITEBYTECODE": "1"}


def prove_by_import(generated: Path) -> str:
    """Import all of a generated tree in a process of its own; return what that process printed.

    Raises ContractError when anything in it fails.
    """
    return run_isolated("import", generated)


def run_isolated(kind: str, generated: Path, *arguments: str) -> str:
    """Run what `isolated` does with a generated tree; return what that process printed.

    Raises ContractError when anything in it fails.
    """
    token = secrets.token_hex(16)
    with tempfile.TemporaryDirectory() as home:
        environment = {**isolated_environment(os.environ, home), **dict.fromkeys(_TEMPORARY, home)}
        command = [sys.executable, "-IB", str(_PROGRAM), kind, str(generated.resolve()), *arguments]
        try:
            done = subprocess.run(
                command, cwd=home, env=environment, capture_output=True, text=True, input=f"{token}\n",
                timeout=_SECONDS, check=False,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            raise ContractError(f"The new code is not imported within {_SECONDS:g} s") from None
    if done.returncode:
        reason = one_line(done.stderr.strip().rpartition("\n")[2]) or f"exit code {done.returncode}"
        raise ContractError(f"The new code cannot be imported, so nothing is changed: {reason}")
    printed, ended, rest = done.stdout.rpartition(f"{token}\n")
    if not ended or rest:
        raise ContractError("The new code ended its process before the proof did, so nothing is changed")
    return printed


def run_tests(root: Path, tests: Sequence[str] = ("tests",)) -> int:
    """Run tests of the checkout at `root`, in processes of their own that have loopback only.

    `tests` are files or folders, from the root.
    """
    folders = [root, *(root / name for name in ("wrapper", "generated", "catalogue", "emulator"))]
    with tempfile.TemporaryDirectory() as home:
        environment = isolated_environment(os.environ, home)
        environment["PYTHONPATH"] = os.pathsep.join(map(str, folders))
        command = [sys.executable, str(_PROGRAM), "tests", *tests]
        done = subprocess.run(command, cwd=root, env=environment, stdin=subprocess.DEVNULL, check=False)
    return done.returncode
