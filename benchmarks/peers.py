"""`make bench-peers`: other clients beside this one, where they do the same work.

Each client gets an environment of its own with the release named here, in a folder that is thrown
away; all of them run with the same Python, against the same server on this machine, which runs the
same job. The results go to `benchmarks/results/peers.json`, and to docs/performance.md.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from comfy_cloud import ComfyCloud, layout_workflow
from comfy_cloud._version import __version__
from comfy_cloud_emulator import Emulator
from scripts import performance

from . import machine
from .measurement import middle
from .results import FILE as ROWS
from .results import ROOT, text_of

FILE = ROWS.with_name("peers.json")
KEY = "comfyui-bench-key"
OURS = "comfy-cloud"
ROUNDS = 5
JOBS = 1000
NODES = 200
ABOUT = """\
The same work with other clients from PyPI, each in an environment of its own, with its defaults and
in the way of its documentation: `make bench-peers`. The server is the emulator on this machine, and
every client gets the same job, which runs for about a second. The seconds are those of one piece of
work, the middle of five. "Beside this client" is how many times as long it takes."""


@dataclass(frozen=True)
class Peer:
    """A client: its requirement, its package, and how it learns of the end of a job."""

    requirement: str
    module: str
    waits: str = ""

    @property
    def name(self) -> str:
        return self.requirement.partition("==")[0].partition("[")[0]

    @property
    def version(self) -> str:
        return self.requirement.partition("==")[2]


PEERS = (
    Peer(f"comfy-cloud=={__version__}", "comfy_cloud", "websocket, confirmed by the API"),
    Peer("comfy-sdk==0.5.0", "comfy_sdk", "polls after 0.5 s, then ever more slowly"),
    Peer("comfy-cli==1.23.0", "comfy_cli.cmdline", "websocket"),
    Peer("comfy-api-simplified==1.6.0", "comfy_api_simplified", "websocket"),
    Peer("comfyui-autograph==2.3.0", "autograph", "polls every 0.5 s"),
    Peer("comfyui-xy==0.3.0", "comfyui_xy", "polls every second"),
    Peer("comfy-toolkit==0.1.0", "comfy_toolkit", "polls every 2 s"),
)
_OTHER_API = "it speaks API v2, which a self-hosted ComfyUI does not have"
_NO_KEY = "it is for a self-hosted ComfyUI, and sends no key"
_NO_LIST = "it reads single jobs, and no list of them"
_NO_CONVERSION = "it takes graphs in API format only"
_SIMPLE = ("comfy-api-simplified", "comfyui-xy", "comfy-toolkit")


@dataclass(frozen=True)
class Work:
    """What is measured: a name for its file, a title and what it is about, and who cannot do it."""

    name: str
    title: str
    about: str
    measure: Callable[[Peer, Path, Path], list[float]]
    left_out: Mapping[str, str]
    shows_waiting: bool = False


# How each kind of work is measured


def environment(python: Path, **more: str) -> dict[str, str]:
    """The environment of a program: none of ours, and a home without settings."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "SYSTEMROOT", "TMPDIR") if name in os.environ}
    home = str(python.parents[1])
    return {**kept, "HOME": home, "DO_NOT_TRACK": "1", "COMFY_CLOUD_CONFIG_DIR": home, **more}


def program(peer: Peer, python: Path, work: str, **settings: Any) -> list[float]:
    """The seconds of each round of a work in `peer_programs.py`."""
    given = json.dumps({"rounds": ROUNDS, "first": 0, "key": None, **settings})
    command = [str(python), str(ROOT / "benchmarks" / "peer_programs.py"), peer.name, work, given]
    run = partial(
        subprocess.run,
        command,
        env=environment(python, COMFY_BASE_URL=settings.get("url", "")),
        cwd=python.parents[1],
    )
    done = run(check=True, capture_output=True, text=True, timeout=180)
    taken: list[float] = json.loads(done.stdout.strip().splitlines()[-1])
    return taken


def timed(command: list[str], python: Path, **more: str) -> list[float]:
    """The seconds of a command in each round, but for the first, which writes bytecode."""
    taken = []
    for _ in range(ROUNDS + 1):
        begun = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True, timeout=180, env=environment(python, **more))
        taken.append(time.perf_counter() - begun)
    return taken[1:]


def imported(peer: Peer, python: Path, folder: Path) -> list[float]:
    code = "from comfy_cloud import ComfyCloud" if peer.name == OURS else f"import {peer.module}"
    return timed([str(python), "-c", code], python)


def command_of(peer: Peer, python: Path) -> str:
    return str(python.with_name("comfy-cloud" if peer.name == OURS else "comfy"))


def helped(peer: Peer, python: Path, folder: Path) -> list[float]:
    return timed([command_of(peer, python), "--help"], python)


def run_on_cloud(peer: Peer, python: Path, folder: Path) -> list[float]:
    with Emulator(key=KEY) as emulator:
        return program(peer, python, "run", url=emulator.url, key=KEY)


def run_on_own(peer: Peer, python: Path, folder: Path) -> list[float]:
    with Emulator(quirks="comfyui_new") as emulator:
        return program(peer, python, "run", url=emulator.url)


def run_by_command(peer: Peer, python: Path, folder: Path) -> list[float]:
    taken = []
    with Emulator(quirks="comfyui_new") as emulator:
        for number in range(ROUNDS + 1):  # each with a graph of its own, so that nothing is cached
            path = folder / f"graph{number}.json"
            arguments: list[str] = ["run", str(path)]
            if peer.name != OURS:
                host, port = emulator.url.removeprefix("http://").split(":")
                arguments = ["--skip-prompt", "--where", "local", "run", "--workflow", str(path)]
                arguments += ["--host", host, "--port", port]
            begun = time.perf_counter()
            subprocess.run(
                [command_of(peer, python), *arguments],
                check=True,
                capture_output=True,
                timeout=180,
                env=environment(python, COMFY_CLOUD_BASE_URL=emulator.url),
            )
            taken.append(time.perf_counter() - begun)
    return taken[1:]


def listed(peer: Peer, python: Path, folder: Path) -> list[float]:
    with Emulator(key=KEY, seed_data=("bench", JOBS)) as emulator:
        return program(peer, python, "history", url=emulator.url, key=KEY, jobs=JOBS)


def converted(peer: Peer, python: Path, folder: Path) -> list[float]:
    return program(peer, python, "convert", folder=str(folder))


WORKS = (
    Work(
        "run",
        "A job on Comfy Cloud, until its outputs are known",
        "The client exists already; the time is from the call to the list of outputs.",
        run_on_cloud,
        {"comfy-cli": "it is a command: see below"} | dict.fromkeys([*_SIMPLE, "comfyui-autograph"], _NO_KEY),
        shows_waiting=True,
    ),
    Work(
        "run-own",
        "A job on a self-hosted ComfyUI, until its outputs are known",
        "The same on the emulator's imitation of a ComfyUI 0.30.",
        run_on_own,
        {"comfy-cli": "it is a command: see below", "comfy-sdk": _OTHER_API},
        shows_waiting=True,
    ),
    Work(
        "command",
        "A job by the command",
        "The same job by `comfy-cloud run` and by `comfy run`, with the start of the program.",
        run_by_command,
        {},
        shows_waiting=True,
    ),
    Work(
        "history",
        f"The ids, times and states of {JOBS:,} jobs",
        "All finished jobs of an account on Comfy Cloud. This client reads whole entries of the history.",
        listed,
        {"comfy-cli": _NO_LIST} | dict.fromkeys([*_SIMPLE, "comfyui-autograph"], _NO_LIST),
    ),
    Work(
        "convert",
        f"An editor's workflow of {NODES} nodes to a graph",
        "The node classes are in memory.",
        converted,
        {"comfy-sdk": _NO_CONVERSION} | dict.fromkeys(_SIMPLE, _NO_CONVERSION),
    ),
    Work(
        "import",
        "Importing the client",
        "A new Python that imports the class to work with, and ends.",
        imported,
        {"comfy-cli": "it is a command: see below"},
    ),
    Work("help", "Help of the command", "`comfy-cloud --help` and `comfy --help`.", helped, {}),
)
_COMMANDS = ("command", "help")


# Environments and files


@contextmanager
def environments(folder: Path) -> Iterator[dict[str, Path]]:
    """An environment for each client; yields its Python, by the client's name."""
    pythons = {}
    for peer in PEERS:
        venv.create(folder / peer.name, with_pip=True)
        python = folder / peer.name / ("Scripts" if os.name == "nt" else "bin") / "python"
        wanted = f"{ROOT}[cli]" if peer.name == OURS else peer.requirement
        install = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", wanted]
        print(f"installing {peer.requirement}", flush=True)
        subprocess.run(install, check=True, stderr=subprocess.DEVNULL)
        pythons[peer.name] = python
    # Says no before it could ask whether it may report what it is used for.
    comfy = pythons["comfy-cli"]
    quiet = [str(comfy.with_name("comfy")), "--skip-prompt", "tracking", "disable"]
    subprocess.run(quiet, check=False, capture_output=True, env=environment(comfy), timeout=60)
    yield pythons


def write_files(folder: Path) -> None:
    """Graphs, node classes, and a workflow as the editor saves it: a chain of image nodes."""
    from .peer_programs import graph

    for number in range(ROUNDS + 1):
        (folder / f"graph{number}.json").write_text(json.dumps(graph(number)), encoding="utf-8")
    with Emulator(key=KEY) as emulator, ComfyCloud(api_key=KEY, base_url=emulator.url) as cloud:
        classes = json.loads(cloud.request("GET", "/api/object_info").content)
    chain: dict[str, Any] = {"1": graph(1)["1"]}
    for number in range(2, NODES):
        inputs = {
            "image": [str(number - 1), 0],
            "upscale_method": "bilinear",
            "width": 64,
            "height": number,
            "crop": "disabled",
        }
        chain[str(number)] = {"class_type": "ImageScale", "inputs": inputs}
    saved = {"images": [str(NODES - 1), 0], "filename_prefix": "bench"}
    chain[str(NODES)] = {"class_type": "SaveImage", "inputs": saved}
    workflow = layout_workflow(chain, classes).ui
    (folder / "workflow.json").write_text(json.dumps(workflow), encoding="utf-8")
    (folder / "object_info.json").write_text(json.dumps(classes), encoding="utf-8")


# The results


def compared(work: Work, pythons: Mapping[str, Path], folder: Path) -> dict[str, Any]:
    """One kind of work with each client that can do it."""
    rows: list[dict[str, Any]] = []
    left_out = dict(work.left_out)
    for peer in PEERS:
        is_command = peer.name in (OURS, "comfy-cli")
        if peer.name in left_out or (work.name in _COMMANDS and not is_command):
            continue
        try:
            taken = middle(work.measure(peer, pythons[peer.name], folder))
        except (subprocess.SubprocessError, OSError, ValueError) as error:
            said = getattr(error, "stderr", None) or ""
            lines = (said if isinstance(said, str) else said.decode("utf-8", "replace")).strip().splitlines()
            print(f"  {peer.name}: {type(error).__name__} {lines[-1] if lines else ''}", file=sys.stderr)
            left_out[peer.name] = "it did not finish this work on the emulator"
            continue
        rows.append(
            {
                "client": peer.name,
                "version": peer.version,
                "seconds": _rounded(taken),
                "low": _rounded(taken.low),
                "high": _rounded(taken.high),
                "is_ours": peer.name == OURS,
                "note": peer.waits if work.shows_waiting else "",
            }
        )
        print(f"  {peer.name:24} {taken:8.3f} s", flush=True)
    rows.sort(key=lambda row: (not row["is_ours"], row["seconds"]))
    return {
        "name": work.name, "title": work.title, "about": work.about, "rows": rows, "left_out": left_out,
    }  # fmt: skip


def _rounded(number: float) -> float:
    return float(f"{number:.3g}")


def main(arguments: list[str] | None = None, path: Path = FILE) -> int:
    """Measure everything, or the named works; write the file and the page. 1 if ours failed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.peers")
    parser.add_argument("works", nargs="*", metavar="WORK", help=", ".join(work.name for work in WORKS))
    parser.add_argument("--environments", type=Path, help="a folder for the environments, kept for later")
    given = parser.parse_args(arguments)
    chosen = [work for work in WORKS if not given.works or work.name in given.works]
    described = machine.described()
    results = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        kept = given.environments
        write_files(folder)
        if kept is not None and kept.exists():
            pythons = {peer.name: kept / peer.name / "bin" / "python" for peer in PEERS}
        else:
            with environments(kept or folder / "environments") as made:
                pythons = made
        for work in chosen:
            print(work.title, flush=True)
            results[work.name] = compared(work, pythons, folder)
    before = json.loads(path.read_text(encoding="utf-8")) if given.works and path.exists() else {"works": []}
    old = {work["name"]: work for work in before["works"]}
    works = [(old | results)[work.name] for work in WORKS if work.name in old | results]
    today = datetime.now(UTC).date().isoformat()
    ours_failed = [work["title"] for work in works if not work["rows"] or not work["rows"][0]["is_ours"]]
    if ours_failed:
        print(f"error: this client did not finish: {'; '.join(ours_failed)}", file=sys.stderr)
        return 1
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(
        text_of({"about": ABOUT, "date": today, "machine": described, "works": works}), encoding="utf-8"
    )
    performance.main([])
    return 0


if __name__ == "__main__":
    sys.exit(main())
