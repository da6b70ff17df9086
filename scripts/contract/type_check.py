"""The client's own code held to a new generated tree by mypy, which runs nothing of either."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from comfy_cloud.contract._documents.reader import ContractError
from scripts.contract.uses import Use
from scripts.project.checkout import Checkout

_SECONDS = 600.0
_ERROR = re.compile(r"(?P<path>[^:]+):(?P<line>\d+): error: (?P<text>.*?)(?:  \[[\w-]+\])?")


def type_errors(checkout: Checkout, generated: Path) -> list[Use]:
    """The lines of the async client that a new tree does not fit, as mypy reports them.

    The sync client is made from the async one. Raises ContractError when mypy cannot be run.
    """
    with tempfile.TemporaryDirectory() as folder:
        settings = Path(folder, "mypy.ini")
        path = f"{generated.resolve()},{checkout.root.resolve() / 'wrapper'}"
        settings.write_text(
            f"[mypy]\nstrict = true\nmypy_path = {path}\nnamespace_packages = true\n"
            "explicit_package_bases = true\n"
            "[mypy-fsspec.*,httpx_aiohttp.*,keyring.*]\nignore_missing_imports = true\n",
            encoding="utf-8",
        )
        cache = checkout.root / ".mypy_cache" / "update"
        command = [
            sys.executable, "-m", "mypy", "--config-file", str(settings), "--cache-dir", str(cache),
            "--no-error-summary", "--hide-error-context", "--no-pretty", "--no-color-output",
            "-p", "comfy_cloud._async",
        ]  # fmt: skip
        environment = {name: value for name, value in os.environ.items() if name != "MYPYPATH"}
        try:
            done = subprocess.run(
                command, cwd=checkout.root, capture_output=True, text=True, timeout=_SECONDS, check=False,
                env=environment,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            raise ContractError(f"The wrapper is not type-checked within {_SECONDS:g} s") from None
    if done.returncode not in (0, 1):
        raise ContractError(f"The wrapper cannot be type-checked: {done.stderr or done.stdout}")
    return sorted(use for line in done.stdout.splitlines() if (use := _use(line, checkout)))


def _use(line: str, checkout: Checkout) -> Use | None:
    match = _ERROR.fullmatch(line)
    if match is None:
        return None
    path = Path(checkout.root, match["path"])
    if not path.resolve().is_relative_to(checkout.package.resolve()):
        return None  # of the generated tree, which has a proof of its own
    return Use(path.relative_to(checkout.root).as_posix(), int(match["line"]), "", match["text"])
