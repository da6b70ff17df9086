"""The variables that point a program at an emulator, as each shell sets them."""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping
from pathlib import Path

SHELLS = ("bash", "zsh", "fish", "powershell")


def export_text(variables: Mapping[str, str], shell: str) -> str:
    """The commands that set the variables, one a line, each ended so that they may be joined."""
    return "".join(f"{_EXPORTS[shell](name, value)}\n" for name, value in variables.items())


def current_shell() -> str:
    """The shell that runs this command; one that is not known is taken for bash."""
    if os.name == "nt":
        return "powershell"
    try:
        name = Path(f"/proc/{os.getppid()}/comm").read_text().strip()
    except OSError:
        name = ""
    if name not in (*SHELLS, "sh", "dash"):
        name = Path(os.environ.get("SHELL", "")).name
    return {"pwsh": "powershell"}.get(name, name if name in SHELLS else "bash")


def _posix(name: str, value: str) -> str:
    return f"export {name}={shlex.quote(value)};"


def _fish(name: str, value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"set -gx {name} '{escaped}';"


def _powershell(name: str, value: str) -> str:
    return f"$env:{name} = '{value.replace(chr(39), chr(39) * 2)}';"


_EXPORTS = {"bash": _posix, "zsh": _posix, "fish": _fish, "powershell": _powershell}
