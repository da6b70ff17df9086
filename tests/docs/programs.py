"""The programs of a page, and running them as a reader would: in a process, warnings as errors."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from comfy_cloud_emulator import Emulator
from scripts.project.checkout import ROOT


def blocks(page: str, language: str) -> list[str]:
    """The code of a page in a language: `python`, `sh`, `toml`."""
    return re.findall(rf"```{language}\n(.*?)```", page, re.DOTALL)


def ended(
    *arguments: str, emulator: Emulator | None = None, folder: Path = ROOT, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run Python with these arguments, for an emulator, in a folder; returns how it ended."""
    if emulator is not None:
        environment |= {"COMFY_CLOUD_BASE_URL": emulator.url, "COMFY_CLOUD_API_KEY": emulator.key}
    return subprocess.run(
        [sys.executable, "-W", "error", *arguments],
        env={**os.environ, **environment},
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def run(*arguments: str, emulator: Emulator | None = None, folder: Path = ROOT, **environment: str) -> str:
    """What a program prints that succeeds without a word on stderr."""
    done = ended(*arguments, emulator=emulator, folder=folder, **environment)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout + done.stderr
    return done.stdout
