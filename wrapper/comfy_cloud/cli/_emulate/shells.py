"""The variables that point a program at an emulator, as each shell sets them."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping

SHELLS = ("bash", "zsh", "fish", "powershell")


def export_text(variables: Mapping[str, str], shell: str) -> str:
    """The commands that set the variables, one a line, each ended so that they may be joined."""
    return "".join(f"{_EXPORTS[shell](name, value)}\n" for name, value in variables.items())


def current_shell() -> str:
    """The shell that runs this command; one that is not known is taken for bash."""
    if os.name == "nt":
        return "powershell"
    try:
        with open(f"/proc/{os.getppid()}/comm", encoding="utf-8", errors="replace") as file:
            name = file.read().strip()
    except OSError:
        name = ""
    if name not in (*SHELLS, "sh", "dash"):
        name = os.path.basename(os.environ.get("SHELL", ""))
    return {"pwsh": "powershell"}.get(name, name if name in SHELLS else "bash")


def _posix(name: str, value: str) -> str:
    import shlex

    return f"export {name}={shlex.quote(value)};"


def _fish(name: str, value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"set -gx {name} '{escaped}';"


def _powershell(name: str, value: str) -> str:
    # PowerShell takes typographic quotes for plain ones. Each is itself when it is doubled.
    quoted = re.sub("['\u2018-\u201b]", r"\g<0>\g<0>", value)
    return f"$env:{name} = '{quoted}';"


_EXPORTS = {"bash": _posix, "zsh": _posix, "fish": _fish, "powershell": _powershell}
