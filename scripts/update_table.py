"""Run contracts through `make update-spec` in a scratch copy: `scripts.update_table FILE...`.

Each file or page is taken over in a copy of this checkout, which is as before for the next one.
When an update ends with a command that it advises, that is run too. The table has the options, the
exit code, the seconds, what was reported in short, and whether it is right: after exit 0 the copy
has the interface of the file, and otherwise nothing in it has changed. `--no-tests` leaves out the
tests. Folders mean the files in them. The checkout itself is not changed.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from comfy_cloud.contract._documents.keywords import interface
from comfy_cloud.contract._documents.reader import ContractError, read_contract
from scripts.contract.chosen_contract import with_contract_of
from scripts.contract.part import with_part
from scripts.contract.source import valid_contract
from scripts.project.checkout import CONTRACTS, ROOT, Checkout
from scripts.project.terminal import safe_line, say

_FOLDERS = ("wrapper", "generated", "catalogue", "emulator")
_CACHES = (".mypy_cache",)
_MOST_STEPS = 4
_SAID = re.compile(
    r"(?P<line>(?:Breaking|Not breaking|Descriptions to \w+|Renamed operations|Wrapper methods) .*\(?\d*\)?:?"
    r"|No operation, .* changed\.|It says the same .*|The interface is the same.*|\d+ (?:passed|failed).*"
    r"|Nothing is changed.*|error: .*|.* is gone.*|.* is new.*)"
)


def main(arguments: list[str] | None = None) -> int:
    """Print the table; 0 when every row is right."""
    parser = argparse.ArgumentParser(prog="python -m scripts.update_table", description=__doc__)
    parser.add_argument("files", metavar="FILE", nargs="+", type=Path)
    parser.add_argument("--no-tests", action="store_true", help="do not run the tests of each update")
    given = parser.parse_args(arguments)
    say("| contract | options | exit | seconds | reported | right |\n|---|---|---|---|---|---|")
    is_right = True
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder, "copy")
        for source in _files(given.files):
            options = ["YES=1", *(["NO_TESTS=1"] if given.no_tests else [])]
            for cells, right, advised in _steps(source, copy, options):
                say(safe_line(f"| {source.name} | {' '.join(advised)} | {' | '.join(cells)} |"))
                is_right &= right
    return 0 if is_right else 1


def _files(given: list[Path]) -> Iterator[Path]:
    for path in given:
        yield from sorted(path.iterdir()) if path.is_dir() else [path]


def _steps(source: Path, copy: Path, options: list[str]) -> Iterator[tuple[list[str], bool, list[str]]]:
    """The cells of each run: the first one, and those that each run before advises."""
    for _ in range(_MOST_STEPS):
        _restore(copy)
        before = _checksums(copy)
        began = time.monotonic()
        done = _update(source, copy, options)
        seconds = time.monotonic() - began
        reason = _mistake(source, copy, options, done.returncode, before)
        said = "; ".join(_said(done.stdout + done.stderr))
        yield [str(done.returncode), f"{seconds:.0f}", said, reason or "yes"], not reason, options
        advised = re.findall(r"^ *make update-spec (.*)$", done.stderr, re.MULTILINE)
        options, old = shlex.split(advised[-1])[1:] if advised else options, options
        if not done.returncode or options == old:
            return


def _restore(copy: Path) -> None:
    """The copy as the checkout is, but with the caches that it has."""
    copy.mkdir(exist_ok=True)
    for path in copy.iterdir():
        if path.name not in _CACHES:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, copy / name)


def _update(source: Path, copy: Path, options: list[str]) -> subprocess.CompletedProcess[str]:
    arguments = []
    for option in options:
        name, _, value = option.partition("=")
        arguments += [f"--{name.lower().replace('_', '-')}", *([value] if value != "1" else [])]
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(map(str, [copy, *(copy / n for n in _FOLDERS)])),
    }
    return subprocess.run(
        [sys.executable, "-m", "scripts.update_spec", str(source.resolve()), *arguments],
        cwd=copy, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
    )  # fmt: skip


def _mistake(source: Path, copy: Path, options: list[str], code: int, before: dict[str, str]) -> str:
    """What is wrong with the copy after an update; empty when nothing is."""
    if code:
        changed = [name for name, mark in _checksums(copy).items() if before.get(name) != mark]
        return f"no: exit {code}, and {', '.join(changed[:3])} changed" if changed else ""
    try:
        published = valid_contract(str(source)).document
        name = next((option.removeprefix("CONTRACT=") for option in options if "CONTRACT=" in option), None)
        ours = with_contract_of(Checkout(), published, name)
    except ContractError as error:
        return f"no: exit 0, but {error}"
    if "ONLY=1" in options:
        published = with_part(_document(ours), published)
    now = _document(replace(ours, root=copy))
    return "" if interface(now) == interface(published) else "no: the interface is not that of the file"


def _document(checkout: Checkout) -> dict[str, Any]:
    return read_contract(checkout.contract.read_bytes(), checkout.contract.name)


def _said(output: str) -> list[str]:
    """The lines of a report that say what it found, each once."""
    found = [match["line"] for line in output.splitlines() if (match := _SAID.match(line.strip()))]
    return list(dict.fromkeys(found))


def _checksums(copy: Path) -> dict[str, str]:
    names = [names for each in CONTRACTS.values() for names in (each.contract, each.overlay, each.lock)]
    paths = [copy / "API.md", *(copy / name for name in names), *copy.glob("generated/**/*")]
    paths += copy.glob("wrapper/**/*")
    return {
        path.relative_to(copy).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in paths
        if path.is_file() and "__pycache__" not in path.parts
    }


if __name__ == "__main__":
    sys.exit(main())
