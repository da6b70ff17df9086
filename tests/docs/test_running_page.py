"""docs/running.md: its programs run, the map resumes, and its names exist."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from pathlib import Path
from typing import get_args

import pytest

import comfy_cloud
from comfy_cloud import ComfyCloud
from comfy_cloud._submission.journal_records import End
from comfy_cloud_emulator import Emulator
from scripts.project.checkout import ROOT

from .programs import blocks, run

PAGE = (ROOT / "docs/running.md").read_text(encoding="utf-8")
PROGRAMS = blocks(PAGE, "python")


@pytest.fixture
def running_emulator(start_emulator: Callable[..., Emulator]) -> Emulator:
    """An emulator whose clock runs a hundred times as fast as real time."""
    return start_emulator(clock=None, sleep=asyncio.sleep, speed=100, tier="pro")


@pytest.mark.parametrize("program", PROGRAMS, ids=["submit", "run", "map"])
def test_the_programs_run_again_and_again(program: str, running_emulator: Emulator, tmp_path: Path) -> None:
    assert run("-c", program, emulator=running_emulator, folder=tmp_path).count("\n") >= 2
    assert run("-c", program, emulator=running_emulator, folder=tmp_path).count("\n") >= 2


def test_the_map_resumes(running_emulator: Emulator, tmp_path: Path) -> None:
    program = PROGRAMS[2]
    first = run("-c", program, emulator=running_emulator, folder=tmp_path)
    assert first.count("\n") == 12
    saved = sorted((tmp_path / "out").iterdir())
    saved[0].unlink()
    requests = len(running_emulator.file_requests)
    again = run("-c", program, emulator=running_emulator, folder=tmp_path)
    assert sorted(again.splitlines()) == sorted(first.splitlines())
    assert sorted((tmp_path / "out").iterdir()) == saved
    assert len(running_emulator.submissions) == 12
    assert len(running_emulator.file_requests) == requests + 1  # what is there is not fetched again


def test_the_names_exist() -> None:
    for name in re.findall(r"`([A-Z][A-Za-z]+)`", PAGE):
        assert name in comfy_cloud.__all__, name
    with ComfyCloud(api_key="comfyui-nothing-is-sent") as cloud:
        for noun, method in re.findall(r"`cloud\.(\w+)\.(\w+)\(", PAGE):
            assert callable(getattr(getattr(cloud, noun), method))
        for method in re.findall(r"`cloud\.(\w+)\(", PAGE):
            assert callable(getattr(cloud, method))


def test_the_table_of_the_journal_has_every_end() -> None:
    table = PAGE.partition("### The journal")[2].partition("\n\nA variant is")[0]
    ends = {"completed", "failed", "cancelled", "gone", "refused", "left"}
    assert ends == set(get_args(End))
    assert all(word in table for word in ends)
