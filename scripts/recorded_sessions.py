"""Record what the command prints, against the local Comfy Cloud, into docs/command.md.

Each block that begins with ```console is recorded anew: its lines that begin with `$ ` are run in
order, on a terminal of 100 columns, and what they print takes the place of what was there. A first
line `$ # N columns` sets another width. What a line that begins with `eval` exports counts for the
rest of its block. Run by `make sessions`.
"""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image

from comfy_cloud_emulator import Emulator

from .command_table.account import GRAPH
from .local_shell import local_environment

PAGE = Path(__file__).parents[1] / "docs" / "command.md"
UPSCALE = {
    "1": {"class_type": "LoadImage", "inputs": {"image": "photo.png"}},
    "2": {"class_type": "ImageScale", "inputs": {"image": ["1", 0], "upscale_method": "lanczos",
                                                 "width": 512, "height": 512, "crop": "disabled"}},
    "3": {"class_type": "SaveImage", "inputs": {"images": ["2", 0], "filename_prefix": "large"}},
}  # fmt: skip
_BLOCK = re.compile(r"```console\n(.*?)```\n", re.DOTALL)
_ID = r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b"
_LAST = re.compile(rf"{_ID}|\b[0-9a-f]{{8}}\b|\$LAST")
_SHOWN = re.compile(rf"{_ID}|^[0-9a-f]{{8}}\b", re.MULTILINE)
_STORED = re.compile(r"\b[0-9a-f]{64}\.png\b")
_NAME = re.compile(rf"{_STORED.pattern}|\$NAME")
_EXPORTED = ".exported"
_WIDTH = re.compile(r"\$ # (\d+) columns")


def main() -> int:
    """Record all blocks of the page."""
    with Emulator(seed_data="demo", seed=7) as emulator, tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "workflow.json").write_text(json.dumps(GRAPH))
        (Path(folder) / "upscale.json").write_text(json.dumps(UPSCALE))
        Image.new("RGB", (64, 64), (200, 60, 30)).save(Path(folder) / "photo.png")
        (Path(folder) / "prompts.txt").write_text("a harbour at dawn\na harbour at night\n")
        emulator.jobs.fail_next("OOMError", node="KSampler")
        # On a dumb terminal nothing moves, so each line stays.
        environment = {**local_environment(emulator, folder, "dumb"), "LINES": "40"}
        text = PAGE.read_text(encoding="utf-8")
        recorded = _BLOCK.sub(lambda block: _recorded(block[1], folder, environment), text)
        recorded = recorded.replace(emulator.url, "http://127.0.0.1:8189").replace(folder, "~")
        recorded = re.sub(r"127\.0\.0\.1:\d+", "127.0.0.1:8189", recorded)
        recorded = re.sub(r"(--port |emulator-)[1-9]\d+", r"\g<1>8189", recorded)
        recorded = re.sub(r"\bLinux [\w.-]+", "Linux", recorded)
    PAGE.write_text(recorded, encoding="utf-8")
    return 0


def _recorded(block: str, folder: str, environment: dict[str, str]) -> str:
    width, lines = 100, []
    last = name = ""
    for line in block.splitlines():
        if not line.startswith("$ "):
            continue
        lines.append(line)
        found = _WIDTH.fullmatch(line)
        if found is not None:
            width = int(found[1])
            continue
        # `$LAST`, or the id of the last recording, is the one that the command before printed last,
        # and `$NAME` the name of a stored file.
        command = _NAME.sub(name, _LAST.sub(last, line[2:]))
        shown = _run(command, folder, {**environment, "COLUMNS": str(width)})
        if command.startswith("eval "):
            environment = {**environment, **_exported(folder)}
        ids = _SHOWN.findall(shown)
        last = ids[-1] if ids else last
        names = _STORED.findall(shown)
        name = names[-1] if names else name
        lines[-1] = f"$ {command}"
        lines += shown.splitlines()
    return "```console\n" + "\n".join(lines) + "\n```\n"


def _exported(folder: str) -> dict[str, str]:
    """The settings of the client that the last `eval` left in its shell."""
    pairs = (Path(folder) / _EXPORTED).read_text().split("\0")
    found = dict(pair.split("=", 1) for pair in pairs if pair)
    return {name: value for name, value in found.items() if name.startswith("COMFY_CLOUD_")}


def _run(command: str, folder: str, environment: dict[str, str]) -> str:
    """What a command prints on a terminal, both streams together."""
    if command.startswith("eval "):
        command += f"\nenv -0 > {_EXPORTED}"
    controller, terminal = pty.openpty()
    process = subprocess.Popen(
        ["bash", "-c", command], cwd=folder, env=environment, stdin=terminal, stdout=terminal, stderr=terminal
    )
    os.close(terminal)
    content = b""
    while True:
        try:
            part = os.read(controller, 65_536)
        except OSError:  # the last one has closed the terminal
            break
        if not part:
            break
        content += part
    process.wait()
    os.close(controller)
    return content.decode().replace("\r\n", "\n")


if __name__ == "__main__":
    sys.exit(main())
