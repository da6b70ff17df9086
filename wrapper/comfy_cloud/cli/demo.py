"""`comfy-cloud demo`: what the command does, shown against a local Comfy Cloud.

Each step is the command itself in a process of its own, so what is printed is what a user of the
service would see. It needs no key and no network, and leaves nothing behind.
"""

from __future__ import annotations

import os
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ._console.commands import Command
from ._console.exits import API, CommandError
from ._console.formats import json_text
from ._console.streams import write_data

if TYPE_CHECKING:
    from comfy_cloud_emulator import Emulator

_WORKFLOW = {
    "1": {
        "class_type": "EmptyImage",
        "inputs": {"width": 512, "height": 512, "batch_size": 1, "color": 0xCC6633},
    },
    "2": {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": "sunset"}},
}
_OWN = "COMFY_"
"""How the names of settings begin that must not lead the steps elsewhere."""


@click.command("demo", cls=Command, examples=["demo"])
def command() -> None:
    """Show a run and a history on a local Comfy Cloud. It needs no key.

    It starts a local Comfy Cloud on a free port. There it lists a history, whose first two
    responses are errors, explains a job that failed, and runs a workflow. Then it stops. To keep
    one running, use `comfy-cloud emulate`.
    """
    try:
        from comfy_cloud_emulator import Emulator, Fault
    except ModuleNotFoundError as error:
        raise CommandError(
            f"this needs the package {error.name}: pip install 'comfy-cloud[cli,emulator]'"
        ) from None
    import tempfile

    with tempfile.TemporaryDirectory() as folder, Emulator(seed_data="demo", speed=5) as emulator:
        emulator.faults.add(Fault.status_burst(500, times=2, path="/api/history_v2"))
        _steps(emulator, Path(folder))
    _say("The local Comfy Cloud has stopped. To have one of your own: `comfy-cloud emulate`")


def _steps(emulator: Emulator, folder: Path) -> None:
    import subprocess

    (folder / "workflow.json").write_text(json_text(_WORKFLOW), encoding="utf-8")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(_OWN)} | {
        "COMFY_CLOUD_BASE_URL": emulator.url,
        "COMFY_CLOUD_API_KEY": emulator.key,
        "COMFY_CLOUD_CONFIG_DIR": str(folder / "config"),
        "COMFY_CLOUD_CACHE_DIR": str(folder / "cache"),
        "COMFY_CLOUD_STATE_DIR": str(folder / "state"),
    }

    def run(words: str) -> None:
        write_data(f"\n$ comfy-cloud {words}\n")
        arguments = [sys.executable, "-m", "comfy_cloud.cli", *shlex.split(words)]
        # Words of this file, and the id of a job of our own emulator.
        code = subprocess.run(arguments, cwd=folder, env=environment, check=False).returncode  # noqa: S603
        if code:
            raise CommandError(f"the step `comfy-cloud {words}` ended with exit code {code}", API)

    _say(f"A local Comfy Cloud runs at {emulator.url}. Its next two responses will be errors (500).")
    run("--verbose history list --limit 12 --output table")
    failed = [request.status for request in emulator.requests].count(500)
    _say(f"{failed} requests failed with a 500 and were repeated; the list is complete.")
    _say("A job that failed, and what to do about it:")
    run(f"jobs explain {_failed_job(emulator)} --output table")
    _say("A workflow, run to its end:")
    run("run workflow.json -s 1.width=768 -d out")


def _failed_job(emulator: Emulator) -> str:
    """The id of the newest job that failed at a node."""
    from .. import ComfyCloud

    with ComfyCloud(api_key=emulator.key, base_url=emulator.url) as cloud:
        found = (
            entry for entry in cloud.history.iter(status="failed") if entry.error and entry.error.node_id
        )
        return next(found).id


def _say(text: str) -> None:
    from ._console.wrapping import fitted

    write_data(f"\n{fitted(text, '# ')}\n")
