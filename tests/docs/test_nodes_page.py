"""docs/nodes-in-python.md: its programs run in order, and its names and messages are right."""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from comfy_cloud import node_stubs
from comfy_cloud._workflows.stubs.identifiers import identifiers
from comfy_cloud._workflows.stubs.limits import MAX_CHOICES
from comfy_cloud.cli import main
from comfy_cloud_emulator import Emulator
from comfy_cloud_emulator.nodes.catalogue import catalogue
from scripts.project.checkout import ROOT

PAGE = (ROOT / "docs/nodes-in-python.md").read_text(encoding="utf-8")
PROGRAMS = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)


@pytest.fixture
def running_emulator(start_emulator: Callable[..., Emulator], monkeypatch: pytest.MonkeyPatch) -> Emulator:
    """An emulator whose clock runs a hundred times as fast as real time."""
    emulator = start_emulator(clock=None, sleep=asyncio.sleep, speed=100)
    monkeypatch.setenv("COMFY_CLOUD_BASE_URL", emulator.url)
    monkeypatch.setenv("COMFY_CLOUD_API_KEY", emulator.key)
    return emulator


def run(code: str, folder: Path) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        env={**os.environ}, cwd=folder, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.splitlines()


def test_the_programs_run(running_emulator: Emulator, tmp_path: Path) -> None:
    building, saving = PROGRAMS
    assert main(["nodes", "stubs", "-o", str(tmp_path / "nodes.py")]) == 0
    written, *mapped = run(building, tmp_path)
    assert (tmp_path / written).suffix == ".png"
    assert (tmp_path / written).exists()
    assert sorted(mapped) == ["True {'5.seed': 8}", "True {'5.seed': 9}"]
    assert [each.graph["5"]["inputs"]["seed"] for each in running_emulator.submissions] == [7, 8, 9]
    before = (tmp_path / "nodes.py").read_text(encoding="utf-8")
    first, count = run(saving, tmp_path)
    assert first.startswith("# Made by `comfy-cloud nodes stubs`")
    assert int(count.split()[0]) >= len(catalogue().object_info())
    assert (tmp_path / "nodes.py").read_text(encoding="utf-8") == before


def test_the_names_of_the_table() -> None:
    classes = ["Any Switch (rgthree)", "3DLoader", "加载"]
    shown = list(identifiers(classes, "Node").values())
    assert (
        "| `Any Switch (rgthree)`, `3DLoader`, `加载` | " + ", ".join(f"`{name}`" for name in shown) in PAGE
    )
    inputs = list(identifiers(["from", "a b", "blocks.0."], "input").values())
    assert "the parameter " + ", ".join(f"`{name}`" for name in inputs) in PAGE
    assert f"up to {MAX_CHOICES:,} choices" in PAGE


def test_the_annotations_of_the_messages() -> None:
    text = node_stubs(catalogue().object_info())
    assert '\nVAE: _t.TypeAlias = _g.Link[_t.Literal["VAE"]]\n' in text
    assert "        width: _g.Int = 512,\n" in text
    assert "\nIMAGE: " in text
