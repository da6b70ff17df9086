"""Run the tests with the newest dependencies, on every Python that is here: `make test-newest`.

For each version an environment is made anew, without a lock, with the newest releases that
pyproject.toml and requirements/test.in allow. A Python that is not on this machine is named and
left out. The tests that need exactly pinned tools are left out too, as in `make test-lowest`.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from scripts.project.checkout import Checkout

VERSIONS: Final = ("3.11", "3.12", "3.13", "3.14")
ENGINES_ONLY: Final = {"postgres", "delta", "dlt", "all"}
"""Extras that only the environment of `make mirror-engines` has: they are large. `all` has them."""
_ASKED: Final = "import sys; print('%d.%d' % sys.version_info[:2]); print(sys.executable)"
_BIN: Final = "Scripts" if os.name == "nt" else "bin"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run from the command line; 0 when the tests pass on every Python that was found."""
    parser = argparse.ArgumentParser(prog="make test-newest", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--python", help="only these versions, separated by commas, such as 3.12,3.13")
    parser.add_argument("--tests", default="tests", help="the files or folders to run, separated by spaces")
    parser.add_argument("--processes", default="logical", help="processes that run tests; 0 for one")
    parser.add_argument("--ignore", nargs="*", default=[], help="files or folders that are not run")
    given = parser.parse_args(arguments)
    wanted = given.python.split(",") if given.python else VERSIONS
    found = {version: interpreter(version) for version in wanted}
    outcomes: dict[str, str] = {}
    for version, python in found.items():
        if python is None:
            outcomes[version] = "not tested: there is no such Python here"
            continue
        print(f"Python {version}", flush=True)
        environment = Checkout().root / f".venv-newest-{version}"
        if not make_environment(python, environment):
            outcomes[version] = "failed: its dependencies cannot be installed"
            continue
        options = ["-q", "-n", given.processes, *(f"--ignore={path}" for path in given.ignore)]
        command = [python_of(environment), "-m", "pytest", *options, *given.tests.split()]
        failed = subprocess.run(command, cwd=Checkout().root, check=False).returncode
        outcomes[version] = "failed" if failed else "passed"
    for version, outcome in outcomes.items():
        print(f"Python {version}: {outcome}")
    if not any(found.values()):
        print(f"error: none of Python {', '.join(wanted)} is here; install one of them", file=sys.stderr)
        return 2
    return 1 if any(outcome.startswith("failed") for outcome in outcomes.values()) else 0


def interpreter(version: str) -> str | None:
    """A Python of this version, or None. Commands that only stand for one are passed over."""
    for candidate in _candidates(version):
        try:
            asked = subprocess.run(
                [*candidate, "-c", _ASKED], capture_output=True, text=True, timeout=30, check=False
            )
        except (OSError, subprocess.TimeoutExpired):
            continue
        answer = asked.stdout.splitlines()
        if asked.returncode == 0 and len(answer) == 2 and answer[0] == version:
            return answer[1]
    return None


def _candidates(version: str) -> Iterator[list[str]]:
    yield [sys.executable]
    # A folder of the path may hold a command that only says which versions it could start.
    for place in os.environ.get("PATH", "").split(os.pathsep):
        yield [os.path.join(place or ".", f"python{version}")]
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    for folder in sorted(pyenv.glob(f"versions/{version}.*"), reverse=True):
        yield [str(folder / "bin" / "python")]
    if os.name == "nt":
        yield ["py", f"-{version}"]


def make_environment(python: str, folder: Path) -> bool:
    """Make an environment with the newest dependencies, in the place of an earlier one."""
    uv = [sys.executable, "-m", "uv"]
    packages = ["-e", f".[{','.join(extras())}]", "-r", "requirements/test.in"]
    for command in (
        [*uv, "venv", "--quiet", "--clear", "--python", python, str(folder)],
        [*uv, "pip", "install", "--quiet", "--python", python_of(folder), "--upgrade", *packages],
    ):
        if subprocess.run(command, cwd=Checkout().root, check=False).returncode:
            return False
    return True


def extras() -> list[str]:
    """The names of the extras in pyproject.toml, without those of the engines."""
    import tomllib

    project = tomllib.loads((Checkout().root / "pyproject.toml").read_text("utf-8"))["project"]
    return sorted(set(project["optional-dependencies"]) - ENGINES_ONLY)


def python_of(environment: Path) -> str:
    """The interpreter of an environment."""
    return str(environment / _BIN / "python")


if __name__ == "__main__":
    sys.exit(main())
