"""Checks of pages in a real Chromium: its packages, and running a driver beside this file.

playwright-core and axe-core are installed from npm into a folder that git ignores; the browser is
that of this machine, and reaches no other host.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from scripts.project.checkout import ROOT

PACKAGES: Final = {"playwright-core": "1.65.1", "axe-core": "4.14.1"}
FOLDER: Final = ROOT / ".report-check"


class CheckError(Exception):
    """The check cannot be run; the message says what to do."""


def installed() -> Path:
    """The folder of the packages, which are installed first if one is missing."""
    if all(_version(name) == version for name, version in PACKAGES.items()):
        return FOLDER
    npm = shutil.which("npm")
    if npm is None:
        raise CheckError("npm is not installed; playwright-core and axe-core need Node.js with npm")
    FOLDER.mkdir(exist_ok=True)
    # Scripts of packages are not run. A lock file would name the host used here.
    options = ["--ignore-scripts", "--no-save", "--no-package-lock", "--no-audit", "--no-fund"]
    wanted = [f"{name}@{version}" for name, version in PACKAGES.items()]
    command = [npm, "install", *options, "--loglevel=error", "--prefix", str(FOLDER), *wanted]
    if subprocess.run(command, check=False, stdout=sys.stderr).returncode:
        raise CheckError(f"npm could not install {' and '.join(wanted)}")
    return FOLDER


def _version(name: str) -> str | None:
    manifest = FOLDER / "node_modules" / name / "package.json"
    if not manifest.exists():
        return None
    found: str = json.loads(manifest.read_text(encoding="utf-8"))["version"]
    return found


class Browser:
    """The programs that a check needs."""

    def __init__(self, chromium: str) -> None:
        found, node = shutil.which(chromium), shutil.which("node")
        if found is None or node is None:
            raise CheckError(f"there is no program {chromium if found is None else 'node'}")
        self._chromium, self._node = found, node
        self._packages = installed()

    def run(self, driver: str, task: Mapping[str, Any]) -> dict[str, Any]:
        """Run a driver, and return the problems and figures that it found."""
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "task.json"
            file.write_text(json.dumps(task))
            script = Path(__file__).with_name(driver)
            done = subprocess.run(
                [self._node, str(script), str(self._packages), self._chromium, str(file)],
                check=False,
                capture_output=True,
                text=True,
                env={**os.environ, "TZ": "UTC"},
                timeout=900,
            )
        if not done.stdout.strip():
            raise CheckError(f"the browser could not be driven: {done.stderr[-800:]}")
        found: dict[str, Any] = json.loads(done.stdout)
        return found


def run_check(name: str, about: str, check: Callable[[Browser, Path | None], Mapping[str, Any]]) -> int:
    """Run a check as the command line says; return 1 if there are problems."""
    parser = argparse.ArgumentParser(prog=f"make {name}", description=about.partition("\n")[0])
    parser.add_argument("--chromium", default="chromium", help="the browser's program")
    parser.add_argument("--screenshots", type=Path, help="the folder to write PNGs of the pages to")
    given = parser.parse_args()
    if given.screenshots is not None:
        given.screenshots.mkdir(parents=True, exist_ok=True)
    try:
        found = check(Browser(given.chromium), given.screenshots)
    except CheckError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    for figure, value in found["figures"].items():
        print(f"{figure.replace('_', ' ')}: {value}")
    for problem in found["problems"]:
        print(f"BAD {problem}")
    print(f"{len(found['problems'])} problems")
    return 1 if found["problems"] else 0
