"""docs/cost.md: its programs run, and its commands and methods exist."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from comfy_cloud import ComfyCloud
from comfy_cloud_emulator import Emulator
from scripts.project.checkout import ROOT

from .programs import blocks, run

PAGE = (ROOT / "docs/cost.md").read_text(encoding="utf-8")
ESTIMATE, BUDGET = blocks(PAGE, "python")


@pytest.fixture
def cloud(start_emulator: Callable[..., Emulator]) -> Emulator:
    """An emulator a hundred times as fast as real time."""
    return start_emulator(clock=None, sleep=asyncio.sleep, speed=100)


def test_the_estimate(cloud: Emulator, tmp_path: Path) -> None:
    for _ in range(2):  # the second time, the job is there
        first, second = run("-c", ESTIMATE, emulator=cloud, folder=tmp_path).splitlines()
    assert re.fullmatch(r"1 jobs, [0-9.]+ seconds, confidence: low", first)
    assert second.startswith("credits: ")
    assert len(cloud.submissions) == 1


def test_the_floor(cloud: Emulator, tmp_path: Path) -> None:
    cloud.account.credits = 4.0
    lines = run("-c", BUDGET, emulator=cloud, folder=tmp_path).splitlines()
    assert lines[0].endswith(" completed")
    assert lines[1].startswith("stopped: the balance is ")
    assert len(cloud.submissions) <= 3
    cloud.account.credits = 100_000.0
    again = run("-c", BUDGET, emulator=cloud, folder=tmp_path).splitlines()
    assert sorted(again) == [f"{index} completed" for index in range(4)]


def test_the_names_exist() -> None:
    with ComfyCloud(api_key="comfyui-nothing-is-sent") as cloud:
        for noun, method in re.findall(r"`cloud\.(\w+)\.(\w+)\(", PAGE):
            assert callable(getattr(getattr(cloud, noun), method))
        for method in re.findall(r"`cloud\.(\w+)\(", PAGE):
            assert callable(getattr(cloud, method))
    reference = (ROOT / "docs/command-reference.md").read_text(encoding="utf-8")
    for command in ("run", "sweep", "jobs rerun", "history rerun", "history estimate", "user balance"):
        assert f"# comfy-cloud {command}\n" in reference
