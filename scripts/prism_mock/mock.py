"""Prism itself: installed from npm in one exact version, and run as a server on loopback."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from scripts.project.checkout import ROOT

PACKAGE: Final = "@stoplight/prism-cli"
VERSION: Final = "5.16.0"
FOLDER: Final = ROOT / ".prism"
_START_SECONDS: Final = 120.0


class MockError(Exception):
    """The mock cannot be installed, started or trusted; the message says what to do."""


def installed() -> Path:
    """The path of the program, which is installed first if it is missing."""
    program = FOLDER / "node_modules" / ".bin" / "prism"
    manifest = FOLDER / "node_modules" / "@stoplight" / "prism-cli" / "package.json"
    if manifest.exists() and json.loads(manifest.read_text(encoding="utf-8"))["version"] == VERSION:
        return program
    npm = shutil.which("npm")
    if npm is None:
        raise MockError("npm is not installed; Prism needs Node.js with npm")
    print(f"installing {PACKAGE} {VERSION} into {FOLDER.name}/", flush=True)
    FOLDER.mkdir(exist_ok=True)
    # Scripts of packages are not run. A lock file is not kept, since it would name the host used
    # here.
    options = ["--ignore-scripts", "--no-save", "--no-package-lock", "--no-audit", "--no-fund"]
    done = subprocess.run(
        [npm, "install", *options, "--loglevel=error", "--prefix", str(FOLDER), f"{PACKAGE}@{VERSION}"],
        check=False,
    )
    if done.returncode or not program.exists():
        raise MockError(f"npm could not install {PACKAGE} {VERSION}")
    return program


@contextmanager
def mock(prism: Path, document: dict[str, Any], folder: Path) -> Iterator[str]:
    """Serve a mock of a contract on loopback, and give its address."""
    source = folder / "contract.json"
    source.write_text(json.dumps(document), encoding="utf-8")
    port = _free_port()
    log = folder / "prism.log"
    options = ["--host", "127.0.0.1", "--port", str(port), "--multiprocess", "false"]
    with log.open("wb") as output:
        process = subprocess.Popen(
            [str(prism), "mock", *options, str(source)], stdout=output, stderr=subprocess.STDOUT
        )
        try:
            _wait_for(port, process, log)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(10)


def _wait_for(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    excerpt = log.read_text(encoding="utf-8", errors="replace")[-2000:]
    raise MockError(f"Prism did not start within {_START_SECONDS:g} s:\n{excerpt}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
