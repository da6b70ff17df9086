"""Run the client over a Prism mock of the contract: `make prism [CONTRACT=plain] [COLOUR=async]`.

Prism (npm) serves the contract on loopback and judges every request by it: a second opinion on what the client sends, by a
program that is not ours. It is installed into a folder that git ignores, in one exact version, with node and npm of this
machine. Each of the operations of the published contract is called once, and reported as ok or with what Prism says of it.
"""

from __future__ import annotations

import argparse
import asyncio
import inspect
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import httpx

from comfy_cloud import AsyncComfyCloud, ComfyCloud, ComfyCloudError
from comfy_cloud.contract._checks.routes import Routes
from comfy_cloud.contract._documents.operations import operations_of
from comfy_cloud.contract._documents.reader import read_contract
from comfy_cloud.contract._documents.release import merged_contract
from scripts.contract_files import CONTRACT, ROOT
from scripts.prism_calls import calls

PACKAGE: Final = "@stoplight/prism-cli"
VERSION: Final = "5.16.0"
FOLDER: Final = ROOT / ".prism"
KEY: Final = "comfyui-prism-mock"
_PATIENCE: Final = 120.0
"""Seconds that the mock may take to come up."""


@dataclass
class Outcome:
    """What became of one operation: the statuses that its requests got, and what is wrong."""

    operation: str
    statuses: list[int] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        if not self.statuses and not self.problems:
            return f"{self.operation}: no request reached it"
        told = "; ".join(self.problems) or "ok"
        return f"{self.operation}: {told} ({', '.join(map(str, self.statuses)) or 'no answer'})"

    @property
    def is_ok(self) -> bool:
        """Whether its request arrived and nobody complained."""
        return bool(self.statuses) and not self.problems


class Watcher:
    """Notes for each request which operation of the contract it was, and what Prism said of it."""

    def __init__(self, document: dict[str, Any], operations: list[str]) -> None:
        self._routes = Routes(document)
        self.outcomes = {name: Outcome(name) for name in operations}

    def note(self, response: httpx.Response) -> None:
        """Take up one answer."""
        request = response.request
        path = request.url.raw_path.decode().partition("?")[0]
        found = self._routes.find(request.method, path)
        if found is None:
            return
        outcome = self.outcomes.get(found[0].id)
        if outcome is None:
            return
        outcome.statuses.append(response.status_code)
        for violation in json.loads(response.headers.get("sl-violations", "[]")):
            if violation["location"][0] == "request":
                outcome.problems.append(
                    f"{'.'.join(map(str, violation['location']))}: {violation['message']}"
                )

    async def async_note(self, response: httpx.Response) -> None:
        """The same for the asynchronous client."""
        self.note(response)


def main(arguments: list[str] | None = None) -> int:
    """Run from the command line; 0 when all operations are ok."""
    parser = argparse.ArgumentParser(prog="make prism", description=(__doc__ or "").splitlines()[0])
    parser.add_argument(
        "--contract",
        choices=["merged", "plain"],
        default="merged",
        help="with our corrections, which the client follows, or as published",
    )
    parser.add_argument("--colour", choices=["sync", "async", "both"], default="both")
    given = parser.parse_args(arguments)
    published = read_contract(CONTRACT.read_bytes(), CONTRACT.name)
    document = merged_contract() if given.contract == "merged" else published
    try:
        prism = installed()
        with tempfile.TemporaryDirectory() as folder:
            os.environ["COMFY_CLOUD_CACHE_DIR"] = os.environ["COMFY_CLOUD_CONFIG_DIR"] = folder
            with mock(prism, document, Path(folder)) as url:
                check_that_it_judges(url)
                colours = ["sync", "async"] if given.colour == "both" else [given.colour]
                bad = sum(_tell(colour, run(colour, url, document, published)) for colour in colours)
    except MockError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 1 if bad else 0


def check_that_it_judges(url: str) -> None:
    """Raise MockError unless the mock complains of requests that are wrong: otherwise its silence would mean nothing."""
    wrong: list[dict[str, Any]] = [
        {"url": "/api/assets/from-hash", "json": {"hash": 3}},
        {"url": "/api/upload/mask", "files": {"image": ("a.png", b"x", "image/png")}},
    ]
    for request in wrong:
        answer = httpx.post(url + request.pop("url"), headers={"X-API-Key": KEY}, trust_env=False, **request)
        if "sl-violations" not in answer.headers:
            raise MockError(f"Prism took a wrong request ({answer.status_code}): its judgement means nothing")
    if httpx.get(f"{url}/api/user", trust_env=False).status_code != 401:
        raise MockError("Prism took a request without a key: its judgement means nothing")


def run(colour: str, url: str, document: dict[str, Any], published: dict[str, Any]) -> list[Outcome]:
    """Call every operation of the published contract once, and give what became of each."""
    operations = [op.id for op in operations_of(published)]
    watcher = Watcher(document, operations)
    if colour == "sync":
        with httpx.Client(event_hooks={"response": [watcher.note]}, trust_env=False) as http:
            cloud = ComfyCloud(api_key=KEY, base_url=url, http_client=http, retry=1)
            for operation, call in calls():
                try:
                    call(cloud)
                except ComfyCloudError as error:
                    watcher.outcomes[operation].problems.append(f"client: {type(error).__name__}: {error}")
    else:
        asyncio.run(_run_async(url, watcher))
    return list(watcher.outcomes.values())


async def _run_async(url: str, watcher: Watcher) -> None:
    hooks = {"response": [watcher.async_note]}
    async with httpx.AsyncClient(event_hooks=hooks, trust_env=False) as http:
        cloud = AsyncComfyCloud(api_key=KEY, base_url=url, http_client=http, retry=1)
        for operation, call in calls():
            try:
                found = call(cloud)
                if inspect.isawaitable(found):
                    await found
            except ComfyCloudError as error:
                watcher.outcomes[operation].problems.append(f"client: {type(error).__name__}: {error}")


def _tell(colour: str, outcomes: list[Outcome]) -> int:
    """Print one line per operation, and return how many are not ok."""
    bad = [outcome for outcome in outcomes if not outcome.is_ok]
    for outcome in outcomes:
        print(f"{'ok ' if outcome.is_ok else 'BAD'} {outcome}")
    print(f"{colour}: {len(outcomes) - len(bad)} of {len(outcomes)} operations ok\n")
    return len(bad)


# The mock


class MockError(Exception):
    """The mock cannot be installed or started; the message says what to do."""


def installed() -> Path:
    """The program, installed if it is not yet."""
    program = FOLDER / "node_modules" / ".bin" / "prism"
    manifest = FOLDER / "node_modules" / "@stoplight" / "prism-cli" / "package.json"
    if manifest.exists() and json.loads(manifest.read_text(encoding="utf-8"))["version"] == VERSION:
        return program
    npm = shutil.which("npm")
    if npm is None:
        raise MockError("npm is not installed; Prism needs Node.js with npm")
    print(f"installing {PACKAGE} {VERSION} into {FOLDER.name}/", flush=True)
    FOLDER.mkdir(exist_ok=True)
    # No script of any package is run, and no lock file is left, which would name the host it came from.
    options = [
        "--no-save",
        "--no-package-lock",
        "--no-audit",
        "--no-fund",
        "--ignore-scripts",
        "--loglevel=error",
    ]
    done = subprocess.run(
        [npm, "install", *options, "--prefix", str(FOLDER), f"{PACKAGE}@{VERSION}"], check=False
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
    with log.open("wb") as output:
        process = subprocess.Popen(
            [
                str(prism),
                "mock",
                "--host",
                "127.0.0.1",
                "--port",
                str(port),
                "--multiprocess",
                "false",
                str(source),
            ],
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            _wait_for(port, process, log)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(10)


def _wait_for(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    told = log.read_text(encoding="utf-8", errors="replace")[-2000:]
    raise MockError(f"Prism did not come up within {_PATIENCE:g} s:\n{told}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


if __name__ == "__main__":
    sys.exit(main())
