"""docs/history.md: its programs and commands run, and what it lists exists."""

from __future__ import annotations

import asyncio
import re
import shlex
from collections.abc import Callable
from inspect import signature
from pathlib import Path

import pytest

from comfy_cloud import ComfyCloud, HistoryEntry
from comfy_cloud_emulator import Emulator
from scripts.project.checkout import ROOT

from .programs import blocks, ended

PAGE = (ROOT / "docs/history.md").read_text(encoding="utf-8")
PROGRAMS = blocks(PAGE, "python")
COMMANDS = [line.partition("#")[0].strip() for line in "".join(blocks(PAGE, "sh")).splitlines()]


@pytest.fixture
def running_emulator(start_emulator: Callable[..., Emulator]) -> Emulator:
    """An emulator with a history, whose clock runs a hundred times as fast as real time."""
    return start_emulator(seed_data="demo", clock=None, sleep=asyncio.sleep, speed=100)


def printed(emulator: Emulator, folder: Path, *arguments: str) -> list[str]:
    done = ended(*arguments, emulator=emulator, folder=folder)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_the_programs_run(running_emulator: Emulator, tmp_path: Path) -> None:
    listing, searching, details, again, deleting, failed = PROGRAMS
    assert len(printed(running_emulator, tmp_path, "-c", listing)) == 5
    found = printed(running_emulator, tmp_path, "-c", searching)
    assert any(" failed " in line for line in found)
    assert any("[" in line and line.endswith("[]") for line in found)
    nodes, *classes = printed(running_emulator, tmp_path, "-c", details)
    assert re.match(r"[1-9]\d* nodes, started 2", nodes)
    assert len(classes) == 3
    assert all(line.endswith("']") for line in classes)
    (line,) = printed(running_emulator, tmp_path, "-c", again)
    assert line.startswith("True completed ")
    assert [one.graph["1"]["inputs"]["color"] for one in running_emulator.submissions[-2:]] == [255, 0x00FF00]
    assert printed(running_emulator, tmp_path, "-c", deleting) == ["False"]
    assert all(
        " failed in " in line or " failed: " in line
        for line in printed(running_emulator, tmp_path, "-c", failed)
    )


@pytest.mark.parametrize("command", COMMANDS)
def test_the_commands_run(command: str, running_emulator: Emulator, tmp_path: Path) -> None:
    printed(running_emulator, tmp_path, "-m", "comfy_cloud.cli", *shlex.split(command)[1:])


def test_the_job_of_the_page_is_one_that_failed(running_emulator: Emulator, tmp_path: Path) -> None:
    (explain,) = {command for command in COMMANDS if " jobs explain " in command}
    lines = printed(
        running_emulator, tmp_path, "-m", "comfy_cloud.cli", *shlex.split(explain)[1:], "-o", "table"
    )
    assert lines[0].startswith("The job failed.")
    assert "Try:" in lines


def test_lists_have_a_graph_only_with_details(running_emulator: Emulator) -> None:
    with ComfyCloud(api_key=running_emulator.key, base_url=running_emulator.url) as cloud:
        assert [entry.workflow for entry in cloud.history.list(limit=3)] == [None] * 3
        assert all(entry.workflow for entry in cloud.history.iter(limit=3, details=True))


@pytest.mark.filterwarnings("ignore::comfy_cloud.ComfyCloudWarning")
def test_a_self_hosted_list_has_graphs(start_emulator: Callable[..., Emulator]) -> None:
    emulator = start_emulator(seed_data="demo", quirks="comfyui")
    with ComfyCloud(base_url=emulator.url) as cloud:
        entries = cloud.history.list(limit=3)
        assert len(entries) == 3
        assert all(entry.workflow for entry in entries)


def test_the_tables_have_what_exists() -> None:
    arguments, attributes = (
        re.findall(r"^\| (`.*?) \|", table, re.MULTILINE)
        for table in (PAGE.partition("| argument |")[2].partition("\n\n")[0],
                      PAGE.partition("| attribute |")[2].partition("\n\n")[0])
    )  # fmt: skip
    named = [name for cell in arguments for name in re.findall(r"`(\w+)=", cell)]
    with ComfyCloud(api_key="comfyui-nothing-is-sent") as cloud:
        assert set(named) == set(signature(cloud.history.iter).parameters)
    entry = HistoryEntry({})
    names = [name for cell in attributes for name in re.findall(r"`(\w+)`", cell)]
    assert len(names) == 14
    assert not [name for name in names if not hasattr(entry, name)]


@pytest.mark.parametrize("link", re.findall(r"\]\(([^)]+)\)", PAGE))
def test_links_lead_somewhere(link: str) -> None:
    file, _, heading = link.partition("#")
    text = (ROOT / "docs" / file).read_text(encoding="utf-8")
    titles = [line.lower().replace(" ", "-") for line in re.findall(r"^#+ (.*)$", text, re.MULTILINE)]
    assert not heading or heading in titles
